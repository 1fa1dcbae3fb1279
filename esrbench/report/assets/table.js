// Sort, filter, columns and views of the index page's tables. The rows are in the page already;
// their unrounded values, ranks and what is best stand in the JSON beside each table: this script
// ranks nothing and knows no quantity by name.
"use strict";
(() => {
  const { element, figure } = window.esrbench;
  const FIXED = 3; // year, rank, score come before the columns
  const WINDOW = 100; // rows drawn until the reader asks for all
  const collator = new Intl.Collator("en", { numeric: true });

  class Board {
    constructor(section) {
      this.section = section;
      this.id = section.id;
      const data = JSON.parse(section.querySelector("script.data").textContent);
      this.columns = data.columns;
      // What submissions say of themselves: text, in columns that are shown when asked for.
      this.about = data.about.map(({ key, heading, values, at }) => ({
        key, heading, kind: "about", group: "About", label: heading, unit: "", description: "As the submission says.", signature: "",
        direction: "lower", shown: false, best: [], second: [], ends: null, other: null, says: (row) => (at[row.index] === null ? null : values[at[row.index]]),
      }));
      this.every = [...this.columns, ...this.about];
      this.marks = data.marks;
      this.signs = data.signs;
      this.reference = new Set(data.reference);
      this.published = new Set(data.published);
      this.rule = data.rule;
      this.roofline = data.roofline;
      this.table = section.querySelector(".scroll > table");
      this.bodies = [...this.table.querySelectorAll("tbody.ranked, tbody.apart")];
      this.rows = [...this.table.querySelectorAll("tr[data-i]")].map((tr) => {
        const link = tr.querySelector("th a");
        return {
          tr, index: +tr.dataset.i, values: data.rows[tr.dataset.i], places: data.places[tr.dataset.i], name: link.textContent, href: link.getAttribute("href"),
          body: tr.parentNode, rankCell: tr.cells[0], nameCell: tr.cells[1],
          rank: null, visible: true, roof: data.roofline?.points[tr.dataset.i] ?? null, search: link.textContent.toLowerCase(),
        };
      });
      this.position = new Map(this.columns.map((column, i) => [column.key, i]));
      this.sets = [...new Set(this.columns.filter((c) => c.kind === "quality").map((c) => c.group))];
      this.defaults = this.columns.filter((c) => c.shown).map((c) => c.key).join(",");
      this.shownKeys = this.defaults;
      this.state = this.blank();
      this.shown = this.rows;
      this.more = element("button", { type: "button", class: "more", hidden: true, onclick: () => { this.state.all = true; this.commit(); } });
      this.table.parentNode.after(this.more);
      this.listeners = [];
    }

    blank() { return { sort: "", q: "", set: "", track: "", bounds: {}, cols: this.defaults, plot: {}, all: false, top: "", dense: false }; }

    column(key) { return this.columns[this.position.get(key)] ?? this.about.find((column) => column.key === key); }

    /** The unrounded figure of a row: a column, `year` or `score`, or a text about it; null where
     * there is none. */
    value(row, key) {
      if (key.startsWith("about.")) return this.column(key)?.says(row) ?? null;
      if (key === "year") return row.values[0];
      if (key === "score") return row.values[2];
      const at = this.position.get(key);
      return at === undefined ? null : row.values[FIXED + at];
    }

    divisor(key) { return this.column(key)?.divisor ?? 1; }

    /** What stands small beside a value: its two ends, or the other way of counting; or null. */
    beside(row, column) {
      const found = [column.ends ?? [], column.other === null ? [] : [column.other]].map((at) => at.map((i) => row.values[i]));
      return found.find((values) => values.length && values.every((v) => v !== null)) ?? null;
    }

    /** The sign that goes with a value. */
    mark(row, column) { return this.marks[column.key]?.[row.index] ?? ""; }

    passes(row) {
      const either = this.state.q.toLowerCase().split(",").map((words) => words.trim()).filter(Boolean);
      if (either.length && !either.some((words) => words.split(/\s+/).every((word) => row.search.includes(word)))) return false;
      if (this.state.set && this.columns.every((c) => c.group !== this.state.set || this.value(row, c.key) === null)) return false;
      for (const [key, [low, high]] of Object.entries(this.state.bounds)) {
        const value = this.value(row, key);
        if (value === null) return false;
        const inUnit = value / this.divisor(key);
        if ((low !== null && inUnit < low) || (high !== null && inUnit > high)) return false;
      }
      return true;
    }

    apply() {
      const keys = this.visibleColumns().map((c) => c.key).join(",");
      if (keys !== this.shownKeys) this.rebuildCells(keys);
      for (const row of this.rows) {
        row.visible = this.passes(row);
      }
      this.rank();
      this.order();
      const some = this.rows.some((row) => row.visible);
      this.section.querySelector("p.none").hidden = some;
      this.table.parentNode.hidden = !some;
      this.section.classList.toggle("dense", this.state.dense);
      this.listeners.forEach((listener) => listener());
    }

    /** Each row's rank by the chosen view. A filter changes no rank: the rows that are left keep
     * those of the whole table. */
    rank() {
      for (const row of this.rows) {
        const [rank, tied] = row.places[this.state.track] ?? [null, 0];
        row.rank = rank;
        row.rankCell.textContent = rank === null ? "" : (tied ? "=" : "") + rank;
        row.tr.classList.toggle("tied", Boolean(tied));
      }
    }

    /** Rows in the order of the sort, those without the figure last and set apart by a line. Only
     * the first hundred are put into the page until the reader asks for all: a browser lays out a
     * hundred rows in a frame, but not a thousand. */
    order() {
      const [key, direction] = this.sorting();
      const sign = direction === "descending" ? -1 : 1;
      const get = key === "name" ? (row) => row.name : key === "rank" ? (row) => row.rank : (row) => this.value(row, key);
      const top = this.state.top ? +this.state.top : Infinity;
      let room = this.state.all ? top : Math.min(top, WINDOW);
      this.shown = [];
      for (const body of this.bodies) {
        const keyed = this.rows.filter((row) => row.body === body && row.visible).map((row) => ({ row, value: get(row) }));
        keyed.sort((a, b) => {
          if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || collator.compare(a.row.name, b.row.name);
          if (typeof a.value === "string") return sign * collator.compare(a.value, b.value);
          return sign * (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) || collator.compare(a.row.name, b.row.name);
        });
        const gap = keyed.findIndex((entry) => entry.value === null);
        const sequence = keyed.map((entry) => entry.row);
        this.shown.push(...sequence.slice(0, Math.max(0, top - this.shown.length)));
        const drawn = sequence.slice(0, room).map((row) => row.tr);
        room -= drawn.length;
        for (const entry of keyed.slice(0, drawn.length)) entry.row.tr.classList.remove("gap");
        if (gap > 0 && gap < drawn.length) drawn[gap].classList.add("gap");
        if (drawn.length !== body.rows.length || drawn.some((tr, i) => body.rows[i] !== tr)) body.replaceChildren(...drawn);
      }
      for (const heading of this.table.querySelectorAll("tbody.sep")) heading.hidden = !heading.nextElementSibling?.rows.length;
      window.esrbench.tips.reachable(this.table);
      this.more.hidden = this.state.all || this.shown.length <= WINDOW;
      this.more.textContent = `Show all ${this.shown.length} rows`;
      for (const th of this.table.querySelectorAll(".heads th[data-k]")) {
        if (th.dataset.k === key) th.setAttribute("aria-sort", direction);
        else th.removeAttribute("aria-sort");
      }
    }

    sorting() {
      const text = this.state.sort || "rank";
      return text.startsWith("-") ? [text.slice(1), "descending"] : [text, "ascending"];
    }

    sortBy(key) {
      const [current, direction] = this.sorting();
      const first = this.column(key)?.direction === "higher" ? "descending" : "ascending";
      const next = current === key ? (direction === "ascending" ? "descending" : "ascending") : first;
      this.state.sort = (next === "descending" ? "-" : "") + key;
      if (this.state.sort === "rank") this.state.sort = "";
      this.commit();
    }

    commit() { this.apply(); write(this); }

    visibleColumns() {
      const wanted = new Set(this.state.cols.split(","));
      const { set } = this.state;
      return this.every.filter((c) => (wanted.has(c.key) || c.key === `score_${this.state.track}`) && !(set && c.kind === "quality" && c.group !== set));
    }

    text(column, value) {
      return column.kind === "about" ? String(value ?? "") : figure(column, value);
    }

    /** As printed_value of the server: a published count has no more decimals than its source. */
    printed(row, column) {
      const text = this.text(column, this.value(row, column.key));
      return column.kind === "cost" && this.published.has(row.index) && text.includes(".") ? text.replace(/\.?0+$/, "") : text;
    }

    /** A row's main score as the table shows it. */
    scoreText(row) { return this.text({ kind: "score", divisor: 1, decimals: 3 }, row.values[2]); }

    /** Another choice of columns: the header and every row's figures are written again. */
    rebuildCells(keys) {
      this.shownKeys = keys;
      const columns = this.visibleColumns();
      const lead = 2 + (this.rule.scored ? 1 : 0);
      for (const row of this.rows) {
        const notes = row.tr.lastElementChild;
        const cells = columns.map((column) => this.cell(row, column));
        row.tr.replaceChildren(...[...row.tr.cells].slice(0, lead), ...cells, notes);
      }
      const [groups, heads] = this.table.tHead.rows;
      const end = heads.lastElementChild;
      const made = columns.map((column) => {
        const th = element("th", { scope: "col", "data-k": column.key, title: `${column.description} ${column.signature}` }, column.heading);
        if (column.unit) th.append(" ", element("span", { class: "unit" }, column.unit));
        return th;
      });
      heads.replaceChildren(...[...heads.cells].slice(0, lead), ...made, end);
      const spans = [];
      if (this.rule.scored) spans.push(["Score", 1]);
      for (const column of columns) {
        if (spans.length && spans[spans.length - 1][0] === column.group) spans[spans.length - 1][1] += 1;
        else spans.push([column.group, 1]);
      }
      groups.replaceChildren(groups.cells[0], ...spans.map(([name, span]) => element("th", { colspan: span, scope: "colgroup" }, ...breakable(name))), element("td"));
      this.makeSortable();
    }

    cell(row, column) {
      const text = this.printed(row, column);
      const td = element("td", column.kind === "about" ? { class: column.key.replace(".", " ") } : {});
      if (!text) return td;
      if (/^https?:\/\//.test(text)) td.append(element("a", { href: text, title: text }, ...breakable(text.replace(/^https?:\/\/(www\.)?/, ""))));
      else if (column.kind === "about") td.append(...breakable(text));
      if (column.kind === "about") return td;
      td.append(column.best.includes(row.index) ? element("strong", {}, text) : column.second.includes(row.index) ? element("u", {}, text) : text);
      const mark = this.mark(row, column);
      if (mark) td.append(element("sup", { title: this.meaning(mark) }, mark));
      const beside = this.beside(row, column);
      if (beside) td.append(element("i", {}, beside.map((v) => this.text(column, v)).join("–")));
      return td;
    }

    /** What the signs of `mark` mean. */
    meaning(mark) { return [...mark].map((sign) => this.signs[sign] ?? "").join(" "); }

    makeSortable() {
      for (const th of this.table.querySelectorAll(".heads th[data-k]")) {
        if (th.querySelector("button")) continue;
        const button = element("button", { type: "button", onclick: () => this.sortBy(th.dataset.k) });
        button.append(...th.childNodes);
        th.append(button);
      }
    }

    /** What a cell holds: the exact figure and its signature, or why there is none. */
    explain(cell) {
      const th = this.table.tHead.rows[1].cells[cell.cellIndex];
      const row = this.rows.find((candidate) => candidate.tr === cell.parentNode);
      if (!row || !th) return null;
      if (th.dataset.k === "rank") return row.tr.classList.contains("tied") ? "A shared rank: the figures, or what the measurement can tell apart, are the same." : null;
      const column = this.column(th.dataset.k);
      const value = th.dataset.k === "score" ? row.values[2] : column ? this.value(row, column.key) : null;
      if (value === null) return null;
      if (column?.kind === "about") return null;
      return column ? `${value / column.divisor} ${column.unit}\n${column.signature}`.trim() : String(value);
    }
  }

  /** With a place to break the line after each `_`, `-` and `/`, as breakable of the server. */
  const breakable = (name) => name.split(/(?<=[_/-])/).flatMap((part, i) => (i ? [element("wbr"), part] : [part]));

  // ------------------------------------------------------------------ the address
  function write(board) {
    const parts = new URLSearchParams();
    const s = board.state;
    if (s.sort) parts.set("sort", s.sort);
    if (s.q) parts.set("q", s.q);
    if (s.set) parts.set("set", s.set);
    if (s.track) parts.set("track", s.track);
    for (const [key, [low, high]] of Object.entries(s.bounds)) parts.append("f", `${key}:${low ?? ""}:${high ?? ""}`);
    if (s.all) parts.set("all", "1");
    if (s.top) parts.set("top", s.top);
    if (s.dense) parts.set("dense", "1");
    if (s.cols !== board.defaults) parts.set("cols", s.cols);
    for (const [key, value] of Object.entries(s.plot)) parts.set(key, value);
    const text = parts.toString();
    history.replaceState(null, "", `#${board.id}${text ? `?${text}` : ""}`);
  }

  function read(board, text) {
    const parts = new URLSearchParams(text);
    const state = board.blank();
    state.sort = parts.get("sort") ?? "";
    state.q = parts.get("q") ?? "";
    if (board.sets.includes(parts.get("set"))) state.set = parts.get("set");
    if (board.rule.views.some((view) => view.key === parts.get("track"))) state.track = parts.get("track");
    for (const filter of parts.getAll("f")) {
      const [key, low, high] = filter.split(":");
      const number = (word) => (word === "" || word === undefined || Number.isNaN(+word) ? null : +word);
      if (key === "year" || key === "score" || board.position.has(key)) state.bounds[key] = [number(low), number(high)];
    }
    state.all = parts.has("all");
    state.top = /^\d+$/.test(parts.get("top") ?? "") ? parts.get("top") : "";
    state.dense = parts.has("dense");
    const cols = parts.get("cols");
    if (cols !== null) state.cols = board.every.filter((c) => cols.split(",").includes(c.key)).map((c) => c.key).join(",");
    for (const key of ["x", "y", "s", "lx", "ly", "kind"]) if (parts.has(key)) state.plot[key] = parts.get(key);
    board.state = state;
  }

  // ------------------------------------------------------------------ the bar above a table
  function buildBar(board) {
    const bar = board.section.querySelector(".bar");
    const search = element("input", { type: "search", placeholder: "Filter by name: span, rlfn", "aria-label": "Filter by name; a comma for either",
      oninput: () => { board.state.q = search.value.trim(); board.commit(); } });
    const count = element("span", { class: "count", role: "status" });
    const reset = element("button", { type: "button", onclick: () => { board.state = board.blank(); board.commit(); } }, "Reset");
    const bounds = boundsMenu(board);
    const columns = columnsMenu(board);
    const rows = board.rows.length > 10 ? choice(board, "Rows ", "top", [["", "all"], ["10", "top 10"], ["25", "top 25"]]) : null;
    const choices = [setChoice(board), trackChoice(board), rows].filter(Boolean);
    const dense = element("button", { type: "button", "aria-pressed": "false", onclick: () => { board.state.dense = !board.state.dense; board.commit(); } }, "Dense");
    const clear = element("button", { type: "button", onclick: () => { Object.assign(board.state, { q: "", set: "", bounds: {} }); board.commit(); } }, "Show every row");
    board.section.querySelector("p.none").append(clear);
    const compare = element("a", { class: "compare" });
    bar.append(search, bounds.menu, ...choices.map((choice) => choice.label), columns.menu, dense, reset, compare, element("span", { class: "grow" }), count, window.esrbench.exportMenu(board));
    board.listeners.push(() => {
      const visible = board.rows.filter((row) => row.visible).length;
      const all = board.rows.length;
      dense.setAttribute("aria-pressed", String(board.state.dense));
      const drawn = Math.min(visible, board.state.top ? +board.state.top : Infinity);
      count.textContent = drawn < visible ? `${drawn} of ${all} shown` : visible === all ? `${all} row${all === 1 ? "" : "s"}` : `${visible} of ${all} shown`;
      if (document.activeElement !== search) search.value = board.state.q;
      reset.hidden = !location.hash.includes("?") && JSON.stringify(board.state) === JSON.stringify(board.blank());
      bounds.show();
      columns.show();
      for (const choice of choices) choice.show();
      const some = board.shown.slice(0, 4);
      compare.hidden = some.length < 2 || visible === board.rows.length;
      compare.textContent = visible > 4 ? "Compare the first 4" : `Compare these ${some.length}`;
      compare.href = `compare.html#${board.id}?${new URLSearchParams(some.map((row, i) => [String.fromCharCode(97 + i), row.name]))}`;
    });
  }

  function choice(board, name, key, options) {
    const select = element("select", { onchange: () => { board.state[key] = select.value; board.commit(); } },
      ...options.map(([value, text]) => element("option", { value }, text)));
    return { label: element("label", {}, name, select), show: () => { select.value = board.state[key]; } };
  }

  /** One data set's figures, of the rows that have any. */
  function setChoice(board) {
    if (board.sets.length < 2) return null;
    return choice(board, "Data ", "set", [["", "all sets"], ...board.sets.map((set) => [set, set])]);
  }

  /** The table's own ranking, its other thresholds, or one of the challenge's sub-tracks. */
  function trackChoice(board) {
    if (board.rule.views.length < 2) return null;
    return choice(board, "Rank by ", "track", board.rule.views.map((view) => [view.key, view.title]));
  }

  function boundsMenu(board) {
    const menu = element("details", { class: "menu" }, element("summary", {}, "Filter"));
    const box = element("div");
    const fields = [];
    const wanted = [{ key: "year", label: "Year", unit: "" }, ...board.columns.filter((c) => c.shown)];
    for (const column of wanted) {
      const label = `${column.label}${column.unit ? ` [${column.unit}]` : ""}`;
      const inputs = ["from", "to"].map((end) => element("input", { type: "number", step: "any", placeholder: end, "aria-label": `${label} ${end}` }));
      const changed = () => {
        const [low, high] = inputs.map((input) => (input.value === "" ? null : +input.value));
        if (low === null && high === null) delete board.state.bounds[column.key];
        else board.state.bounds[column.key] = [low, high];
        board.commit();
      };
      inputs.forEach((input) => input.addEventListener("input", changed));
      box.append(element("div", { class: "pair" }, element("span", {}, label), ...inputs));
      fields.push([column.key, inputs]);
    }
    menu.append(box);
    const show = () => {
      const active = Object.keys(board.state.bounds).length;
      menu.firstChild.textContent = active ? `Filter (${active})` : "Filter";
      for (const [key, inputs] of fields) {
        const now = board.state.bounds[key] ?? [null, null];
        inputs.forEach((input, i) => { if (document.activeElement !== input) input.value = now[i] ?? ""; });
      }
    };
    return { menu, show };
  }

  function columnsMenu(board) {
    const menu = element("details", { class: "menu" }, element("summary", {}, "Columns"));
    const box = element("div");
    const boxes = new Map();
    const groups = [...new Set(board.every.map((column) => column.group))];
    const commit = () => {
      board.state.cols = board.every.filter((c) => boxes.get(c.key).checked).map((c) => c.key).join(",");
      board.commit();
    };
    for (const group of groups) {
      const mine = board.every.filter((column) => column.group === group);
      const all = element("input", { type: "checkbox", "aria-label": `All of ${group}`, onchange: () => { mine.forEach((c) => { boxes.get(c.key).checked = all.checked; }); commit(); } });
      const field = element("fieldset", {}, element("legend", {}, element("label", {}, all, ` ${group}`)));
      for (const column of mine) {
        const tick = element("input", { type: "checkbox", onchange: commit });
        boxes.set(column.key, tick);
        field.append(element("label", { title: column.description }, tick, ` ${column.heading}`));
      }
      boxes.set(`all ${group}`, all);
      box.append(field);
    }
    menu.append(box);
    const show = () => {
      const wanted = new Set(board.state.cols.split(","));
      for (const column of board.every) boxes.get(column.key).checked = wanted.has(column.key);
      for (const group of groups) boxes.get(`all ${group}`).checked = board.every.every((c) => c.group !== group || wanted.has(c.key));
    };
    return { menu, show };
  }

  /** A field that finds a table by protocol, device or track, where there are many. */
  function findTables() {
    const tabs = [...document.querySelectorAll(".tabs li")];
    if (tabs.length < 9) return;
    const field = element("input", { type: "search", placeholder: "Find a table: H200, fp16", "aria-label": "Find a table by protocol, device or track",
      oninput: () => {
        const words = field.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
        for (const tab of tabs) tab.hidden = !words.every((word) => tab.textContent.toLowerCase().includes(word));
      } });
    document.querySelector(".tabs").prepend(element("div", { class: "bar" }, field));
  }

  // ------------------------------------------------------------------ start
  const boards = [...document.querySelectorAll("section.board")].map((section) => new Board(section));
  window.esrbench.boards = boards;

  function follow() {
    const [id, query] = decodeURI(location.hash.slice(1)).split("?");
    const current = boards.find((board) => board.id === id) ?? boards[0];
    for (const board of boards) board.section.hidden = board !== current;
    for (const link of document.querySelectorAll(".tabs a")) {
      if (link.dataset.table === current.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    read(current, query ?? "");
    current.apply();
  }

  window.esrbench.tips.ask((target) => {
    const cell = target.closest?.(".board tbody td");
    const text = cell && boards.find((board) => board.table.contains(cell))?.explain(cell);
    return text ? [cell, text] : null;
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.firstChild.focus(); });
    if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) {
      const search = document.querySelector("section.board:not([hidden]) input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });
  document.addEventListener("DOMContentLoaded", () => {
    if (!boards.length) return;
    for (const board of boards) { board.makeSortable(); buildBar(board); }
    findTables();
    window.esrbench.startPlots?.(boards);
    addEventListener("hashchange", follow);
    follow();
  });
})();
