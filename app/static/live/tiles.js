// Grids of small images that follow γ: samples of classes, and walks between two images.

import { figureOf } from "../figure/figure.js";
import { gammaOf } from "../flow/family.js";
import { normal } from "../flow/noise.js";
import { asGiven, numbersOf } from "../flow/pixels.js";
import { imageData, paint } from "../hands/picture.js";
import { markOf, visible } from "./range.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("./live.js").Changes} Changes
 *
 * @typedef {object} Look of a grid, as app/figures/tiles.py draws it
 * @property {number} rows
 * @property {number} columns
 * @property {number} scale
 * @property {number} gap
 * @property {number} edging
 * @property {[number, number, number, number]} frame a colour, each part 0 to 255
 */

/** The picture of a grid: tiles side by side, enlarged, each in a frame. */
class Grid {
  #canvas = document.createElement("canvas");
  #tile = document.createElement("canvas");
  #isBegun = false;

  /**
   * @param {string} figure key of the figure that has it
   * @param {Look} look
   * @param {[number, number, number]} shape of an image, (C, H, W)
   */
  constructor(figure, look, shape) {
    this.figure = figure;
    this.look = look;
    this.shape = shape;
  }

  /** Takes over what the figure shows. */
  async begin() {
    const source = figureOf(this.figure)?.part("picture")?.source;
    if (this.#isBegun || !source) return;
    this.#isBegun = true;
    const image = new Image();
    image.src = source;
    await image.decode();
    Object.assign(this.#canvas, { width: image.width, height: image.height });
    this.#pen.drawImage(image, 0, 0);
  }

  get #pen() {
    return /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
  }

  /**
   * @param {number} row
   * @param {number} column
   * @param {ArrayLike<number>} x an image (C, H, W) over [0, 1]; what is beyond is clipped
   */
  put(row, column, x) {
    const { scale, gap, edging, frame } = this.look;
    const [, height, width] = this.shape;
    paint(this.#tile, imageData(x, this.shape));
    const [cell, pen] = [height * scale + gap, this.#pen];
    const [left, top] = [column * cell + gap / 2, row * cell + gap / 2];
    pen.imageSmoothingEnabled = false;
    pen.clearRect(left - edging, top - edging, width * scale + 2 * edging, height * scale + 2 * edging);
    pen.fillStyle = `rgb(${frame[0]} ${frame[1]} ${frame[2]} / ${frame[3] / 255})`;
    pen.fillRect(left - edging, top - edging, width * scale + 2 * edging, height * scale + 2 * edging);
    pen.drawImage(this.#tile, left, top, width * scale, height * scale);
  }

  get source() {
    return this.#canvas.toDataURL("image/png");
  }
}

/**
 * @typedef {object} GivenSamples
 * @property {Look} look
 * @property {[number, number, number]} shape
 * @property {number[]} classes of the rows
 * @property {number} temperature in units of the measured spread, or of the mixture's
 * @property {"mean" | "empirical"} center
 * @property {number} guidance as for {@link Model.sample}
 * @property {number} seed
 * @property {Record<string, any>} marks how the places look where tiles have marks
 */

/** Samples of each class, a column of them at a time: the columns have one noise each. */
export class Samples {
  #next = 0;
  /** @type {Float32Array | null} */
  #noise = null;
  /** @type {string[]} */
  #marks;

  /** @param {string} figure @param {GivenSamples} given */
  constructor(figure, given) {
    this.given = given;
    this.figure = figure;
    this.grid = new Grid(figure, given.look, given.shape);
    this.#marks = [];
  }

  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const { classes, center, guidance, temperature, seed, look } = this.given;
    const { dims } = model.manifest;
    await this.grid.begin();
    this.#noise ??= normal(look.columns * dims, seed);
    if (!this.#marks.length) this.#marks = this.#shownMarks();
    const unit = center === "empirical" ? (model.current.spread ?? 1) : 1;
    for (let count = 0; count < look.columns; count++) {
      const column = this.#next % look.columns;
      const noise = new Float32Array(classes.length * dims);
      const own = this.#noise.subarray(column * dims, (column + 1) * dims);
      classes.forEach((_, row) => noise.set(own, row * dims));
      const images = await model.decode(model.latentsOf(classes, { temperature: temperature * unit, center, seed, noise, guidance }));
      if (!images) return;
      classes.forEach((_, row) => this.#put(row, column, images.subarray(row * model.pixels, (row + 1) * model.pixels)));
      this.#next = column + 1;
      yield { picture: { source: this.grid.source }, places: this.#places() };
    }
  }

  /** @param {number} row @param {number} column @param {Float32Array} x */
  #put(row, column, x) {
    const { seen, white } = visible(x);
    this.grid.put(row, column, white > 0 ? seen : x);
    this.#marks[row * this.given.look.columns + column] = white > 0 ? markOf(white) : "";
  }

  #places() {
    const hasMarks = this.#marks.some(Boolean);
    return { mode: hasMarks ? "markers+text" : "markers", texttemplate: [...this.#marks], ...(hasMarks ? this.given.marks : {}) };
  }

  #shownMarks() {
    const { rows, columns } = this.given.look;
    const shown = figureOf(this.figure)?.part("places")?.texttemplate;
    return Array.isArray(shown) ? [...shown] : new Array(rows * columns).fill("");
  }
}

/**
 * @typedef {object} GivenWalks
 * @property {Look} look
 * @property {[number, number, number]} shape
 * @property {[string, string]} ends images, base64 of uint8 (H, W, C)
 * @property {"uniform" | number} noise that the models were trained with
 * @property {{ row: number, path: "linear" | "spherical" }[]} rows those that follow
 */

const AT_ONCE = 3; // images of a walk that are decoded together

/** Rows of images on the way from one image to another. */
export class Walks {
  #next = 0;
  /** @type {Float32Array | null} both images as the model is given them */
  #x = null;

  /** @param {string} figure @param {GivenWalks} given */
  constructor(figure, given) {
    this.given = given;
    this.grid = new Grid(figure, given.look, given.shape);
  }

  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const { ends, noise, shape, rows, look } = this.given;
    const { dims } = model.manifest;
    await this.grid.begin();
    if (!this.#x) {
      this.#x = new Float32Array(2 * dims);
      ends.forEach((end, at) => this.#x?.set(asGiven(numbersOf(end), shape, noise), at * dims));
    }
    const z = await model.encode(this.#x);
    if (!z) return;
    const paths = rows.map(({ path }) => model.interpolate(z.subarray(0, dims), z.subarray(dims), look.columns, path));
    const every = rows.length * look.columns;
    for (let done = 0; done < every; done += AT_ONCE) {
      const places = Array.from({ length: Math.min(AT_ONCE, every - done) }, (_, at) => (this.#next + at) % every);
      const latents = new Float32Array(places.length * dims);
      places.forEach((place, at) => {
        const [row, column] = [place % rows.length, Math.floor(place / rows.length)];
        latents.set(paths[row].subarray(column * dims, (column + 1) * dims), at * dims);
      });
      const images = await model.decode(latents);
      if (!images) return;
      places.forEach((place, at) => {
        const [row, column] = [place % rows.length, Math.floor(place / rows.length)];
        this.grid.put(rows[row].row, column, images.subarray(at * model.pixels, (at + 1) * model.pixels));
      });
      this.#next = (this.#next + places.length) % every;
      yield { picture: { source: this.grid.source } };
    }
  }
}

/**
 * @typedef {object} GivenRow
 * @property {[number, number, number]} shape
 * @property {(number | "inf")[]} gammas of the measured places, at which the row is drawn
 * @property {string[]} names of these, as the page writes them
 * @property {number} temperature of the model's own mixture
 * @property {number} seed
 * @property {string} heading what stands before the γ
 */

/** A sample of each class in a row of images that is no figure, at the measured place nearest to γ. */
export class Row {
  #shown = NaN;

  /** @param {string} key of the row's container @param {GivenRow} given */
  constructor(key, given) {
    this.key = key;
    this.given = given;
  }

  /** @param {Model} model @param {import("./live.js").Moved} moved @returns {AsyncGenerator<Changes>} */
  async *steps(model, { place }) {
    const { gammas, names, heading, shape, seed, temperature } = this.given;
    const nearest = place.share <= 0.5 ? place.low : place.high;
    if (this.#shown === nearest) return;
    const gamma = gammas[nearest];
    if (!(await model.setGamma(gammaOf(gamma)))) return;
    const classes = model.manifest.classes.map((_, k) => k);
    const images = await model.sample(classes, { temperature, seed });
    const row = document.querySelector(`.st-key-${this.key}`);
    if (!images || !row) return;
    const canvas = document.createElement("canvas");
    let largest = 0;
    row.querySelectorAll("img").forEach((picture, k) => {
      const { seen, white } = visible(images.subarray(k * model.pixels, (k + 1) * model.pixels));
      largest = Math.max(largest, white);
      paint(canvas, imageData(seen, shape));
      picture.src = canvas.toDataURL();
    });
    const beyond = largest ? ` (scaled; brightest value: ${Number(largest.toPrecision(2))} × white)` : "";
    const title = row.querySelector("p.heading");
    if (title) title.textContent = `${heading}${names[nearest]}${beyond}`;
    this.#shown = nearest;
    yield {};
  }
}
