// What a badge, a heading or a figure means: on hover, on focus and on a tap. The words stand in
// `title` (or in the legend, by the badge's code); the browser's own tip shows on hover alone.
"use strict";
(() => {
  const { element } = window.esrbench;
  const tip = element("div", { class: "tip", role: "tooltip", id: "tip", hidden: true });
  const legend = new Map([...document.querySelectorAll("[data-meaning]")].map((dd) => [dd.dataset.meaning, dd.textContent]));
  const asked = []; // functions that know what else has a meaning: (element) => [element, text] or null
  let shown = null;

  /** The nearest element around `target` that has a meaning, with the words. */
  function meaning(target) {
    const badge = target.closest?.("b[data-b], [data-tip], [title]");
    if (badge) {
      if (badge.title) { badge.dataset.tip = badge.title; badge.removeAttribute("title"); }
      const text = badge.dataset.tip ?? legend.get(badge.dataset.b);
      if (text) return [badge, text];
    }
    for (const ask of asked) { const found = ask(target); if (found) return found; }
    return null;
  }

  function show(target) {
    const found = meaning(target);
    if (!found) { hide(); return; }
    const [owner, text] = found;
    if (owner === shown) return;
    hide();
    shown = owner;
    tip.textContent = text;
    tip.hidden = false;
    if (owner.matches("b, button") || owner.tabIndex >= 0) owner.setAttribute("aria-describedby", "tip");
    else owner.querySelector("button:focus")?.setAttribute("aria-describedby", "tip");
    place();
  }

  /** Under its owner, or above where there is no room; within the window. */
  function place() {
    const box = shown.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const below = box.bottom + 6 + size.height < innerHeight;
    tip.style.left = `${Math.max(6, Math.min(box.left, innerWidth - size.width - 6))}px`;
    tip.style.top = `${below ? box.bottom + 6 : Math.max(6, box.top - size.height - 6)}px`;
  }

  function hide() {
    if (!shown) return;
    for (const told of document.querySelectorAll("[aria-describedby='tip']")) told.removeAttribute("aria-describedby");
    shown = null;
    tip.hidden = true;
  }

  /** Badges are words to be asked about: a stop for the keyboard, and for a finger. */
  function reachable(root) {
    for (const badge of root.querySelectorAll("b[data-b]:not([tabindex]), p.badges b:not([tabindex])")) badge.tabIndex = 0;
  }

  window.esrbench.tips = { ask: (question) => asked.push(question), reachable };
  document.addEventListener("DOMContentLoaded", () => { document.body.append(tip); reachable(document); });
  document.addEventListener("mouseover", (event) => { if (!tip.contains(event.target)) show(event.target); });
  document.addEventListener("focusin", (event) => show(event.target));
  document.addEventListener("focusout", hide);
  document.addEventListener("click", (event) => show(event.target));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  // Going to an element with the keyboard scrolls it into sight: then its tip goes along.
  addEventListener("scroll", () => {
    if (shown?.contains(document.activeElement)) place(); else hide();
  }, { passive: true, capture: true });
})();
