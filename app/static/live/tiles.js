// Updates grids of small images: samples of each class, and paths between two images.

import { normal } from "../flow/noise.js";
import { asGiven, numbersOf } from "../flow/pixels.js";
import { outdate, show } from "../tiles/tiles.js";
import { pictureOf } from "./range.js";
import { Task } from "./task.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("./live.js").Changes} Changes
 *
 * @typedef {object} SamplesData
 * @property {number} columns
 * @property {[number, number, number]} shape
 * @property {number[]} classes class of each row
 * @property {number} temperature standard deviation, in units of the measured spread ("empirical") or of the mixture's standard deviation ("mean")
 * @property {"mean" | "empirical"} center
 * @property {number} guidance see {@link Model.latentsOf}
 * @property {number} seed
 */

/** Samples of each class, computed column by column. All samples of a column share their noise. @extends {Task<SamplesData>} */
export class Samples extends Task {
  #next = 0;

  outdated() {
    outdate(this.figure, Array.from({ length: this.given.classes.length * this.given.columns }, (_, n) => n));
  }

  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const { classes, center, columns, guidance, temperature, seed, shape } = this.given;
    const { dims } = model.manifest;
    const all = normal(columns * dims, seed);
    const unit = center === "empirical" ? (model.current.spread ?? 1) : 1;
    for (let count = 0; count < columns; count++) {
      const column = this.#next % columns;
      const noise = Float32Array.from({ length: classes.length * dims }, (_, at) => all[column * dims + (at % dims)]);
      const images = await model.decode(model.latentsOf(classes, noise, { temperature: temperature * unit, center, guidance }));
      if (!images) return;
      this.#next = column + 1;
      yield () =>
        classes.forEach((_, row) => {
          const x = images.subarray(row * model.pixels, (row + 1) * model.pixels);
          showDecoded(this.figure, row * columns + column, x, shape);
        });
    }
  }
}

/**
 * @typedef {object} WalksData
 * @property {number} columns
 * @property {[number, number, number]} shape
 * @property {[string, string]} ends the two images, base64 of uint8 (H, W, C)
 * @property {"uniform" | number} noise the noise that the models were trained with
 * @property {{ row: number, path: "linear" | "spherical" }[]} rows the rows that follow γ
 */

const AT_ONCE = 3; // number of images that are decoded together

/** Rows of images along paths from one image to another. @extends {Task<WalksData>} */
export class Walks extends Task {
  #next = 0;

  outdated() {
    const { columns, rows } = this.given;
    for (const { row } of rows) outdate(this.figure, Array.from({ length: columns }, (_, column) => row * columns + column));
  }

  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const { columns, ends, noise, shape, rows } = this.given;
    const { dims } = model.manifest;
    const z = await model.encode(Float32Array.from(ends.flatMap((end) => Array.from(asGiven(numbersOf(end), shape, noise)))));
    if (!z) return;
    const paths = rows.map(({ path }) => model.interpolate(z.subarray(0, dims), z.subarray(dims), columns, path));
    const every = rows.length * columns;
    const placeOf = (/** @type {number} */ place) => [place % rows.length, Math.floor(place / rows.length)];
    for (let done = 0; done < every; done += AT_ONCE) {
      const places = Array.from({ length: Math.min(AT_ONCE, every - done) }, (_, at) => (this.#next + at) % every);
      const latents = new Float32Array(places.length * dims);
      places.forEach((place, at) => {
        const [row, column] = placeOf(place);
        latents.set(paths[row].subarray(column * dims, (column + 1) * dims), at * dims);
      });
      const images = await model.decode(latents);
      if (!images) return;
      this.#next = (this.#next + places.length) % every;
      yield () =>
        places.forEach((place, at) => {
          const [row, column] = placeOf(place);
          const x = images.subarray(at * model.pixels, (at + 1) * model.pixels);
          showDecoded(this.figure, rows[row].row * columns + column, x, shape);
        });
    }
  }
}

/**
 * @param {string} grid key
 * @param {number} n index of the tile
 * @param {Float32Array} x an image (C, H, W)
 * @param {[number, number, number]} shape
 */
function showDecoded(grid, n, x, shape) {
  const { image, mark } = pictureOf(x, shape);
  show(grid, n, image, mark);
}
