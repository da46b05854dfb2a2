// The worker in which a model of the playground trains. It answers one request at a time.

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
    return viewer.snapshot();
  },
  change(/** @type {Partial<Problem>} */ settings) {
    training.change(settings);
    return viewer.snapshot();
  },
  step(/** @type {number} */ count) {
    for (let done = 0; done < count && training.finite; done++) training.step();
    return viewer.snapshot();
  },
  probe: (/** @type {Float64Array} */ x) => viewer.probe(x),
  decode: (/** @type {Float64Array} */ z) => viewer.decode(z),
  stages: (/** @type {Float64Array} */ extra) => viewer.stages(extra),
};

self.onmessage = ({ data: { method, given } }) => {
  try {
    self.postMessage({ found: METHODS[method](given) });
  } catch (error) {
    self.postMessage({ problem: error instanceof Error ? error.message : String(error) });
  }
};
