// Computes everything that the page shows about a model during training.

import { normal } from "../flow/noise.js";
import { Trace } from "./flow.js";

/** @typedef {import("./trainer.js").Snapshot} Snapshot */
/** @typedef {import("./training.js").Training} Training */

const [FROM, TO] = [-4, 4]; // the square of data space that grid and field cover
const [LINES, EACH] = [17, 193]; // lines in each direction of the grid, points of a line
const SIZE = 64; // cells of the field along each side
const SAMPLES = 300;
const BINS = 10; // bins of the calibration error
const DIMS = 2; // dimensions of a point
const [COARSE_LINES, COARSE_EACH, FEW] = [13, 65, 240]; // in the stages: lines in each direction, points of a line, data points

/**
 * The points of a square grid: vertical lines from left to right, then horizontal lines from bottom to top.
 * @param {number} lines lines in each direction
 * @param {number} each points of a line, ends included
 * @returns {Float64Array} (2 lines, each, 2)
 */
function gridOf(lines, each) {
  return Float64Array.from({ length: 4 * lines * each }, (_, at) => {
    const [line, along, axis] = [Math.floor(at / (2 * each)), Math.floor(at / 2) % each, at % 2];
    const share = (line < lines) === !axis ? (line % lines) / (lines - 1) : along / (each - 1);
    return FROM + share * (TO - FROM);
  });
}

/** Points of data space that are the same for every snapshot. */
const GRID = gridOf(LINES, EACH);
const COARSE = gridOf(COARSE_LINES, COARSE_EACH);
const FIELD = Float64Array.from({ length: SIZE * SIZE * 2 }, (_, at) => {
  const place = at % 2 ? Math.floor(at / (2 * SIZE)) : Math.floor(at / 2) % SIZE;
  return FROM + ((place + 0.5) / SIZE) * (TO - FROM);
});

/** Computes the snapshots of one training, and reuses its arrays. */
export class Viewer {
  /** @param {Training} training */
  constructor(training) {
    this.training = training;
    const { problem } = training;
    this.trace = new Trace(GRID.length / 2); // the grid has more points than the field or the data
    this.logDensity = new Float64Array(); // log q(x) of the last measured points
    this.noise = normal(2 * SAMPLES, problem.seed);
  }

