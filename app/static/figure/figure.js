// A figure that Plotly draws. Python sends its specification, whose parts have names. While the user moves a slider or
// an image, scripts change these parts in the browser.

import { element } from "./elements.js";
import { componentOf } from "./ended.js";
import { fold, isFoldable, templateOf, themeOf } from "./layout.js";
import { Player } from "./player.js";
import { axesOf, decoded, marginsOf, plotly, toolOf } from "./plotly.js";

/**
 * @typedef {import("./plotly.js").Part} Part
 * @typedef {import("./plotly.js").Plot} Plot
 * @typedef {import("./plotly.js").Drawing} Drawing
 * @typedef {import("./player.js").Frames} Frames
 *
 * @typedef {object} Specification the data from app/figures/sent.py
 * @property {string} key name by which other scripts find the figure
 * @property {number | string | null} gamma the figure's γ, "inf" for infinity
 * @property {string} figure JSON of the traces, the layout, and the frames
 * @property {string} alt description for screen readers
 * @property {string} about what the axes show; the figure keeps its zoom until this changes
 * @property {string} height CSS height
 * @property {Part} config Plotly's configuration of the toolbar
 * @property {boolean} picks whether clicks on points are sent to the program
 * @property {number} narrowest least width in CSS pixels; in a narrower box, panels at the right go below the others, or the figure scrolls
 * @property {Frames | null} frames
 */

const PAD = 12; // the least margin in pixels next to labels
const STILL = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };

/** @type {Map<string, Figure>} the page's figures by key */
const shown = new Map();

/** @param {string} key @returns {Figure | undefined} the page's figure with this key */
export const figureOf = (key) => shown.get(key);

export class Figure {
  /** @type {Specification | undefined} */
  #spec;
  /** @type {Drawing} the sent drawing with all changes */
  #drawing = { data: [], layout: {} };
  #frame = ""; // everything that decides how much room the labels need
  #changes = 0; // the number of changes so far
  #last = ""; // the number of changes, the size, and the theme of the last drawing
  /** @type {Promise<void> | undefined} */
  #drawn;
  #isWaiting = false;
  /** Ends the wait for an animation frame when another frame replaces it. */
  #overtake = () => {};
  /** @type {string | false} the figure's default tool for dragging */
  #tool = "zoom";
  #isMoved = false; // whether the drawing differs from the sent drawing
  /** @type {number[]} values of γ that the slider has passed since the program's last figure; empty if the slider is at rest */
  #passed = [];
  /** @type {Record<string, Part>} changes to the sent figure, by the names of the parts */
  #over = {};
  #isHeld = false; // whether the changes stay when a new figure arrives
  #size = "";
  /** @type {Player | undefined} the controls of an animated figure */
  player;
  #removal = new AbortController();

