// The notebook widget: images as dots in the plane of the class means, a star that the user can drag, and the γ slider.
// The browser draws, and Python computes.

import { element, finder, written } from "../figure/elements.js";
import { imageOf, paint } from "../moves/picture.js";
import { Plane } from "../plane/plane.js";
import { default as gammaSlider, gammaOf } from "../slider/gamma_slider.js";
import { Kernel } from "./kernel.js";
import { follow } from "./theme.js";

/**
 * @typedef {import("./kernel.js").Model} Model
 * @typedef {import("../plane/plane.js").Point} Point
 * @typedef {import("../slider/gamma_slider.js").Bracket} Bracket
 *
 * @typedef {object} Data the data of all N images and K classes from app/notebook/explorer.py
 * @property {string} alt
 * @property {string[]} names
 * @property {string[]} colors
 * @property {number[]} named the classes whose names are shown
 * @property {number} circles radius of the circle around each mean
 * @property {number[]} groups class of each image, which sets its colour, (N)
 * @property {[number, number]} shape height and width of an image
 * @property {string} accent
 * @property {{ html: string, css: string, data: any, scale: number } | null} slider
 *
 * @typedef {object} Chosen the data of the selected image
 * @property {number} row
 * @property {string} said
 * @property {{ names: string[], colors: string[], label: number | null }} bars the classes with a bar, and the index of the true class among them
 * @property {number[]} shares posterior of these classes
 */

const SIDE = 160; // the largest width of the selected image in CSS pixels
const BESIDE = 84; // the largest width of the image under the pointer
const HTML = `
  <div data-gamma-slider></div>
  <div class="widget-parts">
    <div class="widget-cloud">
      <div class="plane">
        <canvas data-canvas tabindex="0" role="application"></canvas>
        <div class="plane-buttons">
          <button type="button" data-lasso title="Draw a lasso around images (without this button: drag with Shift)" aria-label="Lasso">◌</button>
          <button type="button" data-reset title="Show the first view again (0)">Reset view</button>
        </div>
        <div class="plane-label" data-label hidden><canvas></canvas><p></p></div>
      </div>
      <p class="widget-chosen"><span data-count aria-live="polite"></span> <button type="button" data-none>none</button>
        <span class="widget-busy" aria-hidden="true">The kernel computes …</span></p>
    </div>
    <div class="widget-about">
      <canvas data-picture role="img"></canvas>
      <p data-said aria-live="polite"></p>
      <p><button type="button" data-back>back to the image</button></p>
      <ul data-bars aria-label="Posterior"></ul>
    </div>
  </div>
  <p class="widget-problem" data-problem role="alert"></p>`;

/** @param {{ model: Model, el: HTMLElement }} given */
export function render({ model, el }) {
  const view = new View(model, el);
  return () => view.remove();
}

