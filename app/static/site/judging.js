// Shows the model's results for an image, and updates them when γ changes.

import { element } from "../figure/elements.js";
import { percent } from "../moves/words.js";
import { component } from "../live/live.js";
import { Answer } from "./answer.js";
import { announce, problemText } from "./parts.js";

/**
 * @typedef {{ name: string, noise: "uniform" | number, graph: import("../flow/files.js").Entry }} Beside a classifier without a likelihood
 * @typedef {{ classes: string[], colors: string[], why: Record<string, string>, task: any, beside: Beside | null }} Data data from app/site/views.py
 */

export class Judging {
  remove = () => {}; // ends the updates
  #beside = element("p"); // result of the other classifier

  /** @param {HTMLElement} root @param {Data} given @param {import("./parts.js").Page} page */
  constructor(root, { classes, colors, why, task, beside }, page) {
    this.page = page;
    this.answer = new Answer(classes, colors, why);
    const outdated = () => [this.answer.element, this.#beside].forEach((one) => one.classList.add("is-old"));
    this.task = { ...task, picture: { ...task.picture, pixels: "" }, outdated, show: (/** @type {import("../live/judged.js").Said | null} */ said) => this.#say(said) };
    const problem = element("p", { "data-live": "", class: "quiet", role: "status" });
    root.append(problem, this.answer.element);
    const { addresses } = page;
    if (beside && addresses) root.append(this.#offer(beside), this.#beside);
    if (!addresses) problem.textContent = "This site was written without the models, so nothing can be judged here.";
    else {
      const data = { figure: "judged", addresses, problem: "", says: problemText("nothing can be judged"), kind: "judged", task: this.task };
      this.remove = component({ data, parentElement: root });
      document.dispatchEvent(new CustomEvent("pen-near")); // loads the model
    }
  }

  /** A button that loads the other classifier. @param {Beside} beside */
  #offer({ name, noise, graph }) {
    const show = (/** @type {Float32Array} */ posterior) => {
      const top = posterior.indexOf(Math.max(...posterior));
      this.#beside.classList.remove("is-old");
      this.#beside.textContent = `${name}: ${this.answer.classes[top]}, ${percent(posterior[top])}. It has no likelihood.`;
    };
    const ask = () => {
      button.remove();
      this.#beside.textContent = "Loading …";
      this.task.beside = { graph, noise, show };
      announce(this.page.moved());
    };
    const button = element("button", { type: "button", class: "beside", onclick: ask }, `Compare with ${name} (${((graph.packed ?? graph.bytes) / 1e6).toFixed(1)} MB)`);
    return button;
  }

  /** @param {import("../live/judged.js").Said | null} said */
  #say(said) {
    this.answer.show(said);
    this.answer.element.classList.remove("is-old");
  }

  /** @param {string} pixels base64 of uint8 (H, W, C); empty without an image */
  show(pixels) {
    this.task.picture = { ...this.task.picture, pixels };
    this.#beside.replaceChildren();
    if (!pixels) return this.#say(null);
    document.dispatchEvent(new CustomEvent("pen-answered", { detail: 0 })); // the user no longer writes
    announce(this.page.moved());
  }
}
