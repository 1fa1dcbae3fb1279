// Two pictures of the same crop: one over the other with a bar to drag, side by side, or their
// difference. Both layers hang on the same zoom and place, so they cannot drift apart. Nothing
// reads pixels back (a page opened as a file may not): the difference is the browser's own blending.
"use strict";
(() => {
  const { element } = window.esrbench;
  const MOST = 16;
  const MODES = [["slide", "Slider"], ["beside", "Side by side"], ["difference", "Difference"]];

  /** The middle of two fingers in parts of the pane, and how far apart they are in pixels. */
  function between([[ax, ay], [bx, by]], pane) {
    return [((ax + bx) / 2 - pane.left) / pane.width, ((ay + by) / 2 - pane.top) / pane.height, Math.max(1, Math.hypot(ax - bx, ay - by))];
  }

  class Viewer {
    constructor(section) {
      this.section = section;
      this.crops = [...section.querySelectorAll("figure.crops")].map((figure) => ({ ...figure.dataset, caption: figure.querySelector("figcaption").textContent, width: +figure.querySelector("img").getAttribute("width"), height: +figure.querySelector("img").getAttribute("height") }));
      this.others = { names: [], ids: [], made: {} };
      this.state = { crop: 0, a: "sr", b: "hr", mode: "slide", zoom: 1, x: 0.5, y: 0.5, cut: 50, gain: 8 };
      this.build();
      this.show();
      this.loadOthersWhenSeen();
    }

    // ---------------------------------------------------------------- what there is to see
    sources() {
      const crop = this.crops[this.state.crop];
      const found = [["sr", this.section.dataset.name, crop.sr], ["hr", "HR", crop.hr]];
      if (crop.bicubic) found.push(["bicubic", "Bicubic of LR", crop.bicubic]);
      found.push(["lr", "LR, nearest neighbour", crop.lr]);
      for (const [i, path] of this.others.made[crop.key] ?? []) {
        if (this.others.ids[i] !== this.section.dataset.id) found.push([`by ${this.others.ids[i]}`, this.others.names[i], `../${path}`]);
      }
      return found;
    }

    source(which) {
      const all = this.sources();
      return all.find(([key]) => key === this.state[which]) ?? all[which === "a" ? 0 : 1];
    }

    loadOthersWhenSeen() {
      window.esrbench.pictures = (others) => { this.others = others; this.fillSelects(); };
      const seen = new IntersectionObserver((entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        document.head.append(element("script", { src: this.section.dataset.others }));
      });
      seen.observe(this.stage);
    }

    // ---------------------------------------------------------------- the parts
    build() {
      const choose = (which, label) => element("select", { "aria-label": label, onchange: (event) => this.set({ [which]: event.target.value }) });
      const button = (label, text, act) => element("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
      this.selects = { a: choose("a", "Picture on the left"), b: choose("b", "Picture on the right") };
      this.modes = MODES.map(([mode, text]) => element("button", { type: "button", "data-mode": mode, onclick: () => this.set({ mode }) }, text));
      this.percent = element("span", { class: "count", role: "status" });
      this.gain = element("select", { "aria-label": "Amplify the difference", onchange: () => this.set({ gain: +this.gain.value }) }, ...[1, 2, 4, 8, 16, 32].map((g) => element("option", { value: g }, `amplified ×${g}`)));
      this.range = element("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "Where the left picture ends", oninput: () => this.set({ cut: +this.range.value }) });
      this.stage = element("div", { class: "stage", tabindex: 0, role: "group", "aria-label": "Pictures; plus and minus zoom, arrow keys move, f flips" });
      this.strip = element("div", { class: "strip", role: "group", "aria-label": "Crops" }, ...this.crops.map((crop, i) => element("button", { type: "button", "aria-label": crop.caption, title: crop.caption, onclick: () => this.set({ crop: i }) }, element("img", { src: crop.hr, width: 60, height: 60, alt: "", loading: "lazy" }))));
      const list = element("button", { type: "button", "aria-pressed": "false", onclick: () => list.setAttribute("aria-pressed", String(this.section.classList.toggle("listed"))) }, "List all crops");
      const side = element("div", { class: "side" },
        element("div", { class: "pick" }, element("span", {}, "Left"), this.selects.a, element("span", {}, "Right"), this.selects.b),
        element("div", { class: "plotbar", role: "group", "aria-label": "How to compare" }, ...this.modes),
        element("div", { class: "plotbar" }, button("Zoom out", "−", () => this.zoomBy(0.5)), button("Zoom in", "+", () => this.zoomBy(2)), button("Fit the whole crop", "Fit", () => this.set({ zoom: 1, x: 0.5, y: 0.5 })), this.percent, this.gain),
        this.strip, this.caption = element("p", { class: "hint" }),
        element("p", { class: "hint" }, element("kbd", {}, "f"), " flips, ", element("kbd", {}, "+"), " ", element("kbd", {}, "−"), " zoom, ", element("kbd", {}, "["), " ", element("kbd", {}, "]"), " other crops. Click the picture, then the wheel zooms and dragging moves it; on a touch screen two fingers zoom and move it, and a double tap goes near and back."), list);
      this.box = element("div", { class: "viewer" }, element("div", { class: "screen" }, this.stage, this.range), side);
      this.section.querySelector(".allcrops").before(this.box);
      this.section.classList.add("viewing");
      this.fillSelects();
      this.listen();
    }

    fillSelects() {
      const all = this.sources();
      for (const [which, select] of Object.entries(this.selects)) {
        select.replaceChildren(...all.map(([key, name]) => element("option", { value: key, selected: key === this.source(which)[0] }, name)));
      }
    }

    pane(...layers) {
      const crop = this.crops[this.state.crop];
      const label = (index, [, name]) => element("span", { class: index ? "right" : "left" }, name);
      const image = ([, name, path]) => element("img", { src: path, alt: `${crop.caption}, ${name}`, draggable: "false" });
      const blend = element("div", { class: "blend" }, ...layers.map((layer, i) => element("div", { class: i ? "layer over" : "layer" }, image(layer))));
      return element("div", { class: "pane", style: `aspect-ratio:${crop.width}/${crop.height}` }, blend, ...layers.map((layer, i) => label(layers.length > 1 ? 1 - i : i, layer)));
    }

    // ---------------------------------------------------------------- what is seen now
    set(changes) {
      const before = this.state;
      this.state = { ...before, ...changes };
      if (changes.crop !== undefined) this.fillSelects();
      this.show(["crop", "a", "b", "mode"].some((key) => this.state[key] !== before[key]));
    }

    show(anew = true) {
      const { state } = this;
      if (anew) {
        const [a, b] = [this.source("a"), this.source("b")];
        // The right picture lies below, the left one over it, cut off at the bar.
        this.stage.replaceChildren(...(state.mode === "beside" ? [this.pane(a), this.pane(b)] : [this.pane(b, a)]));
        this.stage.dataset.mode = state.mode;
        if (state.mode === "slide") this.stage.firstChild.append(element("div", { class: "knife" }));
        this.selects.a.value = a[0];
        this.selects.b.value = b[0];
        for (const button of this.modes) button.setAttribute("aria-pressed", String(button.dataset.mode === state.mode));
        [...this.strip.children].forEach((thumb, i) => thumb.setAttribute("aria-pressed", String(i === state.crop)));
        this.caption.textContent = state.mode === "difference" ? `${this.crops[state.crop].caption}: |${a[1]} − ${b[1]}|` : this.crops[state.crop].caption;
        this.range.hidden = state.mode !== "slide";
        this.gain.hidden = state.mode !== "difference";
      }
      const half = 0.5 / state.zoom;
      state.x = Math.min(1 - half, Math.max(half, state.x));
      state.y = Math.min(1 - half, Math.max(half, state.y));
      const put = (name, value) => this.stage.style.setProperty(name, value);
      put("--zoom", state.zoom);
      put("--x", `${100 * (0.5 - state.x * state.zoom)}%`);
      put("--y", `${100 * (0.5 - state.y * state.zoom)}%`);
      put("--cut", `${state.cut}%`);
      put("--gain", state.gain);
      this.stage.classList.toggle("zoomed", state.zoom > 1);
      this.percent.textContent = `×${+state.zoom.toFixed(2)}`;
      this.range.value = state.cut;
      this.gain.value = state.gain;
    }

    /** Zoom, with the point at (px, py) of the pane, in parts of it, staying where it is. */
    zoomBy(factor, px = 0.5, py = 0.5) {
      const { zoom, x, y } = this.state;
      const next = Math.min(MOST, Math.max(1, zoom * factor));
      const by = 1 / zoom - 1 / next;
      this.set({ zoom: next, x: x + (px - 0.5) * by, y: y + (py - 0.5) * by });
    }

    /** One picture, then the other, in the same place. */
    flip() {
      if (this.state.mode === "slide") this.set({ cut: this.state.cut > 50 ? 0 : 100 });
      else this.set({ a: this.source("b")[0], b: this.source("a")[0] });
    }

    // ---------------------------------------------------------------- mouse, touch, keys
    listen() {
      const { stage } = this;
      this.fingers = new Map(); // pointers that are down: id -> [x, y] on the screen
      this.hold = null; // what they hold: the bar, the picture, or (two of them) the zoom
      stage.addEventListener("wheel", (event) => {
        if (document.activeElement !== stage && !event.ctrlKey) return;
        if (event.deltaY > 0 && this.state.zoom === 1) return; // let the page scroll on
        event.preventDefault();
        const [px, py] = this.partsOf(event);
        this.zoomBy(2 ** (-event.deltaY / 240), px, py);
      }, { passive: false });
      stage.addEventListener("pointerdown", (event) => this.press(event));
      stage.addEventListener("pointermove", (event) => this.drag(event));
      for (const end of ["pointerup", "pointercancel"]) {
        stage.addEventListener(end, (event) => { this.fingers.delete(event.pointerId); this.hold = null; this.grasp(); });
      }
      // One finger up or down scrolls the page; two are the viewer's.
      for (const touch of ["touchstart", "touchmove"]) {
        stage.addEventListener(touch, (event) => { if (event.touches.length > 1) event.preventDefault(); }, { passive: false });
      }
      stage.addEventListener("dblclick", (event) => {
        if (this.state.zoom > 1) this.set({ zoom: 1, x: 0.5, y: 0.5 });
        else this.zoomBy(4, ...this.partsOf(event));
      });
      stage.addEventListener("keydown", (event) => this.arrow(event));
      document.addEventListener("keydown", (event) => this.key(event));
    }

    /** Where an event is, in parts of the pane it is over. */
    partsOf(event) {
      const pane = (event.target.closest(".pane") ?? this.stage.firstChild).getBoundingClientRect();
      return [(event.clientX - pane.left) / pane.width, (event.clientY - pane.top) / pane.height, pane];
    }

    press(event) {
      const [px, , pane] = this.partsOf(event);
      this.stage.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (this.fingers.size > 1) { this.grasp(pane); return; }
      const onKnife = this.state.mode === "slide" && (this.state.zoom === 1 || Math.abs(px - this.state.cut / 100) * pane.width < 28);
      this.hold = { what: onKnife ? "knife" : "picture", pane, from: [event.clientX, event.clientY], place: [this.state.x, this.state.y] };
      if (onKnife) this.set({ cut: 100 * px });
    }

    /** Two fingers hold the point between them; one that is left goes on moving the picture. */
    grasp(pane = this.pane0) {
      this.pane0 = pane;
      const { zoom, x, y } = this.state;
      const down = [...this.fingers.values()];
      if (down.length === 1) this.hold = { what: "picture", pane, from: down[0], place: [x, y] };
      if (down.length < 2) return;
      const [px, py, apart] = between(down, pane);
      this.hold = { what: "zoom", pane, apart, zoom, point: [x + (px - 0.5) / zoom, y + (py - 0.5) / zoom] };
    }

    drag(event) {
      if (!this.hold || !this.fingers.has(event.pointerId)) return;
      this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
      const { what, pane, from, place } = this.hold;
      if (what === "knife") this.set({ cut: Math.min(100, Math.max(0, (100 * (event.clientX - pane.left)) / pane.width)) });
      else if (what === "picture") this.set({ x: place[0] - (event.clientX - from[0]) / pane.width / this.state.zoom, y: place[1] - (event.clientY - from[1]) / pane.height / this.state.zoom });
      else this.pinch();
    }

    /** The zoom follows the fingers' distance, and the point between them stays between them. */
    pinch() {
      const { pane, apart, zoom, point } = this.hold;
      const [px, py, now] = between([...this.fingers.values()], pane);
      const next = Math.min(MOST, Math.max(1, (zoom * now) / apart));
      this.set({ zoom: next, x: point[0] - (px - 0.5) / next, y: point[1] - (py - 0.5) / next });
    }

    arrow(event) {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way) return;
      const { zoom, x, y, mode, cut } = this.state;
      if (zoom > 1) this.set({ x: x + (0.1 * way[0]) / zoom, y: y + (0.1 * way[1]) / zoom });
      else if (mode === "slide" && way[0]) this.set({ cut: Math.min(100, Math.max(0, cut + 2 * way[0])) });
      else return;
      event.preventDefault();
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || /TEXTAREA|SELECT/.test(event.target.tagName) || event.target.type === "search") return;
      const step = { "[": this.crops.length - 1, "]": 1 }[event.key];
      if (event.key === "f") this.flip();
      else if (event.key === "+" || event.key === "=") this.zoomBy(2);
      else if (event.key === "-") this.zoomBy(0.5);
      else if (event.key === "0") this.set({ zoom: 1 });
      else if (step) this.set({ crop: (this.state.crop + step) % this.crops.length });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const section = document.querySelector("section.pictures");
    if (section) window.esrbench.viewer = new Viewer(section);
  });
})();
