// A family of models: its manifest, its γ scale, and its weights at any γ. Between two trained models, the weights are
// interpolated (see ibinn_core/weight_space/family.py; ibinn_core/onnx/browser.py describes the files).

import { bracketOf, gammaOf } from "../slider/gamma_slider.js";
import { Alignment } from "./alignment.js";
import { fetched, floatsIn, tensorsIn } from "./files.js";
import { Mixture } from "./mixture.js";

/**
 * @typedef {import("./files.js").Entry} Entry
 * @typedef {object} Member a trained model
 * @property {string} id
 * @property {number | "inf"} gamma
 * @property {boolean} aligned
 * @property {Entry} weights
 * @property {Entry | null} centers mean latent of the training images of each class, (K, D)
 * @property {number | null} spread standard deviation of the latents around these means, per dimension
 * @property {Entry} [check] an image and the model's results for it
 *
 * @typedef {object} Manifest
 * @property {number} format
 * @property {string} data name of the data set
 * @property {string[]} classes
 * @property {[number, number, number]} image_shape (C, H, W)
 * @property {number} dims D
 * @property {Record<"encode" | "decode", Entry>} graphs
 * @property {Record<string, number[]>} inputs shapes of the weights that the graphs take
 * @property {Member[]} members models in ascending order of γ
 * @property {boolean[]} mixes for each member but the last, whether its weights can be interpolated with those of the next member
 * @property {{ positions: number[], sizes: Record<string, number>, alignments: Entry } | null} places
 * @property {Entry} [check] an image and one model's results for it, if the members have no `check`
 * @property {string} [check_of] id of the model with these results
 * @property {Entry} [runtime] compressed WebAssembly of onnxruntime-web, in the folder of the runtime
 *
 * @typedef {object} Model the parts of a model at one γ that are not in the graphs
 * @property {number} gamma
 * @property {Alignment | null} alignment
 * @property {Mixture} mixture
 * @property {Float32Array | null} centers
 * @property {number | null} spread
 */

const FORMAT = 1;
/** The number of members whose weights stay in memory: two neighbours, and two that the slider has passed. */
const KEPT = 4;

export class Family {
  /** @type {Map<string, Promise<Map<string, Float32Array>>>} by member, in order of use */
  #weights = new Map();

  /** @type {Map<string, Promise<Float32Array>>} by file */
  #floats = new Map();

  /** Weights of the current model by input name. The arrays are reused for every γ. */
  weights;

  /** @type {Promise<unknown> | undefined} a download that must finish before the weights are fetched */
  first;

  /**
   * @param {URL} folder
   * @param {Manifest} manifest
   */
  constructor(folder, manifest) {
    if (manifest.format !== FORMAT) throw new Error("the models on this server are of another version: load the page again");
    this.folder = folder;
    this.manifest = manifest;
    this.trained = manifest.members.map((member) => ({ gamma: gammaOf(member.gamma) }));
    /** @type {Record<string, Float32Array>} */
    this.weights = Object.fromEntries(
      Object.entries(manifest.inputs).map(([name, shape]) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
    );
  }

  /** @param {string} address address of the folder */
  static async open(address) {
    const folder = new URL(address.replace(/\/?$/, "/"));
    const answer = await fetch(new URL("family.json", folder), { cache: "no-cache" });
    if (!answer.ok) throw new Error(`there are no models for this browser on the server (${answer.status})`);
    return new Family(folder, await answer.json());
  }

  /**
   * Interpolates the model at γ.
   * @param {number} gamma
   * @param {() => boolean} isWanted whether the model is still wanted; called after the download
   * @returns {Promise<Model | null>} null if the model is no longer wanted; the weights are then unchanged
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
   * A model, and its known results, to check this browser with. If every member has such results, the model is the
   * nearest member at or below γ.
   * @param {number} gamma
   * @returns {{ member: Member, numbers: Entry }}
   */
  checkFor(gamma) {
    const { members, check, check_of: id } = this.manifest;
    const near = members[bracketOf(this.trained, gamma).low];
    const member = near.check ? near : /** @type {Member} */ (members.find((one) => one.id === id));
    return { member, numbers: /** @type {Entry} */ (near.check ?? check) };
  }

  /** Starts the downloads that {@link mixAt} needs at γ; only `mixAt` reports errors. @param {number} gamma */
  prepare(gamma) {
    this.#at(gamma).parts.catch(() => {});
  }

  /** The position of γ between its members, these members, and their files. @param {number} gamma */
  #at(gamma) {
    const { members, mixes } = this.manifest;
    const { low, high, share } = bracketOf(this.trained, gamma);
    if (share && !mixes[low]) throw new Error(`there is no model at γ = ${gamma}: its neighbours do not mix`);
    const chosen = share ? [members[low], members[high]] : [members[low]];
    const parts = all([
      all(chosen.map((member) => this.#weightsOf(member))),
      all(chosen.map(({ centers }) => centers && this.#floatsOf(centers))),
      share && chosen[0].aligned ? this.#alignments() : null,
    ]);
    return { position: low + share, share, chosen, parts };
  }

  /** @param {Member} member */
  #weightsOf(member) {
    const known = this.#weights.get(member.id) ?? fetched(this.folder, member.weights, this.first).then(tensorsIn);
    this.#weights.delete(member.id);
    this.#weights.set(member.id, known);
    known.catch(() => this.#weights.delete(member.id)); // so that the next call tries again
    for (const id of [...this.#weights.keys()].slice(0, -KEPT)) this.#weights.delete(id);
    return known;
  }

  /** @param {Entry} entry */
  #floatsOf(entry) {
    const known = this.#floats.get(entry.file) ?? fetched(this.folder, entry, this.first).then(floatsIn);
    this.#floats.set(entry.file, known);
    known.catch(() => this.#floats.delete(entry.file));
    return known;
  }

  /** @returns {Promise<Alignments>} */
  async #alignments() {
    const { places } = this.manifest;
    if (!places) throw new Error("the models are aligned, but their curve has no alignments: measure it again");
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
 * Like Promise.all, but it rejects only after all promises have settled. The next call then fetches all failed files.
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
 * The alignment at a position. A trained model has an alignment. Between models, measured alignments are interpolated.
 * @param {number} position
 * @param {(name: string) => Float32Array} own returns an interpolated weight
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
  if (!found) throw new Error(`the weights have no ${name}: these models have different networks`);
  return found;
}

/**
 * Computes (1 - t) a + t b for each element.
 * @param {Float32Array[]} values a and b; b may be missing if t = 0
 * @param {number} share t
 * @param {Float32Array} target
 */
function mix(values, share, target = new Float32Array(values[0].length)) {
  const [a, b] = values;
  if (target.length !== a.length) throw new Error("the weights and the graph belong to different networks");
  if (!share) target.set(a);
  else for (let at = 0; at < a.length; at++) target[at] = a[at] + share * (b[at] - a[at]);
  return target;
}
