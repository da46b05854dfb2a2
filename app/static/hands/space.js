// What of a latent says the class: the scores s_k(z) = zᵀμ_k - ‖μ_k‖²/2 + w_k are linear in z, so that along any line,
// and over any plane, every posterior is known without asking the network.

import { classSpan } from "../flow/alignment.js";
import { eigen, product, productWithTransposed } from "../flow/matrix.js";
import { logSumExp } from "../flow/mixture.js";

/**
 * @typedef {[number, number]} Point in the plane
 * @typedef {{ origin: Float32Array, axes: Float32Array, middle: Point }} Plane its axes are orthonormal, (2, D)
 * @typedef {object} Described a model, as Model.current describes it
 * @property {Float32Array} means μ, (K, D)
 * @property {Float64Array} logWeights w, (K)
 * @property {Float32Array | null} centers of each class's images, (K, D)
 */

export class Space {
  /**
   * @param {Described} model
   * @param {Plane | Point[]} plane its own, or where the class means should lie, as near as a turn brings them
   */
  constructor({ means, logWeights, centers }, plane) {
    const classes = logWeights.length;
    const dims = means.length / classes;
    this.classes = classes;
    this.dims = dims;
    this.means = means;
    this.logWeights = logWeights;
    this.centers = centers ?? means;
    this.halfNorms = Float64Array.from({ length: classes }, (_, k) => dot(row(means, k, dims), row(means, k, dims)) / 2);
    if (Array.isArray(plane)) {
      this.origin = new Float64Array(dims);
      for (let at = 0; at < means.length; at++) this.origin[at % dims] += means[at] / classes;
      /** Two directions of the plane, orthonormal. @type {ArrayLike<number>[]} */
      this.axes = this.#principal();
      this.middle = /** @type {Point} */ ([0, 0]);
      this.#turnOnto(plane);
    } else {
      this.origin = plane.origin;
      this.axes = [row(plane.axes, 0, dims), row(plane.axes, 1, dims)];
      this.middle = plane.middle;
    }
    /** The class means in the plane. @type {Point[]} */
    this.places = Array.from({ length: classes }, (_, k) => this.place(row(means, k, dims)));
  }

  /** Of the differences of the class means, orthonormal, (K - 1, D). @type {ArrayLike<number> | null} */
  #span = null;

  /** The part of a direction (D) in the span of the class means' differences, (D). @param {ArrayLike<number>} direction */
  classPart(direction) {
    const { classes, dims } = this;
    this.#span ??= classSpan(this.means, classes);
    return product(productWithTransposed(direction, this.#span, 1, dims, classes - 1), this.#span, 1, classes - 1, dims);
  }

  /** The two directions in which the means differ most, (2, D), orthonormal. */
  #principal() {
    const { classes, dims } = this;
    const span = classSpan(this.means, classes);
    const centred = Float64Array.from(this.means, (value, at) => value - this.origin[at % dims]);
    const inside = productWithTransposed(centred, span, classes, dims, classes - 1);
    const count = classes - 1;
    const spread = new Float64Array(count * count);
    for (let k = 0; k < classes; k++) {
      for (let at = 0; at < spread.length; at++) {
        spread[at] += inside[k * count + Math.floor(at / count)] * inside[k * count + (at % count)];
      }
    }
    const { values, vectors } = eigen(spread, count);
    const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
    return [0, 1].map((which) => {
      const column = order[Math.min(which, count - 1)];
      const axis = Float64Array.from({ length: count }, (_, at) => vectors[at * count + column]);
      // Two classes differ in one direction alone; the second axis is then no direction at all.
      return which < count ? product(axis, span, 1, count, dims) : new Float64Array(dims);
    });
  }

  /**
   * Turns, mirrors and moves the plane so that the means lie as near to the places as they can (Procrustes).
   * @param {Point[]} places
   */
  #turnOnto(places) {
    const own = Array.from({ length: this.classes }, (_, k) => this.place(row(this.means, k, this.dims)));
    const [from, to] = [middleOf(own), middleOf(places)];
    let [xx, xy, yx, yy] = [0, 0, 0, 0];
    own.forEach(([x, y], k) => {
      const [u, v] = [places[k][0] - to[0], places[k][1] - to[1]];
      xx += (x - from[0]) * u;
      xy += (x - from[0]) * v;
      yx += (y - from[1]) * u;
      yy += (y - from[1]) * v;
    });
    const mirror = xx * yy - xy * yx < 0 ? -1 : 1;
    const angle = Math.atan2(xy - mirror * yx, xx + mirror * yy);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const [first, second] = this.axes;
    this.axes = [
      Float64Array.from(first, (value, at) => c * value - mirror * s * second[at]),
      Float64Array.from(first, (value, at) => s * value + mirror * c * second[at]),
    ];
    this.middle = to;
  }

  /**
   * Where a latent lies in the plane.
   * @param {ArrayLike<number>} z (D)
   * @returns {Point}
   */
  place(z) {
    const [first, second] = this.axes;
    let [x, y] = this.middle;
    for (let at = 0; at < this.dims; at++) {
      const value = z[at] - this.origin[at];
      x += value * first[at];
      y += value * second[at];
    }
    return [x, y];
  }

  /**
   * s_k(z), (K).
   * @param {ArrayLike<number>} z (D)
   */
  scores(z) {
    return Float64Array.from(this.halfNorms, (half, k) => dot(z, row(this.means, k, this.dims)) - half + this.logWeights[k]);
  }

