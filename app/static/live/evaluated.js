// The model's results for an image at a γ, computed only once for all figures.

import { asGiven, numbersOf } from "../flow/pixels.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("../flow/worker.js").Evaluated} Evaluated
 *
 * @typedef {object} Picture an image from app/models/live.py
 * @property {string} pixels base64 of uint8 (H, W, C); empty if the pad is empty
 * @property {[number, number, number]} shape (C, H, W)
 * @property {"uniform" | number} noise the noise that the models were trained with
 * @property {boolean} [isWritten] whether the user has written the image and the program does not show it yet
 */

/** @type {{ model: Model, gamma: number, pixels: string, found: Promise<Evaluated | null> } | null} */
let last = null;

/**
 * @param {Model} model
 * @param {Picture} picture
 * @returns {Promise<Evaluated | null>} null if the pad is empty or the model is closed
 */
export async function evaluatePicture(model, { pixels, shape, noise }) {
  if (!pixels.length) return null;
  const { gamma } = model.current;
  if (last?.model === model && last.gamma === gamma && last.pixels === pixels) return last.found;
  const found = model.evaluate(asGiven(numbersOf(pixels), shape, noise));
  last = { model, gamma, pixels, found };
  found.catch(() => (last = null));
  return found;
}

/**
 * -log q(x) in bits per dimension, as in ibinn_core.bits_per_dim.
 * @param {number} logProb log q(x) in nats
 * @param {Pick<Picture, "shape" | "noise">} picture
 */
export function bitsPerDim(logProb, { shape, noise }) {
  const correction = noise === "uniform" ? 8 : -0.5 * Math.log2(2 * Math.PI * noise ** 2);
  return -logProb / (shape[0] * shape[1] * shape[2] * Math.LN2) + correction;
}

/** From this number on, numbers are written with a power of ten. */
export const HUGE = 1e6;
const HIGH = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * Writes a number as text, such as 1.50 or 1.5 · 10¹³ (see app/figures/bits_scale.py).
 * @param {number} number
 * @param {number} [digits]
 */
export function numberText(number, digits = 2) {
  if (!(Math.abs(number) >= HUGE && Math.abs(number) < Infinity)) return number.toFixed(digits);
  const [factor, power] = number.toExponential(1).split("e");
  return `${factor} · 10${power.slice(1).replace(/\d/g, (digit) => HIGH[Number(digit)])}`;
}

/** Writes a number as `numberText` does, but with a real minus sign instead of a hyphen. @param {number} value @param {number} digits */
export const signed = (value, digits) => numberText(value, digits).replace("-", "−");
