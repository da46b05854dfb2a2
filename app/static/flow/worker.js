// The model's worker. It runs the graphs of a family with the weights of one γ, one request at a time.

import { gammaOf } from "../slider/gamma_slider.js";
import { Family } from "./family.js";
import { fetched, floatsIn, traffic } from "./files.js";

/**
 * @typedef {import("./family.js").Model} Model
 * @typedef {object} Evaluated the results of a model for images, as in ibinn_core
 * @property {Float32Array} latents (N, D)
 * @property {Float64Array} logProb log q(x) in nats, (N)
 * @property {Float64Array} logProbPerClass log q(x | y), (N, K)
 * @property {Float64Array} posterior q(y | x), (N, K)
 */

const MAX_IMAGES = 16; // the most images in one run of a graph
const TOLERANCES = { latents: 1e-3, pixels: 1e-3, logProb: 0.5 }; // the largest errors that the check accepts; logProb is in nats

/** @type {any} */
let runtime;
/** @type {Family} */
let family;
/** @type {Record<string, any>} by name of the graph */
const sessions = {};
/** @type {Record<string, any>} the weights as tensors, which share memory with the arrays of the family */
let feeds = {};
/** @type {Model} */
let model;
/** @type {Map<string, number>} the newest request of each key */
const newest = new Map();
/** The last request. Each request waits for the previous request. */
let queue = Promise.resolve();

/** @type {Record<string, (given: any, isWanted: () => boolean) => Promise<any>>} */
const METHODS = { open, setGamma, evaluate, decode, classify };

self.onmessage = ({ data: { id, method, given, key } }) => {
  if (key) newest.set(key, id);
  const isWanted = () => !key || newest.get(key) === id;
  queue = queue.then(async () => {
    await others();
    try {
      const found = isWanted() ? await METHODS[method](given, isWanted) : null;
      self.postMessage({ found: found ?? null });
    } catch (error) {
      // After an error inside WebAssembly, such as a lack of memory, WebAssembly's state may be corrupt.
      const isFatal = typeof WebAssembly === "object" && error instanceof WebAssembly.RuntimeError;
      self.postMessage({ problem: error instanceof Error ? error.message : String(error), isFatal });
    }
  });
};

traffic.changed = () => self.postMessage({ traffic: { received: traffic.received, total: traffic.total } });

/** Lets new requests arrive. They cannot arrive while WebAssembly computes, because it blocks the worker. */
function others() {
  return new Promise((resolve) => setTimeout(resolve));
}

/** @param {{ family: string, runtime: string, gamma: number }} given addresses of the two folders, and γ */
async function open({ family: address, runtime: folder, gamma }) {
  if (typeof WebAssembly !== "object") throw new Error("this browser has no WebAssembly");
  const code = import(new URL("ort.wasm.min.mjs", folder).href);
  code.catch(() => {}); // the line that waits for it reports its error
  family = await Family.open(address);
  const { graphs, inputs, runtime: compressed } = family.manifest;
  if (compressed) family.first = fetched(new URL(folder), compressed); // fetched first, so that the runtime compiles while the weights arrive
  runtime = await code;
  runtime.env.wasm.wasmPaths = folder;
  runtime.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1;
  runtime.env.logLevel = "error";
  const { member, numbers } = family.checkFor(gamma);
  family.prepare(gammaOf(member.gamma));
  family.prepare(gamma);
  const expected = fetched(family.folder, numbers, family.first).then(floatsIn);
  const files = Object.entries(graphs).map(([name, entry]) => ({ name, data: fetched(family.folder, entry) }));
  if (compressed) runtime.env.wasm.wasmBinary = await family.first;
  for (const { name, data } of files) sessions[name] = await runtime.InferenceSession.create(new Uint8Array(await data));
  feeds = Object.fromEntries(
    Object.entries(family.weights).map(([name, values]) => [name, new runtime.Tensor("float32", values, inputs[name])]),
  );
  await check(member, await expected);
  await setGamma({ gamma }, () => true);
  return { manifest: family.manifest, ...described() };
}

/**
 * Throws an error unless this browser gets the same results as Python for one image.
 * @param {import("./family.js").Member} member
 * @param {Float32Array} numbers latents, image, and log q(x | y) from Python
 */
