// The classes beside the picture: a bar of each, which takes the image towards its class, and a list where they are many.

import { element } from "../figure/elements.js";
import { percent } from "./words.js";

export const MOST_BARS = 10; // of classes; of more, the likeliest

/**
 * @typedef {object} Shown
 * @property {string[]} classes
 * @property {string[]} colors
 * @property {ArrayLike<number>} posterior of what the hand has made of the image
 * @property {number} from class that the image itself is taken for
 * @property {number | null} target class that it goes towards
 * @property {(target: number) => void} aim of the first call: the buttons stay
 */

/** @param {HTMLElement} place @param {Shown} shown */
export function drawBars(place, { classes, colors, posterior, from, target, aim }) {
  const longest = Math.max(...classes.map((name) => name.length));
  place.style.setProperty("--names", `${Math.min(7, Math.max(4.8, 0.54 * longest))}em`);
  let order = classes.map((_, k) => k);
  if (order.length > MOST_BARS) {
    order.sort((a, b) => posterior[b] - posterior[a]);
    order = order.slice(0, MOST_BARS);
    if (target !== null && !order.includes(target)) order[MOST_BARS - 1] = target;
  }
  while (place.children.length < order.length) {
    const onclick = (/** @type {Event} */ event) => aim(Number(/** @type {HTMLElement} */ (event.currentTarget).dataset.class));
    place.append(element("button", { type: "button", onclick }, ...["name", "bar", "value"].map((name) => element("span", { class: name }))));
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
    button.title = k === from ? `${classes[k]}: the model's answer` : `Change it towards ${classes[k]}, just past the flip`;
  });
}

/** Made anew only when something changes, so that an open one stays open. @param {HTMLElement} place a select @param {string[]} classes @param {number} from @param {number | null} target */
export function listClasses(place, classes, from, target) {
  const key = [target, from, ...classes].join();
  if (place.dataset.listed === key) return;
  place.dataset.listed = key;
  // The class that it is taken for is among them while it is aimed at, as after a change of γ.
  const options = classes.flatMap((name, k) => (k === from && k !== target ? [] : [new Option(name, String(k), false, k === target)]));
  if (target === null) options.unshift(new Option(`choose one of ${classes.length - 1}`, String(from), true, true));
  place.replaceChildren(...options);
}
