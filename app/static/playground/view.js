// The pictures of a model. The page has one or two models.

import { DataSpace } from "./data_space.js";
import { LatentSpace } from "./latent_space.js";
import { Network } from "./network.js";

/** Copies all elements of the first model for a second model. @param {HTMLElement} host */
export function double(host) {
  for (const one of /** @type {NodeListOf<HTMLElement>} */ (host.querySelectorAll("[data-model]"))) {
    const other = /** @type {HTMLElement} */ (one.cloneNode(true));
    other.dataset.model = "1";
    for (const named of [other, ...other.querySelectorAll("[aria-label]")]) {
      if (named.ariaLabel) named.ariaLabel = named.ariaLabel.replace("model A", "model B");
    }
    other.querySelector("[data-tools]")?.remove();
    one.after(other);
  }
}

/** @param {HTMLElement} host @param {number} model @param {import("./plane.js").Style} style */
export function viewOf(host, model, style) {
  const find = (/** @type {string} */ name) => /** @type {any} */ (host.querySelector(`[data-model="${model}"]${name}`));
  return {
    data: new DataSpace(find(" [data-space=data]"), style),
    latent: new LatentSpace(find(" [data-space=latent]"), style),
    network: new Network(find(".play-stages"), style),
  };
}
