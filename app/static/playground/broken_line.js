// A sub-network of one hidden layer that takes one number u and gives two, log-scale and shift before the clamp:
//
//     f(u) = W₂ relu(w₁ u + b₁) + b₂
//
// In u that is a broken line: it bends where a hidden unit begins or ends, at u = -b₁/w₁, and is straight in between. So
// a point needs its piece of the line and no hidden unit, and the gradients of all units follow from sums over pieces.
// A step of training costs the same for 8 units as for 64, and nothing is approximated. (The library's fully_connected has
// two hidden layers; for functions of one number one is enough, as it bends wherever it wants.)

export class BrokenLine {
  /**
   * @param {Float64Array} parameters w₁ (W), b₁ (W), W₂ (2, W), b₂ (2), in the order in which PyTorch has them
   * @param {Float64Array} gradients of the same
   */
  constructor(parameters, gradients) {
    const width = (parameters.length - 2) / 4;
    this.width = width;
    this.parameters = parameters;
    this.gradients = gradients;
    this.order = Int32Array.from({ length: width }, (_, unit) => unit); // of the units, by their corners
    this.corners = new Float64Array(width); // in that order
    // Log-scale and shift. On piece p, which has p corners to its left, each is slope[p] u + height[p]; over the points of
    // the piece, sum[p] is that of ∂L/∂f, and moment[p] that of u ∂L/∂f.
    this.outputs = [2 * width, 3 * width].map((from) => ({
      weights: parameters.subarray(from, from + width),
      gradients: gradients.subarray(from, from + width),
      slope: new Float64Array(width + 1),
      height: new Float64Array(width + 1),
      sum: new Float64Array(width + 1),
      moment: new Float64Array(width + 1),
    }));
  }

  /** Finds the pieces; to be called when parameters have changed. */
  bend() {
    const { width, parameters, order } = this;
    this.#sort();
    this.outputs.forEach(({ weights, slope, height }, output) => {
      const add = (/** @type {number} */ piece, /** @type {number} */ unit, /** @type {1 | -1} */ sign) => { // it goes on or off there
        slope[piece] += weights[unit] * sign * parameters[unit];
        height[piece] += weights[unit] * sign * parameters[width + unit];
      };
      slope[0] = 0;
      height[0] = parameters[4 * width + output];
      for (let unit = 0; unit < width; unit++) if (parameters[unit] < 0) add(0, unit, 1); // on, far to the left
      for (let rank = 0; rank < width; rank++) {
        slope[rank + 1] = slope[rank];
        height[rank + 1] = height[rank];
        add(rank + 1, order[rank], parameters[order[rank]] < 0 ? -1 : 1);
      }
    });
  }

  /** Sorts the corners: by insertion, as a step of training hardly changes their order. */
  #sort() {
    const { width, order, corners } = this;
    for (let rank = 0; rank < width; rank++) {
      const [unit, corner] = [order[rank], this.#cornerOf(order[rank])];
      let at = rank;
      for (; at > 0 && corners[at - 1] > corner; at--) {
        corners[at] = corners[at - 1];
        order[at] = order[at - 1];
      }
      corners[at] = corner;
      order[at] = unit;
    }
  }

  /** @param {number} unit; one whose w₁ is zero is always on or always off */
  #cornerOf(unit) {
    const [weight, bias] = [this.parameters[unit], this.parameters[this.width + unit]];
    if (weight === 0) return bias > 0 ? -Infinity : Infinity;
    return -bias / weight;
  }

  /** How many corners lie to the left of u. @param {number} u */
  pieceOf(u) {
    const { corners } = this;
    let low = 0;
    let high = this.width;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (corners[middle] < u) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets the sums of the step before. */
  clear() {
    for (const { sum, moment } of this.outputs) {
      sum.fill(0);
      moment.fill(0);
    }
  }

  /** Turns the sums over pieces into the gradients of all units: each gets those of the pieces on which it is on. */
  finish() {
    const { width, parameters, gradients, order } = this;
    gradients.fill(0, 0, 2 * width);
    this.outputs.forEach(({ weights, gradients: ofWeights, sum, moment }, output) => {
      let [all, allMoment] = [0, 0];
      for (let piece = 0; piece <= width; piece++) {
        all += sum[piece];
        allMoment += moment[piece];
      }
      gradients[4 * width + output] = all;
      let [left, leftMoment] = [0, 0]; // of the pieces up to a corner
      for (let rank = 0; rank < width; rank++) {
        left += sum[rank];
        leftMoment += moment[rank];
        const unit = order[rank];
        const [weight, bias] = [parameters[unit], parameters[width + unit]];
        const [s, m] = weight < 0 ? [left, leftMoment] : [all - left, allMoment - leftMoment];
        gradients[unit] += weights[unit] * m;
        gradients[width + unit] += weights[unit] * s;
        ofWeights[unit] = weight * m + bias * s;
      }
    });
  }
}
