// The points of the playground: those that a kind of data makes, and those that a person paints, erases or opens.

import { made } from "./data.js";
import { joined, MOST_POINTS, OWN, pointsAsText, pointsFromText, those } from "./link.js";

/**
 * @typedef {import("./link.js").Play} Play
 * @typedef {import("./link.js").Points} Points
 */

/** The same points as a link has them: rounded. @param {Points} points */
const rounded = (points) => pointsFromText(pointsAsText(points));

export class PointSet {
  /** @type {Points} beside those of the kind of data */ painted = pointsFromText("");
  /** @type {Points} all of them */ all = pointsFromText("");
  /** @type {Points | undefined} of the same kind, by which models are measured */ held;
  /** @type {Points | null} those of `painted` that a person made, where some of the kind's own are among them */ #byHand = null;

  get isFull() {
    return this.all.labels.length >= MOST_POINTS;
  }

  /** Whether there are points of two classes. */
  get isTrainable() {
    return new Set(this.all.labels).size > 1;
  }

  /** These take the place of what a person has painted or opened. @param {Points} points */
  replace(points) {
    this.painted = rounded(points);
    this.#byHand = null;
  }

  /** A person chooses another kind of data: points of the kind before do not stay. */
  leaveKind() {
    this.replace(this.#byHand ?? this.painted);
  }

  /** Makes `all` and `held` anew of the kind of data and of what is painted. @param {Play} play */
  gather({ kind, classes, count, noise, seed }) {
    const isMade = kind !== OWN;
    const given = /** @type {any} */ ({ kind, classes, count, noise });
    const base = isMade ? made({ ...given, seed }) : pointsFromText("");
    const painted = those(this.painted, (at) => this.painted.labels[at] < classes);
    this.all = those(joined(base, painted), (at) => at < MOST_POINTS);
    this.held = isMade && !painted.labels.length ? made({ ...given, seed: seed + 5000 }) : undefined;
  }

  /** @param {[number, number]} place @param {number} label */
  add(place, label) {
    const one = { points: Float64Array.from(place), labels: Uint8Array.of(label) };
    this.painted = joined(this.painted, one);
    if (this.#byHand) this.#byHand = joined(this.#byHand, one);
    this.all = joined(this.all, one);
  }

  /**
   * Erases the points within a radius. All that are left then count as painted: the kind of data must be OWN from now on,
   * or `gather` would bring back what was erased.
   * @param {[number, number]} place
   * @param {number} radius
   * @param {string} kind of data
   * @returns {boolean} whether there were any
   */
  erase([x, y], radius, kind) {
    const leftOf = (/** @type {Points} */ some) => those(some, (at) => Math.hypot(some.points[2 * at] - x, some.points[2 * at + 1] - y) > radius);
    const left = leftOf(this.all);
    if (left.labels.length === this.all.labels.length) return false;
    if (this.#byHand || kind !== OWN) this.#byHand = leftOf(this.#byHand ?? this.painted);
    this.painted = this.all = left;
    return true;
  }

  /** A stroke is over: what was painted is rounded, as a link has it. */
  endStroke() {
    this.painted = rounded(this.painted);
  }
}
