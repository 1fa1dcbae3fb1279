// Figures as text, to the letter as report/numbers.py writes them.
"use strict";
(() => {
  const written = (value, digits) => {
    const text = value.toLocaleString("en-US", digits);
    return text.startsWith("-") ? (/[1-9]/.test(text) ? "−" : "") + text.slice(1) : text;
  };
  const fixed = (value, decimals) => written(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const significant = (value, digits) => (value === 0 ? "0" : written(value, { minimumSignificantDigits: digits, maximumSignificantDigits: digits }));

  /** As score_text: 21.46, 2.900·10¹⁴. */
  function score(value, decimals) {
    if (decimals === 0 && Math.abs(value) < 1e4) return fixed(value, 0);
    if (Math.abs(value) < 9999.5) return significant(value, 4);
    const [mantissa, exponent] = value.toExponential(3).split("e");
    return `${mantissa}·10${[...String(+exponent)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("")}`;
  }

  /** As in_unit: what a column's figure is in its table; "" for none. */
  window.esrbench.figure = (column, value) => {
    if (value === null) return "";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    if (column.kind === "score") return score(value, column.decimals);
    const shown = value / column.divisor;
    return column.kind === "cost" && Math.abs(shown) < 10 ** (1 - column.decimals) ? significant(shown, 2) : fixed(shown, column.decimals);
  };
})();
