// One image's posterior as bars, and its place in the plane of the class means as a star.

import { classSpan } from "../flow/alignment.js";
import { inverseRoot, product, productWithTransposed, transposed } from "../flow/matrix.js";
import { cloudOf } from "../plane/component.js";
import { lookAt } from "./looks.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("./live.js").Changes} Changes
 * @typedef {import("./looks.js").Picture} Picture
 */

export class Bars {
  /** @param {string} _ @param {{ picture: Picture, shown: number[] }} given classes that have a bar */
  constructor(_, given) {
    this.given = given;
  }

  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const found = await lookAt(model, this.given.picture);
    if (!found) return;
    const shares = this.given.shown.map((k) => found.posterior[k]);
    yield { bars: { x: shares, text: shares.map(percent) } };
  }
}

export class Star {
  /** @param {string} plane its key @param {{ picture: Picture, anchors: number[][] }} given means of the plane's own model, (K, K - 1) */
  constructor(plane, given) {
    this.plane = plane;
    this.given = given;
  }

  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const found = await lookAt(model, this.given.picture);
    if (!found) return;
    const [x, y] = placeOf(found.latents, model.current.means, this.given.anchors);
    yield () => cloudOf(this.plane)?.starAt([x, y]);
  }
}

/**
 * Where a latent lies in the plane that all models of a data set share (place in app/latent_space/clouds.py).
 * @param {ArrayLike<number>} latent (D)
 * @param {ArrayLike<number>} means (K, D)
 * @param {number[][]} anchors (K, K - 1)
 */
export function placeOf(latent, means, anchors) {
  const { origin, axes } = planeOf(means, anchors);
  return productWithTransposed(Float64Array.from(latent, (value, at) => value - origin[at]), axes, 1, latent.length, 2);
}

/**
 * That plane: the first two of the dimensions that the class means span, turned so that these lie on those of the
 * plane's own model (Procrustes).
 * @param {ArrayLike<number>} means (K, D)
 * @param {number[][]} anchors means of the plane's own model, (K, K - 1)
 * @returns {{ origin: Float64Array, axes: Float64Array }} the latent at (0, 0), (D), and orthonormal directions, (2, D)
 */
export function planeOf(means, anchors) {
  const classes = anchors.length;
  const dims = means.length / classes;
  const span = classes - 1;
  const origin = new Float64Array(dims);
  for (let at = 0; at < means.length; at++) origin[at % dims] += means[at] / classes;
  const basis = classSpan(means, classes);
  const centred = Float64Array.from(means, (value, at) => value - origin[at % dims]);
  const own = productWithTransposed(centred, basis, classes, dims, span);
  const average = Array.from({ length: span }, (_, at) => anchors.reduce((sum, row) => sum + row[at], 0) / classes);
  const other = anchors.flatMap((row) => row.map((value, at) => value - average[at]));
  // The rotation R for which own R is nearest to other: the orthogonal factor of M = ownᵀ other.
  const m = product(transposed(own, classes, span), other, span, classes, span);
  const rotation = product(m, inverseRoot(product(transposed(m, span, span), m, span, span, span), span), span, span, span);
  const first = new Float64Array(2 * span); // of two classes there is one direction, and nothing in the second
  first.set(transposed(rotation, span, span).subarray(0, 2 * span));
  return { origin, axes: product(first, basis, 2, span, dims) };
}

/** As the program writes a share on a bar. @param {number} share */
export const percent = (share) => (share >= 0.005 ? `${Math.round(100 * share)}%` : "");
