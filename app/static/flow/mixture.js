// The Gaussian mixture in latent space (Eq. 2; see ibinn_core/models/mixture.py).

export class Mixture {
  /**
   * @param {ArrayLike<number>} means μ, (K, D)
   * @param {ArrayLike<number>} phi Φ, (K): unnormalised log weights of the classes
   */
  constructor(means, phi) {
    this.means = means;
    this.classes = phi.length;
    this.dims = means.length / phi.length;
    this.logWeights = Float64Array.from(phi, (value) => value - logSumExp(phi));
    this.halfNorms = Float64Array.from(phi, (_, k) => -this.logBase(means, k) - (this.dims / 2) * Math.log(2 * Math.PI));
  }

  /**
   * zᵀμ - ‖μ‖²/2, the part of log q(z | y) that depends on the class, (N, K).
   * @param {ArrayLike<number>} z (N, D)
   */
  scores(z) {
    const { classes, dims, means } = this;
    const found = new Float64Array((z.length / dims) * classes);
    for (let at = 0; at < found.length; at++) {
      const [row, k] = [Math.floor(at / classes) * dims, at % classes];
      let sum = -this.halfNorms[k];
      for (let d = 0; d < dims; d++) sum += z[row + d] * means[k * dims + d];
      found[at] = sum;
    }
    return found;
  }

  /**
   * log q(z | y) in nats, (N, K) (Eq. 53).
   * @param {ArrayLike<number>} z (N, D)
   * @param {Float64Array} scores the scores of z, (N, K)
   */
  logProb(z, scores) {
    return scores.map((score, at) => score + this.logBase(z, Math.floor(at / this.classes)));
  }

  /**
   * log q(z) in nats, (N) (Eq. 54).
   * @param {ArrayLike<number>} z (N, D)
   * @param {Float64Array} scores the scores of z, (N, K)
   */
  logMarginal(z, scores) {
    return this.#rows(scores).map((row, n) => logSumExp(row) + this.logBase(z, n));
  }

  /**
   * q(y | z) by Bayes' rule, (N, K).
   * @param {Float64Array} scores
   */
  posterior(scores) {
    const found = new Float64Array(scores.length);
    this.#rows(scores).forEach((row, n) => found.set(posteriorOf(row), n * this.classes));
    return found;
  }

  /**
   * -‖z‖²/2 - D/2 log 2π for a row of z.
   * @param {ArrayLike<number>} z (N, D)
   * @param {number} n index of the row
   */
  logBase(z, n) {
    let sum = this.dims * Math.log(2 * Math.PI);
    for (let at = n * this.dims; at < (n + 1) * this.dims; at++) sum += z[at] * z[at];
    return -sum / 2;
  }

  /** @param {Float64Array} scores (N, K) @returns {Float64Array[]} rows of `scores` plus the log class weights */
  #rows(scores) {
    return Array.from({ length: scores.length / this.classes }, (_, n) =>
      scores.slice(n * this.classes, (n + 1) * this.classes).map((value, k) => value + this.logWeights[k]),
    );
  }
}

/** @param {ArrayLike<number>} values */
function logSumExp(values) {
  let most = -Infinity;
  for (let at = 0; at < values.length; at++) most = Math.max(most, values[at]);
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += Math.exp(values[at] - most);
  return most + Math.log(sum);
}

/**
 * The posterior: the softmax of the scores.
 * @param {ArrayLike<number>} scores (K)
 */
export function posteriorOf(scores) {
  const total = logSumExp(scores);
  return Float64Array.from(scores, (score) => Math.exp(score - total));
}

/** The index of the largest value. @param {ArrayLike<number>} values */
export function largest(values) {
  let best = 0;
  for (let at = 1; at < values.length; at++) if (values[at] > values[best]) best = at;
  return best;
}
