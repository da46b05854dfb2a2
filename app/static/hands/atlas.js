// The atlas: what the image would be at each place of the plane, with all that the plane does not show of it as it is.

import { imageData } from "./picture.js";
import { row } from "./space.js";

/**
 * @typedef {import("./space.js").Point} Point
 * @typedef {{ place: Point, canvas: HTMLCanvasElement }} Tile
 *
 * @typedef {object} Wanted
 * @property {string} key which says whether tiles that are there are still true
 * @property {import("../flow/model.js").Model} model
 * @property {Float32Array} latent (D)
 * @property {Point} place of the latent in the plane
 * @property {ArrayLike<number>[]} axes of the plane, orthonormal, (2, D)
 * @property {Point[][]} places of the tiles, row by row
 * @property {[number, number, number]} shape of an image, (C, H, W)
 */

export class Atlas {
  /** @type {Tile[]} that are there */
  tiles = [];
  key = "";
  #turn = 0;

  /** @param {() => void} changed called when tiles have come or gone */
  constructor(changed) {
    this.changed = changed;
  }

  /** Nothing is shown, and nothing computed any more. */
  clear() {
    this.stop();
    this.key = "";
    if (!this.tiles.length) return;
    this.tiles = [];
    this.changed();
  }

  /** A hand has moved: what is still missing waits. */
  stop() {
    this.#turn++;
  }

  /**
   * Draws what is missing, a row at a time, so that a hand waits for one row at most.
   * @param {Wanted} wanted
   */
  async draw({ key, model, latent, place, axes, places, shape }) {
    if (key !== this.key) this.clear();
    this.key = key;
    const turn = ++this.#turn;
    const [dims, pixels] = [latent.length, shape[0] * shape[1] * shape[2]];
    for (const line of places.slice(this.tiles.length / places[0].length)) {
      const latents = new Float32Array(line.length * dims);
      line.forEach(([x, y], at) => {
        const [dx, dy] = [x - place[0], y - place[1]];
        for (let d = 0; d < dims; d++) latents[at * dims + d] = latent[d] + dx * axes[0][d] + dy * axes[1][d];
      });
      const images = await model.decode(latents, "atlas");
      if (!images || turn !== this.#turn) return;
      this.tiles.push(...line.map((one, at) => ({ place: one, canvas: canvasOf(row(images, at, pixels), shape) })));
      this.changed();
    }
  }
}

/** The share of a latent's squared distance from the plane's origin that the plane shows. @param {Point} offset from there, in the plane @param {number} squared */
export const shareOf = ([x, y], squared) => (x * x + y * y) / squared;

/** @param {ArrayLike<number>} x @param {[number, number, number]} shape */
function canvasOf(x, shape) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [shape[2], shape[1]];
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(imageData(x, shape), 0, 0);
  return canvas;
}
