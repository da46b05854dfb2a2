// A pad on which the user writes a digit with a finger, a pen, or a mouse. A picture below shows the model's input.

import { PEN, SIDE, digit } from "../flow/digit.js";
import { imageData, paint } from "../moves/picture.js";

/**
 * @typedef {import("../flow/digit.js").Stroke} Stroke
 * @typedef {{ name: string, strokes: Stroke[], text: string }} Drawing an example to begin with, and its text in a link
 *
 * @typedef {object} Data the data from app/images/pad.py
 * @property {Drawing[]} drawings
 * @property {Stroke[]} strokes the strokes that the program shows
 * @property {number} answered number of the message that had these strokes; 0 if there was none
 */

const PRECISION = 1000; // positions are rounded to a thousandth of the side
const HTML = `<div class="pad-paper"><canvas class="pad-canvas saved" role="img"
    aria-label="Pad: write a digit here with a finger, a pen or a mouse"></canvas><span class="pad-hint">write a digit</span></div>
  <div class="pad-tools"><button type="button" data-undo>Undo</button><button type="button" data-clear>Clear</button>
    <select aria-label="Begin with a drawing"><option value="">Begin with</option></select>
    <canvas class="pad-seen" role="img" aria-label="What the model sees: 28 × 28 grey pixels" title="What the model sees"></canvas></div>`;

export class Pad {
  /** @type {Stroke[]} */
  strokes = [];
  isDown = false;

  /**
   * @param {HTMLElement} host element that the pad fills
   * @param {Drawing[]} drawings
   * @param {(isOver: boolean) => void} written called after every change; `isOver` says whether the stroke has ended
   */
  constructor(host, drawings, written) {
    host.classList.add("pad");
    host.innerHTML = HTML;
    const find = (/** @type {string} */ name) => /** @type {any} */ (host.querySelector(name));
    this.host = host;
    this.written = written;
    /** @type {HTMLCanvasElement} */
    this.canvas = find(".pad-canvas");
    this.seen = find(".pad-seen");
    this.undo = find("[data-undo]");
    this.clear = find("[data-clear]");
    const begin = find("select");
    begin.append(...drawings.map(({ name }, at) => new Option(name, String(at))));
    begin.onchange = () => {
      this.#change(drawings[Number(begin.value)].strokes.map((stroke) => [...stroke]));
      begin.value = "";
    };
    this.undo.onclick = () => this.#change(this.strokes.slice(0, -1));
    this.clear.onclick = () => this.#change([]);
    this.canvas.onpointerdown = (event) => this.#down(event);
    this.canvas.onpointermove = (event) => this.#move(event);
    this.canvas.onpointerup = this.canvas.onpointercancel = () => this.#up();
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
  }

  /** The 8-bit image for the model, (28 · 28), or null if the pad is empty. */
  get pixels() {
    return this.strokes.length ? digit(this.strokes) : null;
  }

  /** Replaces the strokes. @param {Stroke[]} strokes */
  write(strokes) {
    this.strokes = strokes;
    this.#draw();
  }

  /** @param {Stroke[]} strokes */
  #change(strokes) {
    this.write(strokes);
    this.written(!this.isDown);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.isDown = true;
    this.#change([...this.strokes, [this.#place(event)]]);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.isDown) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    const last = this.strokes[this.strokes.length - 1];
    last.push(...(steps.length ? steps : [event]).map((step) => this.#place(step)));
    this.#change(this.strokes);
  }

  #up() {
    if (!this.isDown) return;
    this.isDown = false;
    this.written(true);
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
    for (const stroke of this.strokes) {
      pen.beginPath();
      pen.moveTo(stroke[0][0] * side, stroke[0][1] * side);
      for (const [x, y] of [...stroke.slice(1), stroke[stroke.length - 1]]) pen.lineTo(x * side, y * side); // repeats the last point, so that a dot is drawn
      pen.stroke();
    }
    this.host.classList.toggle("is-empty", !this.strokes.length);
    this.undo.disabled = this.clear.disabled = !this.strokes.length;
    const pixels = this.pixels ?? new Uint8Array(SIDE * SIDE);
    paint(this.seen, imageData(Float32Array.from(pixels, (value) => (value + 0.5) / 256), [1, SIDE, SIDE]));
  }
}

/**
 * The pad as a Streamlit component. The program gets each finished stroke. While the user writes, figures follow the
 * events "pen-moved" (app/static/live/live.js), until "pen-answered" says that the program shows the strokes.
 * @param {{ data: Data, parentElement: HTMLElement, setStateValue: (name: string, value: any) => void }} given
 */
export function component({ data, parentElement, setStateValue }) {
  const host = /** @type {HTMLElement & { pad?: Pad, number?: number, shown?: string }} */ (parentElement.querySelector("[data-pad]"));
  const say = (/** @type {string} */ name, /** @type {any} */ detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const pad = (host.pad ??= new Pad(host, data.drawings, () => {}));
  host.number ??= data.answered;
  pad.written = (isOver) => {
    if (pad.pixels) say("pen-moved", pad.pixels);
    if (!isOver) return;
    host.number = (host.number ?? 0) + 1;
    setStateValue("written", { strokes: pad.strokes, number: host.number });
  };
  pad.canvas.onpointerenter = () => say("pen-near", null); // loads the model before the user writes
  const text = JSON.stringify(data.strokes);
  // The program usually returns strokes that it has received before. Only other strokes are new.
  const isOther = host.shown === undefined || (!data.answered && host.shown !== text);
  host.shown = text;
  if (pad.isDown || !(isOther || data.answered === host.number)) return;
  pad.write(data.strokes); // for example from a link
  say("pen-answered", data.strokes.length);
}
