// A figure: an element that owns what Plotly draws in it. Python says what it shows (a specification whose parts have
// names); what moves under a person's hand, this changes by itself.

import { element } from "./elements.js";
import { componentOf } from "./ended.js";
import { templateOf, themeOf } from "./layout.js";
import { Player } from "./player.js";
import { axesOf, decoded, marginsOf, plotly, toolOf } from "./plotly.js";

/**
 * @typedef {import("./plotly.js").Part} Part
 * @typedef {import("./plotly.js").Plot} Plot
 * @typedef {import("./plotly.js").Drawing} Drawing
 * @typedef {import("./player.js").Frames} Frames
 *
 * @typedef {object} Specification what app/figures/sent.py writes
 * @property {string} key by which it is known to what follows γ
 * @property {number | string | null} gamma at which it is drawn, "inf" for infinity
 * @property {string} figure JSON of the traces, the layout and the frames
 * @property {string} alt what it shows, in words
 * @property {string} about what its axes show: a zoom is kept while this stays
 * @property {string} height CSS
 * @property {Part} config Plotly's, of the toolbar
 * @property {boolean} picks whether a click on a point is told
 * @property {number} narrowest width in CSS pixels: on a phone it scrolls sideways in its box
 * @property {Frames | null} frames
 */

const PAD = 12; // pixels that Plotly keeps beside labels, but fewer where a margin is smaller
const STILL = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };

/** @type {Map<string, Figure>} what the page shows, by the figures' keys */
const shown = new Map();

/** @param {string} key @returns {Figure | undefined} the figure of the page that has this key */
export const figureOf = (key) => shown.get(key);

export class Figure {
  /** @type {Specification | undefined} */
  #spec;
  /** @type {Drawing} as it was sent, or changed by name */
  #drawing = { data: [], layout: {} };
  #frame = ""; // what decides how much room labels need
  #changes = 0; // of what is to be seen
  #last = ""; // what was drawn last: the number of the changes, the size, the theme
  /** @type {Promise<void> | undefined} */
  #drawn;
  #isWaiting = false;
  /** Ends the wait for a frame of which another one takes the place. */
  #overtake = () => {};
  #isGone = false;
  /** @type {string | false} with which a figure comes */
  #tool = "zoom";
  #isMoved = false; // since it was sent
  /** @type {number[]} γ at which the slider was since a figure came that was drawn at the last of them */
  #passed = [];
  /** @type {Record<string, Part>} what is laid over the figure as it was sent, by the parts' names */
  #over = {};
  #isHeld = false; // whether that stays, whatever figure comes
  #size = "";
  /** @type {Player | undefined} of a figure that moves */
  player;
  #removal = new AbortController();

  /** @param {HTMLElement} host which it fills */
  constructor(host) {
    this.host = host;
    /** @type {(name: string, value: any) => void} called with what a person has "picked" */
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
    // Plotly would take each finger for a drag, and the page would stand still. What it does not hear of, the browser
    // does: a swipe scrolls, and a tap comes as a click. A tool that a person has picked draws with the finger.
    const toBrowser = (/** @type {Event} */ event) => {
      if (toolOf(this.plot) === this.#tool) event.stopPropagation();
    };
    this.box.addEventListener("touchstart", toBrowser, { capture: true, passive: true, signal });
  }

  /**
   * Shows a figure; resolves once it is drawn.
   * @param {Specification} spec
   */
  async show(spec) {
    const before = this.#spec;
    this.#spec = spec;
    if (JSON.stringify(spec) !== JSON.stringify(before)) this.#changes += 1;
    shown.set(spec.key, this);
    // A figure of a γ that the slider has passed meanwhile is not what is to be seen now.
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
   * Changes parts by their names: traces by `uid`; annotations, shapes and images by `name`; "layout" is the layout. The
   * changes stay, whatever figure comes, until there are others; nothing lifts them.
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

  /** At which it is drawn, NaN if it does not follow. */
  get #gamma() {
    const gamma = this.#spec?.gamma ?? NaN;
    return gamma === "inf" ? Infinity : Number(gamma);
  }

  /** As it was sent, with what is laid over it. */
  #restore() {
    this.#drawing = decoded(JSON.parse(this.#spec?.figure ?? "{}"));
    this.#put(this.#over);
    this.#isMoved = Object.keys(this.#over).length > 0;
  }

