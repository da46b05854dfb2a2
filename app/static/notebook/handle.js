// What a hand takes hold of in a figure of the plane: it lies over the mark of an image, and follows a mouse, a finger
// or the arrow keys. The figure itself is not drawn anew meanwhile, however many dots it has.

import { figureOf } from "../figure/figure.js";
import { firstPanel, scalesOf } from "../figure/plotly.js";

/**
 * @typedef {import("../hands/space.js").Point} Point
 *
 * @typedef {object} Given
 * @property {string} figure its key
 * @property {string} color
 * @property {(place: Point, isLast: boolean) => void} moved to where, in the figure's own units
 * @property {() => void} near called when a hand or the focus comes near
 * @property {() => void} left called when Escape is pressed
 */

const LEAST = 3; // CSS pixels; less is a press
const PARTS = 100; // of the figure's width is a step of the arrow keys
const FASTER = 5; // with Shift
/** @type {Record<string, Point>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STAR = "M0,-10 2.9,-4 9.5,-3.1 4.8,1.5 5.9,8.1 0,5 -5.9,8.1 -4.8,1.5 -9.5,-3.1 -2.9,-4Z";
const LABEL = "The image's place in the plane of the class means. Arrow keys move it, Escape brings it back.";

export class Handle {
  /** @type {Point | null} */
  #place = null;
  /** While it is held: from the pointer to the mark, and where the pointer was. @type {{ offset: Point, from: Point } | null} */
  #held = null;
  #isMoving = false;
  #listening = new AbortController();

  /** @param {Given} given */
  constructor(given) {
    this.given = given;
    const { signal } = this.#listening;
    this.element = document.createElement("div");
    this.element.className = "hand";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "application");
    this.element.setAttribute("aria-label", LABEL);
    this.element.title = "Drag it";
    this.element.style.setProperty("--hand", given.color);
    this.element.innerHTML = `<svg viewBox="-12 -12 24 24" aria-hidden="true"><path d="${STAR}"/></svg>`;
    this.element.addEventListener("pointerenter", () => given.near());
    this.element.addEventListener("focus", () => given.near());
    this.element.addEventListener("pointerdown", (event) => this.#take(event));
    this.element.addEventListener("pointermove", (event) => this.#drag(event, false));
    this.element.addEventListener("pointerup", (event) => this.#drag(event, true));
    this.element.addEventListener("pointercancel", () => (this.#held = null));
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("blur", () => this.element.classList.remove("by-pointer"));
    // Plotly listens for these: it would pan.
    for (const name of ["mousedown", "touchstart"]) this.element.addEventListener(name, (event) => event.stopPropagation(), { passive: true });
    document.addEventListener("figure-drawn", (event) => {
      if (/** @type {CustomEvent} */ (event).detail.key === given.figure) this.#lay();
    }, { signal });
    window.addEventListener("resize", () => this.#lay(), { signal });
  }

  /** Takes it away. */
  remove() {
    this.#listening.abort();
    this.element.remove();
  }

  /**
   * @param {Point | null} place of the mark in the figure's own units; nothing to take hold of without one
   * @param {boolean} isSeen whether the mark is drawn here, as the figure's is elsewhere
   */
  show(place, isSeen) {
    this.#place = place;
    this.element.classList.toggle("is-moved", isSeen);
    this.#lay();
  }

  /** A place of the window in the figure's units. @param {{ clientX: number, clientY: number }} where @returns {Point | null} */
  placeOf({ clientX, clientY }) {
    const plot = figureOf(this.given.figure)?.plot;
    if (!plot?.offsetWidth) return null;
    const box = plot.getBoundingClientRect();
    const zoom = box.width / plot.offsetWidth;
    return /** @type {Point} */ (scalesOf(plot).toData((clientX - box.x) / zoom, (clientY - box.y) / zoom));
  }

  #lay() {
    const figure = figureOf(this.given.figure);
    const place = this.#place;
    if (!figure || !place || !figure.plot.on) return this.element.remove();
    const { plot, box } = figure;
    if (this.element.parentElement !== box) box.append(this.element);
    const [x, y] = scalesOf(plot).toPixels(...place);
    const { left, top, width, height } = firstPanel(plot);
    const [inner, outer] = [plot.getBoundingClientRect(), box.getBoundingClientRect()];
    const [own, around] = [inner.width / plot.offsetWidth, outer.width / box.offsetWidth]; // of a stage
    this.element.hidden = !(x >= left && x <= left + width && y >= top && y <= top + height);
    this.element.style.left = `${(inner.x - outer.x + own * x) / around}px`;
    this.element.style.top = `${(inner.y - outer.y + own * y) / around}px`;
  }

  /** @param {PointerEvent} event */
  #take(event) {
    const under = this.placeOf(event);
    if (event.button || !under || !this.#place) return;
    event.preventDefault(); // no text is selected
    event.stopPropagation();
    this.element.classList.add("by-pointer"); // which sees where it is without a frame
    this.element.focus({ preventScroll: true });
    this.element.setPointerCapture(event.pointerId);
    const offset = /** @type {Point} */ ([this.#place[0] - under[0], this.#place[1] - under[1]]);
    this.#held = { offset, from: [event.clientX, event.clientY] };
    this.#isMoving = false;
  }

  /** @param {PointerEvent} event @param {boolean} isLast */
  #drag(event, isLast) {
    const held = this.#held;
    const under = held && this.placeOf(event);
    if (isLast) this.#held = null;
    if (!under || !held) return;
    const { offset, from } = held;
    this.#isMoving ||= Math.hypot(event.clientX - from[0], event.clientY - from[1]) >= LEAST;
    if (this.#isMoving) this.given.moved(this.#inside([under[0] + offset[0], under[1] + offset[1]]), isLast);
  }

  /** What is seen of the plane ends where the figure does. @param {Point} place @returns {Point} */
  #inside(place) {
    const plot = figureOf(this.given.figure)?.plot;
    if (!plot) return place;
    const { left, top, width, height } = firstPanel(plot);
    const { toPixels, toData } = scalesOf(plot);
    const [x, y] = toPixels(...place);
    return /** @type {Point} */ (toData(Math.min(left + width, Math.max(left, x)), Math.min(top + height, Math.max(top, y))));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    this.element.classList.remove("by-pointer");
    const plot = figureOf(this.given.figure)?.plot;
    const way = WAYS[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      this.given.left();
    }
    if (!way || !plot || !this.#place) return;
    event.preventDefault();
    event.stopPropagation();
    const step = (firstPanel(plot).width / PARTS) * (event.shiftKey ? FASTER : 1);
    const { toPixels, toData } = scalesOf(plot);
    const [x, y] = toPixels(...this.#place);
    this.given.moved(this.#inside(/** @type {Point} */ (toData(x + step * way[0], y - step * way[1]))), true);
  }
}
