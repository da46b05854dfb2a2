// The pad: the plane of the class means, in which a person drags a star. Behind it is the posterior of every place,
// exactly, with all that the plane does not show of the latent held where it is.

import { rgbOf, star } from "../figure/canvas.js";
import { largest, posteriorOf } from "./space.js";

/**
 * @typedef {import("./space.js").Point} Point
 * @typedef {object} Shown
 * @property {Point[]} places of the class means
 * @property {Point} star
 * @property {Point} home where the star began
 * @property {Float64Array} scores at the star, (K)
 * @property {[Float64Array, Float64Array]} slopes of the scores along the axes of the plane, (K) each
 * @property {{ from: Point, to: Point, flip: Point | null } | null} way to another class
 */

const FIELD = 96; // cells of the field along an edge
const EDGE = 30; // CSS pixels from the border at which a star is drawn that lies beyond it
const ALL_NAMED = 20; // classes that a person can still read the names of
const NAMED = 10; // of more, those that are most probable at the star
const ABOVE = 8; // CSS pixels from a mean up to its name
const NEAR = 24; // CSS pixels around the star in which a press takes it up without moving it

export class Pad {
  /** @type {Shown | null} */
  #shown = null;
  #half = 5; // of the view, in units of the latent
  /** @type {Point} */
  #centre = [0, 0];
  /** @type {{ dx: number, dy: number } | null} */
  #held = null;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {object} given
   * @param {string[]} given.colors of the classes
   * @param {string[]} given.names of the classes
   * @param {(place: Point, isLast: boolean) => void} given.moved
   */
  constructor(canvas, { colors, names, moved }) {
    this.canvas = canvas;
    this.colors = colors;
    this.rgb = colors.map(rgbOf);
    this.names = names;
    this.moved = moved;
    this.field = document.createElement("canvas");
    this.field.width = this.field.height = FIELD;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#held && this.#drag(event, false));
    canvas.addEventListener("pointerup", (event) => this.#held && this.#drag(event, true));
    canvas.addEventListener("pointercancel", () => (this.#held = null));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    this.watch = new ResizeObserver(() => this.#draw());
    this.watch.observe(canvas);
  }

  /** The view that holds all means and the star's home. @param {Point[]} places @param {Point} home */
  frame(places, home) {
    const [xs, ys] = [0, 1].map((axis) => [...places, home].map((place) => place[axis]));
    const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.#centre = [(left + right) / 2, (low + high) / 2];
    this.#half = Math.max(right - left, high - low) / 2 + 1.2;
  }

  /** @param {Shown} shown */
  show(shown) {
    this.#shown = shown;
    this.#paintField(shown);
    this.#draw();
  }

  /** Where a place is on the canvas, in CSS pixels. @param {Point} place @returns {Point} */
  at([x, y]) {
    const side = this.canvas.clientWidth;
    const scale = side / (2 * this.#half);
    return [(x - this.#centre[0]) * scale + side / 2, side / 2 - (y - this.#centre[1]) * scale];
  }

  /** Where the star is drawn: near the border, if its place lies beyond. @param {Point} place @returns {Point} */
  #inSight(place) {
    const side = this.canvas.clientWidth;
    const [x, y] = this.at(place);
    if (Math.min(x, y) >= 0 && Math.max(x, y) <= side) return [x, y];
    return [Math.min(Math.max(x, EDGE), side - EDGE), Math.min(Math.max(y, EDGE), side - EDGE)];
  }

  /** @param {MouseEvent} event @returns {Point} */
  #placeOf(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return [this.#centre[0] + (2 * x - 1) * this.#half, this.#centre[1] + (1 - 2 * y) * this.#half];
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button || !this.#shown) return;
    this.canvas.setPointerCapture(event.pointerId);
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = this.#inSight(this.#shown.star);
    const near = NEAR * (box.width / this.canvas.clientWidth);
    const isOnStar = Math.hypot(event.clientX - box.left - x, event.clientY - box.top - y) < near;
    const place = this.#placeOf(event);
    const { star } = this.#shown;
    this.#held = isOnStar ? { dx: star[0] - place[0], dy: star[1] - place[1] } : { dx: 0, dy: 0 };
    this.#drag(event, false);
  }

  /** @param {PointerEvent} event @param {boolean} isLast */
  #drag(event, isLast) {
    if (!this.#held) return;
    const [x, y] = this.#placeOf(event);
    const { dx, dy } = this.#held;
    if (isLast) this.#held = null;
    const within = (/** @type {number} */ value, /** @type {number} */ axis) =>
      Math.min(this.#centre[axis] + this.#half, Math.max(this.#centre[axis] - this.#half, value));
    this.moved([within(x + dx, 0), within(y + dy, 1)], isLast);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const ways = /** @type {Record<string, Point>} */ ({
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
    });
    const way = ways[event.key];
    if (!way || !this.#shown || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const step = (this.#half / 50) * (event.shiftKey ? 5 : 1);
    const [x, y] = this.#shown.star;
    this.moved([x + step * way[0], y + step * way[1]], true);
  }

  /** The classes whose means have names: all of few, of many the most probable. @param {Float64Array} scores */
  named(scores) {
    const every = Array.from(scores.keys());
    return every.length <= ALL_NAMED ? every : every.sort((a, b) => scores[b] - scores[a]).slice(0, NAMED);
  }

  /** @param {Shown} shown */
  #paintField({ star, scores, slopes }) {
    const context = /** @type {CanvasRenderingContext2D} */ (this.field.getContext("2d"));
    const image = context.createImageData(FIELD, FIELD);
    const here = new Float64Array(scores.length);
    for (let j = 0; j < FIELD; j++) {
      const dy = this.#centre[1] + this.#half * (1 - (2 * j + 1) / FIELD) - star[1];
      for (let i = 0; i < FIELD; i++) {
        const dx = this.#centre[0] + this.#half * ((2 * i + 1) / FIELD - 1) - star[0];
        for (let k = 0; k < here.length; k++) here[k] = scores[k] + dx * slopes[0][k] + dy * slopes[1][k];
        const posterior = posteriorOf(here);
        const top = largest(posterior);
        const [r, g, b] = this.rgb[top];
        image.data.set([r, g, b, Math.round(20 + 150 * posterior[top] ** 2)], 4 * (j * FIELD + i));
      }
    }
    context.putImageData(image, 0, 0);
  }

  #draw() {
    const { canvas } = this;
    const side = canvas.clientWidth;
    const shown = this.#shown;
    if (!shown || !side) return;
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(side * ratio)) canvas.width = canvas.height = Math.round(side * ratio);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const style = getComputedStyle(canvas);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, side, side);
    context.drawImage(this.field, 0, 0, side, side);
    const ink = style.color;
    const ground = style.getPropertyValue("--ground").trim() || "#fff";
    const small = Math.max(11, side / 36);
    context.lineJoin = "round";
    const named = this.named(shown.scores);
    shown.places.forEach((place, k) => {
      const [x, y] = this.at(place);
      circle(context, x, y, named.includes(k) ? 4.5 : 2.5);
      Object.assign(context, { fillStyle: this.colors[k], strokeStyle: ground, lineWidth: 1.5 });
      context.fill();
      context.stroke();
    });
    if (shown.way) this.#drawWay(context, shown.way, ink, ground);
    context.font = `600 ${small}px ${style.fontFamily}`;
    context.textAlign = "center";
    Object.assign(context, { strokeStyle: ground, lineWidth: 3.5, fillStyle: ink });
    for (const k of named) {
      const [x, y] = this.at(shown.places[k]);
      context.strokeText(this.names[k], x, y - ABOVE);
      context.fillText(this.names[k], x, y - ABOVE);
    }
    const [hx, hy] = this.at(shown.home);
    circle(context, hx, hy, 5);
    Object.assign(context, { strokeStyle: ink, lineWidth: 1.5 });
    context.setLineDash([2, 2]);
    context.stroke();
    context.setLineDash([]);
    const radius = Math.max(11, side / 34);
    const [x, y] = this.#inSight(shown.star);
    const accent = style.getPropertyValue("--accent").trim();
    Object.assign(context, { fillStyle: accent, strokeStyle: ground, lineWidth: 2.5 });
    star(context, x, y, radius);
    context.stroke();
    context.fill();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {NonNullable<Shown["way"]>} way
   * @param {string} ink
   * @param {string} ground
   */
  #drawWay(context, { from, to, flip }, ink, ground) {
    const [ax, ay] = this.at(from);
    const [bx, by] = this.at(to);
    for (const [color, width] of /** @type {[string, number][]} */ ([[ground, 4], [ink, 1.5]])) {
      Object.assign(context, { strokeStyle: color, lineWidth: width });
      context.beginPath();
      context.moveTo(ax, ay);
      context.lineTo(bx, by);
      context.stroke();
    }
    if (!flip) return;
    const [fx, fy] = this.at(flip);
    circle(context, fx, fy, 5);
    Object.assign(context, { fillStyle: ground, strokeStyle: ink, lineWidth: 1.5 });
    context.fill();
    context.stroke();
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function circle(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}
