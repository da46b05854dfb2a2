// The worker in which a model of the playground trains: it answers one request after another.

import { Training } from "./training.js";
import { Viewer } from "./snapshot.js";

/** @typedef {import("./trainer.js").Problem} Problem */

/** @type {Training} */
let training;
/** @type {Viewer} */
let viewer;

/** @type {Record<string, (given: any) => any>} */
const METHODS = {
  start(/** @type {Problem} */ problem) {
    training = new Training(problem);
    viewer = new Viewer(training);
    return viewer.snapshot(0);
  },
  change(/** @type {Partial<Problem>} */ settings) {
    training.change(settings);
    return viewer.snapshot(0);
  },
  step(/** @type {number} */ count) {
    const [start, before] = [performance.now(), training.taken];
    for (let done = 0; done < count && training.finite; done++) training.step();
    const seconds = (performance.now() - start) / 1000;
    return viewer.snapshot(seconds > 0 ? (training.taken - before) / seconds : 0);
  },
  encode: (/** @type {Float64Array} */ points) => viewer.encode(points),
  decode: (/** @type {Float64Array} */ z) => viewer.decode(z),
  stages: (/** @type {Float64Array} */ extra) => viewer.stages(extra),
};

self.onmessage = ({ data: { id, method, given } }) => {
  try {
    const found = METHODS[method](given);
    self.postMessage({ id, found }, { transfer: buffersOf(found) });
  } catch (error) {
    self.postMessage({ id, problem: error instanceof Error ? error.message : String(error) });
  }
};

/** The memory of all arrays of an answer, which is handed over and not copied. @param {unknown} found @returns {ArrayBuffer[]} */
function buffersOf(found) {
  if (ArrayBuffer.isView(found)) return [/** @type {ArrayBuffer} */ (found.buffer)];
  if (found === null || typeof found !== "object" || Array.isArray(found)) return [];
  return Object.values(found).flatMap(buffersOf);
}
