// What a page shows of a model while it trains, in both spaces.

import { normal } from "../flow/noise.js";
import { Trace } from "./flow.js";

/** @typedef {import("./trainer.js").Snapshot} Snapshot */
/** @typedef {import("./training.js").Training} Training */

const [FROM, TO] = [-4, 4]; // the square of data space that is shown
const [LINES, EACH] = [17, 97]; // of the grid: lines of one direction, points of a line
const SIZE = 64; // of the field
const SAMPLES = 300;
const BINS = 10; // of the calibration
const DIMS = 2; // of a point

/** Places of data space, which are the same for every snapshot. */
const GRID = Float64Array.from({ length: 2 * LINES * EACH * 2 }, (_, at) => {
  const [line, along, isSecond] = [Math.floor(at / (2 * EACH)), Math.floor(at / 2) % EACH, at % 2];
  const isVertical = line < LINES;
  const share = isVertical === !isSecond ? (line % LINES) / (LINES - 1) : along / (EACH - 1);
  return FROM + share * (TO - FROM);
});
const FIELD = Float64Array.from({ length: SIZE * SIZE * 2 }, (_, at) => {
  const place = at % 2 ? Math.floor(at / (2 * SIZE)) : Math.floor(at / 2) % SIZE;
  return FROM + ((place + 0.5) / SIZE) * (TO - FROM);
});

/** Shows one training; what it computes with is kept from snapshot to snapshot. */
export class Viewer {
  /** @param {Training} training */
  constructor(training) {
    this.training = training;
    this.trace = new Trace(Math.max(GRID.length, FIELD.length) / 2);
    this.noise = normal(2 * SAMPLES, training.problem.seed);
  }

  /** @param {number} stepsPerSecond @returns {Snapshot} */
  snapshot(stepsPerSecond) {
    const { mixture, taken, finite } = this.training;
    const { points } = this.training.problem;
    const measured = this.#measured();
    return {
      step: taken,
      ...measured,
      meansDistance: mixture.distance(),
      z: Float32Array.from(this.#forward(points).points()),
      means: Float32Array.from(mixture.means),
      grid: { lines: 2 * LINES, each: EACH, from: FROM, to: TO, z: Float32Array.from(this.#forward(GRID).points()) },
      field: { size: SIZE, from: FROM, to: TO, logProb: Float32Array.from(this.#logProb(this.#forward(FIELD))) },
      samples: this.#samples(),
      stepsPerSecond,
      finite: finite && Number.isFinite(measured.lossX + measured.lossY),
    };
  }

  /** Latents of points, with log q(x | y). @param {Float64Array} points (N, 2) */
  encode(points) {
    const trace = this.#forward(points);
    return { z: trace.points(), logProb: this.#logProb(trace, true) };
  }

  /** @param {Float64Array} z (N, 2) @returns {Float64Array} points */
  decode(z) {
    const trace = this.#room(z.length / 2).load(z);
    this.training.flow.inverse(trace);
    return trace.points();
  }

  /** @param {number} rows */
  #room(rows) {
    if (rows > this.trace.first.length) this.trace = new Trace(rows);
    return this.trace;
  }

  /** @param {Float64Array} points */
  #forward(points) {
    const trace = this.#room(points.length / 2).load(points);
    this.training.flow.forward(trace);
    return trace;
  }

  /** log q(x | y) in nats: class by class (K, N), or row by row (N, K). @param {Trace} trace @param {boolean} byRow */
  #logProb({ rows, first, second, logDet }, byRow = false) {
    const { mixture } = this.training;
    const found = new Float64Array(mixture.classes * rows);
    for (let k = 0; k < mixture.classes; k++) {
      for (let n = 0; n < rows; n++) {
        const at = byRow ? n * mixture.classes + k : k * rows + n;
        found[at] = mixture.logProb(first[n], second[n], k) + logDet[n];
      }
    }
    return found;
  }

  /** Losses, error and calibration, over the held points where there are some. */
  #measured() {
    const { mixture, problem } = this.training;
    const { points, labels } = problem.held ?? problem;
    const { rows, first, second, logDet } = this.#forward(points);
    const [confidence, accuracy, count] = [0, 0, 0].map(() => new Float64Array(BINS));
    let [lossX, lossY, error] = [0, 0, 0];
    for (let n = 0; n < rows; n++) {
      lossX -= (mixture.look(first[n], second[n]) + logDet[n]) / rows;
      lossY -= mixture.logPosterior(labels[n]) / rows;
      let best = 0;
      for (let k = 1; k < mixture.classes; k++) if (mixture.posterior[k] > mixture.posterior[best]) best = k;
      const bin = Math.max(0, Math.ceil(BINS * mixture.posterior[best]) - 1) || 0; // with its upper edge
      confidence[bin] += mixture.posterior[best];
      accuracy[bin] += best === labels[n] ? 1 : 0;
      count[bin]++;
      error += best === labels[n] ? 0 : 1 / rows;
    }
    let ece = 0;
    for (let bin = 0; bin < BINS; bin++) {
      ece += Math.abs(confidence[bin] - accuracy[bin]) / rows;
      confidence[bin] /= count[bin] || 1;
      accuracy[bin] /= count[bin] || 1;
    }
    lossX /= DIMS;
    return { lossX, lossY, error, bits: lossX / Math.LN2, calibration: { confidence, accuracy, count, ece } };
  }

  /** Points drawn from q(x | y), sample m of class m mod K; their noise stays, so that they move smoothly. */
  #samples() {
    const { classes, means } = this.training.mixture;
    const y = Uint8Array.from({ length: SAMPLES }, (_, m) => m % classes);
    const z = Float64Array.from(this.noise, (value, at) => means[2 * y[at >> 1] + (at % 2)] + value);
    return { x: Float32Array.from(this.decode(z)), y };
  }
}
