// Shows the path of an image to another class for several γ, with a row for each γ. The rows use a separate model,
// because the page needs the shared model at the page's γ. The separate model is closed when the rows are hidden.

import { element } from "../figure/elements.js";
import { gammaOf, gammaText } from "../slider/gamma_slider.js";
import { largest } from "../flow/mixture.js";
import { openedAt } from "../flow/shared.js";
import { bitsPerDim } from "../live/evaluated.js";
import { asSeen } from "./picture.js";
import { onTop, row, Space } from "./space.js";
import { newTile, paintTile, SHARES, TILES } from "./strip.js";
import { howFar } from "./words.js";

/**
 * @typedef {object} Member a trained model of the family
 * @property {number | "inf"} gamma
 * @property {[number, number]} typical range of bits/dim of typical images
 *
 * @typedef {object} Row the results of a model
 * @property {number} alpha position of the flip on the path, or Infinity if the target never becomes the likeliest class
 * @property {number} until position on the path where another class overtakes the target
 * @property {number} source predicted class of the image
 * @property {number[]} tops predicted class of each latent
 * @property {number[]} bits bits/dim of each picture
 * @property {ArrayLike<number>[]} images
 *
 * @typedef {object} Asked
 * @property {import("./move.js").Data} given
 * @property {ArrayLike<number>} pixels the image, over [0, 1]
 * @property {number} target
 */

export class Rows {
  /** The last call of `show`. */
  #last = { what: "" };
  /** @type {ReturnType<typeof openedAt> | null} */
  #model = null;
  #opened = "";

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
  }

  /** Frees the model and stops drawing. */
  close() {
    this.#last = { what: "" };
    this.#model?.then((model) => model.close(), () => {});
    this.#model = null;
  }

  /** Computes and draws one row after another. A later call replaces the rows. @param {Asked} asked */
  async show(asked) {
    const { id, addresses, members, gamma } = asked.given;
    if (!members) return;
    const what = JSON.stringify([id, addresses, members, gamma, asked.target]);
    if (what === this.#last.what) return;
    const own = (this.#last = { what });
    const isStale = () => this.#last !== own;
    this.place.replaceChildren(...members.map((member) => this.#empty(member, member.gamma === gamma)));
    this.place.setAttribute("aria-busy", "true");
    try {
      for (const [at, member] of members.entries()) {
        const found = await this.#compute(member, asked, isStale);
        if (isStale()) return;
        if (found) this.#draw(/** @type {HTMLElement} */ (this.place.children[at]), member, found, asked);
      }
      this.place.setAttribute("aria-busy", "false");
    } catch (error) {
      if (isStale()) return;
      own.what = "";
      this.place.textContent = `The rows could not be computed: ${error instanceof Error ? error.message : error}.`;
    }
  }

  /**
   * @param {Member} member
   * @param {Asked} asked
   * @param {() => boolean} isStale whether a later call has replaced these rows
   * @returns {Promise<Row | null>}
   */
  async #compute({ gamma }, { given: { addresses, anchors, picture }, pixels, target }, isStale) {
    const value = gammaOf(gamma);
    const model = await this.#open(addresses, value);
    if (isStale() || !(await model.setGamma(value))) return null;
    const z = await model.encode(Float32Array.from(pixels), "row");
    if (!z || isStale()) return null;
    const space = new Space(model.current, anchors);
    const scores = space.scoresOf(z);
    const source = largest(scores);
    const way = space.towards(source, target);
    const slopes = space.slopes(way);
    const { alpha, until } = onTop(scores, slopes, target);
    const unit = alpha > 0 && Number.isFinite(alpha) ? alpha : 1;
    const latents = Float32Array.from({ length: TILES * z.length }, (_, at) => {
      const place = at % z.length;
      return z[place] + SHARES[Math.floor(at / z.length)] * unit * way[place];
    });
    const found = await model.decode(latents, "row");
    if (!found || isStale()) return null;
    const images = SHARES.map((_, at) => row(found, at, pixels.length));
    const seen = Float32Array.from(images.flatMap((image) => Array.from(asSeen(image, pixels))));
    const evaluated = await model.evaluate(seen, "row");
    if (!evaluated) return null;
    return {
      alpha,
      until,
      source,
      tops: SHARES.map((share) => largest(scores.map((score, k) => score + share * unit * slopes[k]))),
      bits: Array.from(evaluated.logProb, (value) => bitsPerDim(value, picture)),
      images,
    };
  }

  /** @param {import("../flow/shared.js").Addresses} addresses @param {number} gamma */
  #open(addresses, gamma) {
    if (this.#model && this.#opened === addresses.family) return this.#model;
    this.#model?.then((model) => model.close(), () => {});
    this.#opened = addresses.family;
    this.#model = openedAt(addresses, gamma);
    this.#model.catch(() => (this.#model = null)); // so that the next call tries again
    return this.#model;
  }

  /** An empty row. @param {Member} member @param {boolean} isOwn whether the row has the page's γ */
  #empty({ gamma }, isOwn) {
    const name = element("p", {}, element("b", {}, `γ = ${gammaText(gammaOf(gamma))}`), element("span"));
    return element("div", { class: isOwn ? "move-row own" : "move-row", role: "group" }, name, ...SHARES.map(() => newTile("div")));
  }

  /** @param {HTMLElement} line @param {Member} member @param {Row} found @param {Asked} asked */
  #draw(line, { gamma, typical }, found, { given: { classes, colors, picture }, target }) {
    const { alpha, until, source, tops, bits, images } = found;
    const isTypical = bits.map((value) => value >= typical[0] && value <= typical[1]);
    const hasFlip = alpha > 0 && Number.isFinite(alpha);
    const count = isTypical.filter(Boolean).length;
    const where = (/** @type {number} */ share) => (hasFlip ? howFar(share) : `${share} of the way`);
    const lines = [
      source === target ? `already ${classes[target]}` : hasFlip ? `flip at ${alpha.toFixed(2)} of the way` : "never first",
      ...(hasFlip && until < 2 * alpha ? [`until ${until.toFixed(2)}`] : []),
      count === TILES ? "typical throughout" : `typical at ${count} of ${TILES} steps`,
    ];
    /** @type {HTMLElement} */ (line.querySelector("p span")).replaceChildren(...lines.map((text) => element("span", {}, text)));
    line.setAttribute("aria-label", `γ = ${gammaText(gammaOf(gamma))}: ${lines.join(", ")}`);
    [...line.querySelectorAll("div")].forEach((tile, at) => {
      paintTile(tile, images[at], picture.shape, { name: classes[tops[at]], color: colors[tops[at]], isFlip: hasFlip && SHARES[at] === 1 });
      tile.classList.toggle("odd", !isTypical[at]);
      tile.title = `${where(SHARES[at])}: ${classes[tops[at]]}; ${bits[at].toFixed(2)} bits/dim, ${isTypical[at] ? "typical" : "not typical"} of this model's images`;
    });
  }
}
