// All parts of a page share one model, so that its weights are in memory only once.

import { Model } from "./model.js";

/**
 * @typedef {{ family: string, runtime: string }} Addresses paths on this server, from app/models/in_browser.py
 */

/** @type {{ family: string, opening: AbortController, model: Promise<Model>, opened: Model | null } | null} */
let shared = null;

/**
 * Returns the shared model of a family, and closes the model of any other family. A model that has ended or failed to
 * open is opened again.
 * @param {Addresses} addresses
 * @param {number} gamma the γ at which the model opens, if it is not open yet
 * @returns {Promise<Model>} rejected with a sentence for the user if this browser cannot run the model
 */
export function sharedModel({ family, runtime }, gamma) {
  if (shared && shared.family === family && !shared.opened?.hasEnded) return shared.model;
  shared?.opening.abort();
  const opening = new AbortController();
  let traffic = { received: 0, total: 0 };
  const heard = (/** @type {import("./model.js").Traffic} */ found) => {
    traffic = found;
    document.dispatchEvent(new CustomEvent("model-traffic", { detail: { ...found, isStarting: !mine.opened } }));
  };
  const model = openedAt({ family, runtime }, gamma, { signal: opening.signal, heard });
  /** @type {NonNullable<typeof shared>} */
  const mine = { family, opening, model, opened: null };
  shared = mine;
  mine.model.then(
    (model) => {
      mine.opened = model;
      heard(traffic);
    },
    () => shared === mine && (shared = null), // so that the next call tries again; this call's promise reports the error
  );
  return mine.model;
}

/**
 * Opens a model that is not shared.
 * @param {Addresses} addresses
 * @param {number} gamma
 * @param {{ signal?: AbortSignal, heard?: (traffic: import("./model.js").Traffic) => void }} [more] passed to {@link Model.open}
 */
export function openedAt({ family, runtime }, gamma, more) {
  const addresses = { family: new URL(family, document.baseURI).href, runtime: new URL(runtime, document.baseURI).href };
  return Model.open({ ...addresses, gamma, ...more });
}
