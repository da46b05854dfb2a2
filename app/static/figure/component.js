// The figure as a component of Streamlit.

import { keptFor } from "./ended.js";
import { Figure } from "./figure.js";

/**
 * @param {object} given
 * @param {import("./figure.js").Specification} given.data
 * @param {HTMLElement} given.parentElement
 * @param {(name: string, value: any) => void} given.setTriggerValue
 */
export default async function ({ data, parentElement, setTriggerValue }) {
  const host = /** @type {HTMLElement} */ (parentElement.querySelector("[data-figure]"));
  const [figure, end] = keptFor(host, () => new Figure(host, setTriggerValue));
  figure.tell = setTriggerValue;
  await figure.show(data);
  return end;
}
