// Samples of which little can be seen once they are clipped to the range of pixels.

const MOSTLY = 0.5; // as `clipping` of app/inference/computations.py has it

/**
 * An image as it is shown: scaled into the range of pixels if most of its values lie outside of that.
 * @param {Float32Array} x values that are not finite become grey in it
 * @returns {{ seen: Float32Array, white: number }} and how many times white its brightest values are; 0 if not scaled
 */
export function visible(x) {
  let beyond = 0;
  for (let at = 0; at < x.length; at++) {
    if (!Number.isFinite(x[at])) x[at] = 0.5;
    if (x[at] < -0.1 || x[at] > 1.1) beyond += 1;
  }
  if (beyond <= MOSTLY * x.length) return { seen: x, white: 0 };
  const sorted = x.slice().sort();
  const [low, high] = [Math.min(0, quantile(sorted, 0.01)), Math.max(1, quantile(sorted, 0.99))];
  return { seen: x.map((value) => (value - low) / (high - low)), white: high };
}

/** What is written on an image that is scaled (Images.marks in app/answer.py). @param {number} white */
export function markOf(white) {
  return `${white.toFixed(white < 10 ? 1 : 0)}×`;
}

/** @param {Float32Array} sorted @param {number} share */
function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const [below, above] = [Math.floor(place), Math.ceil(place)];
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
