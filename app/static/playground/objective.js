// The training objectives and their gradients (Eqs. 4-9; see ibinn_core/models/objectives.py). L_X is -log q(x), and
// L_Y is the cross-entropy -log q(y | x) with the posterior by Bayes' rule. Both are means over all points, in nats per
// point. (The page shows L_X/2, the loss in nats per dimension; see snapshot.js.) Labels are not smoothed, so
// that the separation of the classes is visible. No noise is added, because the points are not quantised as pixels are.
//
// In the plane, each objective is a sum a·L_X + b·L_Y, up to a constant. The IB loss is 2/(1 + γ) (L_X/2 + γ L_Y).
// Class-NLL is -log q(x | y) = L_X + L_Y - log K. So both have the same minimum at γ = 1/2, which is 1/dim(X).

/**
 * The weights of L_X and L_Y.
 * @param {import("./link.js").Objective} kind
 * @param {number} gamma γ of "ib", from 0 to Infinity
 * @returns {[number, number]}
 */
export function shares(kind, gamma) {
  if (kind === "class-nll") return [1, 1];
  if (gamma === Infinity) return [0, 2];
  return [1 / (1 + gamma), (2 * gamma) / (1 + gamma)];
}

/** The losses over all points, and their gradients with respect to the latents. {@link Objective.of} computes both. */
export class Objective {
  /** @param {number} rows the largest number of points */
  constructor(rows) {
    this.d1 = new Float64Array(rows); // ∂L/∂z₁
    this.d2 = new Float64Array(rows); // ∂L/∂z₂
    this.dLogDet = 0; // ∂L/∂log|det J|, the same for all points
    this.loss = 0;
  }

  /**
   * Computes the losses and their gradients. The gradients with respect to the class means go to `mixture.gradients`.
   * @param {import("./flow.js").Trace} trace the latents
   * @param {Uint8Array} labels
   * @param {import("./mixture.js").Mixture} mixture
   * @param {[number, number]} weights weights of L_X and L_Y
   */
  of(trace, labels, mixture, [ofX, ofY]) {
    const { rows, first, second, logDet } = trace;
    const { classes, means, gradients, posterior } = mixture;
    const { d1, d2 } = this;
    gradients.fill(0);
    let [lossX, lossY] = [0, 0];
    for (let n = 0; n < rows; n++) {
      const z1 = first[n];
      const z2 = second[n];
      const label = labels[n];
      lossX -= mixture.logDensity(z1, z2) + logDet[n];
      lossY -= mixture.logPosterior(label);
      let g1 = ofX * z1;
      let g2 = ofX * z2;
      for (let k = 0; k < classes; k++) {
        // ∂L/∂(zᵀμ - ‖μ‖²/2). L_X raises all class scores; L_Y raises the true class's score and lowers the other scores.
        const pull = (ofY - ofX) * posterior[k] - (k === label ? ofY : 0);
        g1 += pull * means[2 * k];
        g2 += pull * means[2 * k + 1];
        gradients[2 * k] += (pull * (z1 - means[2 * k])) / rows;
        gradients[2 * k + 1] += (pull * (z2 - means[2 * k + 1])) / rows;
      }
      d1[n] = g1 / rows;
      d2[n] = g2 / rows;
    }
    this.dLogDet = -ofX / rows;
    this.loss = (ofX * lossX + ofY * lossY) / rows;
  }
}
