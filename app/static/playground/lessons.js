// The row of lessons, and what the one that is shown says.

import { make } from "./elements.js";

/**
 * @typedef {{ name: string, words: string[], task: string, play: string, painted: string, address: string, tried: string, restarts: boolean }} Preset
 *   `tried` is what a link says once the task is done, empty if it takes a hand; and whether the network begins anew for it
 */

const NO_LESSON = "Data space: the points, and how the model sees every place. Latent space: the same points, and one Gaussian for each class (its circle holds 90 %). × are samples: points drawn from the Gaussians and taken through the flow backwards. Choose a colour above data space and paint points of your own.";

/**
 * @param {HTMLElement} row
 * @param {HTMLElement} words
 * @param {Preset[]} presets
 * @param {number} current which one is shown, -1 for none
 * @param {(preset: Preset) => void} choose
 * @param {() => void} doIt does what the lesson's task says
 */
export function showLessons(row, words, presets, current, choose, doIt) {
  row.replaceChildren(...presets.map((preset, at) => {
    const link = make("a", { href: preset.address }, preset.name);
    if (at === current) link.setAttribute("aria-current", "true");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab
      event.preventDefault();
      choose(preset);
    });
    return link;
  }));
  const preset = presets[current];
  if (!preset) return words.replaceChildren(make("p", {}, NO_LESSON));
  const task = make("p", { class: "play-try" }, ...lowered(`Try: ${preset.task} `));
  if (preset.tried) {
    const button = make("button", { type: "button", "data-do": "", title: "Does what the task says (key T)" }, "Do it");
    button.addEventListener("click", doIt);
    task.append(button);
  }
  words.replaceChildren(make("p", {}, ...lowered(preset.words.join(" "))), task);
}

/** A text with the letters behind an underscore as indices. @param {string} text */
const lowered = (text) => text.split(/(_[XY])/).map((part) => (/^_[XY]$/.test(part) ? make("sub", {}, part[1]) : part));
