// The view "Test an image". It shows the model's results for a handwritten digit, a photo, or a test image.

import { element, written } from "../figure/elements.js";
import { digit } from "../flow/digit.js";
import { numbersOf } from "../flow/pixels.js";
import { paint } from "../moves/picture.js";
import { asImage, asText, pixelsOf } from "./images.js";
import { Judging } from "./judging.js";
import { mount } from "./parts.js";

/**
 * @typedef {object} Chosen the current image
 * @property {string} pixels base64 of uint8 (H, W, C); empty without an image
 * @property {import("../flow/digit.js").Stroke[]} strokes strokes of a handwritten image; otherwise empty
 *
 * @typedef {import("./panel.js").Data & import("./judging.js").Data & { ground: string, chosen?: Chosen }} Data the
 *   data from app/site/views.py, and the image from the last time that the view was open
 */

const BRIGHT = 127; // an image with a larger mean has a bright background
const PRIVATE = "The image stays on this device.";

export class Testing {
  /** @type {import("./parts.js").Mounted | null} */
  #pad = null;

  /**
   * @param {HTMLElement} root
   * @param {Data} given
   * @param {import("./parts.js").Page} page
   * @param {string} linked the image in the link, in base64, or the text of a drawing; empty if there is none
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
    const tools = element("div", { class: "tools" }, this.picture, photo, this.note);
    const input = element("div", { class: "input" }, this.paper, tools);
    root.append(element("div", { class: "testing" }, input, said), element("div", { class: "choices" }, ...samples), written("p", words, { class: "lead" }));
    this.judging = new Judging(said, given, page);
    const [channels, height, width] = task.picture.shape;
    const isImage = /^[\w+/]+={0,2}$/.test(linked) && linked.length === 4 * Math.ceil((channels * height * width) / 3);
    const drawing = parts[0]?.data.drawings.find((/** @type {any} */ { text }) => text === linked);
    if (drawing) given.chosen = { pixels: asText(digit(drawing.strokes)), strokes: drawing.strokes };
    if (isImage) given.chosen = { pixels: linked, strokes: [] };
    this.#show(given.chosen ?? { pixels: parts.length ? "" : task.picture.pixels, strokes: [] });
  }

  /** The pixels of the current image; empty if there is none. */
  get pixels() {
    return this.given.chosen?.pixels ?? "";
  }

  /** @param {Blob} photo */
  async #photographed(photo) {
    try {
      this.#take(asText(await pixelsOf(photo, this.given.task.picture.shape)));
    } catch {
      await this.#take("");
      this.judging.answer.verdict.textContent = "This file is not an image that the browser can read.";
    }
  }

  /** @param {string} pixels */
  async #take(pixels) {
    await this.#show({ pixels, strokes: [] });
    this.picture.scrollIntoView({ block: "nearest" });
  }

  /** Shows an image on the pad or below it, and computes its results. @param {Chosen} chosen */
  async #show(chosen) {
    this.#note(chosen);
    this.#pad?.leave();
    const [part] = this.given.parts;
    const { pixels, strokes } = chosen;
    this.picture.hidden = !pixels || strokes.length > 0;
    if (pixels) paint(this.picture, asImage(pixels, this.given.task.picture.shape));
    if (part) this.#pad = await mount(this.paper, { ...part, data: { ...part.data, strokes } }, { ...this.page, tell: (_, said) => this.#write(said.strokes) });
    this.judging.show(pixels);
  }

  /** Notes the strokes. The results already follow the pen. @param {Chosen["strokes"]} strokes */
  #write(strokes) {
    this.#note({ pixels: strokes.length ? asText(digit(strokes)) : "", strokes });
    this.picture.hidden = true; // the pad shows the strokes
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
