// A panel of the app on the static site: its text, its live parts, and a sheet with the model's results for an image
// that the user taps.

import { element, written } from "../figure/elements.js";
import { numbersOf } from "../flow/pixels.js";
import { paint } from "../moves/picture.js";
import { show as showTile } from "../tiles/tiles.js";
import { asImage, asText, pixelsIn } from "./images.js";
import { mount } from "./parts.js";

/**
 * @typedef {import("./parts.js").Part} Part
 * @typedef {import("./parts.js").Page} Page
 * @typedef {import("./parts.js").Mounted} Mounted
 * @typedef {{ name: string, pixels: string }} Picture
 * @typedef {{ words: string, images: Picture[], parts: Part[] }} Data the data from app/site/views.py
 */

/**
 * @param {HTMLElement} root
 * @param {Data} given
 * @param {Page} page
 * @returns {Promise<() => void>} a function that removes the panel
 */
export async function showPanel(root, { words, images, parts }, page) {
  const sheet = new Sheet(root, page);
  /** @type {Mounted[]} */
  const mounted = [];
  const tell = (/** @type {string} */ name, /** @type {any} */ value, /** @type {Part} */ part) => {
    if (name === "picked") sheet.openTile(part, value);
    if (name === "dot") sheet.openDot(part, value);
  };
  const [first] = parts;
  root.append(written("p", words, { class: "lead" }));
  const box = element("div", { class: "parts" });
  root.append(box);
  if (images.length) root.append(ends(first, images, () => mounted[0]?.renew()));
  for (const part of parts) {
    mounted.push(await mount(box, part, { ...page, tell }));
    if (!root.isConnected) break;
  }
  if (first.live?.kind) document.dispatchEvent(new CustomEvent("gamma-near")); // loads the model
  return () => {
    sheet.close();
    for (const one of mounted) one.leave();
  };
}

/**
 * Lets the user choose the two ends of the rows. Each tap replaces the older of the two choices.
 * @param {Part} part the part with the rows
 * @param {Picture[]} images
 * @param {() => void} renew computes the rows again
 */
function ends(part, images, renew) {
  const { task } = /** @type {any} */ (part.live);
  let end = 0;
  const choices = images.map(({ name, pixels }) => {
    const canvas = element("canvas");
    paint(canvas, asImage(pixels, task.shape));
    const take = () => {
      task.ends[end] = pixels;
      end = 1 - end;
      fade(part);
      renew();
      mark();
    };
    return element("button", { type: "button", class: "choice", "aria-label": name, title: name, onclick: take }, canvas, element("span"));
  });
  const mark = () =>
    choices.forEach(({ lastChild }, at) => {
      const found = ["From", "To"].filter((_, n) => task.ends[n] === images[at].pixels);
      if (lastChild) lastChild.textContent = found.join(", ");
    });
  mark();
  return element("div", { class: "choices" }, ...choices);
}

/** Draws the row that needs no model: a cross-fade from one image to the other. @param {Part} part */
function fade({ data, live }) {
  const { ends: [from, to], columns, shape, rows } = /** @type {any} */ (live).task;
  const [one, other] = [numbersOf(from), numbersOf(to)];
  for (const row of data.rows.keys()) {
    if (rows.some((/** @type {any} */ own) => own.row === row)) continue; // the model's
    for (let n = 0; n < columns; n++) {
      const share = n / (columns - 1);
      const mixed = one.map((value, at) => Math.round((1 - share) * value + share * other[at]));
      showTile(data.key, row * columns + n, asImage(asText(mixed), shape));
    }
  }
}

/** Cuts an image out of a sheet of images. @param {CanvasImageSource} sheet @param {[number, number]} size @param {number} [column] @param {number} [line] */
function cut(sheet, [width, height], column = 0, line = 0) {
  const canvas = element("canvas", { width, height });
  canvas.getContext("2d")?.drawImage(sheet, column * width, line * height, width, height, 0, 0, width, height);
  return canvas;
}

/** The sheet that a tap opens at the lower edge of the window, where it is visible. */
class Sheet {
  /** @type {import("./judging.js").Judging | null} */
  #judging = null;

  /** @param {HTMLElement} root @param {Page} page */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    root.addEventListener("keydown", ({ key }) => key === "Escape" && this.close());
    /** @type {HTMLElement | null} */
    this.element = null;
  }

  /** @param {Part} part @param {string} value value of the tile */
  openTile({ data }, value) {
    const tile = /** @type {HTMLCanvasElement} */ (this.root.querySelectorAll(".tile canvas")[data.values.indexOf(value)]);
    return this.#open(value, cut(tile, [tile.width, tile.height]));
  }

  /** @param {Part} part @param {number} row row of the dot */
  async openDot(part, row) {
    const { cloudOf, marks } = await import("../plane/component.js");
    marks({ data: { ...part.marks, ring: row } });
    const found = cloudOf(part.data.key)?.about(row);
    if (!found?.picture) return this.#open(found?.text ?? "");
    const { sheet, size, column, line } = found.picture;
    const image = new Image();
    image.src = sheet;
    await image.decode();
    await this.#open(`A test image: ${found.label}`, cut(image, size, column, line));
  }

  /** @param {string} text @param {HTMLCanvasElement} [picture] the image to test */
  async #open(text, picture) {
    this.close();
    const close = element("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.close() }, "×");
    const said = element("div");
    this.element = element("aside", { class: "sheet", "aria-label": "The image that you chose" }, close, picture ?? "", element("p", {}, text), said);
    this.root.append(this.element);
    if (!picture) return;
    const [given, { Judging }] = await Promise.all([this.page.dataOf("test"), import("./judging.js")]);
    if (!said.isConnected) return;
    this.#judging = new Judging(said, { ...given, beside: null }, this.page);
    this.#judging.show(asText(pixelsIn(picture, given.task.picture.shape)));
    this.root.querySelector(".plane")?.scrollIntoView({ block: "nearest" }); // the sheet must not cover the plane
  }

  close() {
    this.#judging?.remove();
    this.#judging = null;
    this.element?.remove();
    this.element = null;
  }
}
