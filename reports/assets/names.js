// Names beside the points of a Plotly plot, so that no two overlap and none hides a point. Those
// that find no place are left out; zooming in makes room for them.
"use strict";
(() => {
  const { colour } = window.esrbench;
  const SIZE = 11.5;
  const WAYS = [[1, 0], [0, 1], [0, -1], [-1, 0], [1, 1], [1, -1], [-1, 1], [-1, -1]];
  const pen = document.createElement("canvas").getContext("2d");

  const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  /** From a box to a point. */
  const distance = (box, p) => Math.hypot(Math.max(box[0] - p.x, 0, p.x - box[2]), Math.max(box[1] - p.y, 0, p.y - box[3]));

  /** The first free box around each point, or null; boxes are [left, top, right, bottom]. A name
   * that would stand nearer to another point would be read as that one's. */
  function place(points, frame, taken, marks) {
    const own = (box, p) => marks.every((m) => (m.x === p.x && m.y === p.y) || distance(box, m) > distance(box, p) + 1);
    const inside = (box) => box[0] >= frame[0] && box[2] <= frame[2] && box[1] >= frame[1] && box[3] <= frame[3];
    return points.map((p) => {
      const [width, height] = [pen.measureText(p.name).width + 4, SIZE + 3];
      for (const gap of [p.radius + 3, p.radius + 8, p.radius + 14]) {
        for (const [dx, dy] of WAYS) {
          const [x, y] = [p.x + dx * (gap * (dy ? 0.7 : 1) + width / 2), p.y - dy * (gap * (dx ? 0.7 : 1) + height / 2)];
          const box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
          if (inside(box) && !taken.some((other) => overlap(box, other)) && own(box, p)) { taken.push(box); return [x, y]; }
        }
      }
      return null;
    });
  }

  /** The box that a note takes which is in the plot already, as a threshold's figure. */
  function boxOf(note, { xaxis, yaxis }) {
    const at = (axis, ref, value) => (ref === "paper" ? (axis === yaxis ? 1 - value : value) * axis._length : axis.l2p(value));
    const [width, height] = [pen.measureText(note.text).width + 4, SIZE + 4];
    const part = { left: 0, top: 0, center: 0.5, middle: 0.5, right: 1, bottom: 1 };
    const left = at(xaxis, note.xref, note.x) - part[note.xanchor ?? "center"] * width;
    const top = at(yaxis, note.yref, note.y) - (note.yshift ?? 0) - part[note.yanchor ?? "middle"] * height;
    return [left, top, left + width, top + height];
  }

  /** Annotations for `points` ({ x, y, radius, name, tone }, in the axes' own figures), the first
   * ones first; `marks` are all points that must stay free, `lines` those pieces of lines, [x0, y0, x1, y1],
   * and `kept` the notes that are there already. */
  function annotations(area, points, marks, lines, kept) {
    const { xaxis, yaxis } = area._fullLayout;
    const seen = (p) => ({ ...p, x: xaxis.d2p(p.x), y: yaxis.d2p(p.y) });
    const within = (p) => p.x >= 0 && p.x <= xaxis._length && p.y >= 0 && p.y <= yaxis._length;
    pen.font = `${SIZE}px ${getComputedStyle(document.body).fontFamily}`;
    const wanted = points.map(seen).filter(within);
    const centres = marks.map(seen).filter(within);
    const taken = centres.map((p) => [p.x - p.radius, p.y - p.radius, p.x + p.radius, p.y + p.radius]);
    for (const [x0, y0, x1, y1] of lines) {
      const [left, top, right, bottom] = [xaxis.d2p(x0), yaxis.d2p(y0), xaxis.d2p(x1), yaxis.d2p(y1)];
      taken.push([Math.min(left, right) - 1, Math.min(top, bottom) - 1, Math.max(left, right) + 1, Math.max(top, bottom) + 1]);
    }
    taken.push(...kept.map((note) => boxOf(note, area._fullLayout)));
    const places = place(wanted, [0, -18, xaxis._length + 8, yaxis._length], taken, centres);
    return wanted.flatMap((p, i) => (places[i] ? [{
      xref: "paper", yref: "paper", x: places[i][0] / xaxis._length, y: 1 - places[i][1] / yaxis._length,
      text: p.name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
      showarrow: false, xanchor: "center", yanchor: "middle", font: { size: SIZE, color: p.tone ?? colour("ink") }, captureevents: false,
    }] : []));
  }

  const waiting = new WeakMap();

  /** Put names into the plot now and after every zoom; call again after each drawing. */
  window.esrbench.putNames = (area, points, marks, lines = [], kept = []) => {
    const put = () => Plotly.relayout(area, { annotations: [...kept, ...annotations(area, points, marks, lines, kept)] });
    const first = !waiting.has(area);
    waiting.set(area, put);
    if (first) {
      area.on("plotly_relayout", (change) => { if (!("annotations" in change)) waiting.get(area)(); });
    }
    return put();
  };
})();
