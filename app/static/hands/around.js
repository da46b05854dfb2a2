// Latents around an image's, three ways: straight away from it, brought back to the shell where nearly all of the
// Gaussian lies, and averages with draws from it (ibinn_core.exploration.around). One direction for each draw, and three
// lengths: a row each, which follow the hand a column at a time.

import { bitsPerDim } from "../live/looks.js";
import { factorOf } from "./moves.js";
import { asSeen, imageData, paint } from "./picture.js";
import { dot, row, sumOf } from "./space.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("./moves.js").Around} Around
 *
 * @typedef {object} Row what app/moves/around.py tells of a path
 * @property {string} path
 * @property {number[]} bits per dimension of each picture
 * @property {ArrayLike<number>[]} images
 *
 * @typedef {object} Asked
 * @property {Model | null} model nothing where the server computes
 * @property {Row[] | null} rows of the server
 * @property {Around} around where the hand is
 * @property {Float32Array} latents of the image, (D)
 * @property {ArrayLike<number>} center μ of its class, (D)
 * @property {Float32Array} noise (DRAWS, D)
 * @property {(around: Around) => number} topOf what a latent is taken for
 * @property {[number, number]} typical from which bits/dim to which images are
 * @property {ArrayLike<number>} pixels of the image, over [0, 1]
 * @property {[number, number, number]} shape
 * @property {"uniform" | number} kindOfNoise that the model was trained with
 * @property {string[]} classes
 * @property {string[]} colors
 * @property {(path: string, draw: number) => void} chosen
 */

export const DRAWS = 6;
/** @type {Record<string, { mark: string, name: string, formula: string }>} */
export const PATHS = {
  straight: { mark: "▲", name: "straight", formula: "z + r·n: straight away from the image" },
  shell: { mark: "●", name: "shell", formula: "z·cos θ + n·sin θ with tan θ = r: the same direction, at the length of typical latents" },
  average: { mark: "▼", name: "average", formula: "(z + r·n) / (1 + r): the mean of the image and a draw; at r = 1 the midpoint" },
};
const NAMES = Object.keys(PATHS);
const LONGEST = 2.3; // √D at the end of the gauge

export class Surroundings {
  /** @type {Asked} */ #asked = /** @type {any} */ (undefined);
  #what = "";
  /** @type {number[]} columns that are not drawn as they are asked for */ #due = [];
  #last = DRAWS - 1;
  /** @type {(number[] | null)[]} bits/dim of each column, once they are known */ #bits = [];
  #isAtWork = false;

  /** @param {HTMLElement} place @param {HTMLElement} gauge */
  constructor(place, gauge) {
    this.place = place;
    this.gauge = gauge;
  }

  /** Nothing more is drawn. */
  close() {
    this.#what = "";
    this.#due = [];
  }

