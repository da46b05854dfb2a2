// A family: its manifest, the scale of its γ, and the weights at any γ, mixed of those of two trained neighbours
// (ibinn_core/weight_space/family.py says why this is a model, and ibinn_core/onnx/browser.py what the files hold).

import { gammaOf, shareBetween } from "../slider/gamma_slider.js";
import { Alignment } from "./alignment.js";
import { fetched, floatsFrom, tensorsIn } from "./files.js";
import { Mixture } from "./mixture.js";

/**
 * @typedef {import("./files.js").Entry} Entry
 * @typedef {object} Member a trained model
 * @property {string} id
 * @property {number | "inf"} gamma
 * @property {boolean} aligned
 * @property {Entry} weights
 * @property {Entry | null} centers class means of the training images' latents, (K, D)
 * @property {number | null} spread deviation of those latents from them, per dimension
 * @property {Entry} [check] an image and what the model finds of it
 *
 * @typedef {object} Manifest
 * @property {number} format
 * @property {string} data name of the data set
 * @property {string[]} classes
 * @property {[number, number, number]} image_shape (C, H, W)
 * @property {number} dims D
 * @property {Record<"encode" | "decode", Entry>} graphs
 * @property {Record<string, number[]>} inputs shapes of the weights that the graphs take
 * @property {Member[]} members by γ
 * @property {boolean[]} mixes whether each member mixes with the next
 * @property {{ positions: number[], sizes: Record<string, number>, alignments: Entry } | null} places
 * @property {Entry} [check] an image and what a model finds of it, unless each member has its own
 * @property {string} [check_of] which model; the first if it is not said
 * @property {Entry} [runtime] onnxruntime-web's WebAssembly in its own folder, where it is compressed
 *
 * @typedef {object} Model what of a model at one γ lies outside of the graphs
 * @property {number} gamma
 * @property {Alignment | null} alignment
 * @property {Mixture} mixture
 * @property {Float32Array | null} centers
 * @property {number | null} spread
 */

const FORMAT = 1;
/** Members whose weights stay in memory: two neighbours, and two that the slider has passed. */
const KEPT = 4;

/** The scale of γ: it numbers the trained ones, 0 for the first. */
export class GammaScale {
  /** @param {(number | "inf")[]} gammas ascending */
  constructor(gammas) {
    this.gammas = gammas.map(gammaOf);
  }

  /** @param {number} gamma */
  position(gamma) {
    const { gammas } = this;
    const last = gammas.length - 1;
    if (!(gamma >= gammas[0] && gamma <= gammas[last])) {
      throw new RangeError(`γ must be from ${gammas[0]} to ${gammas[last]}, not ${gamma}`);
    }
    const left = gammas.findLastIndex((trained) => trained <= gamma);
    if (gamma === gammas[left]) return left;
    const [low, high] = [gammas[left], gammas[left + 1]];
    return left + shareBetween(low, high, gamma);
  }
}

export class Family {
  /** @type {Map<string, Promise<Map<string, Float32Array>>>} by member; the one used last is last */
  #weights = new Map();

  /** @type {Map<string, Promise<Float32Array>>} by file */
  #floats = new Map();

  /** Weights of the model that was mixed last, by the inputs' names: the same arrays at every γ. */
  weights;

  /** @type {Promise<unknown> | undefined} what is fetched before weights */
  first;

