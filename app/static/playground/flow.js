// The flow z = g(x) of the plane. After a fixed standardisation of the data, affine couplings alternate with fixed
// rotations (see ibinn_core/layers/coupling.py). A coupling keeps the first coordinate, and scales and shifts the
// second coordinate depending on the first:
//
//     v₁ = u₁,   v₂ = u₂ exp(s(u₁)) + t(u₁),   log|det J| = s(u₁),   s = c tanh(s̃)
//
// Each coordinate of the points has a separate array, and all numbers are Float64.

import { twister } from "../flow/noise.js";
import { BrokenLine } from "./broken_line.js";

const CLAMP = 0.7; // c, as in the paper's code

/** The points on their path through the flow, and the intermediate values that the gradients need. */
export class Trace {
  /**
   * @param {number} rows the largest number of points
   * @param {number} couplings number of couplings, or 1 if no gradients are needed
   */
  constructor(rows, couplings = 1) {
    this.rows = rows;
    this.kept = couplings;
    this.first = new Float64Array(rows);
    this.second = new Float64Array(rows);
    this.logDet = new Float64Array(rows);
    this.u1 = new Float64Array(couplings * rows);
    this.u2 = new Float64Array(couplings * rows);
    this.logScale = new Float64Array(couplings * rows);
    this.scale = new Float64Array(couplings * rows);
    this.piece = new Uint8Array(couplings * rows);
  }

  /** Loads points. @param {ArrayLike<number>} points (N, 2) */
  load(points) {
    this.rows = points.length / 2;
    for (let n = 0; n < this.rows; n++) {
      this.first[n] = points[2 * n];
      this.second[n] = points[2 * n + 1];
    }
    return this;
  }

  /** The points, (N, 2). */
  points() {
    const found = new Float64Array(2 * this.rows);
    for (let n = 0; n < this.rows; n++) {
      found[2 * n] = this.first[n];
      found[2 * n + 1] = this.second[n];
    }
    return found;
  }
}

export class Flow {
  /**
   * @param {object} given
   * @param {number} given.couplings
   * @param {number} given.width hidden units of each coupling's sub-network, at most 255
   * @param {number} given.seed seed for weights and rotations, an integer from 0 to 2³² - 1
   * @param {Float64Array} given.points points (N, 2) whose mean and deviation the standardisation uses
   */
  constructor({ couplings, width, seed, points }) {
    const each = 4 * width + 2;
    this.couplings = couplings;
    this.width = width;
    this.parameters = new Float64Array(couplings * each);
    this.gradients = new Float64Array(couplings * each);
    this.lines = Array.from({ length: couplings }, (_, c) => {
      const [from, to] = [c * each, (c + 1) * each];
      return new BrokenLine(this.parameters.subarray(from, to), this.gradients.subarray(from, to));
    });
    const { mean, deviation } = standardisation(points);
    this.mean = mean;
    this.deviation = deviation;
    this.angles = new Float64Array(couplings - 1); // angles of the rotations after each coupling but the last
    this.#begin(twister(seed));
    this.changed();
  }