  /** @returns {Snapshot} */
  snapshot() {
    const { mixture, taken, finite, problem } = this.training;
    const held = problem.held && this.#measured(problem.held);
    const own = this.#measured(problem);
    const z = Float32Array.from(this.trace.points()); // latents of the training points, which were measured last
    const measured = held ?? own;
    const { lossX, lossY, error } = own;
    return {
      step: taken,
      ...measured,
      training: held ? { lossX, lossY, error } : null,
      z,
      means: Float32Array.from(mixture.means),
      grid: { lines: 2 * LINES, each: EACH, z: Float32Array.from(this.#forward(GRID).points()) },
      field: { size: SIZE, from: FROM, to: TO, ...this.#field() },
      samples: this.#samples(),
      finite: finite && Number.isFinite(measured.lossX + measured.lossY),
    };
  }

  /**
   * The model's results for one point.
   * @param {Float64Array} x (2)
   * @returns {import("./trainer.js").Probe}
   */
  probe(x) {
    const { mixture } = this.training;
    const { first, second, logDet } = this.#forward(x);
    const density = mixture.logDensity(first[0], second[0]) + logDet[0];
    const likelier = this.logDensity.filter((value) => value > density).length;
    return { x: [x[0], x[1]], z: [first[0], second[0]], posterior: [...mixture.posterior], rank: likelier / this.logDensity.length };
  }

  /** @param {Float64Array} z (N, 2) @returns {Float64Array} points */
  decode(z) {
    const trace = this.trace.load(z);
    this.training.flow.inverse(trace);
    return trace.points();
  }

  /**
   * The stages from data space to latent space. Each stage is turned by all later rotations together. So each coupling
   * moves points in one direction only, and the last stage is latent space.
   * @param {Float64Array} extra additional points (M, 2)
   * @returns {import("./trainer.js").Stages}
   */
  stages(extra) {
    const { flow, problem } = this.training;
    const { labels, classes } = problem;
    // The chosen points alternate between the classes, as in a generated data set.
    const stride = Math.max(1, labels.length / FEW);
    const placeOf = (/** @type {number} */ at) => Math.min(labels.length - 1, classes * Math.floor(Math.floor(at / classes) * stride) + (at % classes));
    const chosen = Array.from({ length: Math.min(FEW, labels.length) }, (_, at) => placeOf(at));
    const points = Float64Array.from({ length: 2 * chosen.length }, (_, at) => problem.points[2 * chosen[at >> 1] + (at % 2)]);
    const given = Float64Array.from([...COARSE, ...points, ...extra]);
    const rows = given.length / 2;
    const trace = new Trace(rows, flow.couplings).load(given);
    flow.forward(trace);
    const places = new Float32Array((flow.couplings + 1) * rows * 2);
    const directions = new Float64Array(flow.couplings);
    for (let c = 0; c <= flow.couplings; c++) {
      const isLast = c === flow.couplings;
      const [first, second] = isLast ? [trace.first, trace.second] : [trace.u1, trace.u2];
      const angle = isLast ? 0 : flow.angles.subarray(c).reduce((sum, one) => sum + one, 0); // the sum of all later rotations
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      for (let n = 0, from = isLast ? 0 : c * rows, to = 2 * c * rows; n < rows; n++, from++, to += 2) {
        places[to] = cos * first[from] - sin * second[from];
        places[to + 1] = sin * first[from] + cos * second[from];
      }
      if (!isLast) directions[c] = angle + Math.PI / 2; // a coupling moves the second coordinate
    }
    return { count: flow.couplings + 1, rows, lines: 2 * COARSE_LINES, each: COARSE_EACH, places, labels: Uint8Array.from(chosen, (at) => labels[at]), directions };
  }

  /** @param {Float64Array} points */
  #forward(points) {
    const trace = this.trace.load(points);
    this.training.flow.forward(trace);
    return trace;
  }

  /** log q(x), the likeliest class, and its posterior for each cell of data space. */
  #field() {
    const { mixture } = this.training;
    const { rows, first, second, logDet } = this.#forward(FIELD);
    const [density, share, label] = [new Float32Array(rows), new Float32Array(rows), new Uint8Array(rows)];
    for (let n = 0; n < rows; n++) {
      density[n] = mixture.logDensity(first[n], second[n]) + logDet[n];
      label[n] = mixture.likeliest();
      share[n] = mixture.posterior[label[n]];
    }
    return { density, label, share };
  }

  /** Losses, error, and top-label calibration error of points. @param {{ points: Float64Array, labels: Uint8Array }} points */
  #measured({ points, labels }) {
    const { mixture } = this.training;
    const { rows, first, second, logDet } = this.#forward(points);
    if (rows !== this.logDensity.length) this.logDensity = new Float64Array(rows);
    const surplus = new Float64Array(BINS); // for each bin, the sum of confidence minus correctness
    let [lossX, lossY, error] = [0, 0, 0];
    for (let n = 0; n < rows; n++) {
      this.logDensity[n] = mixture.logDensity(first[n], second[n]) + logDet[n];
      lossX -= this.logDensity[n] / rows;
      lossY -= mixture.logPosterior(labels[n]) / rows;
      const best = mixture.likeliest();
      const bin = Math.max(0, Math.ceil(BINS * mixture.posterior[best]) - 1) || 0; // a bin includes its upper edge
      surplus[bin] += mixture.posterior[best] - (best === labels[n] ? 1 : 0);
      error += best === labels[n] ? 0 : 1 / rows;
    }
    const ece = surplus.reduce((sum, one) => sum + Math.abs(one), 0) / rows;
    return { lossX: lossX / DIMS, lossY, error, ece };
  }

  /** Samples of q(x | y); sample m has class m mod K. The noise stays the same, so that samples move smoothly. */
  #samples() {
    const { classes, means } = this.training.mixture;
    const y = Uint8Array.from({ length: SAMPLES }, (_, m) => m % classes);
    const z = Float64Array.from(this.noise, (value, at) => means[2 * y[at >> 1] + (at % 2)] + value);
    return { x: Float32Array.from(this.decode(z)), y };
  }
}
