// Functions that all drawings on a canvas share.

import { element } from "./elements.js";

/** The directions of the arrow keys, as (right, up). @type {Record<string, [number, number]>} */
export const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Strokes the current path several times.
 * @param {CanvasRenderingContext2D} context
 * @param {[color: string, width: number, dash?: number[]][]} lines from the widest to the narrowest
 */
export function stroke(context, ...lines) {
  for (const [strokeStyle, lineWidth, dash = []] of lines) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.setLineDash(dash);
    context.stroke();
  }
}

/**
 * Draws a star.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {{ accent: string, ground: string }} ink
 */
export function star(context, x, y, radius, { accent, ground }) {
  context.beginPath();
  for (let corner = 0; corner < 10; corner++) {
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    const size = corner % 2 ? radius * 0.45 : radius;
    context.lineTo(x + size * Math.cos(angle), y + size * Math.sin(angle));
  }
  context.closePath();
  Object.assign(context, { fillStyle: accent, lineJoin: "round" });
  stroke(context, [ground, 2.5]);
  context.fill();
}

/** @param {string} color as #rrggbb @returns {[number, number, number]} */
export const rgbOf = (color) => /** @type {[number, number, number]} */ ([1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)));

/**
 * A canvas with a square field of coloured cells.
 * @param {number} size cells along each side
 * @param {[number, number, number][]} colors
 * @param {(column: number, row: number) => [number, number]} cell returns the index of the colour and the opacity
 *   (0 to 255); rows go down
 */
export function fieldOf(size, colors, cell) {
  const canvas = element("canvas", { width: size, height: size });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(size, size);
  for (let at = 0; at < size * size; at++) {
    const [color, opacity] = cell(at % size, Math.floor(at / size));
    image.data.set([...colors[color], opacity], 4 * at);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** @typedef {{ ink: string, ground: string, accent: string, font: string, size: number }} Ink the colours and the font from the style of a canvas */

/**
 * The inks of canvases, cached until the theme or the stage changes, because reading a style makes the browser lay out
 * the page.
 * @type {WeakMap<Element, Ink>}
 */
const inks = new WeakMap();

/** @param {HTMLCanvasElement} canvas @returns {Ink} */
function inkOf(canvas) {
  const style = getComputedStyle(canvas);
  const read = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const ink = { ink: style.color, ground: read("--st-background-color") || "#fff", accent: read("--accent"), font: style.fontFamily, size: parseFloat(style.fontSize) };
  inks.set(canvas, ink);
  canvas.style.transition = "color 1ms, font-size 1ms"; // so that a change fires "transitionend"; the plane listens to this event, too
  canvas.addEventListener("transitionend", () => inks.delete(canvas), { once: true });
  const font = `16px ${ink.font}`; // a canvas does not draw its text anew when the font arrives
  if (ink.font && !document.fonts.check(font)) {
    document.fonts.load(font).then(() => canvas.dispatchEvent(new Event("transitionend", { bubbles: true })), () => {});
  }
  return ink;
}

/**
 * Clears a canvas and sets it to the screen's resolution. Returns its context (in CSS pixels), its size, and its ink.
 * @param {HTMLCanvasElement} canvas
 */
export function startDrawing(canvas) {
  const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height, ...(inks.get(canvas) ?? inkOf(canvas)) };
}
