// The class scores s_k(z) = zᵀμ_k - ‖μ_k‖²/2 + w_k of a latent z. They are linear in z, so the posteriors along any
// line or plane do not need the flow.

import { classSpan } from "../flow/alignment.js";
import { inverseRoot, product, transposed } from "../flow/matrix.js";
import { Mixture } from "../flow/mixture.js";
import { sharedModel } from "../flow/shared.js";

/** @typedef {[number, number]} Point in the plane */

export class Space extends Mixture {
  /**
   * @param {import("../flow/model.js").Described} model the model at a γ
   * @param {number[][]} anchors class means of the model that defines the plane, (K, K - 1)
   */
  constructor({ means, logWeights, centers }, anchors) {
    super(means, logWeights);
    this.centers = centers ?? means;
    const { origin, axes, basis } = planeOf(means, anchors);
    this.origin = origin;
    this.basis = basis;
    /** The plane's two orthonormal directions. @type {ArrayLike<number>[]} */
    this.axes = [row(axes, 0, this.dims), row(axes, 1, this.dims)];
    /** The slopes of the scores along the two directions, (K) each. */
    this.axisSlopes = /** @type {[Float64Array, Float64Array]} */ (this.axes.map((axis) => this.slopes(axis)));
    /** The class means in the plane. @type {Point[]} */
    this.places = Array.from({ length: this.classes }, (_, k) => this.place(row(means, k, this.dims)));
  }

  /** Projects a direction (D) onto the span of the differences of the class means. @param {ArrayLike<number>} direction */
  classPart(direction) {
    const { classes, dims, basis } = this;
    const within = product(basis, direction, classes - 1, dims, 1);
    return product(within, basis, 1, classes - 1, dims);
  }

  /**
   * The position of a latent in the plane.
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

  /** The scores s_k(z), (K), including the class weights. @param {ArrayLike<number>} z (D) */
  scoresOf(z) {
    return this.scores(z).map((score, k) => score + this.logWeights[k]);
  }

  /** The slopes (K) of the scores along a direction (D). @param {ArrayLike<number>} direction */
  slopes(direction) {
    return product(this.means, direction, this.classes, this.dims, 1);
  }

  /** The direction from the centre of one class to the centre of another, (D). @param {number} from @param {number} to */
  towards(from, to) {
    const [start, end] = [row(this.centers, from, this.dims), row(this.centers, to, this.dims)];
    return Float64Array.from(end, (value, at) => value - start[at]);
  }
}

/**
 * The plane that all models of a data set share (`place` in app/latent_space/clouds.py). The class means are rotated
 * onto the anchors (Procrustes), and the first two dimensions are the plane.
 * @param {ArrayLike<number>} means (K, D)
 * @param {number[][]} anchors class means of the model that defines the plane, (K, K - 1)
 * @returns the latent at (0, 0), (D); orthonormal directions, (2, D); and an orthonormal basis of the differences of the
 *   class means, (K - 1, D)
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
  // The rotation R that brings `own R` nearest to `other` is the orthogonal factor of M = ownᵀ other.
  const m = product(transposed(own, classes, span), other, span, classes, span);
  const rotation = product(m, inverseRoot(product(transposed(m, span, span), m, span, span, span), span), span, span, span);
  const first = new Float64Array(2 * span); // with two classes, the second direction is zero
  first.set(transposed(rotation, span, span).subarray(0, 2 * span));
  return { origin, axes: product(first, basis, 2, span, dims), basis };
}

/**
 * Encodes images with the model at a γ. Returns null if γ was changed again before the answer.
 * @param {{ addresses: import("../flow/shared.js").Addresses, gamma: number, anchors: number[][] }} given
 * @param {Float32Array} x images (N, C, H, W) over [0, 1]
 * @param {string | null} key if several unfinished requests have this key, only the newest gets a result; the others get null
 */
export async function encoded({ addresses, gamma, anchors }, x, key = null) {
  const model = await sharedModel(addresses, gamma);
  if (model.current.gamma !== gamma && !(await model.setGamma(gamma))) return null;
  const latents = await model.encode(x, key);
  return latents && model.current.gamma === gamma ? { model, latents, space: new Space(model.current, anchors) } : null;
}

/**
 * The section of a path where the target is the likeliest class, as `on_top` in ibinn_core's counterfactual.py. If
 * there is none, the result is (Infinity, NaN). If no class overtakes the target, `until` is Infinity.
 * @param {ArrayLike<number>} scores scores at the start of the path
 * @param {ArrayLike<number>} slopes slopes of the scores along the path
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

/** @param {ArrayLike<number>} values several rows @param {number} at index of the row @param {number} size length of a row */
export function row(values, at, size) {
  return /** @type {Float32Array} */ (values).subarray(at * size, (at + 1) * size);
}
