// What pictures on a canvas share.

/** Where the arrow keys lead, to the right and up. @type {Record<string, [number, number]>} */
export const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Strokes a path several times. @param {CanvasRenderingContext2D} context @param {[color: string, width: number, dash?: number[]][]} lines the widest first */
export function stroke(context, ...lines) {
  for (const [strokeStyle, lineWidth, dash = []] of lines) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.setLineDash(dash);
    context.stroke();
  }
}

/**
 * A star.
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

/** @typedef {{ ink: string, ground: string, accent: string, font: string }} Ink the colours and letters that a canvas's style says */

/** Until the page's theme changes: to read a style makes the browser lay out the page. @type {WeakMap<Element, Ink>} */
const inks = new WeakMap();

/** @param {HTMLCanvasElement} canvas @returns {Ink} */
function inkOf(canvas) {
  const style = getComputedStyle(canvas);
  const read = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const ink = { ink: style.color, ground: read("--st-background-color") || "#fff", accent: read("--accent"), font: style.fontFamily };
  inks.set(canvas, ink);
  canvas.style.transition = "color 1ms"; // whose end says that the theme has changed; who draws listens to it, too
  canvas.addEventListener("transitionend", () => inks.delete(canvas), { once: true });
  return ink;
}

/**
 * A canvas as it is to be drawn on, in CSS pixels: empty, at the resolution of the screen, with what its style says.
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
