// One model a family for all that a page shows: its weights are in memory once, and its requests in one order.

import { Model } from "./model.js";

/** @typedef {{ family: string, runtime: string }} Addresses paths on this server, as app/models/in_browser.py has them */

/** @type {{ family: string, model: Promise<Model> } | null} */
let shared = null;

/**
 * The model of a family; the one of another family before is closed.
 * @param {Addresses} addresses
 * @param {number} gamma at which it opens, if it is not open
 * @returns {Promise<Model>} rejected, in one sentence, where this browser cannot compute
 */
export function sharedModel({ family, runtime }, gamma) {
  if (shared?.family !== family) {
    shared?.model.then((model) => model.close(), () => {});
    const here = globalThis.document?.baseURI ?? location.href;
    const model = Model.open({ family: new URL(family, here).href, runtime: new URL(runtime, here).href, gamma });
    shared = { family, model };
    model.catch(() => {}); // whoever waits for it hears of it
  }
  return shared.model;
}
