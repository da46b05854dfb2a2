// The figure as a component of Streamlit.

import { whenEnded } from "./ended.js";
import { Figure } from "./figure.js";

/** @type {WeakMap<Element, Figure>} */
const figures = new WeakMap();

/**
 * @param {object} given
 * @param {import("./figure.js").Specification} given.data
 * @param {HTMLElement} given.parentElement
 * @param {(name: string, value: any) => void} given.setTriggerValue
 */
export default async function ({ data, parentElement, setTriggerValue }) {
  const host = /** @type {HTMLElement} */ (parentElement.querySelector("[data-figure]"));
  const figure = figures.get(host) ?? new Figure(host, setTriggerValue);
  figures.set(host, figure);
  figure.tell = setTriggerValue;
  const ended = whenEnded(host, () => {
    figures.delete(host);
    figure.remove();
  });
  await figure.show(data);
  return ended;
}
