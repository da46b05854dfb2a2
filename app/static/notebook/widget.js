// The widget of a notebook: a latent cloud whose dots are chosen, a star that is dragged, the slider of γ. Python has drawn
// the figures; what it computes while a hand moves, this asks for.

import { Figure } from "../figure/figure.js";
import { give } from "../figure/plotly.js";
import { Handle } from "./handle.js";
import { paint } from "../hands/picture.js";
import gammaSlider from "../slider/gamma_slider.js";
import { Kernel } from "./kernel.js";
import { plotlyFrom } from "./library.js";
import { follow } from "./theme.js";

/**
 * @typedef {import("./kernel.js").Model} Model
 * @typedef {import("../figure/plotly.js").Part} Part
 * @typedef {import("../figure/figure.js").Specification} Specification
 * @typedef {[number, number]} Point
 * @typedef {{ low: number, high: number, share: number }} Place between which two measured places γ is
 *
 * @typedef {object} Given what app/notebook/explorer.py draws of all images
 * @property {Specification} figure
 * @property {[number, number]} shape height and width of an image
 * @property {[number, number]} sizes N and K, of images and of classes
 * @property {string} accent
 * @property {{ html: string, css: string, data: any, scale: number | null } | null} slider
 *
 * @typedef {object} Chosen and of the chosen one
 * @property {Point} home where its latent is
 * @property {Specification} bars
 * @property {number} row
 * @property {string} said
 */

const SIDE = 160; // CSS pixels of the image at most, enlarged by a whole number
const CIRCLE = 61; // points of one, as app/figures/latent.py has it
const NINE_TENTHS = Math.sqrt(2 * Math.log(10));
const TURN = Array.from({ length: CIRCLE }, (_, at) => (2 * Math.PI * at) / (CIRCLE - 1));
const AWAY = { opacity: 0.7, marker: { symbol: "star-open" } }; // the mark of the image while the star is elsewhere
const HTML = `
  <div data-gamma-slider></div>
  <div class="widget-parts">
    <div class="widget-cloud"><div data-cloud></div>
      <p class="widget-chosen"><span data-count aria-live="polite"></span> <button type="button" data-none>none</button>
        <span class="widget-busy" aria-hidden="true">The kernel computes …</span></p>
    </div>
    <div class="widget-about">
      <canvas data-picture role="img"></canvas>
      <p data-said aria-live="polite"></p>
      <p><button type="button" data-back>back to the image</button></p>
      <div data-bars></div>
    </div>
  </div>
  <p class="widget-problem" data-problem role="alert"></p>`;

let views = 0;

/** @param {{ model: Model, el: HTMLElement }} given */
export function render({ model, el }) {
  give(plotlyFrom(model.get("_plotly")));
  const view = new View(model, el);
  return () => view.remove();
}

class View {
  #left = new AbortController();
  /** @type {Point | null} where the star is, once a hand has moved it */
  #point = null;
  /** @type {[ArrayLike<number>, ArrayLike<number>] | null} points (N, 2) and means (K, 2) where the slider passes */
  #laid = null;
  /** What the figure was last changed by. @type {any[]} */
  #held = [];
  /** At which the slider is. @type {number | null} */
  #passing = null;
  #key = `widget-${(views += 1)}-${Math.random().toString(36).slice(2)}`;

  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.kernel = new Kernel(model, (isAsked) => this.root.classList.toggle("is-waiting", isAsked));
    this.root = el.appendChild(document.createElement("div"));
    this.root.className = "ibinn-explorer";
    this.root.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys
    this.root.innerHTML = HTML;
    this.find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (this.root.querySelector(`[data-${name}]`));
    const { signal } = this.#left;
    this.cloud = new Figure(this.find("cloud"), (name, rows) => name === "picked" && this.#pick(rows));
    this.bars = new Figure(this.find("bars"), () => {});
    const { accent } = this.#given;
    this.root.style.setProperty("--accent", accent);
    this.handle = new Handle({
      figure: this.#key,
      color: accent,
      moved: (place, isLast) => this.#move(place, isLast),
      near: () => {},
      left: () => this.#leave(true),
    });
    this.find("back").addEventListener("click", () => this.#leave(true));
    this.find("none").addEventListener("click", () => this.#tell("rows", []));
    follow(this.root, signal, () => document.dispatchEvent(new CustomEvent("stage-scaled"))); // draws all anew
    /** @type {Record<string, () => void>} */
    const heard = {
      "change:_given": () => this.#draw(),
      "change:_chosen": () => this.#choose(),
      "change:_picture": () => this.#choose(),
      "change:rows": () => this.#count(),
      "change:point": () => this.#moved(),
      "change:gamma": () => this.#slide(),
    };
    for (const [event, callback] of Object.entries(heard)) {
      model.on(event, callback);
      signal.addEventListener("abort", () => model.off(event, callback));
    }
    this.#slide();
    this.#draw();
    this.#choose();
    this.#count();
    this.#moved();
  }

  /** @returns {Given} */
  get #given() {
    return this.model.get("_given");
  }

  /** @returns {Chosen} */
  get #chosen() {
    return this.model.get("_chosen");
  }

