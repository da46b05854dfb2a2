// What a model says of an image: for each class log q(x | y) and the posterior; bits/dim in a line.

import { element } from "../figure/elements.js";

/** @typedef {{ likelihoods: ArrayLike<number>, posterior: ArrayLike<number>, bits: number }} Judged */

const MINUS = "−";

/** @param {number} value @param {number} digits */
const number = (value, digits) => value.toFixed(digits).replace("-", MINUS);

export class Bars {
  /**
   * @param {string[]} classes
   * @param {string[]} colors
   */
  constructor(classes, colors) {
    this.classes = classes;
    this.rows = classes.map((name, k) => {
      const bar = element("span", { class: "bar", style: `background: ${colors[k]}` });
      const share = element("span", { class: "share" });
      const nats = element("span", { class: "nats" });
      const less = element("span", { class: "nats less" });
      return { bar, share, nats, less, cells: [element("span", { class: "name" }, name), element("span", { class: "cell" }, bar, share), nats, less] };
    });
    this.bits = element("b", { "data-bits": "" });
    const heads = ["", "posterior q(y | x)", "log q(x | y), nats", "below the best"].map((text) => element("small", {}, text));
    this.table = element("div", { class: "bars", role: "img" }, ...heads, ...this.rows.flatMap((row) => row.cells));
    this.element = element("div", { class: "judged" }, this.table, element("p", {}, "bits/dim ", this.bits));
  }

  /** @param {Judged | null} judged nothing where nothing is written */
  show(judged) {
    const best = judged ? Math.max(...Array.from(judged.likelihoods)) : 0;
    this.rows.forEach(({ bar, share, nats, less }, k) => {
      bar.style.width = `${judged ? 75 * judged.posterior[k] : 0}%`; // its number stands behind the longest bar
      share.textContent = judged ? `${number(100 * judged.posterior[k], 1)} %` : "";
      nats.textContent = judged ? number(judged.likelihoods[k], 2) : "";
      less.textContent = judged ? number(judged.likelihoods[k] - best, 1) : "";
    });
    this.bits.textContent = judged ? number(judged.bits, 3) : "–";
    const shares = this.classes.map((name, k) => `${name} ${this.rows[k].share.textContent}`).join(", ");
    this.table.setAttribute("aria-label", judged ? `Posterior: ${shares}` : "Nothing is written yet");
  }
}
