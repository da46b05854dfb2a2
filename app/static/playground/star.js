// The star marks one point in data space and in each model's latent space. The page shows the models' results for it.

import { WAYS } from "../figure/canvas.js";
import { element } from "../figure/elements.js";
import { percent } from "../moves/words.js";
import { EDGE } from "./link.js";

/**
 * @typedef {import("./plane.js").Point} Point
 * @typedef {import("./plane.js").Plane} Plane
 * @typedef {import("./session.js").Model} Model
 * @typedef {import("./trainer.js").Probe} Probe
 * @typedef {"x" | "z"} Space data space or latent space
 */

const [STEP, STRIDE] = [1 / 40, 1 / 8]; // step of an arrow key without and with Shift, as a share of half the picture

export class Star {
  /** @type {Probe[]} results of each model; empty without a star */ probes = [];
  /** @type {{ space: Space, model: number, place: Point } | null} */ #pointed = null;
  /** @type {Point | null} position to which the star returns when the pointer leaves */ #kept = null;
  #isKeeping = false; // whether to keep the next position
  #isFinding = false;

  /**
   * @param {object} asks
   * @param {() => Model[]} asks.models
   * @param {() => boolean} asks.isPainting
   * @param {() => boolean} asks.isOnStage
   * @param {() => void} asks.found
   * @param {(place: Point | null) => void} asks.keep
   */
  constructor(asks) {
    this.asks = asks;
  }

  /** Moves the star in data space, or removes it. @param {Point | null} place */
  put(place) {
    this.#kept = place;
    this.#pointed = place && { space: "x", model: 0, place };
    this.find();
  }

  /** Listens to the pointer and the arrow keys on a picture. @param {Plane} plane @param {Space} space @param {number} model */
  watch(plane, space, model) {
    const { canvas } = plane;
    const isPainting = () => space === "x" && this.asks.isPainting();
    const point = (/** @type {PointerEvent} */ event) => {
      const isTouch = event.pointerType === "touch"; // a finger may scroll the page: only its end counts
      if (isPainting() || isTouch !== (event.type === "pointerup")) return;
      this.#pointed = { space, model, place: plane.placeOf(event) };
      this.#isKeeping ||= event.type !== "pointermove";
      this.find();
    };
    for (const type of ["pointermove", "pointerdown", "pointerup"]) canvas.addEventListener(type, /** @type {EventListener} */ (point));
    canvas.addEventListener("pointerleave", () => this.#isKeeping || this.put(this.#kept));
    canvas.addEventListener("keydown", (event) => {
      const way = WAYS[event.key];
      if (event.key === "Delete" || (event.key === "Escape" && !this.asks.isOnStage())) { // in stage mode, Escape leaves the stage
        this.put(null);
        this.asks.keep(null);
      } else if (way) {
        const from = this.probes[model]?.[space] ?? plane.centre;
        const step = (event.shiftKey ? STRIDE : STEP) * plane.half;
        this.#pointed = { space, model, place: [from[0] + step * way[0], from[1] + step * way[1]] };
        this.#isKeeping = true;
        this.find();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** Computes the star in both spaces of all models. Call it after the models have changed. */
  async find() {
    const pointed = this.#pointed;
    const models = this.asks.models();
    if (!pointed || !models.length || !models.every(({ snapshot }) => snapshot?.finite)) {
      const hadSome = this.probes.length > 0;
      this.probes = [];
      if (hadSome) this.asks.found();
      return;
    }
    if (this.#isFinding) return; // the running call then computes the new position
    this.#isFinding = true;
    try {
      const { space, model, place } = pointed;
      const given = Float64Array.from(place);
      const x = space === "x" ? given : await models[model].trainer.decode(given);
      this.probes = await Promise.all(models.map(({ trainer }) => trainer.probe(x)));
      if (this.#isKeeping && pointed === this.#pointed) {
        this.#isKeeping = false;
        if (Math.max(...x.map(Math.abs)) <= EDGE) this.asks.keep((this.#kept = [Number(x[0].toFixed(2)), Number(x[1].toFixed(2))]));
      }
      this.asks.found();
    } catch {
      // The models have been replaced.
    }
    this.#isFinding = false;
    if (this.#pointed !== pointed) this.find();
  }

  /** Shows the models' results for the star. @param {HTMLElement} place @param {string[]} colors colours of the classes */
  describe(place, colors) {
    const rows = this.probes.map(({ posterior, rank }, model) => {
      const classes = posterior.flatMap((share, label) => [element("i", { style: `--class: ${colors[label]}`, title: `class ${label + 1}` }), ` ${percent(share)}  `]);
      return element("p", { "data-model": model }, element("span", { class: "play-badge" }), ...classes, element("br"), rankText(rank));
    });
    place.replaceChildren(...(rows.length ? [element("b", { class: "play-star" }, "★ the point"), ...rows] : []));
  }
}

/** @param {number} rank share of the points that are likelier than the star */
function rankText(rank) {
  if (rank === 0 || rank === 1) return `${rank ? "less likely" : "likelier"} than every point`;
  return `less likely than ${Math.min(99, Math.max(1, Math.round(100 * rank)))} % of the points`;
}
