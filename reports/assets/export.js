// Copy or download what a table shows now: its visible rows and columns, in the order shown.
"use strict";
(() => {
  const { element } = window.esrbench;

  const shown = (board) => board.shown;
  const rankOf = (row) => (row.values[1] === null ? "" : row.rankCell.textContent);
  const headed = (column) => `${column.kind === "quality" ? `${column.group} ${column.heading}` : column.label}${column.unit ? ` [${column.unit}]` : ""}`;
  const quoted = (value) => {
    const text = /^[=+@\t-]/.test(value) && Number.isNaN(+value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const inMarkdown = (text) => text.replace(/[\\`*_{}<>#|]/g, "\\$&");
  const noted = (board, columns) => Object.entries(board.signs).filter(([s]) => columns.some((c) => shown(board).some((row) => board.mark(row, c).includes(s))));
  const plain = (value) => (value === null ? "" : typeof value === "string" ? value : Number.isFinite(value) ? value : value > 0 ? "Infinity" : "-Infinity");

  const WRITERS = {
    CSV: { suffix: "csv", write: (board) => {
      const columns = board.visibleColumns();
      const marked = columns.filter((c) => board.marks[c.key]);
      const other = marked.filter((c) => c.other !== null);
      const lines = [["rank", "submission", ...(board.rule.scored ? ["score"] : []), ...columns.map((c) => c.key), ...other.map((c) => `${c.key}_other`), ...marked.map((c) => `${c.key}_mark`)]];
      for (const row of shown(board)) {
        lines.push([rankOf(row).replace("=", ""), row.name, ...(board.rule.scored ? [plain(row.values[2])] : []), ...columns.map((c) => plain(board.value(row, c.key))),
          ...other.map((c) => plain(row.values[c.other])), ...marked.map((c) => board.mark(row, c))]);
      }
      return lines.map((line) => line.map(quoted).join(",")).join("\n") + "\n";
    } },
    JSON: { suffix: "json", write: (board) => {
      const columns = board.visibleColumns();
      const rows = shown(board).map((row) => ({
        rank: row.values[1] === null ? null : row.rank, submission: row.name,
        ...(board.rule.scored ? { score: row.values[2] } : {}),
        ...Object.fromEntries(columns.flatMap((c) => [[c.key, Number.isFinite(board.value(row, c.key)) ? board.value(row, c.key) : plain(board.value(row, c.key)) || null],
          ...(board.mark(row, c) ? [[`${c.key}_mark`, board.mark(row, c)], [`${c.key}_other`, c.other === null ? null : row.values[c.other]]] : [])])),
      }));
      const signatures = Object.fromEntries(columns.map((c) => [c.key, c.signature]));
      return JSON.stringify({ table: board.id, signatures, rows }, null, 1) + "\n";
    } },
    Markdown: { suffix: "md", write: (board) => {
      const columns = board.visibleColumns();
      const score = board.rule.scored ? ["Score"] : [];
      const lines = [["#", "Submission", ...score, ...columns.map((c) => inMarkdown(headed(c)))], ["--:", ":--", ...score.map(() => "--:"), ...columns.map(() => "--:")]];
      for (const row of shown(board)) lines.push([rankOf(row), inMarkdown(row.name), ...score.map(() => board.scoreText(row)), ...columns.map((c) => {
        const value = board.text(c, board.value(row, c.key));
        const text = c.kind === "about" ? inMarkdown(value) : value;
        return (c.best.includes(row.index) ? `**${text}**` : text) + board.mark(row, c);
      })]);
      const notes = noted(board, columns).map(([s, meaning]) => `\n${s} ${inMarkdown(meaning)}\n`);
      return lines.map((line) => `| ${line.join(" | ")} |`).join("\n") + "\n" + notes.join("");
    } },
    LaTeX: { suffix: "tex", write: async (board) => inPaper(board, await paperOf(board)) },
  };

  /** The parts of the table a paper prints, from the script that has them; loaded once. */
  const papers = new Map();
  let heard = null;
  window.esrbench.paper = (parts) => heard?.(parts);
  function paperOf(board) {
    const { paper } = board.section.dataset;
    if (!papers.has(paper)) {
      papers.set(paper, new Promise((resolve, reject) => {
        heard = resolve;
        document.head.append(element("script", { src: paper, onerror: () => { papers.delete(paper); reject(new Error(paper)); } }));
      }));
    }
    return papers.get(paper);
  }

  /** The rows and columns that are shown, as `esrbench export --format latex --columns` prints them. */
  function inPaper(board, parts) {
    const keys = new Set(["score", ...board.visibleColumns().map((column) => column.key)]);
    const picked = parts.columns.map((column, i) => ({ ...column, i })).filter((column) => column.keys.some((key) => keys.has(key)));
    const lines = shown(board).map((row) => parts.rows[row.index]).filter(Boolean)
      .map(([name, ...cells]) => [name, ...picked.map((column) => cells[column.i])].join(" & ") + " \\\\");
    const notes = parts.notes.filter(([sign]) => lines.some((line) => line.includes(sign))).map(([, note]) => note);
    return [parts.comment, `\\begin{tabular}{l${"c".repeat(picked.length)}}`, "\\toprule",
      ["Method", ...picked.map((column) => column.heading)].join(" & ") + " \\\\", "\\midrule", ...lines, "\\bottomrule", "\\end{tabular}", ...notes, ""].join("\n");
  }

  function download(name, text) {
    const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" })), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  async function copy(text, button) {
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch (refused) {
      const area = element("textarea", { style: "position:fixed;opacity:0" });
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    button.textContent = done ? "Copied" : "Not allowed";
    setTimeout(() => { button.textContent = "Copy"; }, 1200);
  }

  window.esrbench.exportMenu = (board) => {
    const box = element("div");
    for (const [name, { suffix, write }] of Object.entries(WRITERS)) {
      const button = element("button", { type: "button", "aria-label": `Copy as ${name}`, onclick: async () => copy(await write(board), button) }, "Copy");
      box.append(element("div", { class: "pair" }, element("span", {}, name), button,
        element("button", { type: "button", "aria-label": `Download as ${name}`, onclick: async () => download(`${board.rule.file}.${suffix}`, await write(board)) }, "Download")));
    }
    return element("details", { class: "menu" }, element("summary", {}, "Export"), box);
  };
})();
