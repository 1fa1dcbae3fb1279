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
  const LATEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "÷": "$\\div$", "<": "\\textless{}", ">": "\\textgreater{}" };
  const inLatex = (text) => text.replace(/[\\~^÷<>&%$#_{}]/g, (c) => LATEX[c] ?? `\\${c}`);
  const figure = (text) => text.replace("∞", "$\\infty$").replaceAll(",", "{,}")
    .replace(/([\d.]+)·10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)/, (_, m, e) => `$${m} \\cdot 10^{${[...e].map((c) => (c === "⁻" ? "-" : "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c))).join("")}}$`);
  const SIGNS = { "≠": "\\neq", "≥": "\\geq" };
  const sign = (mark) => (mark ? `$^{${[...mark].map((s) => SIGNS[s] ?? s).join("")}}$` : "");
  const noted = (board, columns) => Object.entries(board.signs).filter(([s]) => columns.some((c) => shown(board).some((row) => board.mark(row, c).includes(s))));
  const plain = (value) => (value === null ? "" : Number.isFinite(value) ? value : value > 0 ? "Infinity" : "-Infinity");

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
        const text = board.text(c, board.value(row, c.key));
        return (c.best.includes(row.index) ? `**${text}**` : text) + board.mark(row, c);
      })]);
      const notes = noted(board, columns).map(([s, meaning]) => `\n${s} ${inMarkdown(meaning)}\n`);
      return lines.map((line) => `| ${line.join(" | ")} |`).join("\n") + "\n" + notes.join("");
    } },
    LaTeX: { suffix: "tex", write: (board) => {
      const columns = board.visibleColumns();
      const score = board.rule.scored ? ["Score"] : [];
      const lines = [["\\#", "Submission", ...score, ...columns.map((c) => inLatex(headed(c)))].join(" & ") + " \\\\", "\\midrule"];
      for (const row of shown(board)) {
        const cells = columns.map((c) => {
          const number = figure(board.text(c, board.value(row, c.key)));
          return (c.best.includes(row.index) ? `\\textbf{${number}}` : c.second.includes(row.index) ? `\\underline{${number}}` : number) + sign(board.mark(row, c));
        });
        lines.push([rankOf(row), inLatex(row.name), ...score.map(() => figure(board.scoreText(row))), ...cells].join(" & ") + " \\\\");
      }
      return `\\begin{tabular}{rl${"r".repeat(score.length + columns.length)}}\n\\toprule\n${lines.join("\n")}\n\\bottomrule\n\\end{tabular}\n${noted(board, columns).map(([s, meaning]) => `% ${s} ${meaning}\n`).join("")}`;
    } },
  };

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
      const button = element("button", { type: "button", "aria-label": `Copy as ${name}`, onclick: () => copy(write(board), button) }, "Copy");
      box.append(element("div", { class: "pair" }, element("span", {}, name), button,
        element("button", { type: "button", "aria-label": `Download as ${name}`, onclick: () => download(`${board.rule.file}.${suffix}`, write(board)) }, "Download")));
    }
    return element("details", { class: "menu" }, element("summary", {}, "Export"), box);
  };
})();