class View {
  #left = new AbortController();
  /** @type {Point | null} position of the star, or null if the star is at the image */
  #point = null;
  /** Positions (N + K, 2) of images and means while the slider moves. @type {Float32Array | null} */
  #laid = null;
  /** The γ of the moving slider. @type {number | null} */
  #passing = null;
  /** The dot under the pointer. @type {number | null} */
  #over = null;

  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.kernel = new Kernel(model, (isAsked) => this.root.classList.toggle("is-waiting", isAsked));
    // The attribute turns off JupyterLab's keyboard shortcuts.
    this.root = el.appendChild(written("div", HTML, { class: "ibinn-explorer", "data-lm-suppress-shortcuts": "true" }));
    this.find = finder(this.root);
    const { signal } = this.#left;
    const { accent, alt } = this.#given;
    const canvas = this.find("canvas");
    canvas.setAttribute("aria-label", `${alt} Arrow keys go from image to image. Shift and arrow keys move the star.`);
    this.root.style.setProperty("--accent", accent);
    this.plane = new Plane(canvas, {
      picked: (row) => this.#tell("row", row),
      lassoed: (rows) => this.#tell("rows", rows),
      moved: (place, isLast) => this.#move(place, isLast),
      over: (row, at) => this.#say(row, at),
    });
    this.find("lasso").addEventListener("click", () => (this.plane.isLasso = !this.plane.isLasso));
    this.find("reset").addEventListener("click", () => this.plane.reset());
    this.find("back").addEventListener("click", () => this.#move(null, true));
    this.find("none").addEventListener("click", () => this.#tell("rows", []));
    follow(this.root, signal);
    /** @type {Record<string, () => void>} */
    const heard = {
      "change:_places": () => this.#draw(),
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

  /** @returns {Data} */
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
    this.plane.watch.disconnect();
    this.root.remove();
  }

  /** @param {string} name name of a trait in Python @param {any} value */
  #tell(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  /** @param {unknown} error */
  #fail(error) {
    this.find("problem").textContent = error instanceof Error ? error.message : String(error);
  }

  // The cloud

  #draw() {
    if (this.#passing === this.#gamma) this.#laid = null; // otherwise the slider has moved on
    this.#refresh();
  }

  #refresh() {
    const { names, colors, named, circles, groups } = this.#given;
    const places = this.#laid ?? floatsOf(this.model.get("_places"));
    const placeOf = (/** @type {number} */ at) => /** @type {Point} */ ([places[2 * at], places[2 * at + 1]]);
    const home = placeOf(this.#chosen.row);
    this.plane.show({
      names, colors, named, circles,
      dots: { places, groups },
      means: names.map((_, k) => placeOf(groups.length + k)),
      frame: this.model.get("_frame"),
      lasso: new Set(this.model.get("rows")),
      star: this.#point ?? home,
      home: this.#point && home,
    });
  }

  /** Shows a label for the image under the pointer. @param {number | null} row @param {Point} at */
  async #say(row, at) {
    const label = this.find("label");
    if (this.#laid) row = null; // the kernel would compute the image at another γ
    if (row === this.#over) return this.plane.lay(label, at);
    this.#over = row;
    label.hidden = true;
    if (row === null) return;
    try {
      const answer = await this.kernel.ask("dot", { kind: "dot", row });
      if (!answer || this.#over !== row) return;
      const [canvas, text] = label.children;
      this.#put(/** @type {HTMLCanvasElement} */ (canvas), answer.buffers[0], BESIDE);
      text.textContent = answer.content.said;
      label.hidden = false;
      this.plane.lay(label, at);
    } catch (error) {
      this.#fail(error);
    }
  }

  #count() {
    this.#refresh();
    const { length } = this.model.get("rows");
    this.find("count").textContent = length ? `${length} chosen` : "Click an image or draw a lasso around several. Drag the star.";
    this.find("none").hidden = !length;
  }

  // The star

  #choose() {
    this.#refresh();
    if (!this.#point) this.#showImage();
  }

  #showImage() {
    this.#paint(this.model.get("_picture"), this.#chosen.said, this.#chosen.shares);
  }

  /** @param {DataView} pixels (H, W, 3) @param {string} said @param {number[]} shares posterior of the bars */
  #paint(pixels, said, shares) {
    const canvas = this.find("picture");
    this.#put(canvas, pixels, SIDE);
    canvas.setAttribute("aria-label", said);
    this.find("said").textContent = said;
    const { names, colors, label } = this.#chosen.bars;
    this.find("bars").replaceChildren(...names.map((name, at) => {
      const texts = [name, `${Math.round(100 * shares[at])}%`].map((text) => element("span", {}, text));
      return element("li", { class: at === label ? "is-true" : "", style: `--class: ${colors[at]}; --share: ${shares[at]}` }, ...texts);
    }));
  }

