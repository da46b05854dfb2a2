// The star of an image in a figure of the plane of the class means, dragged: its latent moves within that plane and
// keeps all else; the image, its bars and what the model says of it follow, computed in the browser.

import { whenEnded } from "../figure/ended.js";
import { figureOf } from "../figure/figure.js";
import { gammaOf } from "../flow/family.js";
import { asGiven, numbersOf } from "../flow/pixels.js";
import { percent as onBar } from "../live/bars.js";
import { bitsPerDim } from "../live/looks.js";
import { Handle } from "./handle.js";
import { plain, still } from "./moves.js";
import { asSeen, imageData, paint } from "./picture.js";
import { encoded, posteriorOf } from "./space.js";

/**
 * @typedef {import("./space.js").Point} Point
 * @typedef {import("../flow/model.js").Model} Model
 *
 * @typedef {object} Given what app/moves/dragging.py sends
 * @property {string} id of figure, model and image together
 * @property {string} figure its key
 * @property {string} mark the name of the figure's part that shows where the image lies
 * @property {import("../flow/shared.js").Addresses} addresses
 * @property {number | "inf"} gamma
 * @property {import("../live/looks.js").Picture} picture
 * @property {Point} place where the image lies
 * @property {number[][]} anchors means of the plane's own model, (K, K - 1)
 * @property {string} bars key of the figure with the bars of the posterior
 * @property {number[]} shown the classes that have a bar
 * @property {string} color of the star
 */

/** How the figure's mark looks while the star is elsewhere. @type {Record<string, object>} */
const HOME = { star: { opacity: 0.7, marker: { symbol: "star-open" } }, ring: { opacity: 0.5 } };
const SIDE = 128; // CSS pixels of the image at most, enlarged by a whole number as in app/images/show.py

/** @type {WeakMap<Element, Drag>} */
const known = new WeakMap();

/**
 * As a component of Streamlit.
 * @param {{ data: Given, parentElement: HTMLElement, setTriggerValue: (name: string, value: any) => void }} given
 */
export function component({ data, parentElement, setTriggerValue }) {
  const host = /** @type {HTMLElement} */ (parentElement.querySelector("[data-drag]"));
  const drag = known.get(host) ?? new Drag(host);
  known.set(host, drag);
  drag.tell = setTriggerValue;
  drag.show(data);
  return whenEnded(host, () => {
    drag.remove();
    known.delete(host);
  });
}

