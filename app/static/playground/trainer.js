// A model of the playground that trains in a worker. The worker handles one request at a time.

import { AskedWorker } from "../flow/asked.js";

/**
 * @typedef {object} Problem
 * @property {Float64Array} points (N, 2), row by row
 * @property {Uint8Array} labels (N)
 * @property {number} classes K
 * @property {number} couplings
 * @property {number} width hidden units of each coupling's sub-network
 * @property {number} seed seed for weights, rotations, and samples, an integer from 0 to 2³² - 1
 * @property {import("./link.js").Objective} objective
 * @property {number} gamma γ, from 0 to Infinity
 * @property {number} learningRate
 * @property {{ points: Float64Array, labels: Uint8Array }} [held] held-out points, on which the model is evaluated
 *
 * @typedef {object} Snapshot
 * @property {number} step
 * @property {number} lossX L_X in nats per dimension; it and the next three values are of the held-out points if there are any
 * @property {number} lossY -log q(y | x) in nats
 * @property {number} error share of misclassified points
 * @property {number} ece top-label calibration error with ten equal bins
 * @property {{ lossX: number, lossY: number, error: number } | null} training the losses and the error over the training
 *   points, if there are held-out points
 * @property {Float32Array} z latents of the points, (N, 2)
 * @property {Float32Array} means (K, 2)
 * @property {Grid} grid
 * @property {{ size: number, from: number, to: number, density: Float32Array, label: Uint8Array, share: Float32Array }} field
 *   log q(x) in nats, the likeliest class, and its posterior at the centres of size² cells, (size, size); rows go
 *   from bottom to top, and cells from left to right
 * @property {{ x: Float32Array, y: Uint8Array }} samples samples of the model and their classes, (M, 2) and (M)
 * @property {boolean} finite false if the training has diverged, so that no steps follow
 *
 * @typedef {object} Grid a square grid of data space, mapped to latent space
 * @property {number} lines number of lines: vertical lines from left to right, then horizontal lines from bottom to top
 * @property {number} each nodes of a line, ends included
 * @property {Float32Array} z (lines, each, 2)
 *
 * @typedef {object} Probe a point and a model's results for it
 * @property {[number, number]} x
 * @property {[number, number]} z its latent
 * @property {number[]} posterior posterior of each class
 * @property {number} rank share of the training points that are likelier than this point
 *
 * @typedef {object} Stages the points before the first coupling and after each coupling
 * @property {number} count number of stages, one more than couplings
 * @property {number} rows number of points of a stage: a grid of data space, then data points, then the requested points
 * @property {number} lines number of grid lines; the vertical lines come first
 * @property {number} each points of a line
 * @property {Float32Array} places (count, rows, 2), along the axes of latent space
 * @property {Uint8Array} labels labels of the data points
 * @property {Float64Array} directions direction in which each coupling moves points, in radians from the first latent axis
 */

export class Trainer {
  #worker = new AskedWorker(new Worker(new URL("worker.js", import.meta.url), { type: "module" }));

  /**
   * Creates a new network. Its initial weights depend on the seed, but not on the objective.
   * @param {Problem} problem
   * @returns {Promise<Snapshot>} snapshot of step 0
   */
  start(problem) {
    return this.#worker.ask({ method: "start", given: problem });
  }

  /**
   * Changes the settings or the points, and keeps the network.
   * @param {Partial<Pick<Problem, "objective" | "gamma" | "learningRate" | "points" | "labels" | "held">>} settings
   * @returns {Promise<Snapshot>}
   */
  change(settings) {
    return this.#worker.ask({ method: "change", given: settings });
  }

  /** Takes steps. @param {number} count @returns {Promise<Snapshot>} */
  step(count) {
    return this.#worker.ask({ method: "step", given: count });
  }

  /** @param {Float64Array} x (2) @returns {Promise<Probe>} */
  probe(x) {
    return this.#worker.ask({ method: "probe", given: x });
  }

  /** @param {Float64Array} z (N, 2) @returns {Promise<Float64Array>} points in data space, (N, 2) */
  decode(z) {
    return this.#worker.ask({ method: "decode", given: z });
  }

  /** @param {Float64Array} extra additional points (M, 2) @returns {Promise<Stages>} */
  stages(extra) {
    return this.#worker.ask({ method: "stages", given: extra });
  }

  /** Ends the worker and rejects all open requests. */
  close() {
    this.#worker.end("the training is closed");
  }
}
