// The points of the playground: a generated data set, and points that the user paints, erases, or opens from a file.

import { made } from "./data.js";
import { MAX_POINTS, OWN, pointsAsText, pointsFromText } from "./link.js";

/**
 * @typedef {import("./link.js").Dot} Dot
 * @typedef {{ points: Float64Array, labels: Uint8Array }} Points points (N, 2) and labels (N)
 */

export class PointSet {
  /** @type {Dot[]} the user's points */ painted = [];
  /** @type {Dot[]} all points */ dots = [];
  /** @type {Points | undefined} held-out points, on which models are evaluated */ held;

  /** All points as arrays. */
  get all() {
    return arraysOf(this.dots);
  }

  /** Whether at least two classes have points. */
  get isTrainable() {
    return new Set(this.dots.map(([, , label]) => label)).size > 1;
  }

  /** Makes all points from the settings and the painted points. @param {import("./link.js").Play} play */
  gather({ kind, classes, count, noise, seed }) {
    const make = (/** @type {number} */ from) => made({ kind, classes, count, noise, seed: from });
    const painted = this.painted.filter(([, , label]) => label < classes);
    const base = kind === OWN ? arraysOf([]) : make(seed);
    const generated = Array.from(base.labels, (label, n) => /** @type {Dot} */ ([base.points[2 * n], base.points[2 * n + 1], label]));
    this.dots = [...generated, ...painted].slice(0, MAX_POINTS);
    this.held = kind === OWN || painted.length ? undefined : make(seed + 5000);
  }

  /** Replaces the painted points. They are rounded as in a link. @param {Dot[]} dots */
  replace(dots) {
    this.painted = pointsFromText(pointsAsText(dots));
  }

  /** @param {Dot} dot */
  add(dot) {
    if (this.dots.length === MAX_POINTS) return;
    this.painted = [...this.painted, dot];
    this.dots = [...this.dots, dot];
  }

  /**
   * Erases the points within a radius. All remaining points then count as painted. The caller must set the kind of data
   * to OWN, or `gather` would restore the erased points.
   * @param {[number, number]} place
   * @param {number} radius
   * @returns {boolean} whether any points were erased
   */
  erase([x, y], radius) {
    const left = this.dots.filter((dot) => Math.hypot(dot[0] - x, dot[1] - y) > radius);
    if (left.length === this.dots.length) return false;
    this.painted = this.dots = left;
    return true;
  }
}

/** @param {Dot[]} dots @returns {Points} */
const arraysOf = (dots) => ({ points: Float64Array.from(dots.flatMap(([x, y]) => [x, y])), labels: Uint8Array.from(dots, ([, , label]) => label) });
