// The base class of all pictures: a square of the plane on a canvas.

import { fieldOf, startDrawing, star, stroke } from "../figure/canvas.js";
import { VIEW } from "./link.js";

/**
 * @typedef {[number, number]} Point
 * @typedef {{ colors: string[], rgb: [number, number, number][], accent: string }} Style
 */

const FEW = 20; // with at most this many points, dots are larger
const MANY = 600; // with more points, dots are smaller

export class Plane {
  half = VIEW;
  /** @type {Point} */
  centre = [0, 0];
  side = 0; // CSS pixels
  ink = "#000";
  ground = "#fff";

  /** @param {HTMLCanvasElement} canvas @param {Style} style */
  constructor(canvas, style) {
    this.canvas = canvas;
    this.style = style;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** Clears the canvas. @returns {boolean} whether the canvas is visible */
  begin() {
    if (!this.canvas.clientWidth) return false;
    const { width, ink, ground, context } = startDrawing(this.canvas);
    Object.assign(this, { side: width, ink, ground });
    context.fillStyle = ground;
    context.fillRect(0, 0, width, width);
    return true;
  }

  /** @param {number} x @param {number} y @returns {Point} in CSS pixels */
  at(x, y) {
    const scale = this.side / (2 * this.half);
    return [(x - this.centre[0]) * scale + this.side / 2, this.side / 2 - (y - this.centre[1]) * scale];
  }

  /** @param {{ clientX: number, clientY: number }} event @returns {Point} */
  placeOf(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return [this.centre[0] + (2 * x - 1) * this.half, this.centre[1] + (1 - 2 * y) * this.half];
  }

  /** Strokes the path with an outline in the background colour. @param {string} color @param {number} width */
  haloed(color, width) {
    Object.assign(this.context, { lineCap: "round", lineJoin: "round" });
    stroke(this.context, [this.ground, width + 2], [color, width]);
  }

  /**
   * Colours the background by class.
   * @param {number} size cells along each side
   * @param {[number, number, number, number]} box left, right, bottom, and top of the cells
   * @param {(column: number, row: number) => [number, number]} cell returns class and opacity (0 to 255); rows go down
   */
  shade(size, box, cell) {
    const [left, top] = this.at(box[0], box[3]);
    const [right, bottom] = this.at(box[1], box[2]);
    this.context.drawImage(fieldOf(size, this.style.rgb, cell), left, top, right - left, bottom - top);
  }

  /**
   * Draws the lines of a grid.
   * @param {ArrayLike<number>} places (lines, each, 2)
   * @param {{ lines: number, each: number }} grid
   * @param {number} opacity
   */
  lines(places, { lines, each }, opacity) {
    const { context } = this;
    Object.assign(context, { strokeStyle: this.ink, lineWidth: 1, globalAlpha: opacity });
    for (let line = 0; line < lines; line++) {
      context.beginPath(); // one path per line, because browsers search long paths for crossings
      for (let at = line * each; at < (line + 1) * each; at++) context.lineTo(...this.at(places[2 * at], places[2 * at + 1]));
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  /**
   * Draws a mark at each point, class by class.
   * @param {ArrayLike<number>} places (N, 2)
   * @param {ArrayLike<number>} labels (N)
   * @param {(x: number, y: number, color: string) => void} mark draws the mark on a new path
   */
  marks(places, labels, mark) {
    this.style.colors.forEach((color, label) => {
      for (let at = 0; at < labels.length; at++) {
        if (labels[at] !== label) continue;
        const [x, y] = this.at(places[2 * at], places[2 * at + 1]);
        if (!(x > -9 && y > -9 && x < this.side + 9 && y < this.side + 9)) continue;
        this.context.beginPath();
        mark(x, y, color);
      }
    });
  }

  /** @param {ArrayLike<number>} places (N, 2) @param {ArrayLike<number>} labels (N) */
  dots(places, labels) {
    const { context, side } = this;
    const radius = Math.max(1.1, side > 150 ? 2 : 0, side / (labels.length > MANY ? 170 : labels.length > FEW ? 120 : 80));
    this.marks(places, labels, (x, y, color) => {
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fillStyle = color;
      stroke(context, [this.ground, radius / 3]);
      context.fill();
    });
  }

  /** @param {ArrayLike<number>} place */
  star(place) {
    const radius = Math.max(6, this.side / 36);
    const [x, y] = this.at(place[0], place[1]).map((value) => Math.min(this.side - radius, Math.max(radius, value)));
    star(this.context, x, y, radius, { accent: this.style.accent, ground: this.ground });
  }
}
