// Light and dark: the reader's choice, else the system's. Everything that draws listens for "theme".
"use strict";
(() => {
  const root = document.documentElement;
  const button = document.querySelector("button.theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const tell = () => document.dispatchEvent(new CustomEvent("theme"));
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("esrbench-theme", root.dataset.theme); } catch (refused) { /* private window */ }
    tell();
  });
  system.addEventListener("change", tell);
  matchMedia("print").addEventListener("change", tell); // a dark plot would be pale on paper
  window.esrbench = {
    isDark,
    colour: (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim(),
    /** A DOM element; strings among the children become text, never markup. */
    element(tag, attributes = {}, ...children) {
      const made = document.createElement(tag);
      for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else if (value === true) made.setAttribute(key, "");
        else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
      }
      made.append(...children);
      return made;
    },
    /** Colours and fonts every plot shares. */
    plotLayout() {
      const c = window.esrbench.colour;
      const axis = {
        gridcolor: c("line"), zerolinecolor: c("line"), linecolor: c("strong-line"), showline: true,
        ticks: "outside", tickcolor: c("strong-line"), tickfont: { size: 12 }, automargin: true,
      };
      return {
        paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
        font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: c("soft") },
        margin: { l: 62, r: 16, t: 34, b: 48 }, hovermode: "closest", showlegend: false, dragmode: "pan",
        modebar: { bgcolor: "rgba(0,0,0,0)", color: c("soft"), activecolor: c("accent") },
        hoverlabel: { bgcolor: c("raised"), bordercolor: c("strong-line"), font: { color: c("ink"), size: 12.5 }, align: "left" },
        xaxis: { ...axis }, yaxis: { ...axis },
      };
    },
    plotConfig: { displaylogo: false, responsive: true, scrollZoom: false, doubleClick: "reset", displayModeBar: "hover",
      modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]] },
  };
})();
