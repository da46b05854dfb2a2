// The view "Playground": the app's own, with its modules. It trains in a worker, which browsers start for pages of a web
// server only.

import { element, written } from "./elements.js";
import { addressed, keep, workerReady } from "./offline.js";

/**
 * @typedef {{ play: string, painted: string }} Link what the address says of it
 * @typedef {import("../playground/playground.js").Given & { html: string, css: string, files: string[] }} Written
 */

const BEGINS = "data/playground.js"; // what the page begins with
const FROM_DISK = "Opened from a disk, browsers start no training; on any web server they do.";

/** A module that only a web server gives. @param {string} name @returns {Promise<any>} */
const moduleAt = (name) => {
  const address = new URL(name, document.baseURI).href;
  return import(address);
};

export class Playing {
  #leave = () => {};
  #isGone = false;

  /** @param {Link} link @param {(link: Link) => void} changed when a person has changed something */
  constructor(link, changed) {
    this.changed = changed;
    this.element = element("div", { class: "playing" });
    this.#open(link).catch((error) => this.#say(`${error instanceof Error ? error.message : error}.`));
  }

  /** @param {Link} link */
  async #open(link) {
    if (!location.protocol.startsWith("http")) return this.#say(FROM_DISK);
    await workerReady();
    const { default: begins } = await moduleAt(addressed(BEGINS));
    const { html, css, files, ...given } = /** @type {Written} */ (begins);
    const { default: playground } = await moduleAt("play/playground/playground.js");
    if (this.#isGone) return;
    const style = element("style", {}, css);
    const box = written("div", html);
    this.element.replaceChildren(style, box);
    const presets = given.presets.map((one) => ({ ...one, address: `#view=playground&${one.address.slice(1)}` }));
    this.#leave = playground({
      data: { ...given, ...link, presets },
      parentElement: box,
      setTriggerValue: (/** @type {string} */ _, /** @type {Link} */ said) => this.changed(said),
    });
    keep([addressed(BEGINS), ...files]);
  }

  /** @param {string} words */
  #say(words) {
    this.element.replaceChildren(element("p", { class: "quiet", role: "status" }, words));
  }

  remove() {
    this.#isGone = true;
    this.#leave();
  }
}
