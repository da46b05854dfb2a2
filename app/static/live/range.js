// Scales a sample if most of its values lie outside [-0.1, 1.1], because clipping would hide these values.

import { imageData } from "../moves/picture.js";

const MOSTLY = 0.5; // share of the values, as in app/inference/computations.py

/**
 * Scales an image to about [0, 1] if most of its values lie outside [-0.1, 1.1].
 * @param {ArrayLike<number>} image values that are not finite become grey
 * @returns {{ seen: Float32Array, white: number }} the image, and the value that is shown as white (0 if the image is not scaled)
 */
function visible(image) {
  const x = Float32Array.from(image, (value) => (Number.isFinite(value) ? value : 0.5));
  const beyond = x.filter((value) => value < -0.1 || value > 1.1).length;
  if (beyond <= MOSTLY * x.length) return { seen: x, white: 0 };
  const sorted = x.slice().sort();
  const [low, high] = [Math.min(0, quantile(sorted, 0.01)), Math.max(1, quantile(sorted, 0.99))];
  return { seen: x.map((value) => (value - low) / (high - low)), white: high };
}

/**
 * A picture of an image, scaled if necessary, and the text on a scaled picture (Images.marks in app/answer.py).
 * @param {ArrayLike<number>} x image (C, H, W); values that are not finite become grey
 * @param {[number, number, number]} shape (C, H, W)
 */
export function pictureOf(x, shape) {
  const { seen, white } = visible(x);
  return { image: imageData(seen, shape), mark: white ? `${white.toFixed(white < 10 ? 1 : 0)}×` : "" };
}

/** @param {Float32Array} sorted @param {number} share */
function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const [below, above] = [Math.floor(place), Math.ceil(place)];
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
