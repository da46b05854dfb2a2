// The brush with which the user paints points of a class in data space, or erases points.

import { element } from "../figure/elements.js";
import { VIEW } from "./link.js";

/** @typedef {import("./plane.js").Point} Point */

const EVERY = 9; // CSS pixels between two points of a stroke
const SPREAD = 0.16; // standard deviation around the stroke, in units of data space
const RADIUS = 0.3; // radius of the eraser
const REACH = VIEW - 0.05; // the largest coordinate of a painted point

export class Brush {
  /** "point" (which paints nothing), "erase", or the index of a class */
  #tool = "point";

  /**
   * @param {HTMLElement} place element for the tools
   * @param {string[]} colors colours of the classes
   * @param {object} asks
   * @param {(place: Point, label: number) => void} asks.paint
   * @param {(place: Point, radius: number) => void} asks.erase
   * @param {() => void} asks.done called at the end of a stroke
   */
  constructor(place, colors, asks) {
    this.place = place;
    this.asks = asks;
    const tool = (/** @type {string} */ name, /** @type {string} */ title, text = "", color = "") =>
      element("button", { type: "button", "data-tool": name, title, "aria-label": title, style: `--class: ${color}`, onclick: () => this.#take(name) }, text);
    this.tools = [
      tool("point", "Point at a place: the star marks it in both spaces", "★"),
      ...colors.map((color, label) => tool(String(label), `Paint points of class ${label + 1}`, "", color)),
      tool("erase", "Erase points", "⌫"),
    ];
    place.replaceChildren(...this.tools);
  }

  get isPainting() {
    return this.#tool !== "point";
  }

  /** @param {number} classes number of classes */
  show(classes) {
    for (const button of this.tools) button.hidden = Number(button.dataset.tool) >= classes;
    this.#take(Number(this.#tool) >= classes ? "point" : this.#tool);
  }

  /** @param {string} tool */
  #take(tool) {
    this.#tool = tool;
    for (const button of this.tools) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    this.place.closest(".play")?.classList.toggle("painting", this.isPainting);
  }

  /**
   * Listens to the pointer and the Enter key on a picture of data space.
   * @param {import("./plane.js").Plane} space
   * @param {() => Point | undefined} cursor returns the position at which the Enter key paints
   */
  watch(space, cursor) {
    const { canvas } = space;
    /** @type {[number, number] | null} last point of the stroke, in window coordinates */
    let last = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.isPainting || event.button) return;
      canvas.setPointerCapture(event.pointerId);
      last = [event.clientX, event.clientY];
      this.#dab(space.placeOf(event));
    });
    canvas.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (!last) return;
      const [fromX, fromY] = last;
      const way = Math.hypot(clientX - fromX, clientY - fromY);
      for (let along = EVERY; along <= way; along += EVERY) {
        last = [fromX + (along / way) * (clientX - fromX), fromY + (along / way) * (clientY - fromY)];
        this.#dab(space.placeOf({ clientX: last[0], clientY: last[1] }));
      }
    });
    const end = () => {
      if (last) this.asks.done();
      last = null;
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !this.isPainting) return;
      this.#dab(cursor() ?? space.centre, 0);
      this.asks.done();
    });
  }

  /** Paints or erases around a point. @param {Point} place @param {number} spread standard deviation */
  #dab(place, spread = SPREAD) {
    if (this.#tool === "erase") return this.asks.erase(place, RADIUS);
    const around = (/** @type {number} */ value) => Math.min(REACH, Math.max(-REACH, value + spread * normal()));
    this.asks.paint([around(place[0]), around(place[1])], Number(this.#tool));
  }
}

/** Draws a standard normal number. */
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
