// The row of lessons, and the text of the current lesson.

import { element } from "../figure/elements.js";

/**
 * @typedef {{ name: string, words: string, task: string, play: string, address: string, tried: string, restarts: boolean }} Preset
 *   `tried`: link that does the task; empty if only the user can do it; `restarts`: whether the task needs a new network
 */

const NO_LESSON = "A small model learns to tell the classes of points apart, and to draw new points (×). Its flow takes each point from data space to latent space, where each class has a Gaussian. Move γ, or choose a colour and paint points.";

export class Lessons {
  #current = -1; // index of the shown lesson

  /**
   * @param {HTMLElement} row
   * @param {HTMLElement} words
   * @param {Preset[]} presets
   * @param {object} asks
   * @param {(play: string) => void} asks.choose
   * @param {(play: string) => void} asks.slide changes γ to the γ of a link, and keeps the network
   */
  constructor(row, words, presets, asks) {
    this.words = words;
    this.presets = presets;
    this.asks = asks;
    this.links = presets.map(({ name, address, play }) => element("a", {
      href: address,
      onclick: (/** @type {MouseEvent} */ event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens another tab
        event.preventDefault();
        asks.choose(play);
        words.scrollIntoView({ block: "nearest" });
      },
    }, name));
    row.replaceChildren(...this.links);
  }

  /** @param {number} current index of the lesson, or -1 for none */
  show(current) {
    if (current === this.#current && this.words.childElementCount) return;
    this.#current = current;
    this.links.forEach((link, at) => link.setAttribute("aria-current", String(at === current)));
    const preset = this.presets[current];
    if (!preset) return this.words.replaceChildren(element("p", {}, NO_LESSON));
    const button = element("button", { type: "button", "data-do": "", title: "Does what the task says (key T)", onclick: () => this.try() }, "Do it");
    const task = element("p", { class: "play-try" }, ...lowered(`Try: ${preset.task} `), ...(preset.tried ? [button] : []));
    this.words.replaceChildren(element("p", {}, ...lowered(preset.words)), task);
  }

  /** Goes to the next or the previous lesson. @param {number} way 1 or -1 */
  turn(way) {
    const { length } = this.presets;
    const from = this.#current < 0 && way < 0 ? 0 : this.#current; // the last lesson comes before the first
    this.asks.choose(this.presets[(from + way + length) % length].play);
  }

  /** Does the task of the lesson. */
  try() {
    const preset = this.presets[this.#current];
    if (preset?.tried) (preset.restarts ? this.asks.choose : this.asks.slide)(preset.tried);
  }
}

/** A text in which _X and _Y are subscripts. @param {string} text */
const lowered = (text) => text.split(/(_[XY])/).map((part) => (/^_[XY]$/.test(part) ? element("sub", {}, part[1]) : part));
