// The model of a family, in this browser: how it is opened, and kept for later.

import { addressed, filesOf, keep, workerReady } from "./offline.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("../flow/digit.js").Stroke} Stroke
 *
 * @typedef {object} Live what app/site/live.py writes
 * @property {string | null} models the folder of the models' files, if they are there
 * @property {[number, number, number]} shape (C, H, W)
 * @property {string[]} classes
 * @property {string[]} colors of the classes
 * @property {"uniform" | number} noise that the models were trained with: a number is its deviation
 * @property {number} temperature of samples
 * @property {number} guidance of samples around the images
 * @property {number} samples of each class
 * @property {{ label: number, pictures: string[], whites: number[][] }} row samples of a class, side by side, at each place, and how many times white each was before it was scaled, or 0
 * @property {{ drawings: { name: string, strokes: Stroke[] }[], likelihoods: number[][], posterior: number[][],
 *   bits: number[] } | null} written what a digit can begin with, and what the models at all places say of the first
 */

/** Why nothing can be computed here, in words to follow a colon; nothing if it may be. @param {Live} live */
export function whyStill(live) {
  if (!location.protocol.startsWith("http")) return "opened from a disk, browsers load no models; on any web server they do";
  if (!live.models) return "this site has no models for browsers";
  return null;
}

/**
 * The model of a family, once it is there.
 * @param {Live} live
 * @param {number} gamma
 * @returns {Promise<Model>} rejected, in one sentence, where this browser cannot compute
 */
export async function modelOf(live, gamma) {
  await workerReady();
  const shared = import(new URL("flow/shared.js", document.baseURI).href); // which only a web server gives
  /** @type {typeof import("../flow/shared.js")} */
  const { sharedModel } = await shared;
  return sharedModel({ family: /** @type {string} */ (live.models), runtime: "ort/", wasm: "ort-wasm-simd-threaded.wasm.gz" }, gamma);
}

/**
 * Has all of a family kept, so that every γ and every view is there without the network.
 * @param {string} name of the family
 * @param {Live} live
 * @param {Model} model
 */
export function keepAll(name, live, model) {
  const { members, places } = model.manifest;
  const entries = [places?.alignments, ...members.flatMap((member) => [member.weights, member.centers])];
  const files = entries.flatMap((entry) => (entry ? [`${live.models}${entry.file}`] : []));
  keep([...files, ...filesOf(name).map(addressed)]);
}
