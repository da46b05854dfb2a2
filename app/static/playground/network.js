// Shows the network of a model stage by stage, from data space to latent space. Each stage has a picture of the points,
// a grid, and the star.

import { element } from "../figure/elements.js";
import { Plane } from "./plane.js";

/**
 * @typedef {import("./trainer.js").Stages} Stages
 * @typedef {import("./session.js").Model} Model
 * @typedef {import("./trainer.js").Probe} Probe
 */

const VISIBLE_SHARE = 0.99; // share of the coordinates that fit into every picture
const LARGEST = 60; // the largest arrow in CSS pixels

export class Network {
  /** @type {Stage[]} */ #planes = [];
  /** @type {Stages | null} */ #stages = null;
  /** The snapshot and the star that the pictures show. @type {unknown[]} */ #shown = [];
  #isAsking = false;
  /** @type {[Model, Probe | null] | null} the newest request */ #latest = null;

  /** @param {HTMLElement} place @param {import("./plane.js").Style} style */
  constructor(place, style) {
    this.place = place;
    this.style = style;
  }

  /**
   * Asks a model for its stages and draws them, unless they are already drawn or requested.
   * @param {Model} model
   * @param {Probe | null} probe the star
   */
  async follow(model, probe) {
    this.#latest = [model, probe];
    const wanted = [model.snapshot, String(probe?.x)];
    if (this.#isAsking || !model.snapshot?.finite || wanted.every((one, at) => one === this.#shown[at])) return;
    this.#isAsking = true;
    this.#shown = wanted;
    const stages = await model.trainer.stages(Float64Array.from(probe?.x ?? [])).catch(() => null); // another model has replaced this one
    this.#isAsking = false;
    if (!stages) return;
    this.#stages = stages;
    this.draw();
    this.follow(...this.#latest);
  }

  draw() {
    const stages = this.#stages;
    if (!stages) return;
    if (this.#planes.length !== stages.count) this.#makePlanes(stages.count);
    const half = halfOf(stages);
    this.#planes.forEach((plane, stage) => plane.draw(stages, stage, half));
  }

  /** @param {number} count */
  #makePlanes(count) {
    const canvases = Array.from({ length: count }, (_, stage) => {
      const words = stage === 0 ? "The data, standardised" : `After coupling ${stage}${stage === count - 1 ? ": latent space" : ""}`;
      return element("canvas", { role: "img", "aria-label": words });
    });
    const names = ["data", ...canvases.slice(2).map((_, at) => String(at + 1)), "latent"];
    this.place.replaceChildren(...canvases.map((canvas, stage) => element("figure", {}, canvas, element("figcaption", {}, names[stage]))));
    this.place.querySelector("figcaption")?.prepend(element("span", { class: "play-badge" }));
    this.place.style.setProperty("--count", String(count));
    this.place.style.setProperty("--rows", String(count < 4 ? 1 : count < 9 ? 2 : 3));
    this.#planes = canvases.map((canvas) => new Stage(canvas, this.style));
  }
}

/** Half the side of a square that contains nearly all points of all stages, so that the pictures can be compared. @param {Stages} stages */
function halfOf({ count, rows, lines, each, places, labels }) {
  /** @type {number[]} */
  const far = [];
  for (let stage = 0; stage < count; stage++) {
    const from = 2 * (stage * rows + lines * each);
    far.push(...places.subarray(from, from + 2 * labels.length).map(Math.abs));
  }
  far.sort((one, other) => one - other);
  return 1.1 * Math.max(1, far[Math.floor(VISIBLE_SHARE * (far.length - 1))] ?? 1);
}

/** The picture of one stage. */
class Stage extends Plane {
  /** @param {Stages} stages @param {number} stage @param {number} half half the square's side, in units of latent space */
  draw(stages, stage, half) {
    if (!this.begin()) return;
    this.half = half;
    const { rows, lines, each, labels, directions } = stages;
    const places = stages.places.subarray(2 * stage * rows, 2 * (stage + 1) * rows);
    const points = 2 * lines * each;
    this.lines(places, stages, 0.4);
    this.dots(places.subarray(points), labels);
    const star = points + 2 * labels.length;
    if (star < places.length) this.star(places.subarray(star));
    if (stage > 0) this.#arrow(directions[stage - 1]);
  }

  /** Draws a double arrow in the lower left corner. @param {number} angle */
  #arrow(angle) {
    const { context, side } = this;
    const size = Math.min(LARGEST, 0.3 * side);
    context.save();
    context.translate(0.6 * size, side - 0.6 * size);
    context.rotate(-angle);
    Object.assign(context, { font: `${size}px sans-serif`, textAlign: "center", textBaseline: "middle", lineWidth: 4 });
    Object.assign(context, { strokeStyle: this.ground, fillStyle: this.ink });
    context.strokeText("↔", 0, 0);
    context.fillText("↔", 0, 0);
    context.restore();
  }
}
