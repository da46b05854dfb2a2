// Lets the user drag an image in the plane. Its latent moves within the plane only. The browser computes the new image,
// its posterior, and its likelihood.

import { finder } from "../figure/elements.js";
import { figureOf } from "../figure/figure.js";
import { gammaOf } from "../slider/gamma_slider.js";
import { posteriorOf } from "../flow/mixture.js";
import { asGiven, numbersOf } from "../flow/pixels.js";
import { plain } from "../moves/moves.js";
import { asSeen, paint } from "../moves/picture.js";
import { encoded } from "../moves/space.js";
import { barLabel } from "../moves/words.js";
import { bitsPerDim } from "../live/evaluated.js";
import { pictureOf } from "../live/range.js";

/**
 * @typedef {import("./plane.js").Point} Point
 *
 * @typedef {object} Data the image that the user may drag, from app/latent_space/plane.py
 * @property {string} id identifies the image and the model
 * @property {string} mark "star" or "ring"
 * @property {import("../flow/shared.js").Addresses} addresses
 * @property {number | "inf"} gamma
 * @property {import("../live/evaluated.js").Picture & { pixels: string }} picture
 * @property {Point} place position of the image
 * @property {number[][]} anchors class means of the model that defines the plane, (K, K - 1)
 * @property {string} bars key of the figure with the bars of the posterior
 * @property {number[]} shown the classes that have a bar
 */

export class Drag {
  /** @type {Data | null} */ #given = null;
  /** @type {(NonNullable<Awaited<ReturnType<typeof encoded>>> & { began: Float32Array }) | null} */ #ready = null;
  /** @type {Promise<void> | null} */ #opening = null;
  /** @type {Point | null} position of the dragged star */ place = null;

  /**
   * @param {HTMLElement} host element that shows the image at the star
   * @param {(star: Point | null) => void} draw draws the plane
   * @param {(name: string, value: any) => void} tell
   */
  constructor(host, draw, tell) {
    this.host = host;
    this.draw = draw;
    this.find = finder(host);
    this.find("back").addEventListener("click", () => this.leave());
    this.find("on").addEventListener("click", () => tell("go", plain(this.#shift())));
  }

  /** @param {Data | null} given */
  show(given) {
    if (this.#given?.id !== given?.id) {
      this.leave();
      [this.#ready, this.#opening] = [null, null];
    }
    this.#given = given;
  }

  /** Loads the model before the user drags the star. */
  prepare() {
    if (this.#given) this.#opening ??= this.#open(this.#given);
  }

  /** @param {Data} given */
  async #open(given) {
    try {
      const { pixels, shape, noise } = given.picture;
      const began = asGiven(numbersOf(pixels), shape, noise);
      const found = await encoded({ ...given, gamma: gammaOf(given.gamma) }, began);
      if (this.#given?.id !== given.id) return;
      this.#opening = found ? this.#opening : null; // γ was changed before the answer
      this.#ready = found && { ...found, began };
      if (this.place) this.#compute();
    } catch (error) {
      if (this.#given?.id === given.id) this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.find("words").textContent = `This browser cannot compute the image: ${error instanceof Error ? error.message : error}.`;
  }

  /** @param {Point} place @param {boolean} isLast whether the user has let go */
  move(place, isLast) {
    if (!this.#given) return;
    if (!this.place) this.find("words").textContent = "Loading the model …";
    this.place = place;
    this.host.hidden = false;
    this.host.classList.toggle("is-held", !isLast);
    this.prepare();
    this.draw(place);
    this.#compute();
  }

  /** Moves the star back to the image. */
  leave() {
    if (!this.place) return;
    this.place = null;
    this.host.hidden = true;
    if (this.#given) figureOf(this.#given.bars)?.hold(null);
    this.draw(null);
  }

  /** The move of the star from the position of the image. */
  #shift() {
    const [from, to] = [this.#given?.place ?? [0, 0], this.place ?? [0, 0]];
    return { x: to[0] - from[0], y: to[1] - from[1] };
  }

  /** Updates the bars at once, then the image at the star and its likelihood. */
  async #compute() {
    const [ready, given] = [this.#ready, this.#given];
    if (!ready || !given || !this.place) return;
    const { model, latents, space, began } = ready;
    const isOver = () => this.#given?.id !== given.id || !this.place;
    const { x, y } = this.#shift();
    const z = Float32Array.from(latents, (value, at) => value + x * space.axes[0][at] + y * space.axes[1][at]);
    const posterior = posteriorOf(space.scoresOf(z));
    const shares = given.shown.map((k) => posterior[k]);
    figureOf(given.bars)?.hold({ bars: { x: shares, text: shares.map(barLabel) } });
    try {
      const gamma = gammaOf(given.gamma);
      if (model.current.gamma !== gamma && !(await model.setGamma(gamma))) return;
      const image = await model.decode(z, "drag");
      if (!image || isOver()) return;
      const { image: picture, mark } = pictureOf(image, given.picture.shape);
      paint(this.find("picture"), picture);
      const found = await model.evaluate(asSeen(image, began), "drag-look");
      if (!found || isOver()) return;
      const scaled = mark && `; scaled, up to ${mark} white`;
      const words = `The bars show the star.\n${bitsPerDim(found.logProb[0], given.picture).toFixed(2)} bits/dim${scaled}`;
      this.find("words").textContent = words;
      this.find("picture").setAttribute("aria-label", `The image where the star is: ${words}`);
    } catch (error) {
      if (!isOver()) this.#fail(error);
    }
  }
}
