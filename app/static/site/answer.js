// A model's results for an image: the likelihood and the posterior of each class, the typicality, and the verdict.

import { element } from "../figure/elements.js";
import { percent } from "../moves/words.js";
import { signed } from "../live/evaluated.js";

/** @typedef {import("../live/judged.js").Said} Said */

const MAX_ROWS = 10; // the most rows; if there are more classes, only the likeliest have a row

export class Answer {
  /** @param {string[]} classes @param {string[]} colors @param {Record<string, string>} why what each verdict means */
  constructor(classes, colors, why) {
    this.why = why;
    this.classes = classes;
    this.colors = colors;
    this.rows = Array.from({ length: Math.min(MAX_ROWS, classes.length) }, () => {
      const [name, bar, share, nats, less] = ["name", "bar", "share", "nats", "less"].map((kind) => element("span", { class: kind }));
      return { name, bar, share, nats, less, cells: [name, element("span", { class: "cell" }, bar, share), less, nats] };
    });
    const heads = ["", "posterior", "nats below", "log q(x | y)"].map((text) => element("small", {}, text));
    this.table = element("div", { class: "bars", role: "img" }, ...heads, ...this.rows.flatMap((row) => row.cells));
    this.verdict = element("p", { class: "said", role: "status" });
    this.meaning = element("p", { class: "quiet" });
    this.band = element("i", { class: "band" });
    this.needle = element("i", { class: "needle" });
    this.bits = element("b", { "data-bits": "" });
    const words = element("p", {}, "bits/dim ", this.bits, element("small", {}, " ← more likely; grey: 95 % of images"));
    this.strip = element("div", { class: "strip" }, this.band, this.needle);
    this.element = element("div", { class: "answer" }, this.verdict, this.table, element("div", { class: "among" }, words, this.strip), this.meaning);
    this.show(null);
  }

  /** @param {Said | null} said null without an image or a model */
  show(said) {
    const best = said ? Math.max(...said.logLikelihood) : 0;
    const order = this.classes.map((_, k) => k);
    if (said && order.length > MAX_ROWS) order.sort((one, other) => said.posterior[other] - said.posterior[one]);
    this.rows.forEach(({ name, bar, share, nats, less }, row) => {
      const k = order[row];
      name.textContent = this.classes[k];
      bar.style.background = this.colors[k];
      bar.style.width = `calc(${said ? said.posterior[k] : 0} * (100% - 4.5rem))`; // leaves room for the number beside the longest bar
      share.textContent = said ? percent(said.posterior[k]) : "";
      nats.textContent = said ? signed(said.logLikelihood[k], 2) : "";
      less.textContent = said ? signed(best - said.logLikelihood[k], 1) : "";
    });
    this.strip.style.visibility = said ? "visible" : "hidden";
    this.bits.textContent = said ? signed(said.bits, 3) : "–";
    this.verdict.replaceChildren();
    this.meaning.textContent = said ? this.why[said.verdict.word] : "";
    this.table.setAttribute("aria-label", "No image yet");
    if (!said) return;
    const top = said.posterior.indexOf(Math.max(...said.posterior));
    const answer = `${this.classes[top]}, ${percent(said.posterior[top])}`;
    const { sign, word, ink } = said.verdict;
    this.verdict.replaceChildren(element("b", { style: `color: ${ink}` }, `${sign} ${word}`), `: ${answer}`);
    this.table.setAttribute("aria-label", `Posterior: ${this.rows.map(({ name, share }) => `${name.textContent} ${share.textContent}`).join(", ")}`);
    const [low, high] = said.range;
    const at = (/** @type {number} */ bits) => `${100 * Math.min(1, Math.max(0, (bits - low + 0.2 * (high - low)) / (1.4 * (high - low))))}%`;
    Object.assign(this.band.style, { left: at(said.typical[0]), right: `calc(100% - ${at(said.typical[1])})` });
    this.needle.style.left = at(said.bits);
  }
}
