// Draws a figure's curves and marks while Plotly, which is large, still loads.

import { startDrawing, stroke } from "../figure/canvas.js";
import { element } from "../figure/elements.js";
import { decoded } from "../figure/plotly.js";

/**
 * Draws a figure over its host, and returns the canvas; null if the horizontal axis has no range or the vertical one no ticks.
 * @param {HTMLElement} host
 * @param {import("../figure/figure.js").Specification} spec
 */
export function sketch(host, { figure }) {
  const { data, layout: { xaxis, yaxis, margin, title, shapes = [] } } = decoded(JSON.parse(figure));
  if (!xaxis.range || !yaxis.tickvals) return null;
  const canvas = element("canvas", { class: "sketch", "aria-hidden": true, style: "position: absolute; inset: 0; width: 100%; height: 100%" });
  host.append(canvas);
  const { context, width, height, ink, font } = startDrawing(canvas);
  const [left, right, bottom] = [yaxis.title.text ? 83 : 65, width - margin.r, height - (yaxis.title.text ? 60 : 56)]; // as Plotly has them
  const along = (/** @type {any} */ { type, range: [low, high] }, /** @type {number} */ from, /** @type {number} */ to) =>
    (/** @type {number} */ value) => from + (((type === "log" ? Math.log10(value) : value) - low) / (high - low)) * (to - from);
  const [x, y] = [along(xaxis, left, right), along(yaxis, bottom, margin.t)];
  const say = (/** @type {string} */ text, /** @type {number} */ at, /** @type {number} */ top, size = 14, textAlign = "left") => {
    Object.assign(context, { font: `${text.includes("<b>") ? "bold " : ""}${size}px ${font}`, fillStyle: ink, textAlign });
    context.fillText(text.replace(/<[^>]+>/g, "").replace("&nbsp;", " "), at, top);
  };
  say(title.text, 2, title.font.size - 1, title.font.size);
  for (const { x0, x1, fillcolor } of shapes) {
    context.fillStyle = fillcolor;
    context.fillRect(x(x0), margin.t, x(x1) - x(x0), bottom - margin.t);
  }
  yaxis.tickvals.forEach((/** @type {number} */ tick, /** @type {number} */ row) => {
    context.fillStyle = yaxis.gridcolor;
    context.fillRect(left, y(tick) - 0.5, right - left, 1);
    say(yaxis.ticktext?.[row] ?? `${Math.round(100 * tick)}%`, left - 9, y(tick) + 5, 14, "right");
  });
  for (const { x: across, y: up, mode, line, marker, text, textposition } of data) {
    const places = Array.from(across, (value, row) => [x(value), y(up[row])]);
    context.beginPath();
    for (const [at, top] of places) context.lineTo(at, top);
    if (mode.includes("lines")) stroke(context, [line.color, line.width, line.dash ? [9, 5] : []]);
    places.forEach(([at, top], row) => {
      const own = (/** @type {any} */ value) => (typeof value === "object" ? value[row] : value);
      context.beginPath();
      context.arc(at, top, own(marker?.size ?? 0) / 2, 0, 7);
      context.fillStyle = own(marker?.color);
      context.fill();
      if (text && textposition[row].endsWith("right")) say(text[row], at + 11, top + (textposition[row].startsWith("top") ? -14 : 5), 15);
    });
  }
  return canvas;
}
