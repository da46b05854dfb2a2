// A model that computes in a worker. Methods named as in ibinn_core's GenerativeClassifier do the same. The worker handles
// one request at a time. Of several unfinished requests with one key, only the newest gets a result; the others get null.

import { AskedWorker } from "./asked.js";

/**
 * @typedef {import("./family.js").Manifest} Manifest
 * @typedef {import("./worker.js").Evaluated} Evaluated
 * @typedef {object} Described the model at the current γ
 * @property {number} gamma
 * @property {Float32Array} means μ, (K, D)
 * @property {Float64Array} logWeights (K)
 * @property {Float32Array | null} centers (K, D)
 * @property {number | null} spread
 *
 * @typedef {{ received: number, total: number }} Traffic bytes received so far, and bytes of all requested files
 */

export class Model {
  #count = 0;
  #worker;
  #isClosed = false;

  /** @param {Worker} worker @param {(traffic: Traffic) => void} [heard] */
  constructor(worker, heard) {
    this.#worker = new AskedWorker(worker, heard);
    /** @type {Manifest} */ this.manifest;
    /** @type {Described} */ this.current;
  }

  /**
   * Opens a family at a γ. If this browser cannot run the model, the promise is rejected with a sentence for the user.
   * @param {object} given
   * @param {string} given.family address of the family's folder, with a slash at its end
   * @param {string} given.runtime address of the folder of onnxruntime-web, with a slash at its end
   * @param {number} given.gamma
   * @param {AbortSignal} [given.signal] cancels the opening
   * @param {(traffic: Traffic) => void} [given.heard] called while the files arrive
   * @returns {Promise<Model>}
   */
  static async open({ signal, heard, ...given }) {
    const model = new Model(new Worker(new URL("worker.js", import.meta.url), { type: "module" }), heard);
    signal?.addEventListener("abort", () => model.close(), { once: true });
    try {
      const found = await model.#ask("open", given, null);
      if (!found) throw new Error("another family was chosen meanwhile");
      const { manifest, ...current } = found;
      model.manifest = manifest;
      model.current = current;
      return model;
    } catch (error) {
      model.#worker.end("the model could not be opened");
      throw error;
    }
  }

  /**
   * Changes the model to another γ, for all later requests.
   * @param {number} gamma
   * @returns {Promise<Described | null>} null if γ was changed again before the answer
   */
  async setGamma(gamma) {
    const found = await this.#ask("setGamma", { gamma }, "gamma");
    if (found) this.current = found;
    return found;
  }

  /**
   * Computes latents, log q(x), log q(x | y), and the posterior of images in one pass.
   * @param {Float32Array} x (N, C, H, W) over [0, 1]
   * @param {string | null} key
   * @returns {Promise<Evaluated | null>}
   */
  evaluate(x, key = null) {
    return this.#ask("evaluate", { x }, key);
  }

  /** @param {Float32Array} x @param {string | null} key @returns {Promise<Float32Array | null>} z, (N, D) */
  async encode(x, key = null) {
    return (await this.evaluate(x, key))?.latents ?? null;
  }

  /**
   * @param {Float32Array} z (N, D)
   * @param {string | null} key
   * @returns {Promise<Float32Array | null>} images (N, C, H, W), not clipped to [0, 1]
   */
  decode(z, key = null) {
    return this.#ask("decode", { z }, key);
  }

  /**
   * Draws latents from q(z | y), (N, D). Decode them to get sample images.
   * @param {number[]} classes
   * @param {Float32Array} noise standard normal numbers, (N, D)
   * @param {{ temperature: number, center: "mean" | "empirical", guidance: number }} options
   */
  latentsOf(classes, noise, { temperature, center, guidance }) {
    const { dims } = this.manifest;
    const centers = center === "empirical" ? this.current.centers : this.current.means;
    if (!centers) throw new Error("this model has no empirical class means");
    const average = averageOf(centers, dims);
    return noise.map((value, at) => {
      const [own, middle] = [centers[classes[Math.floor(at / dims)] * dims + (at % dims)], average[at % dims]];
      return middle + guidance * (own - middle) + temperature * value;
    });
  }

  /**
   * Latents along a path from start to end, both included, (steps, D).
   * @param {Float32Array} start (D)
   * @param {Float32Array} end (D)
   * @param {number} steps
   * @param {"linear" | "spherical"} path
   */
  interpolate(start, end, steps, path) {
    const found = new Float32Array(steps * start.length);
    const omega = path === "spherical" ? angle(start, end) : 0;
    for (let step = 0; step < steps; step++) {
      const t = step / (steps - 1);
      const isStraight = !(Math.sin(omega) >= 1e-6);
      const a = isStraight ? 1 - t : Math.sin((1 - t) * omega) / Math.sin(omega);
      const b = isStraight ? t : Math.sin(t * omega) / Math.sin(omega);
      for (let at = 0; at < start.length; at++) found[step * start.length + at] = a * start[at] + b * end[at];
    }
    return found;
  }

  /**
   * The posterior (K) of an image, from a separate classifier that is stored with the family.
   * @param {Float32Array} x (1, C, H, W) over [0, 1]
   * @param {import("./files.js").Entry} graph the classifier's file in the family's folder
   * @returns {Promise<Float32Array | null>}
   */
  classify(x, graph) {
    return this.#ask("classify", { x, graph }, "classify");
  }

  /** The number of values in an image, C·H·W. */
  get pixels() {
    return this.manifest.image_shape.reduce((a, b) => a * b, 1);
  }

  /** Whether the worker has stopped or the model was closed. */
  get hasEnded() {
    return this.#worker.ending !== null;
  }

  /** Frees all memory. All open and later requests resolve to null. */
  close() {
    this.#isClosed = true;
    this.#worker.end("the model is closed");
  }

  /**
   * @param {string} method
   * @param {any} given
   * @param {string | null} key
   * @returns {Promise<any>}
   */
  async #ask(method, given, key) {
    try {
      return await this.#worker.ask({ id: ++this.#count, method, given, key });
    } catch (error) {
      if (this.#isClosed) return null;
      throw error;
    }
  }
}

/** The mean of the rows. @param {Float32Array} rows (K, D) @param {number} dims D */
function averageOf(rows, dims) {
  const found = new Float64Array(dims);
  rows.forEach((value, at) => (found[at % dims] += (value * dims) / rows.length));
  return found;
}

/**
 * The angle between two latents, or 0 if one of them is the zero vector.
 * @param {Float32Array} one
 * @param {Float32Array} other
 */
function angle(one, other) {
  let [product, first, second] = [0, 0, 0];
  for (let at = 0; at < one.length; at++) {
    product += one[at] * other[at];
    first += one[at] ** 2;
    second += other[at] ** 2;
  }
  const size = Math.sqrt(first * second);
  return size ? Math.acos(Math.min(1, Math.max(-1, product / size))) : 0;
}
