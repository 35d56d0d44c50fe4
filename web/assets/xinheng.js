// What pages need beyond htmx: charts from JSON blocks, keys, the menu on small screens, forms that submit once.
(function () {
  "use strict";

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

  // A form goes off once: the button waits, so that impatience does not post twice (the key would stop it anyway).
  document.addEventListener("submit", function (e) {
    var button = e.target.querySelector("button[type=submit]");
    if (e.target.method === "post" && button) setTimeout(function () { button.disabled = true; }, 0);
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[method=post] button[disabled]").forEach(function (b) { b.disabled = false; });
  });
})();
