// The view "Test an image": a digit under a person's pen, a photo or a sample, and what the models say of it.

import { element, written } from "../figure/elements.js";
import { paint } from "../hands/picture.js";
import { asImage, asText, pixelsOf } from "./images.js";
import { Judging } from "./judging.js";
import { mount } from "./parts.js";

/** @typedef {import("./panel.js").Given & import("./judging.js").Given} Given what app/site/views.py writes */

export class Testing {
  /** @type {import("./parts.js").Mounted | null} */
  #pad = null;

  /**
   * @param {HTMLElement} root
   * @param {Given} given
   * @param {import("./parts.js").Page} page
   * @param {(photo: Blob) => unknown} photographed
   */
  constructor(root, given, page, photographed) {
    const { words, images, parts, task } = given;
    this.paper = element("div", { class: "paper" });
    this.picture = element("canvas", { class: "tested", role: "img", "aria-label": "The image" });
    const file = element("input", { type: "file", accept: "image/*", onchange: () => file.files?.[0] && photographed(file.files[0]) });
    const photo = element("label", { class: "button" }, "Photo …", file);
    const samples = images.map(({ name, pixels }) => {
      const canvas = element("canvas");
      paint(canvas, asImage(pixels, task.picture.shape));
      return element("button", { type: "button", class: "choice", "aria-label": name, title: name, onclick: () => this.#take(pixels) }, canvas);
    });
    const said = element("div");
    const tools = element("div", { class: "tools" }, photo, element("small", {}, "It stays on this device."));
    const input = element("div", { class: "input" }, this.paper, this.picture, tools);
    root.append(element("div", { class: "testing" }, input, said), written("p", words, { class: "lead" }), element("div", { class: "choices" }, ...samples));
    this.judging = new Judging(said, given, page);
    this.picture.hidden = parts.length > 0;
    if (parts.length) this.#begin(parts[0], page);
    else this.#take(task.picture.pixels);
  }

  /** @param {import("./parts.js").Part} part a pad @param {import("./parts.js").Page} page */
  async #begin(part, page) {
    const tell = (/** @type {string} */ _, /** @type {{ strokes: unknown[] }} */ { strokes }) => {
      this.picture.hidden = true; // what is written stands on the pad
      if (!strokes.length) this.judging.show("");
    };
    this.#pad = await mount(this.paper, part, { ...page, tell });
  }

  /** @param {Blob} photo */
  async show(photo) {
    try {
      this.#take(asText(await pixelsOf(photo, this.judging.shape)));
    } catch {
      this.judging.answer.verdict.textContent = "This file is not an image that the browser can read.";
    }
  }

  /** @param {string} pixels */
  #take(pixels) {
    this.picture.hidden = false;
    paint(this.picture, asImage(pixels, this.judging.shape));
    this.judging.show(pixels);
  }

  remove() {
    this.#pad?.leave();
    this.judging.remove();
  }
}
