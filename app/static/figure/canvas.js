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