  /** A person drags γ's slider. @param {{ gamma: number }} moved */
  #follow({ gamma }) {
    if (!this.#spec || Number.isNaN(this.#gamma)) return;
    if (!this.#passed.length) this.#passed.push(this.#gamma);
    if (this.#passed.at(-1) !== gamma) this.#passed.push(gamma);
    if (gamma === this.#gamma) this.changeAt(gamma, {});
  }

  /**
   * Changes parts, as {@link hold} does, while the slider is on its way: what belongs to a γ at which it was. Where it
   * has come back to the γ of the program's figure, that is shown as it was sent.
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

  /** Takes it away for good. */
  async remove() {
    this.#isGone = true;
    if (this.#spec && shown.get(this.#spec.key) === this) shown.delete(this.#spec.key);
    this.#removal.abort();
    this.resizing.disconnect();
    const Plotly = await plotly();
    await this.#drawn?.catch(() => {});
    if (this.plot.frames) {
      Plotly.animate(this.plot, [null], STILL).catch(() => {});
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame); // in which Plotly ends it
    }
    Plotly.purge(this.plot);
  }

  #measured() {
    return `${this.box.offsetWidth} ${this.box.offsetHeight}`;
  }

  /** Draws what is to be shown, in the browser's next frame; several calls in between draw once. */
  #render() {
    if (this.#isWaiting && this.#drawn) return this.#drawn;
    this.#isWaiting = true;
    this.host.dataset.state = "drawing";
    const before = (this.#drawn ?? Promise.resolve()).catch(() => {}); // of which its own caller hears
    this.#drawn = before.then(() => new Promise(requestAnimationFrame)).then(() => {
      this.#isWaiting = false;
      return this.#draw();
    });
    return this.#drawn;
  }

  async #draw() {
    const Plotly = await plotly();
    const spec = this.#spec;
    if (!spec || this.#isGone) return;
    this.#size = this.#measured();
    const [width, height] = this.#size.split(" ").map(Number);
    if (!width || !height) {
      // Hidden: the observer says when it has a size. It begins anew, or it would not notice a moment between two frames.
      this.resizing.unobserve(this.box);
      this.resizing.observe(this.box);
      return;
    }
    const theme = themeOf(this.host);
    const asked = [this.#changes, this.#size, ...Object.values(theme)].join();
    if (asked !== this.#last) {
      await this.#react(Plotly, { ...this.#composed(spec, width, height, theme), config: { ...spec.config, responsive: false } });
      this.#last = asked;
    }
    if (!this.#isWaiting) this.host.dataset.state = "drawn";
  }

  /**
   * Has Plotly draw what differs from what it has drawn.
   * @param {any} Plotly
   * @param {Drawing & { config: Part }} asked
   */
  async #react(Plotly, { data, layout, frames, config }) {
    this.#keepRoom(layout);
    const isFirst = !this.plot.on;
    if (this.plot.frames) Plotly.animate(this.plot, [null], STILL).catch(() => {});
    this.plot.frames = 0; // until Plotly has the new ones
    this.#overtake();
    await Plotly.react(this.plot, { data, layout, frames, config });
    if (isFirst) this.#listen();
    this.plot.frames = frames?.length;
    if (this.plot.frames) this.host.dataset.frame = "0";
    await this.player?.drawn();
  }

  /**
   * The drawing as it is here: its size, and the page's theme.
   * @param {Specification} spec
   * @param {number} width
   * @param {number} height
   * @param {import("./layout.js").Theme} theme
   * @returns {Drawing} into which Plotly may write
   */
  #composed(spec, width, height, theme) {
    const { data, layout, frames } = this.#drawing;
    const drawing = { data: copied(data), layout: structuredClone(layout), frames: frames ?? [] };
    const own = drawing.layout;
    Object.assign(own, { width, height, template: templateOf(theme) });
    if (spec.about) own.uirevision = spec.about;
    own.modebar = { ...own.modebar, uirevision: "stays" }; // the tool that a person has taken
    if (spec.picks) {
      own.clickmode = "event"; // Plotly's own choice of a point would stay in other figures
      own.hovermode ??= "closest";
      own.dragmode ??= "pan";
    }
    this.#tool = own.dragmode ?? "zoom";
    if (own.title?.text) own.title.text = `<b>${own.title.text}</b>`;
    return drawing;
  }

  /**
   * Plotly draws a figure, measures its labels, makes room for them and draws it again: unless there is room already, as
   * the figure before has had it. So nothing jumps aside either, as long as Plotly keeps as much beside the labels.
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

  /** Shows a frame, which changes places and ranges only; resolves once it is drawn. @param {number} frame */
  async #animate(frame) {
    const Plotly = await plotly();
    if (!this.plot.frames || this.#isGone) return;
    this.#overtake();
    const overtaken = new Promise((done) => (this.#overtake = () => done(null))); // of which Plotly itself may say nothing
    await Promise.race([overtaken, Plotly.animate(this.plot, [String(frame)], STILL).catch(() => {})]);
    this.host.dataset.frame = String(frame);
  }
}

/**
 * Parts of a figure, to be changed by themselves; their values are shared, as they are only ever replaced.
 * @param {any} part
 * @returns {any}
 */
function copied(part) {
  if (Array.isArray(part)) return typeof part[0] === "object" ? part.map(copied) : part;
  if (!part || Object.getPrototypeOf(part) !== Object.prototype) return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, copied(value)]));
}

/**
 * Puts what differs into a part, also where it has parts itself.
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
