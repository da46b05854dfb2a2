// A sub-network with one hidden layer. From a number u, it computes the log-scale before the clamp, and the shift:
//
//     f(u) = W₂ relu(w₁ u + b₁) + b₂
//
// As a function of u, this is a broken line with a corner for each hidden unit, at u = -b₁/w₁. So a point needs only
// its piece of the line, and the gradients of all units follow from sums over the pieces. This is exact, and a training
// step takes almost the same time for 8 units as for 64. (The library's fully_connected has two hidden layers. For
// functions of one number, one layer is enough, because it can have corners anywhere.)

export class BrokenLine {
  /**
   * @param {Float64Array} parameters w₁ (W), b₁ (W), W₂ (2, W), b₂ (2), in PyTorch's order
   * @param {Float64Array} gradients their gradients, in the same order
   */
  constructor(parameters, gradients) {
    const width = (parameters.length - 2) / 4;
    this.width = width;
    this.parameters = parameters;
    this.gradients = gradients;
    this.order = Int32Array.from({ length: width }, (_, unit) => unit); // units, sorted by their corners
    this.corners = new Float64Array(width); // the corner of each unit in `order`
    // Log-scale and shift. Piece p has p corners to its left, and each output is slope[p] u + height[p] there. Over the
    // points on the piece, sum[p] is the sum of ∂L/∂f, and moment[p] is the sum of u ∂L/∂f.
    this.outputs = [2 * width, 3 * width].map((from) => ({
      weights: parameters.subarray(from, from + width),
      gradients: gradients.subarray(from, from + width),
      slope: new Float64Array(width + 1),
      height: new Float64Array(width + 1),
      sum: new Float64Array(width + 1),
      moment: new Float64Array(width + 1),
    }));
  }

  /** Computes the pieces after the parameters have changed. */
  bend() {
    const { width, parameters, order } = this;
    order.sort((one, other) => this.#cornerOf(one) - this.#cornerOf(other));
    order.forEach((unit, rank) => (this.corners[rank] = this.#cornerOf(unit)));
    this.outputs.forEach(({ weights, slope, height }, output) => {
      const add = (/** @type {number} */ piece, /** @type {number} */ unit, /** @type {1 | -1} */ sign) => { // the unit becomes active or inactive on this piece
        slope[piece] += weights[unit] * sign * parameters[unit];
        height[piece] += weights[unit] * sign * parameters[width + unit];
      };
      slope[0] = 0;
      height[0] = parameters[4 * width + output];
      for (let unit = 0; unit < width; unit++) if (parameters[unit] < 0) add(0, unit, 1); // this unit is active far to the left
      for (let rank = 0; rank < width; rank++) {
        slope[rank + 1] = slope[rank];
        height[rank + 1] = height[rank];
        add(rank + 1, order[rank], parameters[order[rank]] < 0 ? -1 : 1);
      }
    });
  }

  /** @param {number} unit a unit with w₁ = 0 is always active or always inactive */
  #cornerOf(unit) {
    const [weight, bias] = [this.parameters[unit], this.parameters[this.width + unit]];
    if (weight === 0) return bias > 0 ? -Infinity : Infinity;
    return -bias / weight;
  }

  /** The number of corners to the left of u. @param {number} u */
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

  /** Resets the sums of the previous step. */
  clear() {
    for (const { sum, moment } of this.outputs) {
      sum.fill(0);
      moment.fill(0);
    }
  }

  /** Computes the gradients of all units from the sums over the pieces on which they are active. */
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
      let [left, leftMoment] = [0, 0]; // sums over the pieces to the left of the corner
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
