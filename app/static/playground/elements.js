// Elements that the playground's page makes in more than one place.

/** Letters of two models. */
export const NAMES = ["A", "B"];

/**
 * @param {string} name
 * @param {Record<string, any>} attributes
 * @param {(Node | string)[]} children
 */
export function make(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** A list of the letter of one of two models, on its colour; empty for a model alone. @param {number} at @param {number} count @param {string[]} colors */
export const badge = (at, count, colors) => (count > 1 ? [make("span", { class: "play-badge", style: `--model: ${colors[at]}` }, NAMES[at])] : []);