  /** Draws what is asked for; what is asked for later takes its place. @param {Asked} asked */
  show(asked) {
    this.#asked = asked;
    if (this.place.childElementCount !== NAMES.length) this.place.replaceChildren(...NAMES.map((path) => this.#line(path)));
    const { radius, seed } = asked.around;
    const what = JSON.stringify([asked.model?.current.gamma, radius, seed, asked.latents.length, sumOf(asked.latents), Boolean(asked.rows)]);
    if (what !== this.#what) {
      this.#what = what;
      this.#bits = Array.from({ length: DRAWS }, () => null);
      this.#due = Array.from({ length: DRAWS }, (_, at) => (this.#last + 1 + at) % DRAWS); // so that each has its turn
      this.place.setAttribute("aria-busy", "true");
    }
    this.#tell();
    if (asked.rows) this.#take(asked.rows);
    else if (asked.model) this.#work(asked.model);
  }

  /** What the server has computed. @param {Row[]} rows */
  #take(rows) {
    const { shape } = this.#asked;
    for (const { path, images } of rows) {
      images.forEach((image, draw) => paint(this.#canvas(path, draw), imageData(image, shape)));
    }
    this.#bits = Array.from({ length: DRAWS }, (_, draw) => NAMES.map((path) => /** @type {Row} */ (rows.find((one) => one.path === path)).bits[draw]));
    this.#due = [];
    this.#tell();
  }

  /** Draws a column after another, then asks the model about each. @param {Model} model */
  async #work(model) {
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    try {
      for (let column = this.#next(); column !== null; column = this.#next()) {
        const { latents, around, pixels, shape, kindOfNoise } = this.#asked;
        const what = this.#what;
        const isDue = this.#due[0] === column;
        const found = await model.decode(Float32Array.from(NAMES.flatMap((path) => Array.from(this.#latent({ ...around, path, draw: column })))), "around");
        if (!found || !this.#what) return;
        const images = NAMES.map((_, at) => row(found, at, pixels.length));
        if (isDue) {
          NAMES.forEach((path, at) => paint(this.#canvas(path, column), imageData(images[at], shape)));
          this.#last = column;
          if (what === this.#what && latents === this.#asked.latents) this.#due.shift();
          continue;
        }
        const looks = await model.look(Float32Array.from(images.flatMap((image) => Array.from(asSeen(image, pixels)))), "around");
        if (!looks) return;
        if (what !== this.#what) continue;
        this.#bits[column] = Array.from(looks.logProb, (value) => bitsPerDim(value, { shape, noise: kindOfNoise }));
        this.#tell();
      }
    } catch (error) {
      this.#what = "";
      this.place.textContent = `The draws could not be computed: ${error instanceof Error ? error.message : error}.`;
    } finally {
      this.#isAtWork = false;
    }
  }

  /** The column to draw, or to ask about; none if all is done. */
  #next() {
    if (this.#due.length) return this.#due[0];
    const column = this.#bits.indexOf(null);
    return column < 0 || !this.#what ? null : column;
  }

  /** @param {Around} around */
  #latent(around) {
    const { latents, center, noise } = this.#asked;
    return latentAround(latents, center, noise, around);
  }

  /** Everything that is known without the network: lengths, distances, classes; and what the model has said. */
  #tell() {
    const { around, latents, center, noise, classes, colors, typical } = this.#asked;
    const bits = this.#bits.every(Boolean) ? /** @type {number[][]} */ (this.#bits) : null;
    this.place.setAttribute("aria-busy", String(!bits));
    const marks = NAMES.map((path, at) => {
      const { length, distance } = measured(latents, center, noise, { ...around, path });
      const line = /** @type {HTMLElement} */ (this.place.children[at]);
      const all = bits?.map((one) => one[at]);
      const isTypical = all?.map((value) => value >= typical[0] && value <= typical[1]);
      const texts = [
        `length ${length.toFixed(2)} √D`,
        `${distance.toFixed(2)} σ from it`,
        all ? `${median(all).toFixed(2)} bits/dim` : "… bits/dim",
        isTypical ? `${isTypical.filter(Boolean).length} of ${DRAWS} typical` : "… typical",
      ];
      /** @type {HTMLElement} */ (line.querySelector("p span")).replaceChildren(
        ...texts.map((text) => Object.assign(document.createElement("span"), { textContent: text })),
      );
      line.setAttribute("aria-label", `${PATHS[path].name}: ${texts.join(", ")}`);
      line.querySelectorAll("button").forEach((tile, draw) => {
        const top = this.#asked.topOf({ ...around, path, draw });
        tile.style.setProperty("--class", colors[top]);
        tile.classList.toggle("odd", isTypical?.[draw] === false);
        tile.setAttribute("aria-pressed", String(around.path === path && around.draw === draw));
        /** @type {HTMLElement} */ (tile.querySelector("span")).textContent = classes[top];
        const said = all && isTypical ? `; ${all[draw].toFixed(2)} bits/dim, ${isTypical[draw] ? "typical" : "not typical"} of this model's images` : "";
        tile.title = `${PATHS[path].name}, draw ${draw + 1}: ${classes[top]}${said}`;
        tile.setAttribute("aria-label", tile.title);
      });
      return { path, length };
    });
    this.#measure(marks, latents.length);
  }

  /** The gauge of lengths: the shell, and where each path has come to. @param {{ path: string, length: number }[]} marks @param {number} dims */
  #measure(marks, dims) {
    const at = (/** @type {number} */ length) => `${(100 * Math.min(length, LONGEST)) / LONGEST}%`;
    const part = (/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ length) => {
      const element = Object.assign(document.createElement("span"), { className: name, textContent: text });
      element.style.insetInlineStart = at(length);
      return element;
    };
    const thickness = 2 / Math.sqrt(2 * dims); // two deviations of ‖n‖/√D to either side
    const shell = part("shell", "", 1 - thickness);
    shell.style.width = at(2 * thickness);
    this.gauge.replaceChildren(
      shell, part("scale", "0", 0), part("scale", "√D", 1), part("scale", "2√D", 2),
      ...marks.map(({ path, length }) => part(`mark ${path}`, PATHS[path].mark, length)),
    );
    const said = marks.map(({ path, length }) => `${PATHS[path].name} ${length.toFixed(2)}`).join(", ");
    this.gauge.setAttribute("aria-label", `Lengths in units of √D; nearly all of the Gaussian lies at 1: ${said}`);
  }

  /** A row before it is computed. @param {string} path */
  #line(path) {
    const { shape } = this.#asked;
    const { mark, name, formula } = PATHS[path];
    const line = document.createElement("div");
    line.className = "move-row";
    line.dataset.path = path;
    line.setAttribute("role", "group");
    const text = line.appendChild(document.createElement("p"));
    text.title = formula;
    text.append(Object.assign(document.createElement("b"), { textContent: `${mark} ${name}` }), document.createElement("span"));
    line.append(...Array.from({ length: DRAWS }, (_, draw) => {
      const tile = Object.assign(document.createElement("button"), { type: "button" });
      const canvas = tile.appendChild(document.createElement("canvas"));
      [canvas.width, canvas.height] = [shape[2], shape[1]];
      tile.append(document.createElement("span"));
      tile.addEventListener("click", () => this.#asked.chosen(path, draw));
      return tile;
    }));
    return line;
  }

  /** @param {string} path @param {number} draw */
  #canvas(path, draw) {
    return /** @type {HTMLCanvasElement} */ (this.place.querySelectorAll(`[data-path="${path}"] canvas`)[draw]);
  }
}

/**
 * A latent around another, (D).
 * @param {ArrayLike<number>} latents (D)
 * @param {ArrayLike<number>} center (D)
 * @param {Float32Array} noise (DRAWS, D)
 * @param {Around} around
 */
export function latentAround(latents, center, noise, { radius, path, draw }) {
  const factor = factorOf(path, radius);
  const own = row(noise, draw, latents.length);
  return Float32Array.from(latents, (value, at) => center[at] + factor * (value - center[at] + radius * own[at]));
}

/**
 * Of all draws on a path the mean length from the centre, in units of √D, and distance from the latent, in deviations of a
 * dimension.
 * @param {ArrayLike<number>} latents
 * @param {ArrayLike<number>} center
 * @param {Float32Array} noise
 * @param {Around} around
 */
export function measured(latents, center, noise, { radius, path }) {
  const dims = latents.length;
  const factor = factorOf(path, radius);
  const offset = Float64Array.from(latents, (value, at) => value - center[at]);
  const own = dot(offset, offset);
  let [length, distance] = [0, 0];
  for (let draw = 0; draw < DRAWS; draw++) {
    const one = row(noise, draw, dims);
    const [along, across] = [dot(offset, one), dot(one, one)];
    const sized = (/** @type {number} */ a, /** @type {number} */ b) => Math.sqrt(Math.max(0, a * a * own + 2 * a * b * along + b * b * across) / dims);
    length += sized(factor, factor * radius) / DRAWS;
    distance += sized(factor - 1, factor * radius) / DRAWS;
  }
  return { length, distance };
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
}
