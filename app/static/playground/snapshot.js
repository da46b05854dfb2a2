// What a page shows of a model while it trains, in both spaces.

import { normal } from "../flow/noise.js";
import { Trace } from "./flow.js";

/** @typedef {import("./trainer.js").Snapshot} Snapshot */
/** @typedef {import("./training.js").Training} Training */

const [FROM, TO] = [-4, 4]; // the square of data space that is shown
const [LINES, EACH] = [17, 193]; // of the grid: lines of one direction, points of a line
const SIZE = 64; // of the field
const SAMPLES = 300;
const BINS = 10; // of the calibration
const DIMS = 2; // of a point
const [COARSE_LINES, COARSE_EACH, FEW] = [9, 65, 240]; // of the stages: lines of one direction, points of a line; data points
const LEAST = 0.02; // of the points: as likely as the rest a place must be, for the grid to be seen well
const AROUND = 0.08; // of the data's width, by which their grid reaches beyond

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

/** A coarse grid around points, in the order of {@link GRID}. @param {Float64Array} points (N, 2) */
function gridAround(points) {
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]];
  points.forEach((value, at) => {
    low[at % 2] = Math.min(low[at % 2], value);
    high[at % 2] = Math.max(high[at % 2], value);
  });
  return Float64Array.from({ length: 4 * COARSE_LINES * COARSE_EACH }, (_, at) => {
    const [line, along, axis] = [Math.floor(at / (2 * COARSE_EACH)), Math.floor(at / 2) % COARSE_EACH, at % 2];
    const share = (line < COARSE_LINES) === !axis ? (line % COARSE_LINES) / (COARSE_LINES - 1) : along / (COARSE_EACH - 1);
    return low[axis] + ((1 + 2 * AROUND) * share - AROUND) * (high[axis] - low[axis]);
  });
}

/** Shows one training; what it computes with is kept from snapshot to snapshot. */
export class Viewer {
  /** @param {Training} training */
  constructor(training) {
    this.training = training;
    const { problem } = training;
    this.trace = new Trace(Math.max(GRID.length, FIELD.length) / 2);
    this.logDensity = new Float64Array(Math.max(...[problem, problem.held ?? problem].map(({ labels }) => labels.length))); // log q(x) of what was measured last
    this.noise = normal(2 * SAMPLES, problem.seed);
  }

  /** @param {number} stepsPerSecond @returns {Snapshot} */
  snapshot(stepsPerSecond) {
    const { mixture, taken, finite } = this.training;
    const { problem } = this.training;
    const held = problem.held && this.#measured(problem.held);
    const own = this.#measured(problem);
    const z = Float32Array.from(this.trace.points()); // of the points, which were measured last
    const measured = held ?? own;
    const { lossX, lossY, error, bits } = own;
    const least = this.logDensity.slice(0, problem.labels.length).sort()[Math.floor(LEAST * problem.labels.length)];
    return {
      step: taken,
      ...measured,
      training: held ? { lossX, lossY, error, bits } : null,
      meansDistance: mixture.distance(),
      z,
      means: Float32Array.from(mixture.means),
      grid: { lines: 2 * LINES, each: EACH, from: FROM, to: TO, ...this.#bent(least) },
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

  /**
   * The way from data space to latent space, coupling by coupling. The rotations are taken out: all that lies behind a stage
   * is applied to it. So the last stage is latent space itself, and each coupling moves points along one straight direction.
   * @param {Float64Array} extra points (M, 2) that go along
   * @returns {import("./trainer.js").Stages}
   */
  stages(extra) {
    const { flow, problem } = this.training;
    const count = problem.labels.length;
    const chosen = Int32Array.from({ length: Math.min(FEW, count) }, (_, at) => Math.floor((at * count) / Math.min(FEW, count)));
    const points = Float64Array.from({ length: 2 * chosen.length }, (_, at) => problem.points[2 * chosen[at >> 1] + (at % 2)]);
    const given = Float64Array.from([...gridAround(problem.points), ...points, ...extra]);
    const rows = given.length / 2;
    const trace = new Trace(rows, flow.couplings).load(given);
    flow.forward(trace);
    const places = new Float32Array((flow.couplings + 1) * rows * 2);
    const directions = new Float64Array(flow.couplings);
    for (let c = 0; c <= flow.couplings; c++) {
      const isLast = c === flow.couplings;
      const [first, second] = isLast ? [trace.first, trace.second] : [trace.u1, trace.u2];
      const angle = isLast ? 0 : flow.angles.subarray(c).reduce((sum, one) => sum + one, 0); // of the rotations to come
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      for (let n = 0, from = isLast ? 0 : c * rows, to = 2 * c * rows; n < rows; n++, from++, to += 2) {
        places[to] = cos * first[from] - sin * second[from];
        places[to + 1] = sin * first[from] + cos * second[from];
      }
      if (!isLast) directions[c] = angle + Math.PI / 2; // its second coordinate's
    }
    const labels = Uint8Array.from(chosen, (at) => problem.labels[at]);
    return { count: flow.couplings + 1, rows, lines: 2 * COARSE_LINES, each: COARSE_EACH, places, labels, directions };
  }

  /**
   * The grid in latent space: its nodes, and which of them are likely places.
   * @param {number} least log q(x) from which on they are
   */
  #bent(least) {
    const { mixture } = this.training;
    const trace = this.#forward(GRID);
    const { rows, first, second, logDet } = trace;
    const z = Float32Array.from(trace.points());
    const isLikely = Uint8Array.from({ length: rows }, (_, n) => (mixture.look(first[n], second[n]) + logDet[n] >= least ? 1 : 0));
    return { z, isLikely };
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

  /** Losses, error and calibration over points. @param {{ points: Float64Array, labels: Uint8Array }} points */
  #measured({ points, labels }) {
    const { mixture } = this.training;
    const { rows, first, second, logDet } = this.#forward(points);
    if (rows > this.logDensity.length) this.logDensity = new Float64Array(rows);
    const [confidence, accuracy, count] = [0, 0, 0].map(() => new Float64Array(BINS));
    let [lossX, lossY, error] = [0, 0, 0];
    for (let n = 0; n < rows; n++) {
      this.logDensity[n] = mixture.look(first[n], second[n]) + logDet[n];
      lossX -= this.logDensity[n] / rows;
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
