// What of a latent says the class: the scores s_k(z) = zᵀμ_k - ‖μ_k‖²/2 + w_k are linear in z, so that along any line,
// and over any plane, every posterior is known without asking the network.

import { classSpan } from "../flow/alignment.js";
import { inverseRoot, product, transposed } from "../flow/matrix.js";
import { Mixture } from "../flow/mixture.js";
import { sharedModel } from "../flow/shared.js";

/** @typedef {[number, number]} Point in the plane */

export class Space extends Mixture {
  /** Of the differences of the class means, orthonormal, (K - 1, D). @type {ArrayLike<number> | null} */
  #span = null;

  /**
   * @param {import("../flow/model.js").Described} model as it is at a γ
   * @param {number[][]} anchors of the plane of the class means, (K, K - 1): planeOf
   */
  constructor({ means, logWeights, centers }, anchors) {
    super(means, logWeights);
    this.centers = centers ?? means;
    const { origin, axes } = planeOf(means, anchors);
    this.origin = origin;
    /** Two directions of the plane, orthonormal. @type {ArrayLike<number>[]} */
    this.axes = [row(axes, 0, this.dims), row(axes, 1, this.dims)];
    /** How the scores change along them, (K) each. */
    this.axisSlopes = /** @type {[Float64Array, Float64Array]} */ (this.axes.map((axis) => this.slopes(axis)));
    /** The class means in the plane. @type {Point[]} */
    this.places = Array.from({ length: this.classes }, (_, k) => this.place(row(means, k, this.dims)));
  }

  /** The part of a direction (D) in the span of the class means' differences, (D). @param {ArrayLike<number>} direction */
  classPart(direction) {
    const { classes, dims } = this;
    const span = (this.#span ??= classSpan(this.means, classes));
    const within = product(span, direction, classes - 1, dims, 1);
    return product(within, span, 1, classes - 1, dims);
  }

  /**
   * Where a latent lies in the plane.
   * @param {ArrayLike<number>} z (D)
   * @returns {Point}
   */
  place(z) {
    const [first, second] = this.axes;
    let [x, y] = [0, 0];
    for (let at = 0; at < this.dims; at++) {
      const value = z[at] - this.origin[at];
      x += value * first[at];
      y += value * second[at];
    }
    return [x, y];
  }

  /** s_k(z), (K), with the classes' weights. @param {ArrayLike<number>} z (D) */
  scoresOf(z) {
    return this.scores(z).map((score, k) => score + this.logWeights[k]);
  }

  /** How the scores change along a direction (D), (K). @param {ArrayLike<number>} direction */
  slopes(direction) {
    return product(this.means, direction, this.classes, this.dims, 1);
  }

  /** From the centre of one class to that of another, (D). @param {number} from @param {number} to */
  towards(from, to) {
    const [start, end] = [row(this.centers, from, this.dims), row(this.centers, to, this.dims)];
    return Float64Array.from(end, (value, at) => value - start[at]);
  }
}

/**
 * The plane that all models of a data set share (place in app/latent_space/clouds.py): the first two of the dimensions
 * that the class means span, turned so that these lie on those of the plane's own model (Procrustes).
 * @param {ArrayLike<number>} means (K, D)
 * @param {number[][]} anchors means of the plane's own model, (K, K - 1)
 * @returns {{ origin: Float64Array, axes: Float64Array }} the latent at (0, 0), (D), and orthonormal directions, (2, D)
 */
function planeOf(means, anchors) {
  const classes = anchors.length;
  const dims = means.length / classes;
  const span = classes - 1;
  const origin = new Float64Array(dims);
  for (let at = 0; at < means.length; at++) origin[at % dims] += means[at] / classes;
  const basis = classSpan(means, classes);
  const centred = Float64Array.from(means, (value, at) => value - origin[at % dims]);
  const own = product(centred, transposed(basis, span, dims), classes, dims, span);
  const average = Array.from({ length: span }, (_, at) => anchors.reduce((sum, row) => sum + row[at], 0) / classes);
  const other = anchors.flatMap((row) => row.map((value, at) => value - average[at]));
  // The rotation R for which own R is nearest to other: the orthogonal factor of M = ownᵀ other.
  const m = product(transposed(own, classes, span), other, span, classes, span);
  const rotation = product(m, inverseRoot(product(transposed(m, span, span), m, span, span, span), span), span, span, span);
  const first = new Float64Array(2 * span); // of two classes there is one direction, and nothing in the second
  first.set(transposed(rotation, span, span).subarray(0, 2 * span));
  return { origin, axes: product(first, basis, 2, span, dims) };
}

/**
 * Images under the model at a γ, and the space of that model; nothing if another γ was asked for meanwhile.
 * @param {{ addresses: import("../flow/shared.js").Addresses, gamma: number, anchors: number[][] }} given
 * @param {Float32Array} x images (N, C, H, W) over [0, 1]
 * @param {string | null} key of requests of which only the newest is answered
 */
export async function encoded({ addresses, gamma, anchors }, x, key = null) {
  const model = await sharedModel(addresses, gamma);
  if (model.current.gamma !== gamma && !(await model.setGamma(gamma))) return null;
  const latents = await model.encode(x, key);
  return latents && model.current.gamma === gamma ? { model, latents, space: new Space(model.current, anchors) } : null;
}

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

/** @param {ArrayLike<number>} values of several rows @param {number} at @param {number} size of a row */
export function row(values, at, size) {
  return /** @type {Float32Array} */ (values).subarray(at * size, (at + 1) * size);
}