  /**
   * Draws the initial weights as nn.Linear of PyTorch does after torch.manual_seed, and an angle before each coupling
   * but the first. The second layer of each sub-network is zero, so that each coupling starts as the identity.
   * @param {() => number} bits returns 32 random bits
   */
  #begin(bits) {
    const uniform = () => (bits() & 0xffffff) / 2 ** 24;
    this.lines.forEach(({ parameters, width }, c) => {
      // From 45° to 135°. After a smaller rotation, the next coupling would change almost the same coordinate.
      if (c > 0) this.angles[c - 1] = (Math.PI * (1 + 2 * uniform())) / 4;
      for (let at = 0; at < 2 * width; at++) parameters[at] = 2 * uniform() - 1;
      for (let drawn = 0; drawn < 2 * width + 2; drawn++) bits(); // skips the numbers for the second layer, which is zero
    });
  }

  /** Updates the flow after its parameters have changed. */
  changed() {
    for (const line of this.lines) line.bend();
  }

  /** Moves the points of a trace from x to z, and sets the trace's log|det J| in nats. @param {Trace} trace */
  forward(trace) {
    const { mean, deviation } = this;
    const { rows, first, second, logDet, u1, u2, logScale, scale, piece } = trace;
    const volume = -Math.log(deviation[0]) - Math.log(deviation[1]);
    for (let n = 0; n < rows; n++) {
      first[n] = (first[n] - mean[0]) / deviation[0];
      second[n] = (second[n] - mean[1]) / deviation[1];
      logDet[n] = volume;
    }
    for (let c = 0; c < this.couplings; c++) {
      if (c > 0) rotate(first, second, rows, this.angles[c - 1]);
      const line = this.lines[c];
      const [{ slope: scaleSlope, height: scaleHeight }, { slope: shiftSlope, height: shiftHeight }] = line.outputs;
      const start = trace.kept > 1 ? c * first.length : 0;
      for (let n = 0, at = start; n < rows; n++, at++) {
        const u = first[n];
        const p = line.pieceOf(u);
        const s = CLAMP * Math.tanh(scaleSlope[p] * u + scaleHeight[p]);
        const factor = Math.exp(s);
        u1[at] = u;
        u2[at] = second[n];
        piece[at] = p;
        logScale[at] = s;
        scale[at] = factor;
        second[n] = second[n] * factor + shiftSlope[p] * u + shiftHeight[p];
        logDet[n] += s;
      }
    }
  }

  /** Moves the points of a trace from z back to x. @param {Trace} trace */
  inverse(trace) {
    const { mean, deviation } = this;
    const { rows, first, second } = trace;
    for (let c = this.couplings - 1; c >= 0; c--) {
      const line = this.lines[c];
      const [{ slope: scaleSlope, height: scaleHeight }, { slope: shiftSlope, height: shiftHeight }] = line.outputs;
      for (let n = 0; n < rows; n++) {
        const u = first[n];
        const p = line.pieceOf(u);
        const s = CLAMP * Math.tanh(scaleSlope[p] * u + scaleHeight[p]);
        second[n] = (second[n] - shiftSlope[p] * u - shiftHeight[p]) * Math.exp(-s);
      }
      if (c > 0) rotate(first, second, rows, -this.angles[c - 1]);
    }
    for (let n = 0; n < rows; n++) {
      first[n] = first[n] * deviation[0] + mean[0];
      second[n] = second[n] * deviation[1] + mean[1];
    }
  }

  /**
   * Computes the gradients of all parameters, after {@link forward} with the same trace.
   * @param {Trace} trace
   * @param {Float64Array} d1 ∂L/∂z₁ of each point; overwritten
   * @param {Float64Array} d2 ∂L/∂z₂; overwritten
   * @param {number} dLogDet ∂L/∂log|det J|, the same for all points
   */
  backward(trace, d1, d2, dLogDet) {
    const { rows, u1, u2, logScale, scale, piece } = trace;
    for (let c = this.couplings - 1; c >= 0; c--) {
      const line = this.lines[c];
      const [scaling, shifting] = line.outputs;
      line.clear();
      for (let n = 0, at = c * trace.first.length; n < rows; n++, at++) {
        const u = u1[at];
        const p = piece[at];
        const s = logScale[at];
        const dShift = d2[n];
        const dScale = (dShift * u2[at] * scale[at] + dLogDet) * (CLAMP - (s * s) / CLAMP); // includes the derivative of the clamp
        scaling.sum[p] += dScale;
        scaling.moment[p] += dScale * u;
        shifting.sum[p] += dShift;
        shifting.moment[p] += dShift * u;
        d1[n] += dScale * scaling.slope[p] + dShift * shifting.slope[p];
        d2[n] = dShift * scale[at];
      }
      line.finish();
      if (c > 0) rotate(d1, d2, rows, -this.angles[c - 1]);
    }
  }
}

/** @param {Float64Array} first @param {Float64Array} second @param {number} rows @param {number} angle in radians */
function rotate(first, second, rows, angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let n = 0; n < rows; n++) {
    const x = first[n];
    const y = second[n];
    first[n] = cos * x - sin * y;
    second[n] = sin * x + cos * y;
  }
}

const LEAST = 1e-3; // the least deviation, because painted points may all lie on one line

/** Mean and deviation of both coordinates. @param {Float64Array} points (N, 2) */
function standardisation(points) {
  const rows = points.length / 2;
  const mean = [0, 0];
  for (let at = 0; at < points.length; at++) mean[at % 2] += points[at] / rows;
  const variance = [0, 0];
  for (let at = 0; at < points.length; at++) variance[at % 2] += (points[at] - mean[at % 2]) ** 2 / rows;
  return { mean, deviation: variance.map((value) => Math.max(LEAST, Math.sqrt(value))) };
}
