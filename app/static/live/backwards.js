// Drawing backwards: the point of what is written is dragged in the plane, and the image is decoded where it is. What is
// written stays as it is, and the next stroke returns to it.

import { figureOf } from "../figure/figure.js";
import { moved } from "../hands/drag.js";
import { Handle } from "../hands/handle.js";
import { asSeen, imageData, level, paint } from "../hands/picture.js";

/**
 * @typedef {import("../hands/space.js").Point} Point
 * @typedef {import("../flow/model.js").Model} Model
 *
 * @typedef {object} Given
 * @property {string} figure key of the plane, whose axes are shares of its side
 * @property {string} color
 * @property {() => void} near a hand or the focus is near: the model may be needed
 * @property {(place: Point | null) => void} moved where the point has been dragged to; nothing once that is over
 */

const LABEL = "The image's place in the plane of the class means. Arrow keys move it, Escape returns to what is written.";
/** @type {[number, number, number]} */
const SHAPE = [1, 28, 28];
const DECODED = "Decoded<br>where the<br>pink dot is";

export class Backwards {
  /** @type {Point | null} */ #place = null;
  /** @type {{ latents: Float32Array, began: Float32Array } | null} what is written, under the model */ #base = null;
  /** What the program shows as what the model sees. @type {{ image: HTMLImageElement, source: string, label: HTMLElement | null, text: string } | null} */
  #seen = null;
  #isAllowed = false;
  #listening = new AbortController();

  /** @param {Given} given */
  constructor(given) {
    this.given = given;
    this.handle = new Handle({
      figure: given.figure,
      shape: "point",
      color: given.color,
      label: LABEL,
      moved: (place) => this.#move(place),
      near: given.near,
      left: () => this.leave(),
    });
    this.button = Object.assign(document.createElement("button"), { type: "button", className: "hand-back", textContent: "Back to what is written" });
    this.button.addEventListener("click", () => {
      this.leave();
      this.handle.element.focus({ preventScroll: true });
    });
    /** The image once more, in the plane: what the model sees is small, and on a phone out of sight. */
    this.near = Object.assign(document.createElement("canvas"), { className: "hand-near", width: SHAPE[2], height: SHAPE[1] });
    this.near.setAttribute("aria-hidden", "true");
    const { signal } = this.#listening;
    document.addEventListener("figure-drawn", (event) => {
      if (/** @type {CustomEvent} */ (event).detail.key === given.figure) this.#lay();
    }, { signal });
    document.addEventListener("gamma-moved", () => this.leave(), { signal });
  }

  remove() {
    this.leave();
    this.#listening.abort();
    this.handle.remove();
  }

  /** Whether the browser can compute: else nothing invites a hand. @param {boolean} isAllowed */
  allow(isAllowed) {
    this.#isAllowed = isAllowed;
    if (!isAllowed) this.leave();
    this.#lay();
  }

  /** Where the point has been dragged to. */
  get place() {
    return this.#place;
  }

  /** Back to what is written. */
  leave() {
    if (!this.#place) return;
    this.#place = this.#base = null;
    document.documentElement.toggleAttribute("data-backwards", false);
    this.button.remove();
    this.near.remove();
    if (this.#seen) {
      const { image, source, label, text } = this.#seen;
      image.src = source;
      if (label) label.innerHTML = text;
    }
    this.#seen = null;
    this.given.moved(null);
    this.#lay();
  }

  /** @param {Point} place */
  #move(place) {
    if (!this.#place) {
      const image = /** @type {HTMLImageElement | null} */ (document.querySelector("img[data-seen]"));
      if (!image) return;
      const label = /** @type {HTMLElement | null} */ (image.nextElementSibling);
      this.#seen = { image, source: image.src, label, text: label?.innerHTML ?? "" };
      if (label) label.innerHTML = DECODED;
      figureOf(this.given.figure)?.box.append(this.button, this.near);
    }
    this.#place = place;
    document.documentElement.toggleAttribute("data-backwards", true); // what is written is paler
    this.#lay();
    this.given.moved(place);
  }

  #lay() {
    const { x, y } = figureOf(this.given.figure)?.part("point") ?? {};
    const home = x?.length ? /** @type {Point} */ ([x[0], y[0]]) : null;
    this.handle.show(this.#isAllowed ? (this.#place ?? home) : null, this.#place !== null);
  }

  /**
   * The image where the point is: as 8-bit pixels, and as the model is asked about it; nothing if that is over.
   * @param {Model} model
   * @param {(image: HTMLImageElement) => Float32Array} given what the model is given of the image that it sees
   * @param {(latents: Float32Array, place: Point) => Point} shift how far the place is in the plane from that of a latent
   * @param {ArrayLike<number>[]} axes of the plane, (2, D)
   */
  async decoded(model, given, shift, axes) {
    const [place, seen] = [this.#place, this.#seen];
    if (!place || !seen) return null;
    if (!this.#base) {
      const original = Object.assign(new Image(), { src: seen.source });
      await original.decode();
      const began = given(original);
      const latents = await model.encode(began);
      if (!latents || this.#seen !== seen) return null;
      this.#base = { latents, began };
    }
    const { latents, began } = this.#base;
    const x = await model.decode(moved(latents, axes, shift(latents, place)));
    if (!x || this.#seen !== seen) return null;
    paint(this.near, imageData(x, SHAPE));
    return { pixels: Uint8Array.from(x, level), x: asSeen(x, began), place, isOver: () => this.#seen !== seen };
  }
}
