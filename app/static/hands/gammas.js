// The way of an image to another class under several γ, a row each. The rows have a model of their own, so that the hand
// keeps its; it is closed when the rows are left.

import { element } from "../figure/elements.js";
import { gammaOf, gammaText } from "../slider/gamma_slider.js";
import { largest } from "../flow/mixture.js";
import { openedAt } from "../flow/shared.js";
import { bitsPerDim } from "../live/looks.js";
import { asSeen } from "./picture.js";
import { onTop, row, Space } from "./space.js";
import { newTile, paintTile, SHARES, TILES } from "./strip.js";

/**
 * @typedef {object} Member a model of the family
 * @property {number | "inf"} gamma
 * @property {[number, number]} typical from which bits/dim to which images are
 *
 * @typedef {object} Row what is found under a model
 * @property {number} alpha α*; Infinity if the target is never on top
 * @property {number} until where another class overtakes the target again
 * @property {number} source what the image is taken for
 * @property {number[]} tops what each latent is taken for
 * @property {number[]} bits per dimension of each picture
 * @property {ArrayLike<number>[]} images
 *
 * @typedef {object} Asked
 * @property {import("./move.js").Given} given
 * @property {ArrayLike<number>} pixels of the image, over [0, 1]
 * @property {number} target
 */

export class Rows {
  #asked = "";
  #turn = 0;
  /** @type {ReturnType<typeof openedAt> | null} */
  #model = null;
  #opened = "";

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
  }

  /** Frees the model; nothing more is drawn. */
  close() {
    this.#turn++;
    this.#asked = "";
    this.#model?.then((model) => model.close(), () => {});
    this.#model = null;
  }

  /** Draws the rows one after another, as they are computed; what is asked for later takes their place. @param {Asked} asked */
  async show(asked) {
    const { id, addresses, members, gamma } = asked.given;
    if (!members) return;
    const what = JSON.stringify([id, addresses, members, gamma, asked.target]);
    if (what === this.#asked) return;
    this.#asked = what;
    const turn = ++this.#turn;
    this.place.replaceChildren(...members.map((member) => this.#empty(member, member.gamma === gamma)));
    this.place.setAttribute("aria-busy", "true");
    try {
      for (const [at, member] of members.entries()) {
        const found = await this.#compute(member, asked, () => turn !== this.#turn);
        if (turn !== this.#turn) return;
        if (found) this.#draw(/** @type {HTMLElement} */ (this.place.children[at]), member, found, asked);
      }
      this.place.setAttribute("aria-busy", "false");
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#asked = "";
      this.place.textContent = `The rows could not be computed: ${error instanceof Error ? error.message : error}.`;
    }
  }

  /**
   * @param {Member} member
   * @param {Asked} asked
   * @param {() => boolean} isStale whether other rows have been asked for meanwhile
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
    const looks = await model.look(seen, "row");
    if (!looks) return null;
    return {
      alpha,
      until,
      source,
      tops: SHARES.map((share) => largest(scores.map((score, k) => score + share * unit * slopes[k]))),
      bits: Array.from(looks.logProb, (value) => bitsPerDim(value, picture)),
      images,
    };
  }

  /** @param {import("../flow/shared.js").Addresses} addresses @param {number} gamma */
  #open(addresses, gamma) {
    if (this.#model && this.#opened === addresses.family) return this.#model;
    this.#model?.then((model) => model.close(), () => {});
    this.#opened = addresses.family;
    this.#model = openedAt(addresses, gamma);
    this.#model.catch(() => (this.#model = null)); // to be tried again
    return this.#model;
  }

  /** A row before it is computed. @param {Member} member @param {boolean} isOwn whether it is of the page's γ */
  #empty({ gamma }, isOwn) {
    const name = element("p", {}, element("b", {}, `γ = ${gammaText(gammaOf(gamma))}`), element("span"));
    return element("div", { class: isOwn ? "move-row own" : "move-row", role: "group" }, name, ...SHARES.map(() => newTile("div")));
  }

  /** @param {HTMLElement} line @param {Member} member @param {Row} found @param {Asked} asked */
  #draw(line, { gamma, typical }, found, { given: { classes, colors, picture }, target }) {
    const { alpha, until, source, tops, bits, images } = found;
    const isTypical = bits.map((value) => value >= typical[0] && value <= typical[1]);
    const hasFlip = alpha > 0 && Number.isFinite(alpha);
    const last = isTypical.includes(false) ? isTypical.indexOf(false) - 1 : TILES - 1;
    const unit = hasFlip ? "α*" : "the way";
    const lines = [
      source === target ? `a ${classes[target]} already` : hasFlip ? `α* = ${alpha.toFixed(2)}` : "never first",
      ...(hasFlip && until < 2 * alpha ? [`until ${until.toFixed(2)}`] : []),
      last < 0 ? "not typical as it is" : last === TILES - 1 ? "typical throughout" : last ? `typical up to ${SHARES[last]} ${unit}` : "typical only as it is",
    ];
    /** @type {HTMLElement} */ (line.querySelector("p span")).replaceChildren(
      ...lines.flatMap((text) => [document.createElement("br"), text]),
    );
    line.setAttribute("aria-label", `γ = ${gammaText(gammaOf(gamma))}: ${lines.join(", ")}`);
    [...line.querySelectorAll("div")].forEach((tile, at) => {
      paintTile(tile, images[at], picture.shape, { name: classes[tops[at]], color: colors[tops[at]], isFlip: hasFlip && SHARES[at] === 1 });
      tile.classList.toggle("odd", !isTypical[at]);
      tile.title = `${SHARES[at]} ${unit}: ${classes[tops[at]]}; ${bits[at].toFixed(2)} bits/dim, ${isTypical[at] ? "typical" : "not typical"} of this model's images`;
    });
  }
}
