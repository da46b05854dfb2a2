// The view "Test an image": a digit under a person's pen, a photo or a sample, and what the models say of it.

import { element, written } from "../figure/elements.js";
import { digit } from "../flow/digit.js";
import { numbersOf } from "../flow/pixels.js";
import { paint } from "../hands/picture.js";
import { asImage, asText, pixelsOf } from "./images.js";
import { Judging } from "./judging.js";
import { mount } from "./parts.js";

/**
 * @typedef {object} Chosen the image that is judged
 * @property {string} pixels base64 of uint8 (H, W, C); empty of no image
 * @property {import("../flow/digit.js").Stroke[]} strokes of which it is made, if it was written
 *
 * @typedef {import("./panel.js").Given & import("./judging.js").Given & { ground: string, chosen?: Chosen }} Given what
 *   app/site/views.py writes, and what was chosen when the view was open before
 */

const BRIGHT = 127; // mean of an image that is not bright on black
const PRIVATE = "It stays on this device.";

export class Testing {
  /** @type {import("./parts.js").Mounted | null} */
  #pad = null;

  /**
   * @param {HTMLElement} root
   * @param {Given} given
   * @param {import("./parts.js").Page} page
   * @param {string} linked base64 of the image that a link holds; empty if it holds none
   */
  constructor(root, given, page, linked) {
    const { words, images, parts, task } = given;
    this.given = given;
    this.page = page;
    this.paper = element("div", { class: "paper" });
    this.picture = element("canvas", { class: "tested", role: "img", "aria-label": "The image" });
    this.note = element("small");
    const file = element("input", { type: "file", accept: "image/*", onchange: () => file.files?.[0] && this.#photographed(file.files[0]) });
    const photo = element("label", { class: "button" }, "Photo …", file);
    const samples = images.map(({ name, pixels }) => {
      const canvas = element("canvas");
      paint(canvas, asImage(pixels, task.picture.shape));
      return element("button", { type: "button", class: "choice", "aria-label": name, title: name, onclick: () => this.#take(pixels) }, canvas);
    });
    const said = element("div");
    const tools = element("div", { class: "tools" }, photo, this.note);
    const input = element("div", { class: "input" }, this.paper, this.picture, tools);
    root.append(element("div", { class: "testing" }, input, said), element("div", { class: "choices" }, ...samples), written("p", words, { class: "lead" }));
    this.judging = new Judging(said, given, page);
    const [channels, height, width] = task.picture.shape;
    const isImage = /^[\w+/]+={0,2}$/.test(linked) && linked.length === 4 * Math.ceil((channels * height * width) / 3);
    if (isImage) given.chosen = { pixels: linked, strokes: [] };
    this.#show(given.chosen ?? { pixels: parts.length ? "" : task.picture.pixels, strokes: [] });
  }

  /** The image that is judged; empty if there is none. */
  get pixels() {
    return this.given.chosen?.pixels ?? "";
  }

  /** @param {Blob} photo */
  async #photographed(photo) {
    try {
      this.#take(asText(await pixelsOf(photo, this.judging.shape)));
    } catch {
      await this.#take("");
      this.judging.answer.verdict.textContent = "This file is not an image that the browser can read.";
    }
  }

  /** @param {string} pixels */
  #take(pixels) {
    return this.#show({ pixels, strokes: [] });
  }

  /** Shows an image where it was made, on the pad or below it, and has it judged. @param {Chosen} chosen */
  async #show(chosen) {
    this.#note(chosen);
    this.#pad?.leave();
    const [part] = this.given.parts;
    const { pixels, strokes } = chosen;
    this.picture.hidden = !pixels || strokes.length > 0;
    if (pixels) paint(this.picture, asImage(pixels, this.judging.shape));
    if (part) this.#pad = await mount(this.paper, { ...part, data: { ...part.data, strokes } }, { ...this.page, tell: (_, said) => this.#write(said.strokes) });
    this.judging.show(pixels);
  }

  /** What is written follows the pen by itself. @param {Chosen["strokes"]} strokes */
  #write(strokes) {
    this.#note({ pixels: strokes.length ? asText(digit(strokes)) : "", strokes });
    this.picture.hidden = true; // what is written stands on the pad
    if (!strokes.length) this.judging.show("");
  }

  /** @param {Chosen} chosen */
  #note(chosen) {
    this.given.chosen = chosen;
    const values = numbersOf(chosen.pixels);
    const isBright = values.reduce((sum, value) => sum + value, 0) > BRIGHT * values.length;
    this.note.textContent = (isBright && this.given.ground) || PRIVATE;
  }

  remove() {
    this.#pad?.leave();
    this.judging.remove();
  }
}