  /** @param {HTMLElement} host element that the figure fills */
  constructor(host) {
    this.host = host;
    /** @type {(name: string, value: any) => void} called with "picked" and the rows that the user clicked */
    this.tell = () => {};
    host.classList.add("figure");
    /** @type {Plot} */
    this.plot = element("div", { role: "figure" });
    this.box = element("div", { class: "figure-box" }, this.plot);
    host.replaceChildren(this.box);
    host.dataset.state = "waiting";
    const { signal } = this.#removal;
    this.resizing = new ResizeObserver(() => this.#size !== this.#measured() && this.#render());
    this.resizing.observe(this.box);
    document.addEventListener("gamma-moved", (event) => this.#follow(/** @type {CustomEvent} */ (event).detail), { signal });
    // Plotly would treat each touch as a drag, and the page could not scroll. So the browser handles touches: a swipe
    // scrolls and a tap clicks. Only a tool that the user has chosen in the toolbar gets touches.
    const toBrowser = (/** @type {Event} */ event) => {
      if (toolOf(this.plot) === this.#tool) event.stopPropagation();
    };
    this.box.addEventListener("touchstart", toBrowser, { capture: true, passive: true, signal });
  }

  /**
   * Shows a figure. Resolves when it is drawn.
   * @param {Specification} spec
   */
  async show(spec) {
    const before = this.#spec;
    this.#spec = spec;
    if (JSON.stringify(spec) !== JSON.stringify(before)) this.#changes += 1;
    shown.set(spec.key, this);
    // If the slider has already passed this figure's γ, the figure is outdated.
    const isPassed = this.#passed.includes(this.#gamma) && this.#passed.at(-1) !== this.#gamma;
    if (!isPassed) this.#passed = [];
    if (!isPassed && !this.#isHeld) this.#over = {};
    this.plot.setAttribute("aria-label", spec.alt);
    this.box.style.setProperty("--own-height", spec.height);
    this.box.style.setProperty("--narrowest", `${spec.narrowest}px`);
    if (before?.figure !== spec.figure || this.#isMoved) this.#restore();
    if (spec.frames) {
      this.player ??= new Player(this.host, (frame) => this.#animate(frame), this.#removal.signal);
      this.player.show(spec.frames);
    }
    await this.#render();
  }

  /**
   * Changes parts by their names: traces by `uid`; annotations, shapes, and images by `name`; "layout" is the layout.
   * The changes also apply to later figures, until the next call. Null removes the changes.
   * @param {Record<string, Part> | null} changes
   */
  hold(changes) {
    if (!changes && !this.#isHeld) return this.#drawn;
    [this.#over, this.#isHeld] = [changes ?? {}, Boolean(changes)];
    this.#restore();
    return this.#render();
  }

  /** @param {Record<string, Part>} changes */
  #put(changes) {
    this.#changes += 1;
    const { data, layout } = this.#drawing;
    const lists = [layout.annotations, layout.shapes, layout.images].filter(Boolean).flat();
    for (const [name, change] of Object.entries(changes)) {
      const part = data.find((trace) => trace.uid === name) ?? lists.find((one) => one.name === name);
      if (name === "layout") merge(layout, change);
      else if (part) merge(part, change);
    }
  }

  /** The figure's γ, or NaN if the figure does not depend on γ. */
  get #gamma() {
    const gamma = this.#spec?.gamma ?? NaN;
    return gamma === "inf" ? Infinity : Number(gamma);
  }

  /** Resets the drawing to the sent figure, and applies the changes again. */
  #restore() {
    this.#drawing = decoded(JSON.parse(this.#spec?.figure ?? "{}"));
    this.#put(this.#over);
    this.#isMoved = Object.keys(this.#over).length > 0;
  }

  /** Notes that the γ slider has moved. @param {{ gamma: number }} moved */
  #follow({ gamma }) {
    if (!this.#spec || Number.isNaN(this.#gamma)) return;
    if (!this.#passed.length) this.#passed.push(this.#gamma);
    if (this.#passed.at(-1) !== gamma) this.#passed.push(gamma);
    if (gamma === this.#gamma) this.changeAt(gamma, {});
  }

  /**
   * Changes parts, as {@link hold} does, while the γ slider moves. When the slider is back at the γ of the program's
   * figure, the page shows the sent figure without changes.
   * @param {number} gamma
   * @param {Record<string, Part>} changes
   */
  changeAt(gamma, changes) {
    if (!this.#passed.length) return this.#drawn;
    if (this.#passed.at(-1) === this.#gamma) {
      this.#over = {};
      if (this.#isMoved) this.#restore();
    } else {
      this.#isMoved = true;
      for (const [name, change] of Object.entries(changes)) merge((this.#over[name] ??= {}), change);
      this.#put(changes);
    }
    return this.#render();
  }

  /** Removes the figure. */
  async remove() {
    if (this.#spec && shown.get(this.#spec.key) === this) shown.delete(this.#spec.key);
    this.#removal.abort();
    this.resizing.disconnect();
    const Plotly = await plotly();
    await this.#drawn?.catch(() => {});
    if (this.plot.frames) {
      Plotly.animate(this.plot, [null], STILL).catch(() => {});
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame); // Plotly needs two frames to end an animation
    }
    Plotly.purge(this.plot);
  }

  #measured() {
    return `${this.box.offsetWidth} ${this.box.offsetHeight}`;
  }

  /** Draws the figure in the browser's next frame. Several calls before that frame draw only once. */
  #render() {
    if (this.#isWaiting && this.#drawn) return this.#drawn;
    this.#isWaiting = true;
    this.host.dataset.state = "drawing";
    const before = (this.#drawn ?? Promise.resolve()).catch(() => {}); // the caller of that drawing gets its error
    this.#drawn = before.then(() => new Promise(requestAnimationFrame)).then(() => {
      this.#isWaiting = false;
      return this.#draw();
    });
    return this.#drawn;
  }

  async #draw() {
    const Plotly = await plotly();
    const spec = this.#spec;
    if (!spec || this.#removal.signal.aborted) return;
    const isFolded = this.host.clientWidth < spec.narrowest && isFoldable(this.#drawing.layout);
    this.box.style.setProperty("--halves", isFolded ? "2" : "1");
    this.#size = this.#measured();
    const [width, height] = this.#size.split(" ").map(Number);
    if (!width || !height) {
      // The box is hidden. The observer starts again, because it could miss a size that changed between two frames.
      this.resizing.unobserve(this.box);
      this.resizing.observe(this.box);
      return;
    }
    const theme = themeOf(this.host);
    const asked = [this.#changes, this.#size, ...Object.values(theme)].join();
    if (asked !== this.#last) {
      const drawing = this.#composed(spec, width, height, theme);
      if (isFolded) fold(drawing.layout);
      const config = { ...spec.config, responsive: false, ...(isFolded ? { displayModeBar: false } : {}) };
      await this.#react(Plotly, { ...drawing, config });
      this.#last = asked;
    }
    if (!this.#isWaiting) this.host.dataset.state = "drawn";
  }

  /**
   * Lets Plotly draw the differences from the last drawing.
   * @param {any} Plotly
   * @param {Drawing & { config: Part }} asked
   */
  async #react(Plotly, { data, layout, frames, config }) {
    this.#keepRoom(layout);
    const isFirst = !this.plot.on;
    if (this.plot.frames) Plotly.animate(this.plot, [null], STILL).catch(() => {});
    this.plot.frames = 0; // until Plotly has the new frames
    this.#overtake();
    await Plotly.react(this.plot, { data, layout, frames, config });
    if (isFirst) this.#listen();
    this.plot.frames = frames?.length;
    if (this.plot.frames) this.host.dataset.frame = "0";
    await this.player?.drawn();
  }

  /**
   * Adds the size and the page's theme to the drawing.
   * @param {Specification} spec
   * @param {number} width
   * @param {number} height
   * @param {import("./layout.js").Theme} theme
   * @returns {Drawing} a copy, because Plotly changes its input
   */
  #composed(spec, width, height, theme) {
    const { data, layout, frames } = this.#drawing;
    const drawing = { data: copied(data), layout: structuredClone(layout), frames: frames ?? [] };
    const own = drawing.layout;
    Object.assign(own, { width, height, template: templateOf(theme) });
    if (spec.about) own.uirevision = spec.about;
    own.modebar = { ...own.modebar, uirevision: "stays" }; // keeps the tool that the user has chosen
    if (spec.picks) {
      own.clickmode = "event"; // Plotly's own selection would persist in later figures
      own.hovermode ??= "closest";
      own.dragmode ??= "pan";
    }
    this.#tool = own.dragmode ?? "zoom";
    if (own.title?.text) own.title.text = `<b>${own.title.text}</b>`;
    return drawing;
  }

  /**
   * Sets margins that are large enough for the labels. Otherwise Plotly draws twice, because it measures the labels
   * first. If nothing that needs room has changed, the margins stay as they are, so that the axes do not jump.
   * @param {Part} layout
   */
  #keepRoom(layout) {
    const lengthOf = (/** @type {any} */ text) => String(text).replace(/<.*?>/g, "").length;
    const linesOf = (/** @type {any} */ text) => String(text ?? "").split("<br>").length;
    const longest = (/** @type {any} */ texts) => (Array.isArray(texts) ? Math.ceil(Math.max(0, ...texts.map(lengthOf)) / 6) : 0);
    const labels = axesOf(layout).map((name) => {
      const { domain, title, ticktext, tickfont } = layout[name];
      return [name, domain, linesOf(title?.text), longest(ticktext), tickfont];
    });
    const { width, height, margin, font, legend } = layout;
    const frame = JSON.stringify([width, height, margin, font, legend, labels]);
    const room = this.#frame === frame ? marginsOf(this.plot) : {};
    this.#frame = frame;
    const hasLabels = (/** @type {Part} */ axis) => axis.automargin !== false && axis.showticklabels !== false;
    const least = axesOf(layout).some((name) => hasLabels(layout[name])) ? PAD : 0;
    for (const [side, size] of Object.entries(margin ?? {})) {
      if (side.length === 1) layout.margin[side] = Math.max(size, least, Reflect.get(room, side) ?? 0);
    }
  }

  #listen() {
    this.plot.on("plotly_click", (/** @type {any} */ event) => {
      const rows = (event?.points ?? []).map((/** @type {Part} */ point) => [point.customdata].flat()[0]);
      const picked = rows.filter((/** @type {any} */ row) => row != null);
      if (picked.length && this.#spec?.picks) this.tell("picked", picked);
    });
  }

  /** Shows a frame of the animation. Resolves when it is drawn. @param {number} frame */
  async #animate(frame) {
    const Plotly = await plotly();
    if (!this.plot.frames || this.#removal.signal.aborted) return;
    this.#overtake();
    const overtaken = new Promise((done) => (this.#overtake = () => done(null))); // Plotly may never settle the old promise
    await Promise.race([overtaken, Plotly.animate(this.plot, [String(frame)], STILL).catch(() => {})]);
    this.host.dataset.frame = String(frame);
  }
}

/**
 * Copies the parts of a figure. Arrays of values are shared, because they are replaced and never changed.
 * @param {any} part
 * @returns {any}
 */
function copied(part) {
  if (Array.isArray(part)) return typeof part[0] === "object" ? part.map(copied) : part;
  if (!part || Object.getPrototypeOf(part) !== Object.prototype) return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, copied(value)]));
}

/**
 * Merges a change into a part, including nested parts.
 * @param {Part} part
 * @param {Part} change
 */
function merge(part, change) {
  for (const [name, value] of Object.entries(change)) {
    const isPart = value && Object.getPrototypeOf(value) === Object.prototype && part[name];
    if (isPart) merge(part[name], value);
    else part[name] = value;
  }
}

export default componentOf("[data-figure]", Figure);
