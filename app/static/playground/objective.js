// What is minimised (Eqs. 4-9; ibinn_core/models/objectives.py), with its gradients. L_X is -log q(x), and L_Y here the
// cross-entropy -log q(y | x) with the posterior by Bayes' rule: both in nats of a whole point, means over all points. (The
// page shows L_X in nats a dimension, which is half of it: snapshot.js.) Labels are not smoothed, and no noise is added:
// these points are no pixels with a grid between them, and what separates them shall be seen.
//
// In the plane each objective is a L_X + b L_Y, up to a constant: the IB loss 2/(1 + γ) (L_X/2 + γ L_Y), and class-NLL too,
// as -log q(x | y) = L_X + L_Y - log K. So at γ = 1/2, which is 1/dim(X), both have the same minimum.

/** @typedef {"ib" | "class-nll"} Kind */

/**
 * How much L_X and L_Y count.
 * @param {Kind} kind
 * @param {number} gamma γ, from 0 to Infinity, of "ib"
 * @returns {[number, number]}
 */
export function shares(kind, gamma) {
  if (kind === "class-nll") return [1, 1];
  if (gamma === Infinity) return [0, 2];
  return [1 / (1 + gamma), (2 * gamma) / (1 + gamma)];
}

/** What the points have lost, and what their latents and the means should have been: written anew by {@link Objective.of}. */
export class Objective {
  /** @param {number} rows at most so many points */
  constructor(rows) {
    this.d1 = new Float64Array(rows); // ∂L/∂z₁
    this.d2 = new Float64Array(rows); // ∂L/∂z₂
    this.dLogDet = 0; // ∂L/∂log|det J|, the same for all points
    this.lossX = 0;
    this.lossY = 0;
    this.loss = 0;
  }

  /**
   * The losses of points and their gradients, those of the means in `mixture.gradients`.
   * @param {import("./flow.js").Trace} trace its latents
   * @param {Uint8Array} labels
   * @param {import("./mixture.js").Mixture} mixture
   * @param {[number, number]} weights of L_X and L_Y
   */
  of(trace, labels, mixture, [ofX, ofY]) {
    const { rows, first, second, logDet } = trace;
    const { classes, means, gradients, posterior } = mixture;
    const { d1, d2 } = this;
    gradients.fill(0);
    this.lossX = this.lossY = 0;
    for (let n = 0; n < rows; n++) {
      const z1 = first[n];
      const z2 = second[n];
      const label = labels[n];
      this.lossX -= mixture.logDensity(z1, z2) + logDet[n];
      this.lossY -= mixture.logPosterior(label);
      let g1 = ofX * z1;
      let g2 = ofX * z2;
      for (let k = 0; k < classes; k++) {
        // ∂L/∂(zᵀμ - ‖μ‖²/2): L_X raises it for all classes by their posterior, L_Y for the right one at the others' cost.
        const pull = (ofY - ofX) * posterior[k] - (k === label ? ofY : 0);
        g1 += pull * means[2 * k];
        g2 += pull * means[2 * k + 1];
        gradients[2 * k] += (pull * (z1 - means[2 * k])) / rows;
        gradients[2 * k + 1] += (pull * (z2 - means[2 * k + 1])) / rows;
      }
      d1[n] = g1 / rows;
      d2[n] = g2 / rows;
    }
    this.lossX /= rows;
    this.lossY /= rows;
    this.dLogDet = -ofX / rows;
    this.loss = ofX * this.lossX + ofY * this.lossY;
  }
}
