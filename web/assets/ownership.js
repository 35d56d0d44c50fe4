// The ownership graph: owners above, what is owned below, drawn by ECharts at places of our own. Names go into the canvas
// and into text nodes only, never into markup.
(function () {
  "use strict";

  var most = 500; // nodes that are shown at once
  var crowded = 120; // nodes from which names show on a closer look only
  var closeUp = 2; // how much closer that is
  var colours = { person: "#f59f00", company: "#7d8fae", customer: "#1f4b99", state: "#c22f2f", hidden: "#b8c0cc" };
  var lines = {
    share: { color: "#5b84c4", type: "solid", width: 1.4 }, voting: { color: "#2f9e77", type: "dotted", width: 1.6 },
    control: { color: "#7b4fb5", type: "dashed", width: 1.8 }, office: { color: "#a3adbd", type: "dashed", width: 1 },
    guarantee: { color: "#e8590c", type: "dashed", width: 1.4 }
  };

  function kindOf(n) { return n.hidden ? "hidden" : n.customer ? "customer" : n.kind; }

  function shortened(text, most) {
    var all = Array.from(text);
    return all.length > most ? all.slice(0, most - 1).join("") + "…" : text;
  }

  function percent(x) { return +x.toFixed(2) + "%"; }

  // Each node stands a level above what it owns or controls; officers and guarantors stand a level above, too. Levels are
  // counted from the focus outwards, so that circles end.
  function levels(net, focus) {
    var near = {}, at = {};
    net.nodes.forEach(function (n) { near[n.id] = []; });
    net.edges.forEach(function (e) {
      near[e.from].push([e.to, -1, e.kind]);
      near[e.to].push([e.from, 1, e.kind]);
    });
    function spread(start, weak) {
      var queue = [start];
      for (var i = 0; i < queue.length; i++) {
        near[queue[i]].forEach(function (x) {
          if (at[x[0]] === undefined && (weak || (x[2] !== "office" && x[2] !== "guarantee"))) {
            at[x[0]] = at[queue[i]] + x[1];
            queue.push(x[0]);
          }
        });
      }
    }
    at[focus] = 0;
    spread(focus, false);
    net.nodes.forEach(function (n) { if (at[n.id] !== undefined) spread(n.id, true); });
    net.nodes.forEach(function (n) {
      if (at[n.id] === undefined) { at[n.id] = 0; spread(n.id, true); }
    });
    return at;
  }

  // place orders each level by the middle of its neighbours.
  function place(net, focus, wide) {
    var at = levels(net, focus), rows = {}, x = {}, near = {};
    net.nodes.forEach(function (n, i) {
      (rows[at[n.id]] = rows[at[n.id]] || []).push(n.id);
      near[n.id] = [];
      x[n.id] = i;
    });
    net.edges.forEach(function (e) { near[e.from].push(e.to); near[e.to].push(e.from); });
    var order = Object.keys(rows).map(Number).sort(function (a, b) { return b - a; });
    order.forEach(function (l) { rows[l].forEach(function (id, i) { x[id] = i - (rows[l].length - 1) / 2; }); });
    for (var sweep = 0; sweep < 6; sweep++) {
      (sweep % 2 ? order.slice().reverse() : order).forEach(function (l) {
        var middle = {};
        rows[l].forEach(function (id) {
          var sum = 0;
          near[id].forEach(function (o) { sum += x[o]; });
          middle[id] = near[id].length ? sum / near[id].length : x[id];
        });
        rows[l].sort(function (a, b) { return middle[a] - middle[b]; });
        rows[l].forEach(function (id, i) { x[id] = i - (rows[l].length - 1) / 2; });
      });
    }
    // A level that is wider than the box is broken into rows, column by column, so that each node stays near its middle.
    var dense = net.nodes.length > crowded, step = dense ? 34 : wide < 500 ? 92 : 132, perRow = Math.max(2, Math.floor(wide / step)), places = {}, y = 0;
    order.forEach(function (l) {
      var count = rows[l].length, deep = Math.ceil(count / perRow), across = Math.ceil(count / deep);
      rows[l].forEach(function (id, i) {
        var column = Math.floor(i / deep);
        places[id] = [(column - (across - 1) / 2) * step, y + (i % deep) * (dense ? 22 : 50) + (deep > 1 ? (column % 2) * (dense ? 8 : 16) : 0)];
      });
      y += (deep - 1) * (dense ? 22 : 50) + (dense ? 62 : 88);
    });
    var xs = [], ys = [];
    Object.keys(places).forEach(function (id) { xs.push(places[id][0]); ys.push(places[id][1]); });
    function span(all) { return Math.max.apply(null, all) - Math.min.apply(null, all) || 2; } // the chart takes 2 for nothing
    return { at: places, width: span(xs), height: span(ys), dense: dense };
  }

  function draw(box, state) {
    var began = performance.now();
    var wide = Math.max(240, box.clientWidth - (box.clientWidth < 500 ? 64 : 120));
    var p = place(state.net, state.focus, wide);
    var tall = Math.min(760, Math.max(150, p.height + 70));
    if (box.clientHeight !== tall) {
      box.style.height = tall + "px";
      state.chart.resize();
    }
    // One scale both ways: the chart would stretch the graph, and its marks, into the box.
    var scale = Math.min(1, (tall - 70) / p.height, wide / p.width);
    state.dense = p.dense;
    state.zoom = 1;
    var links = {};
    state.net.edges.forEach(function (e) { links[e.from] = (links[e.from] || 0) + 1; links[e.to] = (links[e.to] || 0) + 1; });
    state.marks = function () {
      return state.net.nodes.map(function (n) {
        var focus = n.id === state.focus, kind = kindOf(n);
        return {
          id: n.id, name: n.name, x: p.at[n.id][0], y: p.at[n.id][1], value: kind, symbol: n.kind === "person" ? "circle" : "roundRect", symbolSize: (focus ? 20 : 15) * (p.dense ? .7 : 1),
          itemStyle: { color: n.by_name ? "#fff" : colours[kind], borderColor: focus ? "#23324d" : colours[kind], borderWidth: focus ? 2.5 : 1.5 },
          label: { show: !p.dense || focus || state.zoom >= closeUp || links[n.id] > 8, position: "bottom", distance: 3, color: "#23324d", fontSize: p.dense && !focus ? 9 : 11, fontWeight: focus ? 700 : 400,
            formatter: shortened(n.name, wide < 500 ? 7 : 11), backgroundColor: "rgba(255,255,255,.8)" },
          emphasis: { label: { show: true } }
        };
      });
    };
    var nodes = state.marks();
    var edges = state.net.edges.map(function (e) {
      var style = lines[e.kind] || lines.share;
      var text = e.percent !== undefined && e.percent !== null ? percent(e.percent) : e.said || "";
      return {
        source: e.from, target: e.to, value: text, lineStyle: Object.assign({ opacity: p.dense ? .35 : .8, curveness: 0 }, style),
        label: { show: state.net.edges.length <= 160 && text !== "" && e.kind !== "office", formatter: text, color: style.color, fontSize: 10, rotate: 0, backgroundColor: "rgba(255,255,255,.75)" }
      };
    });
    // Two links between the same two bend apart.
    var pairs = {};
    edges.forEach(function (e) {
      var key = [e.source, e.target].sort().join("\n");
      var n = pairs[key] = (pairs[key] || 0) + 1;
      if (n > 1) e.lineStyle.curveness = .18 * (n - 1);
    });
    state.chart.setOption({
      animation: false,
      tooltip: { renderMode: "richText", confine: true, formatter: function (x) { return x.dataType === "edge" ? x.data.value : x.data.name; } },
      series: [{ id: "net", type: "graph", layout: "none", roam: true, scaleLimit: { min: .3, max: 6 }, left: (box.clientWidth - p.width * scale) / 2, width: p.width * scale, top: 24, height: p.height * scale, edgeSymbol: ["none", "arrow"], edgeSymbolSize: 6,
        data: nodes, links: edges, emphasis: { focus: "adjacency", lineStyle: { width: 2.5 } } }]
    }, true);
    box.dataset.nodes = nodes.length;
    box.dataset.milliseconds = Math.round(performance.now() - began);
  }

  function merge(state, more) {
    var nodes = {}, edges = {};
    function key(e) { return [e.from, e.to, e.kind, e.role || "", e.id || ""].join("\n"); }
    state.net.nodes.forEach(function (n) { nodes[n.id] = true; });
    state.net.edges.forEach(function (e) { edges[key(e)] = true; });
    more.nodes.forEach(function (n) {
      if (!nodes[n.id] && state.net.nodes.length < most) { nodes[n.id] = true; state.net.nodes.push(n); }
    });
    more.edges.forEach(function (e) {
      if (!edges[key(e)] && nodes[e.from] && nodes[e.to]) { edges[key(e)] = true; state.net.edges.push(e); }
    });
  }

  // tell says below the graph what was clicked, with the way to its page.
  function tell(bar, words, node, state) {
    bar.textContent = "";
    var name = document.createElement("strong");
    name.textContent = node.name;
    bar.append(name, " · " + (words[kindOf(node)] || ""));
    if (node.by_name) bar.append(" · " + words.by_name);
    var href = node.hidden || node.id.indexOf(":") > 0 ? "" : node.customer ? "/customers/" + encodeURIComponent(node.id) + "/ownership" : "/parties/" + encodeURIComponent(node.id);
    if (href && node.id !== state.focus) {
      var link = document.createElement("a");
      link.href = href;
      link.textContent = words.open;
      bar.append(" · ", link);
    }
  }

  function start(box) {
    if (!window.echarts) return;
    var read = JSON.parse(document.getElementById(box.id + "-net").textContent);
    var state = { net: read.net, focus: read.focus, opened: {}, chart: window.echarts.init(box, null, { renderer: "canvas" }) };
    state.opened[state.focus] = true;
    var bar = document.getElementById(box.id + "-said");
    draw(box, state);
    state.chart.on("graphRoam", function (x) {
      if (!x.zoom || !state.dense) return;
      var before = state.zoom;
      state.zoom *= x.zoom;
      if ((before >= closeUp) !== (state.zoom >= closeUp)) state.chart.setOption({ series: [{ id: "net", data: state.marks() }] });
    });
    state.chart.on("click", function (x) {
      if (x.dataType !== "node") return;
      var node = state.net.nodes.find(function (n) { return n.id === x.data.id; });
      tell(bar, read.words, node, state);
      if (node.hidden || state.opened[node.id] || node.id.indexOf(":") > 0) return;
      state.opened[node.id] = true;
      fetch("/ownership/neighbours?id=" + encodeURIComponent(node.id), { headers: { Accept: "application/json" } })
        .then(function (answer) { if (!answer.ok) throw new Error(String(answer.status)); return answer.json(); })
        .then(function (more) {
          var before = state.net.nodes.length;
          merge(state, more);
          draw(box, state);
          if (state.net.nodes.length === before) bar.append(" · " + read.words.nothing_new);
          if (state.net.nodes.length >= most) bar.append(" · " + read.words.full);
        })
        .catch(function () { state.opened[node.id] = false; bar.append(" · " + read.words.failed); });
    });
    var last = box.clientWidth;
    new ResizeObserver(function () {
      if (box.clientWidth !== last) { last = box.clientWidth; state.chart.resize(); draw(box, state); }
    }).observe(box);
  }

  document.addEventListener("DOMContentLoaded", function () { document.querySelectorAll(".net").forEach(start); });
})();