async function check({ id, gamma }, numbers) {
  const { dims, image_shape: shape } = family.manifest;
  await setGamma({ gamma: gammaOf(gamma) }, () => true);
  const pixels = shape.reduce((a, b) => a * b, 1);
  const [z, x, wanted] = [numbers.subarray(0, dims), numbers.subarray(dims, dims + pixels), numbers.subarray(dims + pixels)];
  const found = await evaluate({ x: x.slice() }, () => true);
  const image = await decode({ z: z.slice() }, () => true);
  const isRight =
    found && image &&
    farthest(found.latents, z) < TOLERANCES.latents &&
    farthest(image, x) < TOLERANCES.pixels &&
    farthest(found.logProbPerClass, wanted) < TOLERANCES.logProb;
  if (!isRight) throw new Error(`this browser computes wrong numbers with ${id}`);
}

/**
 * @param {ArrayLike<number>} some
 * @param {ArrayLike<number>} others
 */
function farthest(some, others) {
  let most = some.length === others.length ? 0 : Infinity;
  for (let at = 0; at < others.length; at++) {
    const difference = Math.abs(some[at] - others[at]);
    most = difference <= most ? most : Number.isNaN(difference) ? Infinity : difference;
  }
  return most;
}

/**
 * @param {{ gamma: number }} given
 * @param {() => boolean} isWanted
 */
async function setGamma({ gamma }, isWanted) {
  if (model?.gamma !== gamma) {
    const mixed = await family.mixAt(gamma, isWanted);
    if (!mixed) return null;
    model = mixed;
  }
  return described();
}

/** The values of the model that a page can use without a request. */
function described() {
  const { gamma, mixture, centers, spread } = model;
  return { gamma, means: mixture.means, logWeights: mixture.logWeights, centers, spread };
}

/**
 * @param {{ x: Float32Array }} given images (N, C, H, W) over [0, 1]
 * @param {() => boolean} isWanted
 * @returns {Promise<Evaluated | null>}
 */
async function evaluate({ x }, isWanted) {
  const found = await run("encode", "x", x, family.manifest.image_shape, isWanted);
  if (!found) return null;
  const { u: latents, log_det: logDet } = found;
  const { alignment, mixture } = model;
  const z = alignment ? alignment.forward(latents) : latents;
  const scores = mixture.scores(z);
  const volume = logDet.map((value) => value + (alignment?.logAbsDet ?? 0));
  return {
    latents: z,
    logProb: Float64Array.from(mixture.logMarginal(z, scores), (value, n) => value + volume[n]),
    logProbPerClass: mixture.logProb(z, scores).map((value, at) => value + volume[Math.floor(at / mixture.classes)]),
    posterior: mixture.posterior(scores),
  };
}

/**
 * @param {{ z: Float32Array }} given latents (N, D)
 * @param {() => boolean} isWanted
 * @returns {Promise<Float32Array | null>} images (N, C, H, W), not clipped
 */
async function decode({ z }, isWanted) {
  const u = model.alignment ? model.alignment.inverse(z) : z;
  return (await run("decode", "u", u, [family.manifest.dims], isWanted))?.x ?? null;
}

/**
 * Runs a separate classifier that is stored with the family.
 * @param {{ x: Float32Array, graph: import("./files.js").Entry }} given an image (1, C, H, W) over [0, 1], and the graph's file in the family's folder
 * @returns {Promise<Float32Array>} posterior, (K)
 */
async function classify({ x, graph }) {
  const { file } = graph;
  sessions[file] ??= await runtime.InferenceSession.create(new Uint8Array(await fetched(family.folder, graph)));
  const { posterior } = await sessions[file].run({ x: new runtime.Tensor("float32", x, [1, ...family.manifest.image_shape]) });
  return posterior.data.slice();
}

/**
 * Runs a graph on rows, in batches.
 * @param {"encode" | "decode"} graph
 * @param {string} name name of the graph's input
 * @param {Float32Array} values all rows
 * @param {number[]} shape shape of a row
 * @param {() => boolean} isWanted
 * @returns {Promise<Record<string, Float32Array> | null>} the graph's outputs for all rows, or null if they are no longer wanted
 */
async function run(graph, name, values, shape, isWanted) {
  const size = shape.reduce((a, b) => a * b, 1);
  const rows = values.length / size;
  /** @type {Record<string, Float32Array>} */
  const every = {};
  for (let start = 0; start < rows; start += MAX_IMAGES) {
    const count = Math.min(MAX_IMAGES, rows - start);
    const part = values.subarray(start * size, (start + count) * size);
    const given = { [name]: new runtime.Tensor("float32", part, [count, ...shape]) };
    for (const weight of sessions[graph].inputNames) given[weight] ??= feeds[weight];
    for (const [output, { data }] of Object.entries(await sessions[graph].run(given))) {
      every[output] ??= new Float32Array((rows * data.length) / count);
      every[output].set(data, (start * data.length) / count);
    }
    if (start + MAX_IMAGES < rows) await others();
    if (!isWanted()) return null;
  }
  return every;
}
