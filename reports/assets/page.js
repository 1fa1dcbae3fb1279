// A submission's page: its rank, timing samples over time, runtime by size, roofline, tables to sort.
"use strict";
(() => {
  const { element, colour, plotLayout, plotConfig } = window.esrbench;

  /** The table's ranks, from the script all its pages share (a new row moves the others' ranks). */
  window.esrbench.standings = ({ of, yours, by, ranks, official, baseline }) => {
    const { record } = document.querySelector("[data-record]").dataset;
    const place = document.querySelector(".standing");
    if (place && ranks[record]) place.replaceChildren(ranks[record], " ", element("small", { title: `by ${by}` }, `of ${of}${yours < of ? ` (${yours} measured here)` : ""}`));
    const beside = document.querySelector(".official");
    if (baseline && baseline.id !== record) window.esrbench.against?.(baseline);
    if (beside && official[record]) beside.textContent = `; its official rank is ${official[record]}`;
  };

  /** The drawing that came with the page makes way for Plotly's, now and when the colours change. */
  function start(selector, draw) {
    const area = document.querySelector(selector);
    if (!area || !window.Plotly) return;
    area.replaceChildren();
    area.classList.add("live");
    draw(area);
    document.addEventListener("theme", () => draw(area));
  }

  function timePlot(area) {
    const blocks = JSON.parse(document.getElementById("blocks").textContent);
    const traces = [["baseline", "soft"], ["submission", "accent"]].map(([lane, tone]) => {
      const xs = [], ys = [], texts = [];
      for (const block of blocks.filter((b) => b.lane === lane)) {
        let at = block.started;
        block.ms.forEach((ms, i) => {
          xs.push(at); ys.push(ms);
          texts.push(`${lane}, call ${1 + i * block.step}: ${ms} ms${block.clock ? `<br>${block.clock} MHz` : ""}${block.throttled ? "<br>throttled" : ""}`);
          at += (block.step * ms) / 1000;
        });
      }
      return { x: xs, y: ys, name: lane, mode: "markers", type: "scatter", text: texts, hovertemplate: "%{text}<extra></extra>",
        marker: { size: 4.5, color: colour(tone), symbol: lane === "baseline" ? "circle-open" : "circle", opacity: 0.75 } };
    }).filter((trace) => trace.x.length);
    const clocks = blocks.filter((b) => b.clock);
    const layout = plotLayout();
    layout.showlegend = true;
    layout.legend = { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 };
    layout.margin.t = 44;
    layout.xaxis.title = { text: "time since the timing began [s]", font: { size: 12.5 } };
    layout.yaxis.title = { text: "one call [ms]", font: { size: 12.5 } };
    layout.yaxis.rangemode = "tozero";
    if (clocks.length) {
      traces.push({ x: clocks.map((b) => b.started), y: clocks.map((b) => b.clock), name: "clock", yaxis: "y2", mode: "lines",
        line: { color: colour("warn"), width: 1, shape: "hv" }, hovertemplate: "%{y} MHz<extra></extra>" });
      layout.yaxis2 = { overlaying: "y", side: "right", title: { text: "clock [MHz]", font: { size: 12.5 } }, showgrid: false, rangemode: "tozero", tickmode: "auto", nticks: 5, tickfont: { size: 12 }, automargin: true };
    }
    Plotly.react(area, traces, layout, plotConfig);
  }

  /** Runtime against pixels on log axes, with the line of time in proportion to pixels. */
  function pixelPlot(area) {
    const sizes = JSON.parse(document.getElementById("sizes").textContent);
    const layout = plotLayout();
    const [first, last] = [sizes[0], sizes[sizes.length - 1]];
    Object.assign(layout.xaxis, { type: "log", title: { text: "LR pixels", font: { size: 12.5 } }, tickvals: sizes.map((s) => s.pixels), ticktext: sizes.map((s) => s.shape.replace("x", "×")) });
    Object.assign(layout.yaxis, { type: "log", title: { text: "median [ms]", font: { size: 12.5 } }, dtick: "D2" });
    Plotly.react(area, [
      { x: [first.pixels, last.pixels], y: [first.ms, (first.ms * last.pixels) / first.pixels], mode: "lines", line: { color: colour("strong-line"), dash: "dot", width: 1 }, hovertemplate: "in proportion to pixels<extra></extra>" },
      { x: sizes.map((s) => s.pixels), y: sizes.map((s) => s.ms), mode: "lines+markers", line: { color: colour("accent"), width: 1.4 }, marker: { size: 8 },
        error_y: { type: "data", symmetric: false, array: sizes.map((s) => s.p95 - s.ms), arrayminus: sizes.map((s) => s.ms - s.p5), thickness: 1, width: 0 },
        text: sizes.map((s) => `${s.shape.replace("x", "×")}: ${s.ms.toPrecision(4)} ms<br>${((1e6 * s.ms) / s.pixels).toPrecision(3)} ns a pixel`), hovertemplate: "%{text}<extra></extra>" },
    ], layout, plotConfig);
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((th, column) => {
      const button = element("button", { type: "button", class: "sort" });
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => {
        const down = th.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        th.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (tr) => {
          const text = tr.cells[column].firstChild?.textContent ?? "";
          const number = parseFloat(text.replace(/,/g, "").replace("−", "-").replace("±", "").replace("∞", "Infinity"));
          return column === 0 || Number.isNaN(number) ? text : number;
        };
        const body = table.tBodies[0];
        const rows = [...body.rows].map((tr) => ({ tr, key: key(tr) }));
        rows.sort((a, b) => {
          if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "");
          return (down ? -1 : 1) * (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
        });
        body.replaceChildren(...rows.map((row) => row.tr));
      });
    });
  }

  /** The layers under the device's roof; the size is the share of the time. */
  function roofPlot(area) {
    const data = JSON.parse(document.getElementById("roof").textContent);
    const layers = data.layers.map((layer) => ({ x: layer.at[0], y: layer.at[1], size: 6 + 40 * Math.sqrt(layer.share), hover: `${escape(layer.name)}<br>${(100 * layer.share).toFixed(1)} % of the time` }));
    const whole = [{ x: data.whole[0], y: data.whole[1], size: 13, hover: "the whole forward", name: "whole forward" }];
    const { roofline } = window.esrbench;
    const [traces, layout] = roofline.draw(data.ceilings, [
      { points: layers, tone: colour("soft"), symbol: "circle-open" },
      { points: whole, tone: colour("accent"), symbol: "diamond" },
    ]);
    Plotly.react(area, traces, layout, plotConfig);
    roofline.putNames(area, data.ceilings, [...whole, ...layers], layout);
  }

  /** The command that reproduces the run, into the clipboard. */
  function copyButton() {
    const pre = document.querySelector("pre.command");
    if (!pre || !navigator.clipboard) return;
    const button = element("button", { type: "button", onclick: async () => {
      try { await navigator.clipboard.writeText(pre.textContent.trim()); button.textContent = "Copied"; } catch (refused) { button.textContent = "Not allowed"; }
      setTimeout(() => { button.textContent = "Copy"; }, 1200);
    } }, "Copy");
    pre.after(button);
  }

  const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  document.addEventListener("DOMContentLoaded", () => {
    start(".timeplot", timePlot);
    start(".pixelplot", pixelPlot);
    start(".roofplot", roofPlot);
    copyButton();
    document.querySelectorAll("table.sortable").forEach(sortable);
  });
})();
