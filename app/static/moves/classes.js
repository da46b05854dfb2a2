// The classes beside the picture: a bar for each class, and a list if there are many. A click on a bar moves the image
// towards that class.

import { element } from "../figure/elements.js";
import { percent } from "./words.js";

export const MAX_BARS = 10; // largest number of bars; if there are more classes, only the likeliest have a bar

/**
 * @typedef {object} Shown
 * @property {string[]} classes
 * @property {string[]} colors
 * @property {ArrayLike<number>} posterior posterior of the moved image
 * @property {number} from predicted class of the original image
 * @property {number | null} target class towards which the image moves
 * @property {(target: number) => void} aim called with the class of a clicked bar; only the function of the first call is used
 */

/** @param {HTMLElement} place @param {Shown} shown */
export function drawBars(place, { classes, colors, posterior, from, target, aim }) {
  const longest = Math.max(...classes.map((name) => name.length));
  place.style.setProperty("--names", `${Math.min(7, Math.max(4.8, 0.54 * longest))}em`);
  let order = classes.map((_, k) => k);
  if (order.length > MAX_BARS) {
    order.sort((a, b) => posterior[b] - posterior[a]);
    order = order.slice(0, MAX_BARS);
    if (target !== null && !order.includes(target)) order[MAX_BARS - 1] = target;
  }
  while (place.children.length < order.length) {
    const onclick = (/** @type {Event} */ event) => aim(Number(/** @type {HTMLElement} */ (event.currentTarget).dataset.class));
    place.append(element("button", { type: "button", onclick }, ...["name", "bar", "value"].map((name) => element("span", { class: `${name} saved` }))));
  }
  order.forEach((k, at) => {
    const button = /** @type {HTMLButtonElement} */ (place.children[at]);
    button.dataset.class = String(k);
    button.style.setProperty("--class", colors[k]);
    button.style.setProperty("--share", String(posterior[k]));
    const [name, , value] = /** @type {HTMLElement[]} */ ([...button.children]);
    name.textContent = classes[k];
    value.textContent = percent(posterior[k]);
    button.setAttribute("aria-pressed", String(k === target));
    button.title = k === from ? `${classes[k]}: the model's answer` : `Change the image towards ${classes[k]}, just past the flip`;
  });
}

/**
 * Fills the list only after a change, so that an open list stays open.
 * @param {HTMLElement} place a select
 * @param {string[]} classes
 * @param {number} from
 * @param {number | null} target
 */
export function listClasses(place, classes, from, target) {
  const key = [target, from, ...classes].join();
  if (place.dataset.listed === key) return;
  place.dataset.listed = key;
  // The predicted class is listed only if it is the target, which can happen after a change of γ.
  const options = classes.flatMap((name, k) => (k === from && k !== target ? [] : [new Option(name, String(k), false, k === target)]));
  if (target === null) options.unshift(new Option(`choose one of ${classes.length - 1}`, String(from), true, true));
  place.replaceChildren(...options);
}
