// A canvas to write on with a finger, a pen or a mouse.

import { PEN, SIDE } from "../flow/digit.js";
import { element } from "./elements.js";

/** @typedef {import("../flow/digit.js").Stroke} Stroke */

const PRECISION = 1000; // a thousandth of the side is finer than any finger

export class Pen {
  /** @type {Stroke[]} */
  #strokes = [];
  #isWriting = false;

  /** @param {() => void} written called with every move of the pen that changed the strokes */
  constructor(written) {
    this.written = written;
    const label = "Canvas: write a digit here with a finger, a pen or a mouse";
    this.canvas = element("canvas", { class: "pen", role: "img", "aria-label": label });
    this.undo = element("button", { type: "button", onclick: () => this.#change(this.#strokes.slice(0, -1)) }, "Undo");
    this.clear = element("button", { type: "button", onclick: () => this.#change([]) }, "Clear");
    this.canvas.addEventListener("pointerdown", (event) => this.#down(event));
    this.canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) this.canvas.addEventListener(kind, () => (this.#isWriting = false));
    this.watcher = new ResizeObserver(() => this.#draw());
    this.watcher.observe(this.canvas);
  }

  get strokes() {
    return this.#strokes;
  }

  /** Writes strokes in place of those that are there. @param {Stroke[]} strokes */
  write(strokes) {
    this.#strokes = strokes;
    this.#draw();
  }

  remove() {
    this.watcher.disconnect();
  }

  /** @param {Stroke[]} strokes */
  #change(strokes) {
    this.write(strokes);
    this.written();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.#isWriting = true;
    this.#change([...this.#strokes, [this.#place(event)]]);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.#isWriting) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    const last = this.#strokes[this.#strokes.length - 1];
    last.push(...(steps.length ? steps : [event]).map((step) => this.#place(step)));
    this.#change(this.#strokes);
  }

  /** @param {PointerEvent} event @returns {[number, number]} */
  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    const share = (/** @type {number} */ value) => Math.round(Math.min(1, Math.max(0, value)) * PRECISION) / PRECISION;
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  }

  #draw() {
    const side = Math.max(1, Math.round(this.canvas.clientWidth * (devicePixelRatio || 1)));
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, side, side);
    Object.assign(pen, { strokeStyle: "#fff", lineWidth: (side * PEN) / SIDE, lineCap: "round", lineJoin: "round" });
    for (const stroke of this.#strokes) {
      pen.beginPath();
      pen.moveTo(stroke[0][0] * side, stroke[0][1] * side);
      for (const [x, y] of [...stroke.slice(1), stroke[stroke.length - 1]]) pen.lineTo(x * side, y * side); // a dot, too
      pen.stroke();
    }
    this.undo.disabled = this.clear.disabled = !this.#strokes.length;
  }
}