  /** How the scores change along a direction (D), (K). @param {ArrayLike<number>} direction */
  slopes(direction) {
    return Float64Array.from(this.halfNorms, (_, k) => dot(direction, row(this.means, k, this.dims)));
  }

  /** From the centre of one class to that of another, (D). @param {number} from @param {number} to */
  towards(from, to) {
    const [start, end] = [row(this.centers, from, this.dims), row(this.centers, to, this.dims)];
    return Float64Array.from(end, (value, at) => value - start[at]);
  }

  /**
   * What a hand needs of the model, without its latents.
   * @param {ArrayLike<number>} z where it begins, (D)
   * @param {ArrayLike<number> | null} other latent of another image, (D)
   * @param {ArrayLike<number> | null} own class part of a direction of a person's own, (D)
   * @param {Noise | null} noise
   * @returns {Small}
   */
  small(z, other = null, own = null, noise = null) {
    const { classes, dims } = this;
    return {
      places: this.places,
      star: this.place(z),
      scores: Array.from(this.scores(z)),
      slopes: this.axes.map((axis) => Array.from(this.slopes(axis))),
      pulls: Array.from({ length: classes }, (_, k) => Array.from(this.slopes(row(this.centers, k, dims)))),
      centres: Array.from({ length: classes }, (_, k) => this.place(row(this.centers, k, dims))),
      own: own && this.#along(own),
      around: noise && this.around(z, noise),
      other: other && { star: this.place(other), scores: Array.from(this.scores(other)) },
    };
  }

  /** What a step along a direction changes. @param {ArrayLike<number>} direction (D) */
  #along(direction) {
    return {
      slopes: Array.from(this.slopes(direction)),
      step: /** @type {Point} */ (this.axes.map((axis) => dot(axis, direction))),
    };
  }

  /**
   * The same of noise, and of the way to a latent from the mean of the class that it is taken for.
   * @param {ArrayLike<number>} z (D)
   * @param {Noise} noise
   */
  around(z, { seed, values }) {
    const { dims } = this;
    const mean = row(this.means, largest(this.scores(z)), dims);
    return {
      seed,
      noise: Array.from({ length: values.length / dims }, (_, draw) => this.#along(row(values, draw, dims))),
      offset: this.#along(Float64Array.from(z, (value, at) => value - mean[at])),
    };
  }
}

/**
 * @typedef {{ seed: number, values: Float32Array }} Noise (DRAWS, D) of a seed
 *
 * @typedef {object} Small what a hand needs of the model at an image, without its latents
 * @property {Point[]} places of the class means in the plane
 * @property {Point} star place of the image's latent
 * @property {number[]} scores s_k of the latent, (K)
 * @property {number[][]} slopes of the scores along both axes of the plane, (2, K)
 * @property {number[][]} pulls how the centre of each class is scored, less what is constant: m_b·μ_k, (K, K)
 * @property {Point[]} centres of the classes' images in the plane
 * @property {{ slopes: number[], step: Point } | null} own what a step along the class part of a direction of a person's
 *   own changes
 * @property {{ seed: number, noise: { slopes: number[], step: Point }[], offset: { slopes: number[], step: Point } } | null} around
 *   what steps along noise change, and along the way to the image from the mean of its class
 * @property {{ star: Point, scores: number[] } | null} other image of which a part may be transplanted
 */

/**
 * From where to where along a way no class is ahead of the target, as `on_top` of ibinn_core's counterfactual.py has it:
 * from Infinity to NaN if that is nowhere, to Infinity if nothing overtakes it again.
 * @param {ArrayLike<number>} scores where the way begins
 * @param {ArrayLike<number>} slopes of the scores along it
 * @param {number} target
 * @returns {{ alpha: number, until: number }}
 */
export function onTop(scores, slopes, target) {
  let [alpha, until, isNever] = [0, Infinity, false];
  const rounding = 1e-12 * Math.max(...Array.from(slopes, Math.abs));
  for (let k = 0; k < scores.length; k++) {
    const [behind, gain] = [scores[k] - scores[target], slopes[target] - slopes[k]];
    if (Math.abs(gain) <= rounding) isNever ||= behind > 0;
    else if (gain > 0) alpha = Math.max(alpha, behind / gain);
    else until = Math.min(until, behind / gain);
  }
  return isNever || alpha > until ? { alpha: Infinity, until: NaN } : { alpha, until };
}

/**
 * Posterior of scores.
 * @param {ArrayLike<number>} scores (K)
 */
export function posteriorOf(scores) {
  const total = logSumExp(scores);
  return Float64Array.from(scores, (score) => Math.exp(score - total));
}

/** @param {ArrayLike<number>} values of several rows @param {number} at @param {number} size of a row */
export function row(values, at, size) {
  return /** @type {Float32Array} */ (values).subarray(at * size, (at + 1) * size);
}

/** @param {ArrayLike<number>} one @param {ArrayLike<number>} other */
export function dot(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += one[at] * other[at];
  return sum;
}

/** The place of the largest value. @param {ArrayLike<number>} values */
export function largest(values) {
  let best = 0;
  for (let at = 1; at < values.length; at++) if (values[at] > values[best]) best = at;
  return best;
}

/** @param {Point[]} points @returns {Point} */
function middleOf(points) {
  return /** @type {Point} */ ([0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length));
}

/** A sum that tells most arrays from one another. @param {ArrayLike<number>} values */
export const sumOf = (values) => Array.from(values).reduce((sum, value, at) => sum + value * (1 + (at % 7)), 0);
