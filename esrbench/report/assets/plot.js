// The trade-off plot above each table: any metric against any cost, of the rows the filter lets by.
"use strict";
(() => {
  const { element, colour } = window.esrbench;

  /** Rows that no other beats on both figures, by x. */
  function front(points, higherY) {
    const sorted = [...points].sort((a, b) => a.x - b.x || (higherY ? b.y - a.y : a.y - b.y));
    const found = [];
    let best = null;
    for (const p of sorted) {
      const better = best === null || (higherY ? p.y > best.y : p.y < best.y);
      if (better || (p.x === best.x && p.y === best.y)) { found.push(p); best = p; }
    }
    return found;
  }

  class Plot {
    constructor(board) {
      this.board = board;
      this.box = board.section.querySelector(".plotbox");
      this.area = this.box.querySelector(".plot");
      this.costs = board.columns.filter((c) => c.kind === "cost");
      this.metrics = board.columns.filter((c) => c.kind !== "cost");
      if (!this.costs.length || this.metrics.length + this.costs.length < 2) { this.box.remove(); return; }
      this.live = Boolean(window.Plotly); // else the page's own drawing stays
      this.usual = {
        x: this.costs.find((c) => c.key === "runtime_ms")?.key ?? this.costs[0].key,
        y: (this.metrics.find((c) => c.key === board.rule.key) ?? this.metrics.find((c) => c.shown) ?? this.metrics[0] ?? this.costs[1]).key,
        s: "", lx: "auto", ly: "0", kind: "trade-off",
      };
      if (this.live) { this.area.replaceChildren(); this.area.classList.add("live"); this.build(); }
      board.listeners.push(() => this.later());
      document.addEventListener("theme", () => this.draw());
    }

    /** Drawn after the table, and only when what it shows has changed. */
    later() {
      const shows = JSON.stringify([this.board.state.plot, this.board.state.q, this.board.state.set, this.board.state.bounds]);
      if (shows === this.last && this.listening) return;
      this.last = shows;
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.draw(), this.listening ? 120 : 0);
    }

    now(key) {
      const chosen = this.board.state.plot[key];
      if (chosen === undefined) return this.usual[key];
      if ("xys".includes(key) && chosen && !this.board.position.has(chosen)) return this.usual[key];
      return chosen;
    }

    set(key, value) {
      if (value === this.usual[key]) delete this.board.state.plot[key];
      else this.board.state.plot[key] = value;
      this.board.commit();
    }

    build() {
      const named = (c) => c.label;
      const choose = (label, key, options) => {
        const select = element("select", { onchange: () => this.set(key, select.value) }, ...options.map(([value, text]) => element("option", { value }, text)));
        this.selects.push([key, select]);
        return element("label", {}, label, select);
      };
      this.selects = [];
      const log = (label, key) => {
        const button = element("button", { type: "button", onclick: () => this.set(key, this.isLog(key) ? "0" : "1") }, label);
        this.logs.push([key, button]);
        return button;
      };
      this.logs = [];
      if (this.board.roofline) {
        const kinds = element("select", { "aria-label": "Kind of plot", onchange: () => this.set("kind", kinds.value) },
          element("option", { value: "trade-off" }, "Trade-off"), element("option", { value: "roofline" }, "Roofline"));
        this.selects.push(["kind", kinds]);
        this.box.querySelector(".plotbar").append(kinds);
      }
      this.box.querySelector(".plotbar").append(
        choose("Show ", "y", [...this.metrics, ...this.costs].map((c) => [c.key, named(c)])),
        choose("against ", "x", this.costs.map((c) => [c.key, named(c)])),
        choose("area ", "s", [["", "all alike"], ...this.costs.map((c) => [c.key, named(c)])]),
        log("log x", "lx"), log("log y", "ly"),
      );
    }

    isLog(key) {
      const chosen = this.now(key);
      if (chosen !== "auto") return chosen === "1";
      const xs = this.points.map((p) => p.x).filter((x) => x > 0);
      return xs.length > 1 && Math.max(...xs) / Math.min(...xs) > 8;
    }

    collect() {
      const { board } = this;
      const [cx, cy, cs] = ["x", "y", "s"].map((key) => board.column(this.now(key)));
      const placed = board.rows.filter((row) => row.visible).map((row) => {
        const [x, y] = [cx, cy].map((c) => board.value(row, c.key));
        return { row, x: x === null ? null : x / cx.divisor, y: y === null ? null : y / cy.divisor, size: cs ? board.value(row, cs.key) : null };
      }).filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y) && p.x !== null && p.y !== null);
      return this.withinOthers(placed);
    }

    /** Interpolation is drawn only where the others' range reaches it: it stretches no axis. */
    withinOthers(placed) {
      const isOther = (p) => !this.board.reference.has(p.row.index);
      const others = placed.filter(isOther);
      if (!others.length) return placed;
      const reach = (p, key) => p[key] >= Math.min(...others.map((o) => o[key])) && p[key] <= Math.max(...others.map((o) => o[key]));
      return placed.filter((p) => isOther(p) || (reach(p, "x") && reach(p, "y")));
    }

    draw() {
      if (this.board.section.hidden) return;
      const { board } = this;
      if (!this.live) { this.still(); return; }
      this.points = this.collect();
      const [cx, cy] = [board.column(this.now("x")), board.column(this.now("y"))];
      for (const [key, select] of this.selects) select.value = this.now(key);
      for (const [key, button] of this.logs) button.setAttribute("aria-pressed", String(this.isLog(key)));
      const asRoofline = this.board.roofline && this.now("kind") === "roofline";
      for (const child of this.box.querySelectorAll(".plotbar > label, .plotbar > button")) child.hidden = asRoofline;
      const empty = !asRoofline && !this.points.length;
      this.area.hidden = empty;
      this.box.querySelector(".nothing").hidden = !empty;
      if (empty) { this.markFront([]); return; }
      const best = front(this.points.filter((p) => p.row.values[1] !== null), cy.direction === "higher");
      this.markFront(best);
      const [traces, layout, putNames] = asRoofline ? this.asRoofline() : this.asTradeOff(best, cx, cy);
      Plotly.react(this.area, traces, layout, window.esrbench.plotConfig);
      putNames();
      if (!this.listening) {
        this.area.on("plotly_click", (event) => { const href = event.points[0]?.customdata?.[0]; if (href) location.href = href; });
        this.listening = true;
      }
    }

    /** Without Plotly: the marks of the front, and a word on what the drawing does not do. */
    still() {
      this.points = this.collect();
      this.markFront(front(this.points.filter((p) => p.row.values[1] !== null), this.board.column(this.now("y")).direction === "higher"));
      this.box.querySelector(".still").hidden = this.points.length === 0 || this.board.rows.every((row) => row.visible);
    }

    /** Names of the front first, then of the ranked rows, then of the others. */
    putNames(best, kept) {
      const narrow = this.area.clientWidth < 600;
      const on = new Set(best);
      const order = [...this.points].sort((a, b) => on.has(b) - on.has(a) || (a.row.values[1] === null) - (b.row.values[1] === null));
      const named = order.slice(0, narrow ? 12 : 40).map((p) => ({
        x: p.x, y: p.y, radius: this.size(p) / 2, name: short(p.row.name, narrow ? 14 : 26), tone: colour(on.has(p) ? "ink" : "soft"),
      }));
      const marks = this.points.map((p) => ({ x: p.x, y: p.y, radius: this.size(p) / 2 + 1 }));
      window.esrbench.putNames(this.area, named, marks, this.lines(best), kept);
    }

    /** What is drawn as a line, in pieces: the steps of the front and the error bars. */
    lines(best) {
      const { board } = this;
      const steps = best.slice(1).flatMap((p, i) => [[best[i].x, best[i].y, p.x, best[i].y], [p.x, best[i].y, p.x, p.y]]);
      const { threshold } = this.board.column(this.now("y"));
      if (threshold !== null) {
        const xs = this.points.map((p) => p.x);
        steps.push([Math.min(...xs) / 1e3, threshold, Math.max(...xs) * 1e3, threshold]);
      }
      const at = this.spread(this.now("x"));
      const divisor = board.divisor(this.now("x"));
      return at ? [...steps, ...this.points.filter((p) => p.row.values[at[0]] > 0).map((p) => [p.row.values[at[0]] / divisor, p.y, p.row.values[at[1]] / divisor, p.y])] : steps;
    }

    /** Where a row's values hold the ends of the bar; none where calls of mixed sizes were put
     * together, and none where there are too many rows to tell bars apart. */
    spread(key) {
      return this.points.length <= 120 && !this.board.rule.mixed ? this.board.column(key).ends : null;
    }

    size(p) {
      if (!this.now("s")) return 10;
      const largest = Math.max(...this.points.map((q) => q.size ?? 0)) || 1;
      return 8 + 34 * Math.sqrt((p.size ?? 0) / largest);
    }

    /** Traces, layout, and what writes the names once these are drawn. */
    asTradeOff(best, cx, cy) {
      const layout = this.layout(cx, cy);
      return [[this.line(best), ...this.isoScore(cx, cy), ...this.scatter(best, cx, cy)], layout, () => this.putNames(best, layout.annotations)];
    }

    /** The same of each row's whole forward under what this device allows. */
    asRoofline() {
      const { roofline } = window.esrbench;
      const rows = this.board.rows.filter((row) => row.visible && row.roof);
      const narrow = this.area.clientWidth < 600;
      const point = (row) => ({ x: row.roof[0], y: row.roof[1], size: 10, href: row.href, name: short(row.name, narrow ? 14 : 26), tone: colour(row.values[1] === null ? "soft" : "ink"), hover: `<b>${escape(short(row.name, 60))}</b>` });
      if (!rows.length) return [[], roofline.layout(), () => {}];
      const { ceilings } = this.board.roofline;
      const [ranked, apart] = [rows.filter((row) => row.values[1] !== null).map(point), rows.filter((row) => row.values[1] === null).map(point)];
      const [traces, layout] = roofline.draw(ceilings, [
        { points: ranked, tone: colour("accent"), symbol: "circle" },
        { points: apart, tone: colour("soft"), symbol: "x-thin-open" },
      ]);
      return [traces, layout, () => roofline.putNames(this.area, ceilings, [...ranked, ...apart], layout, narrow ? 12 : 40)];
    }

    /** A mark in the table beside the rows on the front. */
    markFront(best) {
      const on = new Set(best.map((p) => p.row));
      for (const row of this.board.rows) {
        const mark = row.nameCell.querySelector(".front");
        if (on.has(row) && !mark) row.nameCell.querySelector("a").after(element("span", { class: "front", title: "On the Pareto front of the plot above" }, "◆"));
        else if (!on.has(row) && mark) mark.remove();
      }
    }

    line(best) {
      return { x: best.map((p) => p.x), y: best.map((p) => p.y), mode: "lines", hoverinfo: "skip",
        line: { color: colour("accent"), width: 1.4, shape: "hv" }, opacity: 0.7 };
    }

    /** Where the challenge's score is the same, when both axes are among its inputs: the others are
     * held at the baseline's. */
    isoScore(cx, cy) {
      const terms = this.board.rule.exponential;
      const [tx, ty] = [cx, cy].map((c) => terms.find((t) => t.of === c.key));
      const reference = (term) => this.board.rule.baseline[term.of] / this.board.divisor(term.of);
      if (!tx || !ty || tx === ty || !this.points.length || !(reference(tx) && reference(ty))) return [];
      const rest = terms.filter((t) => t !== tx && t !== ty).reduce((sum, t) => sum + t.weight * Math.exp(t.rate), 0);
      const least = Math.min(...this.points.map((p) => p.x)) / 1.25;
      const traces = [];
      for (const score of [3, 4, 5, 6, Math.exp(2), 10, 20, 50]) {
        const budget = (score - rest - ty.weight) / tx.weight; // what x may use up while y stays above 0
        const most = budget > 1 ? (reference(tx) / tx.rate) * Math.log(budget) : 0;
        if (most <= least) continue;
        const [xs, ys] = [[], []];
        for (let i = 0; i < 100; i += 1) {
          const x = most - (most - least) * (1 - i / 100) ** 2; // closer together where it falls
          const left = score - rest - tx.weight * Math.exp((tx.rate * x) / reference(tx));
          const y = left > 0 ? (reference(ty) / ty.rate) * Math.log(left / ty.weight) : -1;
          if (y > 0) { xs.push(x); ys.push(y); }
        }
        if (this.now("ly") !== "1") { xs.push(most); ys.push(0); }
        traces.push({ x: xs, y: ys, mode: "lines", line: { color: colour("strong-line"), width: 1, dash: "dot" }, score,
          hovertemplate: `score ${+score.toFixed(3)}, all else as the baseline's<extra></extra>` });
      }
      return traces;
    }

    /** Each curve's score, where it enters the plot. */
    isoNames(curves, top) {
      return curves.flatMap((curve) => {
        const at = curve.y.findIndex((y) => y <= top);
        if (at < 0) return [];
        return [{ x: this.isLog("lx") ? Math.log10(curve.x[at]) : curve.x[at], y: this.now("ly") === "1" ? Math.log10(curve.y[at]) : curve.y[at],
          text: `score ${+curve.score.toFixed(2)}`, showarrow: false, xanchor: "left", yanchor: "bottom", font: { size: 10.5, color: colour("soft") } }];
      });
    }

    scatter(best, cx, cy) {
      const on = new Set(best);
      const groups = [
        [this.points.filter((p) => !on.has(p) && p.row.values[1] !== null), colour("soft"), "circle-open"],
        [this.points.filter((p) => p.row.values[1] === null && !this.published(p)), colour("strong-line"), "x-thin-open"],
        [this.points.filter((p) => this.published(p)), colour("strong-line"), "diamond-open"],
        [best, colour("accent"), "circle"],
      ];
      return groups.filter(([points]) => points.length).map(([points, tone, symbol]) => ({
        x: points.map((p) => p.x), y: points.map((p) => p.y), type: "scatter", mode: "markers", cliponaxis: false,
        customdata: points.map((p) => [p.row.href]), hovertext: points.map((p) => this.hover(p, cx, cy)), hovertemplate: "%{hovertext}<extra></extra>",
        marker: { color: tone, symbol, size: points.map((p) => this.size(p)), line: { width: 1.6, color: tone }, opacity: 0.92 },
        error_x: this.errors(points, cx, colour("strong-line")),
      }));
    }

    published(p) { return this.board.published.has(p.row.index); }

    errors(points, cx, tone) {
      const at = this.spread(cx.key);
      if (!at) return undefined;
      const reach = (p, i, sign) => (p.row.values[i] === null ? 0 : Math.max(0, sign * (p.row.values[i] / cx.divisor - p.x)));
      return { type: "data", symmetric: false, array: points.map((p) => reach(p, at[1], 1)), arrayminus: points.map((p) => reach(p, at[0], -1)), color: tone, thickness: 1, width: 3 };
    }

    hover(p, cx, cy) {
      const { board } = this;
      const lines = [`<b>${escape(short(p.row.name, 60))}</b>${this.published(p) ? "" : p.row.values[1] === null ? " (not ranked)" : `  rank ${p.row.rank}`}`];
      for (const column of [cy, cx, ...board.visibleColumns().filter((c) => c.kind === "cost" && c !== cx)]) {
        const text = board.text(column, board.value(p.row, column.key));
        if (text) lines.push(`${column.label} ${text}${board.mark(p.row, column)} ${column.unit}`);
      }
      if (p.row.values[0]) lines.push(`year ${p.row.values[0]}`);
      return lines.join("<br>");
    }

    layout(cx, cy) {
      const layout = window.esrbench.plotLayout();
      const title = (c) => ({ text: `${c.label}${c.unit ? ` [${c.unit}]` : ""}`, standoff: 8, font: { size: 12.5 } });
      Object.assign(layout.xaxis, { title: title(cx), type: this.isLog("lx") ? "log" : "linear" });
      Object.assign(layout.yaxis, { title: title(cy), type: this.now("ly") === "1" ? "log" : "linear", autorange: cy.direction === "lower" && cy.kind === "quality" ? "reversed" : true });
      const curves = this.isoScore(cx, cy);
      layout.annotations = [];
      if (curves.length) {
        for (const [axis, key] of [[layout.xaxis, "x"], [layout.yaxis, "y"]]) {
          if (axis.type === "linear") Object.assign(axis, { autorange: false, range: [0, 1.12 * Math.max(...this.points.map((p) => p[key]))] });
        }
      }
      for (const [axis, key] of [[layout.xaxis, "x"], [layout.yaxis, "y"]]) {
        if (axis.type === "log") Object.assign(axis, ticks(this.points.map((p) => p[key])));
      }
      const top = layout.yaxis.range?.[1] ?? Math.max(...this.points.map((p) => p.y));
      if (curves.length) layout.annotations.push(...this.isoNames(curves, top));
      if (cy.threshold !== null) {
        layout.shapes = [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: cy.threshold, y1: cy.threshold, line: { color: colour("warn"), width: 1.2, dash: "dash" } }];
        layout.annotations.push({ xref: "paper", x: 1, y: this.now("ly") === "1" ? Math.log10(cy.threshold) : cy.threshold, text: `threshold ${cy.threshold.toFixed(cy.decimals)}`, showarrow: false, xanchor: "right", yanchor: "bottom", font: { color: colour("warn"), size: 11.5 } });
      }
      return layout;
    }
  }

  /** 1, 2, 5, 10, ... in plain figures over the range of a log axis. */
  function ticks(values) {
    const positive = values.filter((v) => v > 0);
    if (!positive.length) return {};
    const found = [];
    for (let decade = Math.floor(Math.log10(Math.min(...positive))) - 1; decade <= Math.ceil(Math.log10(Math.max(...positive))); decade += 1) {
      for (const step of [1, 2, 5]) found.push(+(step * 10 ** decade).toPrecision(3));
    }
    return { tickmode: "array", tickvals: found, ticktext: found.map((value) => value.toLocaleString("en-US", { maximumSignificantDigits: 3 })) };
  }

  const short = (name, most = 26) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);
  const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  window.esrbench.startPlots = (boards) => boards.forEach((board) => new Plot(board));
})();
