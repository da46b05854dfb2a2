// Converts 8-bit pixels to the input of a model (see ibinn_core/data/images.py and models/preprocessing.py).

import { permutation } from "./noise.js";

/** @param {string} text base64 of uint8 */
export const numbersOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** @param {string} text base64 of float32 */
export const floatsOf = (text) => new Float32Array(numbersOf(text).buffer);

/**
 * Converts an image to the model's input, as ibinn_core.dequantize(ibinn_core.to_unit(image)) does.
 * @param {ArrayLike<number>} pixels 8-bit values, (H, W, C)
 * @param {[number, number, number]} shape (C, H, W)
 * @param {"uniform" | number} noise the noise that the model was trained with
 * @returns {Float32Array} (C, H, W)
 */
export function asGiven(pixels, [channels, height, width], noise) {
  const size = height * width;
  const moved = noise === "uniform" ? offsetsOf(channels * size) : null;
  return Float32Array.from({ length: channels * size }, (_, at) => {
    const centre = Math.fround((pixels[(at % size) * channels + Math.floor(at / size)] + 0.5) / 256);
    return moved ? centre + moved[at] : centre;
  });
}

/** @param {number} dims */
const offsetsOf = (dims) =>
  Float32Array.from(permutation(dims, 0), (place) => (Math.fround(Math.fround(place + 0.5) / dims) - 0.5) / 256);
