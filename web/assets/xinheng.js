// What pages need beyond htmx: charts from JSON blocks, keys, the menu on small screens, forms that submit once.
(function () {
  "use strict";

  // Large figures as people say them: 1.2亿, 350万; 1.2B, 350K.
  var steps = document.documentElement.lang.indexOf("zh") === 0 ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
  function brief(n) {
    for (var i = 0; i < steps.length; i++) {
      if (Math.abs(n) >= steps[i][0]) return +(n / steps[i][0]).toFixed(2) + steps[i][1];
    }
    return String(+(+n).toFixed(4));
  }

  function charts(root) {
    root.querySelectorAll(".chart").forEach(function (box) {
      if (box.dataset.drawn || !window.echarts) return;
      var block = document.getElementById(box.id + "-option");
      if (!block) return;
      box.dataset.drawn = "1";
      var option = JSON.parse(block.textContent);
      var links = option.links || null;
      delete option.links;
      option.animation = false;
      [].concat(option.yAxis || []).forEach(function (axis) {
        if (axis.type === "value" && !(axis.axisLabel || {}).formatter) axis.axisLabel = Object.assign({}, axis.axisLabel, { formatter: brief });
      });
      option.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily };
      var chart = window.echarts.init(box, null, { renderer: "svg" });
      chart.setOption(option);
      if (links) chart.on("click", function (e) { if (links[e.name]) window.location.href = links[e.name]; });
      new ResizeObserver(function () { chart.resize(); }).observe(box);
    });
  }

  document.addEventListener("DOMContentLoaded", function () { charts(document); });
  document.addEventListener("htmx:load", function (e) { charts(e.target); });

  document.addEventListener("keydown", function (e) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (e.key === "/" && !typing) {
      var box = document.querySelector("[data-search]");
      if (box) { e.preventDefault(); box.focus(); box.select(); }
    }
    if (e.key === "Escape" && typing) document.activeElement.blur();
  });

  document.addEventListener("click", function (e) {
    if (e.target.closest("[data-toggle-menu]")) document.body.classList.toggle("menu-open");
  });

  document.addEventListener("change", function (e) {
    if (e.target.matches("[data-submit]")) e.target.form.requestSubmit();
  });

  // A total left empty shows what it will be: the sum of the figures typed for its lines.
  function figure(text) {
    var t = text.replace(/[,，\s]/g, "").replace(/^[(（](.*)[)）]$/, "-$1");
    return t === "" || isNaN(t) ? null : +t;
  }
  function totals(form) {
    form.querySelectorAll("[data-sum]").forEach(function (box) {
      var sum = 0, any = false, all = true;
      box.dataset.terms.trim().split(" ").forEach(function (term) {
        var needed = term[0] === "!", bare = needed ? term.slice(1) : term, minus = bare[0] === "-", other = form.elements[minus ? bare.slice(1) : bare];
        if (!other) return;
        var f = figure(other.value);
        if (f === null && other.placeholder) f = figure(other.placeholder);
        if (f === null) { all = all && !needed; return; }
        any = true;
        sum += minus ? -f : f;
      });
      box.placeholder = any && all ? (+sum.toFixed(6)).toLocaleString("en-US", { maximumFractionDigits: 6 }) : "";
    });
  }
  document.addEventListener("input", function (e) { if (e.target.form) totals(e.target.form); });

  // A form goes off once: the button waits, so that impatience does not post twice (the key would stop it anyway).
  document.addEventListener("submit", function (e) {
    var button = e.target.querySelector("button[type=submit]");
    if (e.target.method === "post" && button) setTimeout(function () { button.disabled = true; }, 0);
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[method=post] button[disabled]").forEach(function (b) { b.disabled = false; });
  });
})();
