// What is measured while models train: two curves over the steps, and numbers.

import { startDrawing } from "../figure/canvas.js";
import { percent } from "../hands/words.js";

/**
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {"lossX" | "lossY" | "error" | "ece"} Measure
 * @typedef {Record<Measure, number> & { step: number, training: Snapshot["training"] }} Row the numbers of a snapshot
 */

const TOP = 14; // CSS pixels above a curve, where its largest value is written
const [PALE, SKIPPED] = [0.45, 0.05]; // how much of the curve of training points is seen; share of a curve's beginning that may leave the picture
const MAX_ROWS = 600; // rows of a history; then every second one is forgotten
const LEAST = 1e-3; // range of a picture

/** @param {number} digits @returns {(value: number) => string} */
const fixed = (digits) => (value) => value.toFixed(digits);
/** How each number is written. @type {Record<Measure, (value: number) => string>} */
export const MEASURES = { lossX: fixed(2), lossY: fixed(3), error: percent, ece: percent };

/** A history with one more row. @param {Row[]} history @param {Snapshot} snapshot @returns {Row[]} */
export function remembered(history, snapshot) {
  const { step, lossX, lossY, error, ece, training, finite } = snapshot;
  if (!finite || history.at(-1)?.step === step) return history;
  const rows = [...history, { step, lossX, lossY, error, ece, training }];
  return rows.length <= MAX_ROWS ? rows : rows.filter((_, at) => at % 2 === 0 || at === rows.length - 1);
}

/**
 * Brings curves and numbers to what the models have come to.
 * @param {HTMLElement} host
 * @param {import("./session.js").Model[]} models
 * @param {string[]} colors of the models
 */
export function showMeasures(host, models, colors) {
  for (const figure of /** @type {NodeListOf<HTMLElement>} */ (host.querySelectorAll("[data-curve]"))) {
    const canvas = /** @type {HTMLCanvasElement} */ (figure.querySelector("canvas"));
    drawCurve(canvas, /** @type {"lossX" | "error"} */ (figure.dataset.curve), models.map(({ history }) => history), colors);
    canvas.setAttribute("aria-label", `${figure.querySelector("span")?.textContent} over the steps`);
  }
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (host.querySelectorAll("[data-measure]"))) {
    const model = /** @type {HTMLElement} */ (place.closest("[data-model]")).dataset.model;
    const snapshot = models[Number(model)]?.snapshot;
    const measure = /** @type {Measure} */ (place.dataset.measure);
    place.textContent = snapshot?.finite ? MEASURES[measure](snapshot[measure]) : "–";
  }
}

/**
 * One curve of all models, and a pale one of the points that they train on, where they are measured on others.
 * @param {HTMLCanvasElement} canvas
 * @param {"lossX" | "error"} measure
 * @param {Row[][]} histories
 * @param {string[]} colors of the models
 */
function drawCurve(canvas, measure, histories, colors) {
  const { context, width, height, ink, font } = startDrawing(canvas);
  const lines = histories.flatMap((rows, model) => [
    { opacity: PALE, color: colors[model], points: rows.flatMap(({ step, training }) => (training ? [{ step, value: training[measure] }] : [])) },
    { opacity: 1, color: colors[model], points: rows.map((row) => ({ step: row.step, value: row[measure] })) },
  ]);
  const isShare = measure === "error";
  // The first steps of a loss may be far above all that comes later.
  const seen = lines.flatMap(({ points }) => points.slice(isShare ? 0 : Math.floor(SKIPPED * points.length)).map(({ value }) => value));
  if (!seen.length) return;
  const least = isShare ? 0 : Math.min(...seen);
  const most = Math.max(...seen, least + LEAST);
  const last = Math.max(1, ...histories.map((rows) => rows.at(-1)?.step ?? 0));
  const x = (/** @type {number} */ step) => 2 + (step / last) * (width - 4);
  const y = (/** @type {number} */ value) => height - 4 - ((value - least) / (most - least)) * (height - TOP - 6);
  Object.assign(context, { strokeStyle: ink, fillStyle: ink, lineWidth: 1, globalAlpha: 0.25 });
  context.fillRect(0, height - 1, width, 1);
  for (const { points, color, opacity } of lines) {
    Object.assign(context, { globalAlpha: opacity, lineWidth: opacity < 1 ? 2.5 : 1.5, lineJoin: "round", strokeStyle: color });
    context.beginPath();
    for (const { step, value } of points) context.lineTo(x(step), Math.max(TOP, y(value)));
    context.stroke();
  }
  // To the right: most curves fall, and begin in the upper left corner.
  Object.assign(context, { fillStyle: ink, globalAlpha: 0.65, textAlign: "right", font: `12px ${font}` });
  context.fillText(MEASURES[measure](most), width - 2, TOP - 3);
}
