// A model of the playground for a page. It trains in a worker, one request after another.

/**
 * @typedef {object} Problem
 * @property {Float64Array} points (N, 2), row by row
 * @property {Uint8Array} labels (N)
 * @property {number} classes K
 * @property {number} couplings
 * @property {number} width hidden units of each coupling's sub-network
 * @property {number} seed of weights, rotations and samples, a whole number from 0 to 2³² - 1
 * @property {import("./objective.js").Kind} objective
 * @property {number} gamma γ, from 0 to Infinity
 * @property {number} learningRate
 * @property {{ points: Float64Array, labels: Uint8Array }} [held] points on which it is measured instead
 *
 * @typedef {object} Snapshot
 * @property {number} step
 * @property {number} lossX L_X in nats a dimension, over the held points where there are some
 * @property {number} lossY -log q(y | x) in nats, likewise
 * @property {number} error share of points that are taken for another class, likewise
 * @property {number} bits the same L_X in bits a dimension
 * @property {{ lossX: number, lossY: number, error: number, bits: number } | null} training the same four over the points that
 *   it trains on, where others are held
 * @property {number} meansDistance mean distance between two class means
 * @property {{ confidence: Float64Array, accuracy: Float64Array, count: Float64Array, ece: number }} calibration top-label
 *   calibration in ten equal bins: both are zero where the count is
 * @property {Float32Array} z latents of the points, (N, 2)
 * @property {Float32Array} means (K, 2)
 * @property {Grid} grid
 * @property {{ size: number, from: number, to: number, logProb: Float32Array }} field log q(x | y) in nats at the centres
 *   of size² cells of the square, (K, size, size): rows from below, cells of a row from the left
 * @property {{ x: Float32Array, y: Uint8Array }} samples drawn from the mixture and decoded, (M, 2) and (M)
 * @property {number} stepsPerSecond of computing, in the last call of `step`
 * @property {boolean} finite false: the training has diverged; then it takes no steps any more
 *
 * @typedef {object} Grid a square grid of data space as it lies in latent space
 * @property {number} lines upright ones from left to right, then level ones from below
 * @property {number} each nodes of a line, ends included
 * @property {number} from where data space begins, on both axes
 * @property {number} to
 * @property {Float32Array} z (lines, each, 2)
 * @property {Uint8Array} isLikely of each node: 1 where the model expects points, as it does at 98 % of those that it trains on
 *
 * @typedef {object} Stages where points are before the first coupling, behind each, and so in latent space
 * @property {number} count of the stages, one more than couplings
 * @property {number} rows of each: those of a grid around the data, then data points, then the points that were asked for
 * @property {number} lines of the grid, upright ones first
 * @property {number} each points of a line
 * @property {Float32Array} places (count, rows, 2), in the directions of latent space
 * @property {Uint8Array} labels of the data points
 * @property {Float64Array} directions in which each coupling moves points, in radians from the first latent axis
 *
 */

export class Trainer {
  /** @type {(error: Error) => void} when the worker has ended without being closed */
  onError = () => {};
  /** @type {Map<number, { resolve: (found: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  #count = 0;
  /** @type {Error | null} */
  #ending = null;
  #worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });

  constructor() {
    this.#worker.onmessage = ({ data: { id, found, problem } }) => {
      const { resolve, reject } = this.#waiting.get(id) ?? {};
      this.#waiting.delete(id);
      if (problem === undefined) resolve?.(found);
      else reject?.(new Error(problem));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Error(event.message || "the training has ended"));
      if (this.#ending) this.onError(this.#ending);
    };
  }

  /**
   * A new network. The same seed has the same first weights, whatever the objective.
   * @param {Problem} problem
   * @returns {Promise<Snapshot>} of step 0
   */
  start(problem) {
    return this.#ask("start", problem);
  }

  /**
   * The same network goes on with other settings, or other points of the same classes.
   * @param {Partial<Pick<Problem, "objective" | "gamma" | "learningRate" | "points" | "labels" | "held">>} settings
   * @returns {Promise<Snapshot>}
   */
  change(settings) {
    return this.#ask("change", settings);
  }

  /** Takes steps. @param {number} count @returns {Promise<Snapshot>} */
  step(count = 1) {
    return this.#ask("step", count);
  }

  /**
   * @param {Float64Array} points (N, 2)
   * @returns {Promise<{ z: Float64Array, logProb: Float64Array }>} latents (N, 2), and log q(x | y) in nats, (N, K)
   */
  encode(points) {
    return this.#ask("encode", points);
  }

  /** @param {Float64Array} z (N, 2) @returns {Promise<Float64Array>} points of data space */
  decode(z) {
    return this.#ask("decode", z);
  }

  /** @param {Float64Array} extra points (M, 2) that go along @returns {Promise<Stages>} */
  stages(extra) {
    return this.#ask("stages", extra);
  }

  /** Ends the worker; what is asked for is rejected. */
  close() {
    this.#end(new Error("the training is closed"));
  }

  /** @param {string} method @param {unknown} given @returns {Promise<any>} */
  #ask(method, given) {
    if (this.#ending) return Promise.reject(this.#ending);
    const id = this.#count++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, given });
    });
  }

  /** @param {Error} error */
  #end(error) {
    this.#ending ??= error;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#ending);
    this.#waiting.clear();
  }
}