class Drag {
  /** @type {Given} */ #given = /** @type {any} */ (undefined);
  /** @type {Handle | null} */ #handle = null;
  /** @type {(NonNullable<Awaited<ReturnType<typeof encoded>>> & { began: Float32Array }) | null} */ #ready = null;
  /** @type {Promise<void> | null} */ #opening = null;
  /** @type {Point | null} where the star is, once a hand has moved it */ #place = null;
  #problem = "";
  #listening = new AbortController();

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    /** @type {(name: string, value: any) => void} */
    this.tell = () => {};
    const { signal } = this.#listening;
    this.find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (host.querySelector(`[data-${name}]`));
    /** The image once more, in the figure: on a phone the other one may be out of sight. */
    this.near = document.createElement("canvas");
    this.near.className = "hand-near";
    this.near.setAttribute("aria-hidden", "true");
    this.find("back").addEventListener("click", () => this.#leave(true));
    this.find("on").addEventListener("click", () => this.tell("go", plain({ ...still(), shift: this.#shift() })));
    document.addEventListener("gamma-moved", () => this.#leave(), { signal });
  }

  remove() {
    this.#leave();
    this.#listening.abort();
    this.#handle?.remove();
  }

  /** @param {Given} data */
  show(data) {
    const isNew = this.#given?.id !== data.id;
    if (isNew) {
      this.#leave();
      [this.#ready, this.#opening, this.#problem] = [null, null, ""];
      this.#handle?.remove();
      this.#given = data;
      this.#handle = new Handle({
        figure: data.figure,
        color: data.color,
        moved: (place, isLast) => this.#move(place, isLast),
        near: () => this.#open(),
        left: () => this.#leave(),
      });
    }
    this.#given = data;
    const [, , width] = data.picture.shape;
    this.host.style.setProperty("--side", `${width * Math.max(1, Math.floor(SIDE / width))}px`);
    this.#lay();
  }

  #lay() {
    this.#handle?.show(this.#problem ? null : (this.#place ?? this.#given.place), this.#place !== null);
  }

  #open() {
    this.#opening ??= this.#prepare();
  }

  async #prepare() {
    const data = this.#given;
    try {
      const began = this.#image;
      const found = await encoded({ ...data, gamma: gammaOf(data.gamma) }, began);
      if (this.#given.id !== data.id) return;
      if (!found) {
        this.#opening = null; // another γ was asked for meanwhile
        return;
      }
      this.#ready = { ...found, began };
      this.#refresh();
      if (this.#place) this.#compute();
    } catch (error) {
      if (this.#given.id === data.id) this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#problem = error instanceof Error ? error.message : String(error);
    this.#leave();
    this.host.dataset.problem = this.#problem;
    this.#lay();
  }

  /** @param {Point} place @param {boolean} isLast whether the hand has let go */
  #move(place, isLast) {
    const isFirst = !this.#place;
    this.#place = place;
    if (isFirst) {
      const figure = figureOf(this.#given.figure);
      figure?.hold({ [this.#given.mark]: HOME[this.#given.mark] });
      figure?.box.append(this.near);
      this.find("words").textContent = "";
      this.#paint(this.#image);
    }
    this.#lay();
    this.#open();
    this.host.classList.add("is-moved");
    this.host.classList.toggle("is-held", !isLast);
    this.#refresh();
    this.#compute();
  }

  /** Back to the image. @param {boolean} isAsked by a button that is gone then */
  #leave(isAsked = false) {
    if (!this.#place) return;
    this.#place = null;
    this.host.classList.remove("is-moved", "is-held");
    figureOf(this.#given.figure)?.hold(null);
    figureOf(this.#given.bars)?.hold(null);
    this.near.remove();
    this.#lay();
    if (isAsked) this.#handle?.element.focus({ preventScroll: true });
  }

  /** @returns {Point} */
  #shift() {
    const { place } = this.#given;
    return this.#place ? [this.#place[0] - place[0], this.#place[1] - place[1]] : [0, 0];
  }

  /** What is known without the network. */
  #refresh() {
    const { shown, bars } = this.#given;
    if (!this.#place) return;
    if (!this.#ready) {
      this.find("words").textContent = "The model is on its way to your browser …";
      return;
    }
    const { latents, space } = this.#ready;
    const posterior = posteriorOf(space.scores(moved(latents, space.axes, this.#shift())));
    const shares = shown.map((k) => posterior[k]);
    figureOf(bars)?.hold({ bars: { x: shares, text: shares.map(onBar) } });
  }

  /** The image where the star is, and then what the model says of it. */
  async #compute() {
    const [ready, data] = [this.#ready, this.#given];
    if (!ready || !this.#place) return;
    const { model, latents, space, began } = ready;
    const isOver = () => this.#given.id !== data.id || !this.#place;
    try {
      if (model.current.gamma !== gammaOf(data.gamma) && !(await model.setGamma(gammaOf(data.gamma)))) return;
      const z = moved(latents, space.axes, this.#shift());
      const x = await model.decode(z, "drag");
      if (!x || isOver()) return;
      this.#paint(x);
      const found = await model.look(asSeen(x, began), "drag-look");
      if (found && !isOver()) this.#say(found.logProb[0]);
    } catch (error) {
      if (this.#given.id === data.id) this.#fail(error);
    }
  }

  /** @param {ArrayLike<number>} x */
  #paint(x) {
    const image = imageData(x, this.#given.picture.shape);
    for (const canvas of [this.find("picture"), this.near]) paint(/** @type {HTMLCanvasElement} */ (canvas), image);
  }

  /** The image as the model is given it. */
  get #image() {
    const { pixels, shape, noise } = this.#given.picture;
    return asGiven(numbersOf(pixels), shape, noise);
  }

  /** How likely the picture is. @param {number} logProb in nats */
  #say(logProb) {
    const words = `${bitsPerDim(logProb, this.#given.picture).toFixed(2)} bits/dim`;
    this.find("words").textContent = words;
    this.find("picture").setAttribute("aria-label", `Where the star is: ${words}`);
  }
}

/**
 * A latent (D), moved within a plane.
 * @param {Float32Array} latents
 * @param {ArrayLike<number>[]} axes (2, D)
 * @param {Point} shift
 */
export const moved = (latents, [first, second], [x, y]) =>
  Float32Array.from(latents, (value, at) => value + x * first[at] + y * second[at]);
