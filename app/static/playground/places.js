// The places of the playground's pictures: two spaces for each model, and the curves of all.

import { CALIBRATION, CURVES } from "./curves.js";
import { badge, make, NAMES } from "./elements.js";

const SPACES = [["data", "Data"], ["latent", "Latent"]];

/**
 * @param {HTMLElement} place
 * @param {string[]} colors of models
 * @param {number} count of models
 * @param {Record<string, HTMLElement>} tools that stand above a space of the first model
 * @returns {HTMLCanvasElement[]} of data and latent space of each model
 */
export function makeSpaces(place, colors, count, tools) {
  place.replaceChildren(...NAMES.slice(0, count).flatMap((model, at) => SPACES.map(([key, word]) => {
    const name = make("span", key === "latent" ? { "data-latent-title": "" } : {}, word);
    const title = make("span", { class: "play-title" }, name, make("span", { class: "play-space-word" }, " space"));
    const head = make("div", {}, make("h5", {}, ...badge(at, count, colors), title), ...(at ? [] : [tools[key]]));
    const label = `${word} space${count > 1 ? ` of model ${model}` : ""}. Arrow keys move a point.`;
    return make("figure", { class: "play-space" }, head, make("canvas", { tabindex: 0, role: "application", "aria-label": label, "data-space": `${key}-${at}` }));
  })));
  return [...place.querySelectorAll("canvas")];
}

/** @param {HTMLElement} place @param {string[]} colors of models @param {number} count of models */
export function makeCurves(place, colors, count) {
  place.replaceChildren(...[...CURVES, CALIBRATION].map(({ title, words = "" }) => {
    const numbers = Array.from({ length: count }, (_, at) => make("b", { style: `--model: ${count > 1 ? colors[at] : "inherit"}` }));
    const name = make("span", {});
    name.innerHTML = title;
    return make("figure", { class: "play-curve", title: words }, make("figcaption", {}, name, ...numbers), make("canvas", { role: "img" }));
  }));
}
