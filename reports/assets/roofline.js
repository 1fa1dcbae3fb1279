// The roofline (Williams, Waterman, Patterson 2009): what the device allows at each arithmetic
// intensity, with networks or layers as points under it.
"use strict";
(() => {
  const { colour } = window.esrbench;
  const rate = (value) => `${(value / 1e9).toPrecision(3)} GMAC/s`;

  /** The roof over [low, high] MACs per byte: its corners. */
  function corners(ceilings, low, high) {
    const ridge = ceilings.macs / ceilings.bytes;
    return [Math.min(low, ridge / 4), ridge, Math.max(high, ridge * 4)].map((x) => [x, Math.min(ceilings.macs, x * ceilings.bytes)]);
  }

  /** The slanted roof as short steps, which names keep off. */
  function pieces(roof) {
    const steps = 40;
    return roof.slice(1).flatMap(([x1, y1], i) => {
      const [x0, y0] = roof[i];
      const at = (part) => [x0 * (x1 / x0) ** part, y0 * (y1 / y0) ** part];
      return Array.from({ length: steps }, (_, k) => [...at(k / steps), ...at((k + 1) / steps)]);
    });
  }

  /** Ticks at powers of ten, with prefixes. */
  function decades(values) {
    const found = [];
    for (let d = Math.floor(Math.log10(Math.min(...values))); d <= Math.ceil(Math.log10(Math.max(...values))); d += 1) found.push(10 ** d);
    const word = (v) => { const at = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]].find(([size]) => v >= size); return at ? `${+(v / at[0]).toPrecision(3)} ${at[1]}` : String(+v.toPrecision(3)); };
    return { tickmode: "array", tickvals: found, ticktext: found.map(word) };
  }

  /** What a line of the roof is, written under its end. */
  function named([x, y], text, xanchor) {
    return { x: Math.log10(x), y: Math.log10(y), text, xanchor, yanchor: "top", yshift: xanchor === "left" ? -8 : -2, showarrow: false, font: { size: 11.5, color: colour("soft") } };
  }

  window.esrbench.roofline = {
    rate,
    /** What the device allows at `x` MACs per byte. */
    allowed: (ceilings, x) => Math.min(ceilings.macs, x * ceilings.bytes),
    /** Traces and layout; a group is { points: [{ x, y, hover, size, href, name }], tone, symbol }.
     * Points are named by `putNames`, when they are drawn. */
    draw(ceilings, groups) {
      const xs = groups.flatMap((group) => group.points.map((p) => p.x));
      const roof = corners(ceilings, Math.min(...xs) / 1.5, Math.max(...xs) * 1.5);
      const line = { x: roof.map(([x]) => x), y: roof.map(([, y]) => y), mode: "lines", line: { color: colour("ink"), width: 1.6 }, hoverinfo: "skip" };
      const points = groups.filter((group) => group.points.length).map((group) => ({
        x: group.points.map((p) => p.x), y: group.points.map((p) => p.y), type: "scatter",
        mode: "markers", cliponaxis: false,
        customdata: group.points.map((p) => [p.href ?? ""]),
        hovertext: group.points.map((p) => `${p.hover}<br>${p.x.toPrecision(3)} MACs a byte<br>${rate(p.y)}, ${((100 * p.y) / this.allowed(ceilings, p.x)).toPrecision(2)} % of the roof`),
        hovertemplate: "%{hovertext}<extra></extra>",
        marker: { color: group.tone, symbol: group.symbol, size: group.points.map((p) => p.size), opacity: 0.85, line: { width: 1.4, color: group.tone } },
      }));
      const layout = this.layout();
      Object.assign(layout.xaxis, decades([...xs, ...roof.map(([x]) => x)]));
      Object.assign(layout.yaxis, decades([...groups.flatMap((group) => group.points.map((p) => p.y)), ...roof.map(([, y]) => y)]));
      layout.annotations = [named(roof[0], `${(ceilings.bytes / 1e9).toPrecision(3)} GB/s copied`, "left"), named(roof[2], `${rate(ceilings.macs)}, ${ceilings.precision}`, "right")];
      return [[line, ...points], layout];
    },
    /** Names of the first `most` points that have one, off the others and off the roof. */
    putNames(area, ceilings, points, layout, most = Infinity) {
      const marks = points.map((p) => ({ x: p.x, y: p.y, radius: p.size / 2 + 1 }));
      const named = points.filter((p) => p.name).slice(0, most).map((p) => ({ x: p.x, y: p.y, radius: p.size / 2, name: p.name, tone: p.tone }));
      const xs = points.map((p) => p.x);
      window.esrbench.putNames(area, named, marks, pieces(corners(ceilings, Math.min(...xs) / 1.5, Math.max(...xs) * 1.5)), layout.annotations);
    },
    layout() {
      const layout = window.esrbench.plotLayout();
      const axis = { type: "log" };
      Object.assign(layout.xaxis, axis, { title: { text: "MACs per byte moved", standoff: 8, font: { size: 12.5 } } });
      Object.assign(layout.yaxis, axis, { title: { text: "MACs per second", standoff: 8, font: { size: 12.5 } } });
      return layout;
    },
  };
})();
