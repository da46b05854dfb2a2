// A model of the playground for a page. It trains in a worker, one request after another.

import { AskedWorker } from "../flow/asked.js";

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
 * @property {number} ece top-label calibration error in ten equal bins, likewise
 * @property {{ lossX: number, lossY: number, error: number } | null} training the same losses and error over the points that
 *   it trains on, where others are held
 * @property {Float32Array} z latents of the points, (N, 2)
 * @property {Float32Array} means (K, 2)
 * @property {Grid} grid
 * @property {{ size: number, from: number, to: number, density: Float32Array, label: Uint8Array, share: Float32Array }} field
 *   log q(x) in nats, the likeliest class and its posterior at the centres of size² cells of the square, (size, size): rows
 *   from below, cells of a row from the left
 * @property {{ x: Float32Array, y: Uint8Array }} samples drawn from the mixture and decoded, (M, 2) and (M)
 * @property {boolean} finite false: the training has diverged; then it takes no steps any more
 *
 * @typedef {object} Grid a square grid of data space as it lies in latent space
 * @property {number} lines upright ones from left to right, then level ones from below
 * @property {number} each nodes of a line, ends included
 * @property {Float32Array} z (lines, each, 2)
 *
 * @typedef {object} Probe a point, and what a model makes of it
 * @property {[number, number]} x
 * @property {[number, number]} z its latent
 * @property {number[]} posterior of each class
 * @property {number} rank the share of the points that it trains on that are likelier
 *
 * @typedef {object} Stages where points are before the first coupling, behind each, and so in latent space
 * @property {number} count of the stages, one more than couplings
 * @property {number} rows of each: those of a grid around the data, then data points, then the points that were asked for
 * @property {number} lines of the grid, upright ones first
 * @property {number} each points of a line
 * @property {Float32Array} places (count, rows, 2), in the directions of latent space
 * @property {Uint8Array} labels of the data points
 * @property {Float64Array} directions in which each coupling moves points, in radians from the first latent axis
 */

export class Trainer {
  #worker = new AskedWorker(new Worker(new URL("worker.js", import.meta.url), { type: "module" }));

  /**
   * A new network. The same seed has the same first weights, whatever the objective.
   * @param {Problem} problem
   * @returns {Promise<Snapshot>} of step 0
   */
  start(problem) {
    return this.#worker.ask({ method: "start", given: problem });
  }

  /**
   * The same network goes on with other settings, or other points of the same classes.
   * @param {Partial<Pick<Problem, "objective" | "gamma" | "learningRate" | "points" | "labels" | "held">>} settings
   * @returns {Promise<Snapshot>}
   */
  change(settings) {
    return this.#worker.ask({ method: "change", given: settings });
  }

  /** Takes steps. @param {number} count @returns {Promise<Snapshot>} */
  step(count = 1) {
    return this.#worker.ask({ method: "step", given: count });
  }

  /** @param {Float64Array} x (2) @returns {Promise<Probe>} what the model makes of a point */
  probe(x) {
    return this.#worker.ask({ method: "probe", given: x });
  }

  /** @param {Float64Array} z (N, 2) @returns {Promise<Float64Array>} points of data space */
  decode(z) {
    return this.#worker.ask({ method: "decode", given: z });
  }

  /** @param {Float64Array} extra points (M, 2) that go along @returns {Promise<Stages>} */
  stages(extra) {
    return this.#worker.ask({ method: "stages", given: extra });
  }

  /** Ends the worker; what is asked for is rejected. */
  close() {
    this.#worker.end("the training is closed");
  }
}
