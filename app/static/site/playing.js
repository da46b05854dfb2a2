// The view "Playground": the app's own, which trains in a worker.

import { element, written } from "../figure/elements.js";

/**
 * @typedef {{ play: string, painted: string }} Link what the address says of it
 * @typedef {import("../playground/playground.js").Given & { html: string, css: string }} Written by app/site/pages.py
 */

export class Playing {
  #leave = () => {};
  #isGone = false;

  /**
   * @param {Promise<Written>} given
   * @param {Link} link
   * @param {(link: Link) => void} changed when a person has changed something
   */
  constructor(given, link, changed) {
    this.changed = changed;
    this.element = element("div", { class: "playing" });
    this.#open(given, link).catch((error) => {
      const words = `${error instanceof Error ? error.message : error}.`;
      this.element.replaceChildren(element("p", { class: "quiet", role: "status" }, words));
    });
  }

  /** @param {Promise<Written>} begins @param {Link} link */
  async #open(begins, link) {
    const [{ html, css, ...given }, { default: playground }] = await Promise.all([begins, import("../playground/playground.js")]);
    if (this.#isGone) return;
    const box = written("div", html);
    this.element.replaceChildren(element("style", {}, css), box);
    const presets = given.presets.map((one) => ({ ...one, address: `#view=playground&${one.address.slice(1)}` }));
    this.#leave = playground({
      data: { ...given, ...link, presets },
      parentElement: box,
      setTriggerValue: (/** @type {string} */ _, /** @type {Link} */ said) => this.changed(said),
    });
  }

  remove() {
    this.#isGone = true;
    this.#leave();
  }
}
