// What pictures on a canvas share.

/** The path of a star, to be filled or stroked. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
export function star(context, x, y, radius) {
  context.beginPath();
  for (let corner = 0; corner < 10; corner++) {
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    const size = corner % 2 ? radius * 0.45 : radius;
    context.lineTo(x + size * Math.cos(angle), y + size * Math.sin(angle));
  }
  context.closePath();
}

/** @param {string} color as #rrggbb @returns {[number, number, number]} */
export const rgbOf = (color) => /** @type {[number, number, number]} */ ([1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)));

/**
 * A canvas as it is to be drawn on, in CSS pixels: empty, at the resolution of the screen, with what its style says.
 * @param {HTMLCanvasElement} canvas
 */
export function begun(canvas) {
  const style = getComputedStyle(canvas);
  const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height, ink: style.color, ground: style.getPropertyValue("--ground").trim() || "#fff", font: style.fontFamily };
}
