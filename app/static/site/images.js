// Converts the user's own images to pixels for the models.

import { numbersOf } from "../flow/pixels.js";
import { imageOf } from "../moves/picture.js";

/** @typedef {[number, number, number]} Shape (C, H, W) */

const FINER = 16; // a photo is drawn at 16 times the size of the models' images and then averaged

/** @param {Uint8Array | Uint8ClampedArray} pixels (H, W, C) */
export const asText = (pixels) => btoa(Array.from(pixels, (value) => String.fromCharCode(value)).join(""));

/** Converts pixels to an image for a canvas. @param {string} text base64 of uint8 (H, W, C) @param {Shape} shape */
export const asImage = (text, shape) => imageOf(numbersOf(text), shape);

/**
 * The pixels of a part of a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {Shape} shape
 */
export function pixelsIn(canvas, [channels, height, width], left = 0, top = 0) {
  const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(left, top, width, height);
  return Uint8Array.from({ length: width * height * channels }, (_, at) => data[4 * Math.floor(at / channels) + (at % channels)]);
}

/**
 * The central square of a photo at the size of the models' images. Transparent parts become white.
 * @param {Blob} photo
 * @param {Shape} shape
 */
export async function pixelsOf(photo, [channels, height, width]) {
  const bitmap = await createImageBitmap(photo, { imageOrientation: "from-image" });
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * FINER, height * FINER];
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const sums = new Float64Array(width * height * 3);
  for (let at = 0; at < data.length / 4; at++) {
    const [x, y] = [Math.floor((at % canvas.width) / FINER), Math.floor(at / canvas.width / FINER)];
    for (let c = 0; c < 3; c++) sums[3 * (y * width + x) + c] += data[4 * at + c] / FINER ** 2;
  }
  if (channels === 3) return Uint8Array.from(sums, Math.round);
  return Uint8Array.from({ length: width * height }, (_, at) => Math.round(0.299 * sums[3 * at] + 0.587 * sums[3 * at + 1] + 0.114 * sums[3 * at + 2]));
}
