// The view "Try it": a digit under a person's pen, samples and a walk, computed here while γ moves.

import { element } from "../figure/elements.js";
import { imageData, paint } from "../hands/picture.js";
import { Bars } from "./bars.js";
import { normal } from "../flow/noise.js";
import { asGiven } from "../flow/pixels.js";
import { sharedModel } from "../flow/shared.js";
import { bitsPerDim } from "../live/looks.js";
import { Pad } from "../live/pen.js";
import { markOf, visible } from "../live/range.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {{ label: number, index: number }} Sample
 * @typedef {"digit" | "samples" | "ends" | "way"} Part of what is shown
 *
 * @typedef {object} Live what app/site/live.py writes
 * @property {boolean} is_live whether the models' files are there
 * @property {[number, number, number]} shape (C, H, W)
 * @property {string[]} classes
 * @property {string[]} colors of the classes
 * @property {"uniform" | number} noise that the models were trained with: a number is its deviation
 * @property {number} temperature of samples
 * @property {number} guidance of samples around the images
 * @property {import("../live/pen.js").Drawing[]} drawings that a digit can begin with; none
 *   where the models are not of digits
 */

const SEEDS = 2 ** 32;
const SAMPLES = 5; // of a class
const OPENING = 7; // the class of which samples are shown first
const WAY = 101; // steps of the walk
const FROM_SAMPLE = "Begin at a sample";

export class TryIt {
  /** @type {Model | null} */
  #model = null;
  /** @type {Set<Part>} what does not show what it should yet */
  #stale = new Set();
  #isBusy = false;
  #isGone = false;
  /** @type {Float32Array | null} of the digit */
  #latents = null;
  /** @type {{ seed: number, values: Float32Array } | null} */
  #noise = null;
  /** @type {[Sample | null, Sample]} where the walk begins, if it is not the digit, and where it ends */
  #ends;

