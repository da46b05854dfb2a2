// The points of the playground: those that a kind of data makes, and those that a person paints, erases or opens.

import { made } from "./data.js";
import { MAX_POINTS, OWN, pointsAsText, pointsFromText } from "./link.js";

/**
 * @typedef {import("./link.js").Dot} Dot
 * @typedef {{ points: Float64Array, labels: Uint8Array }} Points (N, 2) and (N), as models take them
 */

export class PointSet {
  /** @type {Dot[]} beside those of the kind of data */ painted = [];
  /** @type {Dot[]} all of them */ dots = [];
  /** @type {Points} the same */ all = arraysOf([]);
  /** @type {Points | undefined} others of the same kind, by which models are measured */ held;

  /** Whether there are points of two classes. */
  get isTrainable() {
    return new Set(this.all.labels).size > 1;
  }

  /** Makes all of them anew, of the kind of data and of what is painted. @param {import("./link.js").Play} play */
  gather({ kind, classes, count, noise, seed }) {
    const make = (/** @type {number} */ from) => made({ kind: /** @type {any} */ (kind), classes, count, noise, seed: from });
    const painted = this.painted.filter(([, , label]) => label < classes);
    const base = kind === OWN ? arraysOf([]) : make(seed);
    this.#take([...Array.from(base.labels, (label, n) => /** @type {Dot} */ ([base.points[2 * n], base.points[2 * n + 1], label])), ...painted]);
    this.held = kind === OWN || painted.length ? undefined : make(seed + 5000);
  }

  /** These take the place of what a person has painted: rounded, as a link has them. @param {Dot[]} dots */
  replace(dots) {
    this.painted = pointsFromText(pointsAsText(dots));
  }

  /** @param {Dot} dot */
  add(dot) {
    if (this.dots.length === MAX_POINTS) return;
    this.painted.push(dot);
    this.#take([...this.dots, dot]);
  }

  /**
   * Erases the points within a radius. All that are left then count as painted: the kind of data must be OWN from now on,
   * or `gather` would bring back what was erased.
   * @param {[number, number]} place
   * @param {number} radius
   * @returns {boolean} whether there were any
   */
  erase([x, y], radius) {
    const left = this.dots.filter((dot) => Math.hypot(dot[0] - x, dot[1] - y) > radius);
    if (left.length === this.dots.length) return false;
    this.painted = left;
    this.#take(left);
    return true;
  }

  /** @param {Dot[]} dots */
  #take(dots) {
    this.dots = dots.slice(0, MAX_POINTS);
    this.all = arraysOf(this.dots);
  }
}

/** @param {Dot[]} dots @returns {Points} */
const arraysOf = (dots) => ({ points: Float64Array.from(dots.flatMap(([x, y]) => [x, y])), labels: Uint8Array.from(dots, ([, , label]) => label) });
