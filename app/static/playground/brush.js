// The brush with which a person paints points of a class into data space, or erases some.

import { VIEW } from "./link.js";

/** @typedef {import("./spaces.js").Point} Point */
/** @typedef {import("./spaces.js").DataSpace} DataSpace */

const EVERY = 9; // CSS pixels of a stroke to each point
const SPREAD = 0.16; // deviation around the stroke, in units of data space
const RADIUS = 0.3; // of the eraser
const REACH = VIEW - 0.05; // of what can be painted, either way

export class Brush {
  /** "look" to paint nothing, "erase", or the number of a class */
  tool = "look";
  /** @type {[number, number] | null} where the last point of a stroke was, in the window */
  #last = null;

  /**
   * @param {object} given
   * @param {(place: Point) => void} given.paint
   * @param {(place: Point, radius: number) => void} given.erase
   * @param {() => void} given.done when a stroke is over
   */
  constructor({ paint, erase, done }) {
    this.given = { paint, erase, done };
    this.tools = document.createElement("div");
    this.tools.className = "play-tools";
    this.tools.setAttribute("role", "group");
    this.tools.setAttribute("aria-label", "Brush");
    /** @type {DataSpace[]} */
    this.spaces = [];
  }

  /** The class that is painted. */
  get label() {
    return Number(this.tool);
  }

  get isPainting() {
    return this.tool !== "look";
  }

  /** @param {number} count @param {string[]} colors */
  setClasses(count, colors) {
    if (this.tools.children.length === count + 2) return;
    const names = [["look", "★"], ...colors.slice(0, count).map((_, label) => [String(label), ""]), ["erase", "⌫"]];
    this.tools.replaceChildren(...names.map(([tool, name], at) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: name });
      button.dataset.tool = tool;
      button.title = tool === "look" ? "Point at a place: it is shown in both spaces" : tool === "erase" ? "Erase points" : `Paint points of class ${at}`;
      button.setAttribute("aria-label", button.title);
      if (!name) button.style.setProperty("--class", colors[at - 1]);
      button.addEventListener("click", () => this.take(tool));
      return button;
    }));
    this.take(this.label >= count ? "look" : this.tool);
  }

  /** @param {string} tool */
  take(tool) {
    this.tool = tool;
    for (const button of /** @type {Iterable<HTMLElement>} */ (this.tools.children)) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    for (const { canvas } of this.spaces) canvas.classList.toggle("painting", this.isPainting);
  }

  /** Follows a hand on a canvas. @param {DataSpace} space */
  watch(space) {
    this.spaces = [...this.spaces.filter(({ canvas }) => canvas.isConnected), space];
    const { canvas } = space;
    canvas.classList.toggle("painting", this.isPainting);
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.isPainting || event.button) return;
      canvas.setPointerCapture(event.pointerId);
      this.#last = [event.clientX, event.clientY];
      this.#dab(space.placeOf(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.#last) this.#stroke(event, space);
    });
    const end = () => {
      if (!this.#last) return;
      this.#last = null;
      this.given.done();
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
  }

  /** Points along the way since the last one. @param {PointerEvent} event @param {DataSpace} space */
  #stroke(event, space) {
    const from = /** @type {[number, number]} */ (this.#last);
    const way = Math.hypot(event.clientX - from[0], event.clientY - from[1]);
    const count = Math.floor(way / EVERY);
    for (let at = 1; at <= count; at++) {
      const share = (at * EVERY) / way;
      const clientX = from[0] + share * (event.clientX - from[0]);
      const clientY = from[1] + share * (event.clientY - from[1]);
      this.#dab(space.placeOf(new MouseEvent("pointermove", { clientX, clientY })));
      this.#last = [clientX, clientY];
    }
  }

  /** @param {Point} place */
  #dab(place) {
    if (this.tool === "erase") return this.given.erase(place, RADIUS);
    const around = (/** @type {number} */ value) => Math.min(REACH, Math.max(-REACH, value + SPREAD * normal()));
    this.given.paint([around(place[0]), around(place[1])]);
  }
}

/** A number of a standard normal distribution. */
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
