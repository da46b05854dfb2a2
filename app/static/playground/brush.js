// The brush with which a person paints points of a class into data space, or erases some.

import { element } from "../figure/elements.js";
import { VIEW } from "./link.js";

/** @typedef {import("./plane.js").Point} Point */

const EVERY = 9; // CSS pixels of a stroke to each point
const SPREAD = 0.16; // deviation around the stroke, in units of data space
const RADIUS = 0.3; // of the eraser
const REACH = VIEW - 0.05; // of what can be painted, either way

export class Brush {
  /** "point" to paint nothing, "erase", or the number of a class */
  #tool = "point";

  /**
   * @param {HTMLElement} place of its tools
   * @param {string[]} colors of classes
   * @param {object} asks
   * @param {(place: Point, label: number) => void} asks.paint
   * @param {(place: Point, radius: number) => void} asks.erase
   * @param {() => void} asks.done when a stroke is over
   */
  constructor(place, colors, asks) {
    this.place = place;
    this.asks = asks;
    const tool = (/** @type {string} */ name, /** @type {string} */ title, text = "", color = "") =>
      element("button", { type: "button", "data-tool": name, title, "aria-label": title, style: `--class: ${color}`, onclick: () => this.#take(name) }, text);
    this.tools = [
      tool("point", "Point at a place: it is shown in both spaces", "★"),
      ...colors.map((color, label) => tool(String(label), `Paint points of class ${label + 1}`, "", color)),
      tool("erase", "Erase points", "⌫"),
    ];
    place.replaceChildren(...this.tools);
  }

  get isPainting() {
    return this.#tool !== "point";
  }

  /** @param {number} classes that there are */
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

  /** Follows a hand on a picture of data space, and a key. @param {import("./plane.js").Plane} space @param {() => Point | undefined} cursor where the key paints */
  watch(space, cursor) {
    const { canvas } = space;
    /** @type {[number, number] | null} where the last point of a stroke was, in the window */
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

  /** Paints or erases around a place. @param {Point} place @param {number} spread of what is painted */
  #dab(place, spread = SPREAD) {
    if (this.#tool === "erase") return this.asks.erase(place, RADIUS);
    const around = (/** @type {number} */ value) => Math.min(REACH, Math.max(-REACH, value + spread * normal()));
    this.asks.paint([around(place[0]), around(place[1])], Number(this.#tool));
  }
}

/** A number of a standard normal distribution. */
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
