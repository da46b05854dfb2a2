// One model a family for all that a page shows: its weights are in memory once, and its requests in one order.

import { Model } from "./model.js";

/**
 * @typedef {{ family: string, runtime: string }} Addresses paths on this server, as app/models/in_browser.py has them
 */

/** @type {{ family: string, opening: AbortController, model: Promise<Model>, opened: Model | null } | null} */
let shared = null;

/**
 * The model of a family; that of another family before is closed, or given up if it is not open yet. One that has
 * ended, or could not be opened, is opened anew.
 * @param {Addresses} addresses
 * @param {number} gamma at which it opens, if it is not open
 * @returns {Promise<Model>} rejected, in one sentence, where this browser cannot compute
 */
export function sharedModel({ family, runtime }, gamma) {
  if (shared && shared.family === family && !shared.opened?.hasEnded) return shared.model;
  shared?.opening.abort();
  shared?.opened?.close();
  const opening = new AbortController();
  let traffic = { received: 0, total: 0 };
  const heard = (/** @type {import("./model.js").Traffic} */ found) => tell((traffic = found), !mine.opened);
  const model = openedAt({ family, runtime }, gamma, { signal: opening.signal, heard });
  /** @type {NonNullable<typeof shared>} */
  const mine = { family, opening, model, opened: null };
  shared = mine;
  mine.model.then(
    (model) => {
      mine.opened = model;
      heard(traffic);
    },
    () => shared === mine && (shared = null), // to be tried again; whoever waits for it hears of it
  );
  return mine.model;
}

/**
 * A model that nobody else has.
 * @param {Addresses} addresses
 * @param {number} gamma
 * @param {{ signal?: AbortSignal, heard?: (traffic: import("./model.js").Traffic) => void }} [more] as of {@link Model.open}
 */
export function openedAt({ family, runtime }, gamma, more) {
  const here = globalThis.document?.baseURI ?? location.href;
  return Model.open({ family: new URL(family, here).href, runtime: new URL(runtime, here).href, gamma, ...more });
}

/**
 * Tells the page how much of the model's files has come.
 * @param {import("./model.js").Traffic} traffic
 * @param {boolean} isStarting whether the model answers nothing yet
 */
function tell(traffic, isStarting) {
  globalThis.document?.dispatchEvent(new CustomEvent("model-traffic", { detail: { ...traffic, isStarting } }));
}
