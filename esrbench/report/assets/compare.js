// Two or more rows of one table side by side.
"use strict";
(() => {
  const { element, figure } = window.esrbench;
  const FIXED = 3; // year, rank, score come before the columns
  const tables = [...document.querySelectorAll("script.table")].map((script) => ({
    id: script.dataset.id, title: script.dataset.title, ...JSON.parse(script.textContent),
  }));
  const choice = document.getElementById("choice");
  const place = document.getElementById("comparison");
  const images = new Map(); // record id -> sets, or the promise's resolver while the script loads
  const waiting = new Map();
  let state = { table: null, picks: [] };

  window.esrbench.given = (id, sets) => { images.set(id, sets); waiting.get(id)?.(sets); };

  function load(entry) {
    if (images.has(entry.id)) return Promise.resolve(images.get(entry.id));
    return new Promise((resolve) => {
      waiting.set(entry.id, resolve);
      document.head.append(element("script", { src: entry.data, onerror: () => resolve({}) }));
    });
  }

  /** What the table's rows made of the same crops: a function from a data set, its images in order
   * and two rows to the pairs of pictures. */
  function loadPictures(table) {
    return new Promise((resolve) => {
      if (!table.pictures) { resolve(() => []); return; }
      window.esrbench.pictures = ({ ids, made }) => resolve((set, images, two) => images.flatMap((image) => (
        Object.entries(made).filter(([key]) => key.startsWith(`${set}/${image}/`)).flatMap(([, by]) => {
          const found = two.map((entry) => by.find(([i]) => ids[i] === entry.id));
          return found.every(Boolean) ? [pair(image, two, found.map(([, path]) => path))] : [];
        }))).slice(0, 6));
      document.head.append(element("script", { src: table.pictures, onerror: () => resolve(() => []) }));
    });
  }

  function pair(image, two, paths) {
    return element("figure", { class: "crops" }, element("div", { class: "three two" }, ...paths.map((path, i) => (
      element("div", {}, element("a", { href: two[i].href }, element("img", { src: path, loading: "lazy", alt: `${image} by ${two[i].name}` })), element("span", {}, two[i].name))))), element("figcaption", {}, image));
  }

  const signed = (value, decimals, unit) => {
    const shown = Math.abs(value).toFixed(decimals);
    return `${+shown === 0 ? "±" : value > 0 ? "+" : "−"}${shown}${unit}`;
  };

  function difference(column, first, other) {
    if (first === null || other === null || !Number.isFinite(first) || !Number.isFinite(other)) return "";
    if (column.kind === "quality") return signed((other - first) / column.divisor, column.decimals + 1, "");
    return first ? signed(100 * (other / first - 1), 1, " %") : "";
  }

  /** b's runtime over a's with its 95% interval, from both ratios to the baseline. */
  function ratio(table, a, b) {
    const at = table.data.columns.findIndex((c) => c.key === "runtime_ratio");
    if (at < 0) return null;
    const [ra, rb] = [a, b].map((row) => row[FIXED + at]);
    const [[la, ha], [lb, hb]] = [a, b].map((row) => (table.data.columns[at].ends ?? []).map((i) => row[i]));
    if (!(ra && rb)) return null;
    const centre = Math.log(rb / ra);
    if (!(la && ha && lb && hb)) return { centre: rb / ra };
    const down = Math.hypot(Math.log(rb / lb), Math.log(ha / ra));
    const up = Math.hypot(Math.log(hb / rb), Math.log(ra / la));
    return { centre: rb / ra, low: Math.exp(centre - down), high: Math.exp(centre + up) };
  }

  function figures(table, picks) {
    const rows = picks.map((i) => table.data.rows[i]);
    const head = element("tr", {}, element("th", { scope: "col" }, "Figure"), ...picks.flatMap((i, n) => [
      element("th", { scope: "col" }, element("a", { href: table.names[i].href }, table.names[i].name)),
      ...(n ? [element("th", { scope: "col" }, "difference")] : []),
    ]));
    const body = element("tbody");
    table.data.columns.forEach((column, c) => {
      const values = rows.map((row) => row[FIXED + c]);
      if (values.every((value) => value === null)) return;
      const present = values.filter((value) => value !== null);
      const best = column.direction === "lower" ? Math.min(...present) : column.direction === "higher" ? Math.max(...present) : NaN;
      const mark = (i) => table.data.marks[column.key]?.[i] ?? "";
      const name = `${column.label}${column.unit ? ` [${column.unit}]` : ""}`;
      const cells = values.flatMap((value, n) => [
        element("td", {}, value !== null && figure(column, value) === figure(column, best) && present.some((v) => figure(column, v) !== figure(column, best)) ? element("strong", {}, figure(column, value)) : figure(column, value), mark(picks[n])),
        ...(n ? [element("td", { class: "soft" }, difference(column, values[0], value))] : []),
      ]);
      body.append(element("tr", { title: column.signature }, element("th", { scope: "row" }, name), ...cells));
    });
    return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Figures side by side" }, element("table", { class: "plain" }, element("thead", {}, head), body));
  }

  function ratioSentences(table, picks) {
    const [first, ...others] = picks;
    return others.map((i) => {
      const found = ratio(table, table.data.rows[first], table.data.rows[i]);
      const [a, b] = [table.names[first].name, table.names[i].name];
      if (!found) return element("p", {}, `No paired runtime ratio of ${b} to ${a}.`);
      const interval = found.low ? ` (95% interval ${found.low.toFixed(3)} to ${found.high.toFixed(3)})` : "";
      const verdict = !found.low ? "" : found.low > 1 ? `: ${b} is slower.` : found.high < 1 ? `: ${b} is faster.` : ": the measurement cannot tell them apart.";
      return element("p", { class: "ratio" }, `${b} takes `, element("strong", {}, found.centre.toFixed(3)), ` times as long as ${a}${interval}${verdict}`);
    });
  }

  async function byImage(table, picks) {
    const [a, b] = await Promise.all(picks.slice(0, 2).map((i) => load(table.names[i])));
    const box = element("section");
    const names = picks.slice(0, 2).map((i) => table.names[i].name);
    const options = [];
    for (const set of Object.keys(a)) {
      for (const metric of Object.keys(a[set])) if (metric !== "names" && b[set]?.[metric]) options.push([set, metric]);
    }
    if (!options.length) return element("p", { class: "hint" }, "These two have no images in common that were scored one by one.");
    const columnOf = (metric, set) => table.data.columns.find((c) => c.key === `${set}.${metric}`);
    const heading = (metric, set) => columnOf(metric, set)?.heading ?? metric;
    const select = element("select", { "aria-label": "Metric and data set", onchange: () => draw() }, ...options.map(([set, metric], i) => element("option", { value: i }, `${heading(metric, set)}, ${set}`)));
    const holder = element("div");
    const crops = element("div", { class: "pairs" });
    const pairs = await loadPictures(table);
    const draw = () => {
      const [set, metric] = options[select.value || 0];
      const other = new Map(b[set].names.map((name, i) => [name, b[set][metric][i]]));
      const rows = a[set].names.map((name, i) => ({ name, a: a[set][metric][i], b: other.get(name) ?? null }))
        .filter((row) => row.a !== null && row.b !== null).map((row) => ({ ...row, by: row.b - row.a }))
        .sort((x, y) => Math.abs(y.by) - Math.abs(x.by));
      const { decimals, direction } = columnOf(metric, set) ?? { decimals: 4, direction: "unknown" };
      crops.replaceChildren(...pairs(set, rows.map((row) => row.name), picks.slice(0, 2).map((i) => table.names[i])));
      const widest = Math.abs(rows[0]?.by ?? 0) || 1;
      const lower = direction === "lower";
      const body = rows.slice(0, 20).map((row) => element("tr", {}, element("th", { scope: "row" }, row.name),
        element("td", {}, row.a.toFixed(decimals)), element("td", {}, row.b.toFixed(decimals)), element("td", {}, signed(row.by, decimals, "")),
        element("td", { class: "barcell", "aria-hidden": "true" }, element("span", { class: (row.by > 0) !== lower ? "up" : "down", style: `width:${(50 * Math.abs(row.by)) / widest}%;${row.by > 0 ? "left:50%" : "right:50%"}` }))));
      const better = rows.filter((row) => (lower ? row.by < 0 : row.by > 0)).length;
      holder.replaceChildren(element("p", { class: "hint" }, `${names[1]} is better on ${better} of ${rows.length} images.`),
        element("table", { class: "plain narrow" }, element("thead", {}, element("tr", {}, ...["Image", ...names, "difference", ""].map((h) => element("th", { scope: "col" }, h)))), element("tbody", {}, ...body)));
    };
    draw();
    box.append(element("h2", {}, "Images on which they differ most"), element("div", { class: "plotbar" }, select), holder, crops);
    return box;
  }

  async function show() {
    const { table, picks } = state;
    choice.replaceChildren(
      element("label", {}, "Table ", element("select", { onchange: (event) => { state = { table: tables[event.target.value], picks: first(tables[event.target.value]) }; commit(); } },
        ...tables.map((t, i) => element("option", { value: i, selected: t === table }, t.title)))),
      ...picks.map((pick, n) => element("label", {}, n ? "with " : "Compare ", element("select", { onchange: (event) => { state.picks[n] = +event.target.value; commit(); } },
        ...table.names.map((entry, i) => element("option", { value: i, selected: i === pick }, entry.name))))),
      element("button", { type: "button", onclick: () => { state.picks.push(Math.min(picks.length, table.names.length - 1)); commit(); } }, "Add another"),
      ...(picks.length > 2 ? [element("button", { type: "button", onclick: () => { state.picks.pop(); commit(); } }, "Remove the last")] : []),
    );
    const now = JSON.stringify([table.id, picks]);
    place.replaceChildren(...ratioSentences(table, picks), figures(table, picks));
    if (picks.length > 1) {
      const section = await byImage(table, picks);
      if (JSON.stringify([state.table.id, state.picks]) === now) place.append(section);
    }
  }

  const first = (table) => (table.names.length > 1 ? [0, 1] : [0]);

  function commit() {
    const parts = new URLSearchParams(state.picks.map((i, n) => [String.fromCharCode(97 + n), state.table.names[i].name]));
    history.replaceState(null, "", `#${state.table.id}?${parts}`);
    show();
  }

  function follow() {
    const [id, query] = location.hash.slice(1).split("?");
    const table = tables.find((t) => t.id === id) ?? tables[0];
    const wanted = [...new URLSearchParams(query ?? "").values()].map((name) => table.names.findIndex((entry) => entry.name === name)).filter((i) => i >= 0);
    const picks = wanted.length ? wanted : first(table);
    if (picks.length === 1 && table.names.length > 1) picks.push(picks[0] === 0 ? 1 : 0);
    state = { table, picks };
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (!tables.length) { place.append(element("p", {}, "No records yet.")); return; }
    addEventListener("hashchange", follow);
    follow();
  });
})();
