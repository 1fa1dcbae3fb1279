// A submission's page: its images as differences from the baseline's, with how they are spread.
"use strict";
(() => {
  const { element } = window.esrbench;
  const BINS = 24, WIDTH = 480, HEIGHT = 52, WORDS = 14, LEAST = 8;
  const kept = new Map(); // table -> what puts its own figures back

  /** A button beside the tables; the baseline's figures are loaded when it is first pressed. */
  window.esrbench.against = ({ label, data }) => {
    const tables = [...document.querySelectorAll("table.images")];
    const place = document.querySelector(".against");
    if (!tables.length || !place) return;
    let theirs = null, mine = null, on = false;
    const toggle = () => {
      on = !on;
      button.setAttribute("aria-pressed", String(on));
      const shown = tables.filter((table) => (on ? differ(table, mine, theirs, label) : restore(table)));
      if (on && !shown.length) place.append(" No image was scored in both.");
    };
    const button = element("button", { type: "button", "aria-pressed": "false", onclick: () => {
      if (theirs) return toggle();
      const own = document.querySelector("[data-record]").dataset.record;
      window.esrbench.given = (id, found) => {
        if (id === own) mine = found; else theirs = found;
        if (mine && theirs) toggle();
      };
      const lost = () => { button.disabled = true; place.append(" Its figures are not beside these pages."); };
      for (const src of [place.dataset.own, `../${data}`]) document.head.append(element("script", { src, onerror: lost }));
    } }, `As difference from ${label}`);
    place.append(button);
  };

  /** Every cell that both have becomes the difference; false where there is none. */
  function differ(table, ours, others, label) {
    const mine = ours[table.dataset.set], theirs = others[table.dataset.set];
    if (!mine || !theirs) return false;
    const [here, there] = [mine, theirs].map((set) => new Map(set.names.map((name, i) => [name, i])));
    const cells = [...table.tBodies[0].rows, table.tFoot.rows[0]].flatMap((tr) => [...tr.cells]);
    const were = [...cells, table.caption].map((cell) => [cell, [...cell.childNodes], cell.className]);
    const old = table.parentNode.previousElementSibling;
    kept.set(table, () => {
      for (const [cell, nodes, kind] of were) { cell.replaceChildren(...nodes); cell.className = kind; }
      old.style.display = "";
    });
    const heads = [...table.tHead.rows[0].cells];
    let first = null;
    heads.forEach((th, column) => {
      const { m: metric, d: digits, w: direction } = th.dataset;
      if (!metric || !mine[metric] || !theirs[metric]) return;
      const found = [];
      for (const tr of table.tBodies[0].rows) {
        const cell = tr.cells[column];
        const name = tr.cells[0].firstChild.textContent;
        const value = mine[metric][here.get(name)] ?? null, other = theirs[metric][there.get(name)] ?? null;
        if (value === null || other === null) { cell.textContent = ""; cell.className = ""; continue; }
        found.push(value - other);
        write(cell, value - other, +digits, direction);
      }
      const mean = found.length ? found.reduce((a, b) => a + b) / found.length : null;
      const foot = table.tFoot.rows[0].cells[column];
      if (mean === null) foot.textContent = ""; else write(foot, mean, +digits, direction);
      if (!first && found.length) first = { found, heading: th.textContent.trim(), digits: +digits };
    });
    if (!first) { restore(table); return false; }
    table.caption.append(`, minus ${label}`);
    const drawn = histogram(first, label);
    if (drawn && old.matches("svg.histogram")) { old.style.display = "none"; old.after(drawn); }
    else if (drawn) table.parentNode.before(drawn);
    return true;
  }

  /** The table's own figures again, in the order the rows are in now. */
  function restore(table) {
    kept.get(table)?.();
    kept.delete(table);
    table.closest("details").querySelectorAll("svg.histogram.made").forEach((svg) => svg.remove());
    return true;
  }

  function signed(value, digits) {
    const text = Math.abs(value).toFixed(digits);
    return +text === 0 ? `±${text}` : `${value > 0 ? "+" : "−"}${text}`;
  }

  function write(cell, value, digits, direction) {
    cell.textContent = signed(value, digits);
    const zero = +value.toFixed(digits) === 0;
    cell.className = zero || direction === "unknown" ? "" : (value > 0) === (direction === "higher") ? "better" : "worse";
  }

  /** How the differences are spread; the line is at none. */
  function histogram({ found, heading, digits }, label) {
    const low = Math.min(0, ...found), high = Math.max(0, ...found);
    if (found.length < LEAST || low === high) return null;
    const counts = new Array(BINS).fill(0);
    for (const value of found) counts[Math.min(BINS - 1, Math.floor(((value - low) / (high - low)) * BINS))] += 1;
    const svg = (name, attributes, ...inside) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      made.append(...inside);
      return made;
    };
    const step = WIDTH / BINS, room = HEIGHT - WORDS, most = Math.max(...counts);
    const zero = ((0 - low) / (high - low)) * WIDTH;
    const better = found.filter((value) => value > 0).length;
    const words = `${heading} minus ${label}: above 0 on ${better} of ${found.length} images`;
    return svg("svg", { class: "histogram made", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words },
      ...counts.flatMap((count, i) => (count ? [svg("rect", { x: i * step, y: room * (1 - count / most), width: step - 1, height: (room * count) / most })] : [])),
      svg("path", { d: `M${zero} 0V${room}`, class: "zero" }),
      ...[[0, "start", signed(low, digits)], [WIDTH / 2, "middle", words], [WIDTH, "end", signed(high, digits)]].map(([x, anchor, text]) => svg("text", { x, y: HEIGHT - 2, "text-anchor": anchor }, text)));
  }
})();
