// The affine layer at the end of the flow. ibinn_core/layers/alignment.py explains the mathematics and the names.

import { inverseRoot, product, solved, transposed } from "./matrix.js";

/**
 * @typedef {object} Stored the stored parameters of an alignment
 * @property {ArrayLike<number>} means μ of the mixture before this layer, (K, D)
 * @property {ArrayLike<number>} location m, (D)
 * @property {ArrayLike<number>} log_scale log s, (D)
 * @property {ArrayLike<number>} matrix A, (K - 1, K - 1)
 * @property {ArrayLike<number>} offset v, (K - 1)
 */

export class Alignment {
  /**
   * @param {Stored} stored
   * @param {number} classes K
   */
  constructor({ means, location, log_scale: logScale, matrix, offset }, classes) {
    const dims = location.length;
    const span = classes - 1;
    this.dims = dims;
    this.span = span;
    this.location = location;
    this.scale = Float64Array.from(logScale, Math.exp);
    const scaled = Float64Array.from({ length: classes * dims }, (_, at) => means[at] / this.scale[at % dims]);
    this.basis = classSpan(scaled, classes); // Pᵀ, (K - 1, D)
    this.columns = transposed(this.basis, span, dims); // P

    const centre = new Float64Array(dims);
    for (let at = 0; at < scaled.length; at++) centre[at % dims] += scaled[at] / classes;
    const centred = scaled.map((value, at) => value - centre[at % dims]);
    const points = product(centred, this.columns, classes, dims, span);
    for (let at = 0; at < points.length; at++) points[at] += offset[at % span];
    const turned = transposed(matrix, span, span); // Aᵀ
    const aligned = transposed(
      solved(turned, transposed(points, classes, span), span, classes).solution, span, classes,
    );

    const equations = new Float64Array(classes * classes).fill(-1);
    const constants = new Float64Array(classes);
    for (let k = 0; k < classes; k++) {
      for (let at = 0; at < dims; at++) {
        const mean = means[k * dims + at];
        constants[k] += mean * location[at] - (mean * mean) / 2;
      }
      for (let at = 0; at < span; at++) {
        const value = aligned[k * span + at];
        equations[k * classes + at] = value;
        constants[k] += (value * value) / 2;
      }
    }
    this.shift = solved(equations, constants, classes, 1).solution.subarray(0, span); // b

    this.push = turned.map((value, at) => value - (at % (span + 1) ? 0 : 1)); // (A - 1)ᵀ
    const { solution, logAbsDet } = solved(turned, this.push, span, span);
    this.pull = solution.map((value) => -value);
    /** log |det| of {@link forward}. */
    this.logAbsDet = Array.from(logScale).reduce((sum, value) => sum + value, logAbsDet);
    /** Means of the mixture after this layer, (K, D). */
    this.means = product(aligned, this.basis, classes, span, dims);
  }

  /**
   * Aligns the latents that the flow returns, (N, D).
   * @param {ArrayLike<number>} u (N, D)
   */
  forward(u) {
    const { dims, span, basis, columns, scale, location } = this;
    const y = new Float32Array(u.length);
    for (let start = 0; start < u.length; start += dims) {
      const h = Float64Array.from(scale, (s, at) => (u[start + at] - location[at]) * s);
      const inside = product(product(h, columns, 1, dims, span), this.push, 1, span, span);
      const moved = product(inside.map((value, at) => value + this.shift[at]), basis, 1, span, dims);
      for (let at = 0; at < dims; at++) y[start + at] = h[at] + moved[at];
    }
    return y;
  }

  /**
   * Returns the latents that the inverse flow takes, (N, D).
   * @param {ArrayLike<number>} y (N, D)
   */
  inverse(y) {
    const { dims, span, basis, columns, scale, location } = this;
    const u = new Float32Array(y.length);
    const shift = product(this.shift, basis, 1, span, dims);
    for (let start = 0; start < y.length; start += dims) {
      const shifted = shift.map((value, at) => y[start + at] - value);
      const inside = product(product(shifted, columns, 1, dims, span), this.pull, 1, span, span);
      const moved = product(inside, basis, 1, span, dims);
      for (let at = 0; at < dims; at++) u[start + at] = (shifted[at] + moved[at]) / scale[at] + location[at];
    }
    return u;
  }
}

/**
 * An orthonormal basis (K - 1, D) for the differences of the class means. It is the basis nearest to the differences,
 * so it changes smoothly with them.
 * @param {ArrayLike<number>} means (K, D)
 * @param {number} classes K
 */
export function classSpan(means, classes) {
  const [span, dims] = [classes - 1, means.length / classes];
  const differences = product(contrasts(classes), means, span, classes, dims);
  const root = inverseRoot(product(differences, transposed(differences, span, dims), span, dims, span), span);
  return product(root, differences, span, span, dims);
}

/**
 * Helmert's matrix (K - 1, K): orthonormal rows, each orthogonal to a vector of ones.
 * @param {number} count K
 */
function contrasts(count) {
  const rows = new Float64Array((count - 1) * count);
  for (let row = 0; row < count - 1; row++) {
    const size = Math.sqrt((row + 1) * (row + 2));
    for (let at = 0; at <= row; at++) rows[row * count + at] = 1 / size;
    rows[row * count + row + 1] = -(row + 1) / size;
  }
  return rows;
}
