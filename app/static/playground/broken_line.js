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
    // On piece p, which has p corners to its left, the line is slope[p] u + height[p].
    this.scaleSlope = new Float64Array(width + 1);
    this.scaleHeight = new Float64Array(width + 1);
    this.shiftSlope = new Float64Array(width + 1);
    this.shiftHeight = new Float64Array(width + 1);
    // For each piece the sums of ∂L/∂f and u ∂L/∂f over its points.
    this.scaleSum = new Float64Array(width + 1);
    this.scaleMoment = new Float64Array(width + 1);
    this.shiftSum = new Float64Array(width + 1);
    this.shiftMoment = new Float64Array(width + 1);
  }

  /** Finds the pieces; to be called when parameters have changed. */
  bend() {
    const { width, parameters, order, corners, scaleSlope, scaleHeight, shiftSlope, shiftHeight } = this;
    // Insertion, as a step of training hardly changes the order.
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
    scaleSlope[0] = shiftSlope[0] = 0;
    scaleHeight[0] = parameters[4 * width];
    shiftHeight[0] = parameters[4 * width + 1];
    for (let unit = 0; unit < width; unit++) if (parameters[unit] < 0) this.#add(0, unit, 1); // on, far to the left
    for (let rank = 0; rank < width; rank++) {
      scaleSlope[rank + 1] = scaleSlope[rank];
      scaleHeight[rank + 1] = scaleHeight[rank];
      shiftSlope[rank + 1] = shiftSlope[rank];
      shiftHeight[rank + 1] = shiftHeight[rank];
      this.#add(rank + 1, order[rank], parameters[order[rank]] < 0 ? -1 : 1);
    }
  }

  /** @param {number} unit; one whose w₁ is zero is always on or always off */
  #cornerOf(unit) {
    const [weight, bias] = [this.parameters[unit], this.parameters[this.width + unit]];
    if (weight === 0) return bias > 0 ? -Infinity : Infinity;
    return -bias / weight;
  }

  /** @param {number} piece @param {number} unit @param {1 | -1} sign whether the unit goes on or off there */
  #add(piece, unit, sign) {
    const { width, parameters } = this;
    const [slope, height] = [sign * parameters[unit], sign * parameters[width + unit]];
    this.scaleSlope[piece] += parameters[2 * width + unit] * slope;
    this.scaleHeight[piece] += parameters[2 * width + unit] * height;
    this.shiftSlope[piece] += parameters[3 * width + unit] * slope;
    this.shiftHeight[piece] += parameters[3 * width + unit] * height;
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
    this.scaleSum.fill(0);
    this.scaleMoment.fill(0);
    this.shiftSum.fill(0);
    this.shiftMoment.fill(0);
  }

  /** Turns the sums over pieces into the gradients of all units: each gets those of the pieces on which it is on. */
  finish() {
    const { width, parameters, gradients, order, scaleSum, scaleMoment, shiftSum, shiftMoment } = this;
    let [allScale, allScaleMoment, allShift, allShiftMoment] = [0, 0, 0, 0];
    for (let piece = 0; piece <= width; piece++) {
      allScale += scaleSum[piece];
      allScaleMoment += scaleMoment[piece];
      allShift += shiftSum[piece];
      allShiftMoment += shiftMoment[piece];
    }
    gradients[4 * width] = allScale;
    gradients[4 * width + 1] = allShift;
    let [scale, scaleM, shift, shiftM] = [0, 0, 0, 0]; // of the pieces up to a corner
    for (let rank = 0; rank < width; rank++) {
      scale += scaleSum[rank];
      scaleM += scaleMoment[rank];
      shift += shiftSum[rank];
      shiftM += shiftMoment[rank];
      const unit = order[rank];
      const [weight, bias] = [parameters[unit], parameters[width + unit]];
      const [toScale, toShift] = [parameters[2 * width + unit], parameters[3 * width + unit]];
      const isLeft = weight < 0;
      const s = isLeft ? scale : allScale - scale;
      const sm = isLeft ? scaleM : allScaleMoment - scaleM;
      const t = isLeft ? shift : allShift - shift;
      const tm = isLeft ? shiftM : allShiftMoment - shiftM;
      gradients[unit] = toScale * sm + toShift * tm;
      gradients[width + unit] = toScale * s + toShift * t;
      gradients[2 * width + unit] = weight * sm + bias * s;
      gradients[3 * width + unit] = weight * tm + bias * t;
    }
  }
}
