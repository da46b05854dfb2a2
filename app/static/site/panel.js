// A panel of the app on the site: its words, its live parts, and a sheet with what the model says of an image that a
// finger taps.

import { element, written } from "../figure/elements.js";
import { floatsOf, numbersOf } from "../flow/pixels.js";
import { paint } from "../hands/picture.js";
import { show as showTile } from "../tiles/tiles.js";
import { asImage, asText, pixelsIn } from "./images.js";
import { gammaOf, mount } from "./parts.js";

/**
 * @typedef {import("./parts.js").Part} Part
 * @typedef {import("./parts.js").Page} Page
 * @typedef {import("./parts.js").Mounted} Mounted
 * @typedef {{ name: string, pixels: string }} Picture
 * @typedef {{ words: string, images: Picture[], parts: Part[] }} Given what app/site/views.py writes
 */

const SHARES = 2 ** 16 - 1; // of a probability

/**
 * @param {HTMLElement} root
 * @param {Given} given
 * @param {Page} page
 * @returns {Promise<() => void>} takes it away
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
  if (first.live?.kind) document.dispatchEvent(new CustomEvent("gamma-near")); // the model comes
  return () => {
    sheet.close();
    for (const one of mounted) one.leave();
  };
}

/**
 * Images of which two are the ends of the rows: each tap changes the one that has stood longer.
 * @param {Part} part with the rows
 * @param {Picture[]} images
 * @param {() => void} renew
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

/** The row that no model computes: both ends laid over one another. @param {Part} part */
function fade({ data, live }) {
  const { ends: [from, to], columns, shape, rows } = /** @type {any} */ (live).task;
  const [one, other] = [numbersOf(from), numbersOf(to)];
  const every = Array.from(data.rows, (_, row) => row);
  for (const row of every.filter((number) => !rows.some((/** @type {any} */ own) => own.row === number))) {
    for (let n = 0; n < columns; n++) {
      const share = n / (columns - 1);
      const mixed = one.map((value, at) => Math.round((1 - share) * value + share * other[at]));
      showTile(data.key, row * columns + n, asImage(asText(mixed), shape));
    }
  }
}

/** What a tap opens, at the lower edge of the window, where it is in sight. */
class Sheet {
  /** @type {import("./judging.js").Judging | null} */
  #judging = null;

  /** @param {HTMLElement} root @param {Page} page */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    /** @type {HTMLElement | null} */
    this.element = null;
  }

  /** @param {Part} part @param {string} value of a tile */
  openTile({ data }, value) {
    const n = data.values.indexOf(value);
    const canvas = /** @type {HTMLCanvasElement} */ (this.root.querySelectorAll(".tile canvas")[n]);
    return this.#open(value, canvas, 0, 0, [canvas.width, canvas.height]);
  }

  /** @param {Part} part @param {number} row of a dot */
  async openDot(part, row) {
    const { cloudOf, marks } = await import("../plane/component.js");
    marks({ data: { ...part.marks, ring: row } });
    const found = cloudOf(part.data.key)?.about(row);
    if (!found?.picture) return this.#open(found?.text ?? "", null, 0, 0, [0, 0]);
    const { sheet, size, column, line } = found.picture;
    const image = new Image();
    image.src = sheet;
    await image.decode();
    const canvas = element("canvas", { width: image.width, height: image.height });
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    const stored = part.later ? storedOf(await this.page.dataOf(part.later), row, gammaOf(part.data.gamma)) : null;
    await this.#open(`A test image: ${found.label}`, canvas, column * size[0], line * size[1], size, stored);
  }

  /**
   * @param {string} text
   * @param {HTMLCanvasElement | null} source of the image
   * @param {number} left
   * @param {number} top
   * @param {[number, number]} size
   * @param {import("./judging.js").Stored | null} stored
   */
  async #open(text, source, left, top, size, stored = null) {
    this.close();
    const close = element("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.close() }, "×");
    const picture = element("canvas", { width: size[0], height: size[1] });
    const said = element("div");
    this.element = element("aside", { class: "sheet", "aria-label": "The image that you chose" }, close, picture, element("p", {}, text), said);
    this.root.append(this.element);
    if (!source) return;
    picture.getContext("2d")?.drawImage(source, left, top, ...size, 0, 0, ...size);
    const [given, { Judging }] = await Promise.all([this.page.dataOf("test"), import("./judging.js")]);
    if (!said.isConnected) return;
    this.#judging = new Judging(said, { ...given, beside: null }, this.page);
    this.#judging.show(asText(pixelsIn(picture, this.#judging.shape)), stored);
    this.root.querySelector(".plane")?.scrollIntoView({ block: "nearest" }); // the sheet leaves room for it
  }

  close() {
    this.#judging?.remove();
    this.#judging = null;
    this.element?.remove();
    this.element = null;
  }
}

/**
 * What was measured of a test image, with other noise between the grey values than the browser adds.
 * @param {{ details: { classes: string[], posterior: string, bits: string } }} later what app/site/views.py writes
 * @param {number} row
 * @param {number} gamma of the model
 * @returns {import("./judging.js").Stored}
 */
function storedOf({ details }, row, gamma) {
  const shares = new Uint16Array(numbersOf(details.posterior).buffer);
  const { length } = details.classes;
  const posterior = Float64Array.from(shares.subarray(row * length, (row + 1) * length), (share) => share / SHARES);
  return { gamma, posterior, bits: floatsOf(details.bits)[row] };
}
