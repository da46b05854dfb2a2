// The row of lessons, and what the one that is shown says.

import { element } from "../figure/elements.js";

/**
 * @typedef {{ name: string, words: string, task: string, play: string, address: string, tried: string, restarts: boolean }} Preset
 *   `tried` is what a link says once the task is done, empty if it takes a hand; and whether the network begins anew for it
 */

const NO_LESSON = "The points, and where the flow puts them, with a Gaussian for each class. × are samples. Slide γ, or choose a colour and paint points.";

export class Lessons {
  #current = -1; // which one is shown

  /**
   * @param {HTMLElement} row
   * @param {HTMLElement} words
   * @param {Preset[]} presets
   * @param {object} asks
   * @param {(play: string) => void} asks.choose
   * @param {(play: string) => void} asks.slide to the γ of a link, while the same network trains
   */
  constructor(row, words, presets, asks) {
    this.words = words;
    this.presets = presets;
    this.asks = asks;
    this.links = presets.map(({ name, address, play }) => element("a", {
      href: address,
      onclick: (/** @type {MouseEvent} */ event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab
        event.preventDefault();
        asks.choose(play);
      },
    }, name));
    row.replaceChildren(...this.links);
  }

  /** @param {number} current which one, -1 for none */
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

  /** To the next lesson, or back. @param {number} way */
  turn(way) {
    const { length } = this.presets;
    const from = this.#current < 0 && way < 0 ? 0 : this.#current; // before the first one comes the last
    this.asks.choose(this.presets[(from + way + length) % length].play);
  }

  /** Does what the lesson's task says. */
  try() {
    const preset = this.presets[this.#current];
    if (preset?.tried) (preset.restarts ? this.asks.choose : this.asks.slide)(preset.tried);
  }
}

/** A text with the letters behind an underscore as indices. @param {string} text */
const lowered = (text) => text.split(/(_[XY])/).map((part) => (/^_[XY]$/.test(part) ? element("sub", {}, part[1]) : part));
