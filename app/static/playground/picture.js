// The playground's spaces as one picture.

import { aimText } from "./aims.js";

/**
 * All spaces, with a line above each row.
 * @param {import("./playground.js").Model[]} models
 * @param {import("./link.js").Aim[]} aims of these
 * @param {string} fontFamily
 * @param {number} [side] of each, in pixels
 */
export function pictureOf(models, aims, fontFamily, side = models[0].data.canvas.width) {
  const all = /** @type {HTMLCanvasElement[]} */ (models.flatMap(({ data, latent }) => [data.canvas, latent.canvas]));
  const [gap, line] = [Math.round(side / 40), Math.round(side / 14)];
  const picture = document.createElement("canvas");
  picture.width = 2 * side + 3 * gap;
  picture.height = models.length * (side + line + gap);
  const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d", { willReadFrequently: true }));
  const { ink, ground } = models[0].data;
  context.fillStyle = ground;
  context.fillRect(0, 0, picture.width, picture.height);
  Object.assign(context, { fillStyle: ink, font: `${Math.round(0.62 * line)}px ${fontFamily}` });
  models.forEach(({ snapshot }, at) => {
    const top = at * (side + line + gap);
    const error = snapshot?.finite ? ` · error ${(100 * snapshot.error).toFixed(1)} % · ${snapshot.bits.toFixed(2)} bits/dim` : "";
    context.fillText(`${aimText(aims[at])} · ${(snapshot?.step ?? 0).toLocaleString("en")} steps${error}`, gap, top + 0.72 * line);
    context.drawImage(all[2 * at], gap, top + line, side, side);
    context.drawImage(all[2 * at + 1], side + 2 * gap, top + line, side, side);
  });
  return picture;
}