  /** @param {HTMLCanvasElement} canvas @param {DataView} pixels (H, W, 3) @param {number} side largest width in CSS pixels */
  #put(canvas, pixels, side) {
    const [height, width] = this.#given.shape;
    canvas.style.width = `${width * Math.max(1, Math.floor(side / width))}px`;
    paint(canvas, imageOf(new Uint8Array(bufferOf(pixels)), [3, height, width]));
  }

  /** The user drags the star, or moves it back to the image. @param {Point | null} point @param {boolean} isLast whether the user has let go */
  #move(point, isLast) {
    this.#show(point);
    if (isLast) this.#tell("point", point);
  }

  /** A program or another view has moved the star. */
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
    else if (wasMoved) this.#showImage();
  }

  /** Computes the image at a point. @param {Point} point */
  async #compute(point) {
    try {
      const answer = await this.kernel.ask("move", { kind: "move", point });
      if (!answer || !this.#point) return;
      this.find("problem").textContent = "";
      this.#paint(answer.buffers[0], answer.content.said, answer.content.shares);
    } catch (error) {
      this.#fail(error);
    }
  }

  // γ

  get #gamma() {
    return gammaOf(this.model.get("gamma"));
  }

  #slide() {
    const { slider } = this.#given;
    if (!slider) return;
    const host = this.find("gamma-slider");
    if (!host.shadowRoot) {
      const shadow = host.attachShadow({ mode: "open" });
      shadow.innerHTML = `<style>${slider.css}</style>${slider.html}`;
      shadow.addEventListener("gamma", (/** @type {CustomEvent} */ event) => this.#pass(event.detail));
    }
    gammaSlider({
      data: { gamma: this.model.get("gamma"), ...slider.data },
      parentElement: host.shadowRoot,
      setTriggerValue: (_, gamma) => this.#rest(gammaOf(gamma)),
    });
  }

  /** Updates the plane while the slider moves. @param {{ gamma: number, place: Bracket }} where */
  async #pass({ gamma, place }) {
    if (gamma === this.#passing) return;
    this.#passing = gamma;
    if (gamma === this.#gamma) return this.#lay(null);
    this.#show(null);
    const bytes = this.model.get("_track");
    if (bytes.byteLength) this.#lay(this.#onTrack(bytes, place));
    else await this.#reach(gamma);
  }

  /** Sets the γ in Python after the plane at this γ is computed, unless the slider has left this γ by then. @param {number} gamma */
  async #rest(gamma) {
    if (await this.#reach(gamma)) this.#tell("gamma", gamma === Infinity ? "inf" : gamma);
  }

  /** Computes the plane at a γ in the kernel. @param {number} gamma @returns {Promise<boolean>} whether the slider is still at γ */
  async #reach(gamma) {
    try {
      const answer = await this.kernel.ask("cloud", { kind: "cloud", gamma: gamma === Infinity ? "inf" : gamma });
      if (!answer || this.#passing !== gamma) return false;
      if (gamma !== this.#gamma) this.#lay(floatsOf(answer.buffers[0]));
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** @param {Float32Array | null} places */
  #lay(places) {
    this.#laid = places;
    this.#refresh();
  }

  /**
   * Interpolates the positions of images and means between two measured values of γ, (N + K, 2).
   * @param {DataView} bytes the track, int16 (P, N + K, 2)
   * @param {Bracket} place
   */
  #onTrack(bytes, { low, high, share }) {
    const { slider, groups, names } = this.#given;
    const { scale } = /** @type {NonNullable<Data["slider"]>} */ (slider);
    const values = new Int16Array(bufferOf(bytes));
    const size = 2 * (groups.length + names.length);
    return Float32Array.from({ length: size }, (_, at) => scale * ((1 - share) * values[low * size + at] + share * values[high * size + at]));
  }
}

/** @param {DataView} bytes a view that may start anywhere in its buffer */
const bufferOf = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

/** @param {DataView} bytes float32 numbers */
const floatsOf = (bytes) => new Float32Array(bufferOf(bytes));
