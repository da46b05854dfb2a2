// The latent mixture of the plane (Eq. 2): K unit Gaussians with learned means and equal weights. The mixture in
// app/static/flow/mixture.js makes new arrays in each call, which is too slow for training.

const RADIUS = 2; // radius of the circle of the initial means
const LOG_2_PI = Math.log(2 * Math.PI);

export class Mixture {
  #scores;
  #logSum = 0;

  /** @param {number} classes K */
  constructor(classes) {
    this.classes = classes;
    this.means = new Float64Array(2 * classes);
    this.gradients = new Float64Array(2 * classes);
    /** q(y | z) of the latent in the last call of `logDensity`, (K) */
    this.posterior = new Float64Array(classes);
    this.#scores = new Float64Array(classes);
    for (let k = 0; k < classes; k++) {
      const angle = Math.PI * (0.5 + (2 * k) / classes);
      this.means.set([RADIUS * Math.cos(angle), RADIUS * Math.sin(angle)], 2 * k);
    }
  }

  /**
   * Sets `posterior` for one latent, and returns log q(z) in nats.
   *
   * It uses zᵀμ - ‖μ‖²/2, the part of log q(z | y) that depends on the class. Differences of squared distances would
   * lose precision for distant latents.
   * @param {number} z1
   * @param {number} z2
   */
  logDensity(z1, z2) {
    const { classes, means, posterior } = this;
    const scores = this.#scores;
    let most = -Infinity;
    for (let k = 0; k < classes; k++) {
      const m1 = means[2 * k];
      const m2 = means[2 * k + 1];
      scores[k] = z1 * m1 + z2 * m2 - (m1 * m1 + m2 * m2) / 2;
      if (scores[k] > most) most = scores[k];
    }
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += posterior[k] = Math.exp(scores[k] - most);
    for (let k = 0; k < classes; k++) posterior[k] /= sum;
    this.#logSum = most + Math.log(sum);
    return this.#logSum - Math.log(classes) - (z1 * z1 + z2 * z2) / 2 - LOG_2_PI;
  }

  /** The class with the largest posterior. */
  likeliest() {
    let best = 0;
    for (let k = 1; k < this.classes; k++) if (this.posterior[k] > this.posterior[best]) best = k;
    return best;
  }

  /** log q(y | z) of the latent in the last call of `logDensity`, in nats. @param {number} k */
  logPosterior(k) {
    return this.#scores[k] - this.#logSum;
  }
}