  remove() {
    this.#left.abort();
    this.kernel.remove();
    this.handle.remove();
    this.cloud.remove();
    this.bars.remove();
    this.root.remove();
  }

  /** @param {string} name of what Python has too @param {any} value */
  #tell(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  /** @param {unknown} error */
  #fail(error) {
    this.find("problem").textContent = error instanceof Error ? error.message : String(error);
  }

  // The cloud

  async #draw() {
    const { figure } = this.#given;
    const pictures = figure.pictures && { ...figure.pictures, source: (/** @type {number} */ sheet) => this.#sheet(sheet) };
    if (this.#passing === this.#gamma) this.#laid = null; // else the slider is elsewhere by now
    try {
      const drawn = this.cloud.show({ ...figure, key: this.#key, pictures });
      this.#refresh();
      await drawn;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What differs from the figure that was drawn last: where the slider passes, and the star. */
  #refresh() {
    /** @type {Record<string, Part>} */
    const changes = {};
    let { row, home } = this.#chosen;
    if (this.#laid) home = [this.#laid[0][2 * row], this.#laid[0][2 * row + 1]];
    this.handle.show(this.#point ?? home, this.#point !== null);
    const held = [this.#laid, this.#given, String(home), this.#point !== null];
    if (held.every((one, at) => one === this.#held[at])) return; // a star on its way leaves the figure as it is
    this.#held = held;
    if (this.#laid) {
      const [points, means] = this.#laid;
      const along = (/** @type {ArrayLike<number>} */ rows, /** @type {number} */ axis) => Float32Array.from(rows, (at) => points[2 * at + axis]);
      for (let k = 0; k < this.#given.sizes[1]; k += 1) {
        const rows = this.cloud.part(`cloud-${k}`)?.customdata;
        if (rows) changes[`cloud-${k}`] = { x: along(rows, 0), y: along(rows, 1), text: "" }; // which is of another γ
        const [x, y] = [means[2 * k], means[2 * k + 1]];
        changes[`mean-${k}`] = { x: [x, x, x], y: [y, y, y] };
        changes[`circle-${k}`] = { x: TURN.map((angle) => x + NINE_TENTHS * Math.cos(angle)), y: TURN.map((angle) => y + NINE_TENTHS * Math.sin(angle)) };
      }
    }
    changes.star = { x: [home[0]], y: [home[1]], ...(this.#point ? AWAY : {}) };
    this.cloud.hold(changes);
  }

  /** @param {number} number */
  async #sheet(number) {
    const answer = await this.kernel.ask(`sheet ${number}`, { kind: "sheet", number });
    if (!answer) throw new Error("asked for again");
    return URL.createObjectURL(new Blob([/** @type {any} */ (answer.buffers[0])], { type: "image/png" }));
  }

  /** One dot, or those in a lasso. @param {number[]} rows */
  #pick(rows) {
    if (rows.length === 1) this.#tell("row", rows[0]);
    else this.#tell("rows", rows);
  }

  #count() {
    const { length } = this.model.get("rows");
    this.find("count").textContent = length ? `${length} chosen` : "A click chooses an image, a lasso several; the star can be dragged.";
    this.find("none").hidden = !length;
  }

  // The star

  #choose() {
    const { bars, said } = this.#chosen;
    this.bars.show({ ...bars, key: `${this.#key}-bars` }).catch((error) => this.#fail(error));
    this.#refresh();
    if (!this.#point) this.#paint(this.model.get("_picture"), said);
  }

  /** @param {DataView} pixels (H, W, 3) @param {string} said */
  #paint(pixels, said) {
    const [height, width] = this.#given.shape;
    const image = new ImageData(width, height);
    for (let at = 0; at < width * height; at += 1) {
      for (let color = 0; color < 3; color += 1) image.data[4 * at + color] = pixels.getUint8(3 * at + color);
      image.data[4 * at + 3] = 255;
    }
    const canvas = /** @type {HTMLCanvasElement} */ (this.find("picture"));
    canvas.style.width = `${width * Math.max(1, Math.floor(SIDE / width))}px`;
    paint(canvas, image);
    canvas.setAttribute("aria-label", said);
    this.find("said").textContent = said;
  }

  /** By a hand. @param {Point} point @param {boolean} isLast whether it has let go */
  #move(point, isLast) {
    this.#show(point);
    if (isLast) this.#tell("point", point);
  }

  /** @param {boolean} isAsked */
  #leave(isAsked = false) {
    this.#show(null);
    if (isAsked) this.#tell("point", null);
  }

  /** By a program, or another view. */
  #moved() {
    const point = this.model.get("point");
    if (String(point) !== String(this.#point)) this.#show(point);
  }

  /** @param {Point | null} point */
  #show(point) {
    const wasMoved = this.#point !== null;
    this.#point = point;
    this.root.classList.toggle("is-moved", point !== null);
    this.#refresh();
    if (point) this.#compute(point);
    else if (wasMoved) {
      this.bars.hold(null);
      this.#paint(this.model.get("_picture"), this.#chosen.said);
    }
  }

  /** The image there. @param {Point} point */
  async #compute(point) {
    try {
      const answer = await this.kernel.ask("move", { kind: "move", point });
      if (!answer || !this.#point) return;
      this.find("problem").textContent = "";
      this.bars.hold({ bars: answer.content.bars });
      this.#paint(answer.buffers[0], answer.content.said);
    } catch (error) {
      this.#fail(error);
    }
  }

  // γ

  get #gamma() {
    const gamma = this.model.get("gamma");
    return gamma === "inf" ? Infinity : gamma;
  }

  #slide() {
    const { slider } = this.#given;
    if (!slider) return;
    const host = this.find("gamma-slider");
    if (!host.shadowRoot) {
      const shadow = host.attachShadow({ mode: "open" });
      shadow.innerHTML = `<style>${slider.css}</style>${slider.html}`;
      shadow.addEventListener("gamma", (event) => this.#pass(/** @type {CustomEvent} */ (event).detail));
    }
    gammaSlider({
      data: { gamma: this.model.get("gamma"), ...slider.data },
      parentElement: /** @type {ShadowRoot} */ (host.shadowRoot),
      setTriggerValue: (_, gamma) => this.#rest(gamma === "inf" ? Infinity : Number(gamma)),
    });
  }

  /** The slider passes a γ. @param {{ gamma: number, place: Place }} where */
  async #pass({ gamma, place }) {
    if (gamma === this.#passing) return;
    this.#passing = gamma;
    if (gamma === this.#gamma) return this.#lay(null);
    this.#leave();
    const bytes = this.model.get("_track");
    if (bytes.byteLength) this.#lay(this.#onTrack(bytes, place));
    else await this.#reach(gamma);
  }

  /** The slider rests. The kernel finds the images' places, and only then is told: a γ that is passed takes no time. @param {number} gamma */
  async #rest(gamma) {
    if (await this.#reach(gamma)) this.#tell("gamma", gamma === Infinity ? "inf" : gamma);
  }

  /** Shows the images where the model at a γ puts them. @param {number} gamma @returns {Promise<boolean>} whether the slider is still there */
  async #reach(gamma) {
    try {
      const answer = await this.kernel.ask("cloud", { kind: "cloud", gamma: gamma === Infinity ? "inf" : gamma });
      if (!answer || this.#passing !== gamma) return false;
      const [points, means] = answer.buffers.map((one) => new Float32Array(one.buffer.slice(one.byteOffset, one.byteOffset + one.byteLength)));
      if (gamma !== this.#gamma) this.#lay([points, means]);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** @param {[ArrayLike<number>, ArrayLike<number>] | null} places */
  #lay(places) {
    if (!places && !this.#laid) return;
    this.#laid = places;
    this.#refresh();
  }

  /**
   * Points and means between two measured places.
   * @param {DataView} bytes of the track, int16 (P, N, 2) and (P, K, 2)
   * @param {Place} place
   * @returns {[Float32Array, Float32Array]}
   */
  #onTrack(bytes, { low, high, share }) {
    const { sizes, slider } = this.#given;
    const { scale, data } = /** @type {NonNullable<Given["slider"]>} */ (slider);
    const values = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const [count, classes] = sizes.map((size) => 2 * size);
    const between = (/** @type {number} */ from, /** @type {number} */ size) =>
      Float32Array.from({ length: size }, (_, at) => {
        const [one, other] = [values[from + low * size + at], values[from + high * size + at]];
        return Number(scale) * ((1 - share) * one + share * other);
      });
    return [between(0, count), between(data.places.length * count, classes)];
  }
}