  /**
   * @param {URL} folder
   * @param {Manifest} manifest
   */
  constructor(folder, manifest) {
    if (manifest.format !== FORMAT) throw new Error("the models on this server are of another version: load the page again");
    this.folder = folder;
    this.manifest = manifest;
    this.scale = new GammaScale(manifest.members.map((member) => member.gamma));
    /** @type {Record<string, Float32Array>} */
    this.weights = Object.fromEntries(
      Object.entries(manifest.inputs).map(([name, shape]) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
    );
  }

  /** @param {string} address of the folder */
  static async open(address) {
    const folder = new URL(address.replace(/\/?$/, "/"));
    const answer = await fetch(new URL("family.json", folder), { cache: "no-cache" });
    if (!answer.ok) throw new Error(`there are no models for this browser on the server (${answer.status})`);
    return new Family(folder, await answer.json());
  }

  /**
   * Mixes the model at γ.
   * @param {number} gamma
   * @param {() => boolean} isWanted asked after what has to be fetched is there
   * @returns {Promise<Model | null>} nothing if it is not wanted any more; then the last model is still whole
   */
  async mixAt(gamma, isWanted = () => true) {
    const { position, share, chosen, parts } = this.#at(gamma);
    const [weights, centers, alignments] = await parts;
    if (!isWanted()) return null;
    for (const [name, target] of Object.entries(this.weights)) {
      mix(weights.map((one) => tensor(one, name)), share, target);
    }
    /** @param {string} name */
    const own = (name) => mix(weights.map((one) => tensor(one, name)), share);
    const phi = own("mixture.phi");
    const alignment = chosen[0].aligned ? alignmentAt(position, own, alignments, phi.length) : null;
    const [low, high = low] = chosen.map((member) => member.spread);
    return {
      gamma,
      alignment,
      mixture: new Mixture(alignment ? Float32Array.from(alignment.means) : own("mixture.means"), phi),
      centers: centers.every((one) => one !== null) ? mix(/** @type {Float32Array[]} */ (centers), share) : null,
      spread: low === null || high === null ? null : (1 - share) * low + share * high,
    };
  }

  /**
   * By what a browser checks itself that opens at γ: a model that it needs there, if each has an example.
   * @param {number} gamma
   * @returns {{ member: Member, numbers: Entry }}
   */
  checkFor(gamma) {
    const { members, check, check_of: id } = this.manifest;
    const near = members[Math.floor(this.scale.position(gamma))];
    if (near.check) return { member: near, numbers: near.check };
    if (!check) throw new Error("these models have no numbers to check a browser by");
    return { member: members.find((member) => member.id === id) ?? members[0], numbers: check };
  }

  /** Has what {@link mixAt} needs at γ fetched; that is where it is told of problems. @param {number} gamma */
  prepare(gamma) {
    this.#at(gamma).parts.catch(() => {});
  }

  /** Where γ lies, the members there, and what is fetched of them. @param {number} gamma */
  #at(gamma) {
    const position = this.scale.position(gamma);
    const { members, mixes } = this.manifest;
    const left = Math.min(Math.floor(position), members.length - 1);
    const share = position - left;
    if (share && !mixes[left]) throw new Error(`there is no model at γ = ${gamma}: its neighbours do not mix`);
    const chosen = share ? [members[left], members[left + 1]] : [members[left]];
    const parts = all([
      all(chosen.map((member) => this.#weightsOf(member))),
      all(chosen.map(({ centers }) => centers && this.#floatsOf(centers))),
      share && chosen[0].aligned ? this.#alignments() : null,
    ]);
    return { position, share, chosen, parts };
  }

  /** @param {Member} member */
  #weightsOf(member) {
    const known = this.#weights.get(member.id) ?? fetched(this.folder, member.weights, this.first).then(tensorsIn);
    this.#weights.delete(member.id);
    this.#weights.set(member.id, known);
    known.catch(() => this.#weights.delete(member.id)); // to be tried again
    for (const id of [...this.#weights.keys()].slice(0, -KEPT)) this.#weights.delete(id);
    return known;
  }

  /** @param {Entry} entry */
  #floatsOf(entry) {
    const known = this.#floats.get(entry.file) ?? floatsFrom(this.folder, entry, this.first);
    this.#floats.set(entry.file, known);
    known.catch(() => this.#floats.delete(entry.file));
    return known;
  }

  /** @returns {Promise<Alignments>} */
  async #alignments() {
    const { places } = this.manifest;
    if (!places) throw new Error("the models are aligned, and the measured curve is not: measure it again");
    const numbers = await this.#floatsOf(places.alignments);
    let start = 0;
    /** @type {Alignments["parts"]} */
    const parts = {};
    for (const [name, size] of Object.entries(places.sizes)) {
      const length = size * places.positions.length;
      parts[name] = { size, numbers: numbers.subarray(start, start + length) };
      start += length;
    }
    return { positions: places.positions, parts };
  }
}

/**
 * As Promise.all, but rejected only when nothing is on the way any more: whoever asks again has all fetched anew.
 * @template {readonly unknown[] | []} T
 * @param {T} values
 * @returns {Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>}
 */
async function all(values) {
  await Promise.allSettled(values);
  return Promise.all(values);
}

/** @typedef {{ positions: number[], parts: Record<string, { size: number, numbers: Float32Array }> }} Alignments */

/**
 * The alignment at a position: at a trained model its own, between two the one between the nearest measured places.
 * @param {number} position
 * @param {(name: string) => Float32Array} own what is mixed of the neighbours' weights
 * @param {Alignments | null} alignments
 * @param {number} classes
 */
function alignmentAt(position, own, alignments, classes) {
  const names = /** @type {const} */ (["location", "log_scale", "matrix", "offset"]);
  const above = alignments ? alignments.positions.findIndex((place) => place > position) : -1;
  /** @param {typeof names[number]} name */
  const part = (name) => {
    if (!alignments || above <= 0) return own(`alignment.${name}`);
    const [low, high] = [alignments.positions[above - 1], alignments.positions[above]];
    const { size, numbers } = alignments.parts[name];
    const rows = [above - 1, above].map((row) => numbers.subarray(row * size, (row + 1) * size));
    return mix(rows, (position - low) / (high - low));
  };
  const parts = Object.fromEntries(names.map((name) => [name, part(name)]));
  return new Alignment(
    /** @type {any} */ ({ means: own("alignment.means"), ...parts }), classes,
  );
}

/**
 * @param {Map<string, Float32Array>} tensors
 * @param {string} name
 */
function tensor(tensors, name) {
  const found = tensors.get(name);
  if (!found) throw new Error(`the weights have no ${name}: these models are not of one network`);
  return found;
}

/**
 * (1 - t) a + t b in each element.
 * @param {Float32Array[]} values a, and b where there is a share of it
 * @param {number} share t
 * @param {Float32Array} target
 */
function mix(values, share, target = new Float32Array(values[0].length)) {
  const [a, b] = values;
  if (target.length !== a.length) throw new Error("the weights are of another network than the graph");
  if (!share) target.set(a);
  else for (let at = 0; at < a.length; at++) target[at] = a[at] + share * (b[at] - a[at]);
  return target;
}