  /**
   * @param {URL} files of the site
   * @param {string} name of the family
   * @param {Live} live
   * @param {number} gamma
   */
  constructor(files, name, live, gamma) {
    this.addresses = { family: new URL(`models/${name}/`, files).href, runtime: new URL("static/vendor/ort/", files).href };
    this.live = live;
    this.gamma = gamma;
    this.opening = Math.min(OPENING, live.classes.length - 1);
    this.isOfDigits = live.drawings.length > 0;
    this.#ends = [this.isOfDigits ? null : { label: 0, index: 0 }, { label: this.opening, index: 0 }];
    this.status = element("p", { class: "quiet", role: "status" });
    this.controls = element("fieldset");
    const parts = [this.#samplesPart(), this.#walkPart()];
    this.controls.append(...parts);
    const lead = this.isOfDigits
      ? "Write a digit: the model says how likely it would be in each class; Bayes' rule makes that a posterior. Drag γ."
      : "Drag γ: samples are drawn anew with the same noise, and so is the walk from one to another.";
    this.element = element("div", { class: "try" }, element("p", { class: "lead" }, lead), this.status);
    const box = element("div", { class: this.isOfDigits ? "parts written" : "parts" });
    if (this.isOfDigits) box.append(this.#digitPart(live.drawings));
    box.append(this.controls);
    this.element.append(box);
    this.#open();
  }

  /** Follows the slider. @param {number} gamma */
  move(gamma) {
    this.gamma = gamma;
    this.#renew("digit", "samples", "ends");
  }

  remove() {
    this.#isGone = true;
    this.pad?.remove();
  }

  async #open() {
    this.controls.disabled = true;
    if (!this.live.is_live) return this.#say("This site has no models for browsers.");
    this.#say("The model is on its way …");
    try {
      const model = await sharedModel(this.addresses, this.gamma);
      if (this.#isGone) return;
      this.#model = model;
      this.controls.disabled = false;
      this.#say("");
      await this.#renew("digit", "samples", "ends");
    } catch (error) {
      if (!this.#isGone) this.#say(`Nothing can be computed here: ${error instanceof Error ? error.message : error}.`);
    }
  }

  /** @param {string} text */
  #say(text) {
    this.status.textContent = text;
    this.element.dataset.state = this.#model ? "live" : "waiting";
  }

  // The parts

  /** @param {Live["drawings"]} drawings */
  #digitPart(drawings) {
    const board = element("div", { class: "board" });
    this.pad = new Pad(board, drawings, () => this.#renew("digit", ...(this.#ends[0] ? [] : /** @type {const} */ (["ends"]))));
    this.pad.write(drawings[0].strokes);
    this.bars = new Bars(this.live.classes, this.live.colors);
    this.bars.show(null);
    return element("div", { class: "digit" }, board, this.bars.element);
  }

  #samplesPart() {
    const { classes, temperature } = this.live;
    const options = classes.map((name, k) => element("option", { value: k }, name));
    const renew = () => this.#renew("samples", "ends");
    this.label = element("select", { "aria-label": "Class of the samples", onchange: () => ((this.#ends[1] = { label: this.#label, index: 0 }), renew()) }, ...options);
    this.label.value = String(this.opening);
    this.temperature = element("input", { type: "range", min: 0, max: 1.2, step: 0.05, value: temperature, oninput: renew });
    this.seed = element("input", { type: "number", min: 0, max: SEEDS - 1, step: 1, value: 0, oninput: renew });
    const other = element("button", { type: "button", onclick: () => ((/** @type {any} */ (this.seed).value = String((this.#seed + 1) % SEEDS)), renew()) }, "Other noise");
    this.tiles = Array.from({ length: SAMPLES }, (_, index) => {
      const choose = () => {
        this.#ends[1] = { label: this.#label, index };
        this.#renew("ends");
      };
      return element("button", { type: "button", class: "sample", onclick: choose }, element("canvas"));
    });
    const labels = [element("label", {}, "Samples of ", this.label), element("label", {}, "Temperature ", this.temperature), element("label", {}, "Seed ", this.seed), other];
    const group = element("div", { class: "sample-grid", role: "group", "aria-label": "Samples: one is where the walk ends" }, ...this.tiles);
    return element("div", { class: "samples" }, element("div", { class: "tools" }, ...labels), group);
  }

  #walkPart() {
    this.pictures = ["where the walk begins", "on the way", "where it ends"].map((label) => element("canvas", { role: "img", "aria-label": label }));
    const frames = this.pictures.map((canvas) => element("div", { class: "frame" }, canvas));
    this.way = element("input", { type: "range", min: 0, max: WAY - 1, value: (WAY - 1) / 2, "aria-label": "How far on the way", oninput: () => this.#renew("way") });
    const swap = element("button", { type: "button", onclick: () => this.#swap() }, this.isOfDigits ? FROM_SAMPLE : "Swap the ends");
    this.swap = swap;
    return element(
      "div", { class: "walk" },
      element("div", { class: "tools" }, element("span", {}, "Walk to the chosen sample, on a great circle"), swap),
      element("div", { class: "way" }, ...frames),
      this.way,
    );
  }

  /** The walk begins elsewhere: at the digit or a sample of another class; between samples, at the other end. */
  #swap() {
    const [start, end] = this.#ends;
    if (this.isOfDigits) {
      this.#ends[0] = start ? null : this.#another;
      if (this.swap) this.swap.textContent = start ? FROM_SAMPLE : "Begin at the digit";
    } else this.#ends = [end, start ?? end];
    this.#renew("ends");
  }

  get #label() {
    return Number(this.label?.value);
  }

  get #another() {
    return { label: (this.#label + 1) % this.live.classes.length, index: 0 };
  }

  get #seed() {
    const value = Math.floor(Number(this.seed?.value));
    return value >= 0 && value < SEEDS ? value : 0;
  }

  // What is computed

  /** Computes parts anew, and whatever becomes stale meanwhile. @param {Part[]} parts */
  async #renew(...parts) {
    for (const part of parts) this.#stale.add(part);
    const model = this.#model;
    if (!model || this.#isBusy) return;
    this.#isBusy = true;
    while (this.#stale.size && !this.#isGone) {
      const stale = this.#stale;
      this.#stale = new Set();
      try {
        if (model.current.gamma !== this.gamma) await model.setGamma(this.gamma);
        if (this.pad && stale.has("digit")) await this.#judge(model, this.pad.pixels);
        if (stale.size > 1 || !stale.has("digit")) await this.#decode(model, stale);
        this.#say("");
      } catch (error) {
        this.#say(`These pictures are of another γ than the slider's: ${error instanceof Error ? error.message : error}.`);
      }
    }
    this.#isBusy = false;
  }

  /** @param {Model} model @param {Uint8Array | null} pixels */
  async #judge(model, pixels) {
    const found = pixels ? await model.look(asGiven(pixels, this.live.shape, this.live.noise)) : null;
    this.#latents = found?.latents ?? null;
    this.bars?.show(
      found && { likelihoods: found.logProbPerClass, posterior: found.posterior, bits: bitsPerDim(found.logProb[0], this.live) },
    );
  }

  /** @param {Model} model @param {Set<Part>} stale */
  async #decode(model, stale) {
    const { shape } = this.live;
    const label = this.#label;
    const row = stale.has("samples") ? Array.from({ length: SAMPLES }, (_, index) => this.#latentOf(model, { label, index })) : [];
    const [start, end] = [this.#ends[0] ?? this.#latents ?? this.#another, this.#ends[1]].map((one) =>
      one instanceof Float32Array ? one : this.#latentOf(model, one),
    );
    const at = Number(this.way?.value) * start.length;
    const middle = model.interpolate(start, end, WAY, "spherical").subarray(at, at + start.length);
    const rows = [...row, middle, ...(stale.has("ends") ? [start, end] : [])];
    const z = new Float32Array(rows.length * start.length);
    rows.forEach((one, number) => z.set(one, number * start.length));
    const images = await model.decode(z);
    if (!images || this.#isGone) return;
    const canvases = [...(row.length ? this.tiles ?? [] : []).map((tile) => tile.firstChild), ...[1, 0, 2].map((n) => this.pictures?.[n])];
    rows.forEach((_, number) => {
      const { seen, white } = visible(images.subarray(number * model.pixels, (number + 1) * model.pixels));
      const canvas = /** @type {HTMLCanvasElement} */ (canvases[number]);
      paint(canvas, imageData(seen, shape));
      mark(/** @type {HTMLElement} */ (canvas.parentElement), white);
    });
    this.tiles?.forEach((tile, index) => {
      const isEnd = this.#ends[1].label === label && this.#ends[1].index === index;
      tile.setAttribute("aria-pressed", String(isEnd));
      const scaled = tile.dataset.white ? `, its brightest ${tile.dataset.white} white` : "";
      tile.setAttribute("aria-label", `sample ${index + 1} of ${this.live.classes[label]}${scaled}`);
    });
  }

  /** Around the mean of the class's images; the noise of a seed is the same at every γ. @param {Model} model @param {Sample} sample */
  #latentOf(model, { label, index }) {
    const { classes } = this.live;
    const { dims } = model.manifest;
    const seed = this.#seed;
    if (this.#noise?.seed !== seed) this.#noise = { seed, values: normal(SAMPLES * classes.length * dims, seed) };
    const start = (index * classes.length + label) * dims;
    const noise = this.#noise.values.subarray(start, start + dims);
    const center = model.current.centers ? "empirical" : "mean";
    const unit = center === "empirical" ? (model.current.spread ?? 1) : 1;
    const guidance = center === "empirical" ? this.live.guidance : 1;
    return model.latentsOf([label], { temperature: Number(this.temperature?.value) * unit, center, seed, noise, guidance });
  }
}

/** Writes on an image, if it is scaled, how many times white it was. @param {HTMLElement} frame @param {number} white */
function mark(frame, white) {
  if (white) frame.dataset.white = markOf(white);
  else delete frame.dataset.white;
}
