// Shows the measures of the training as two curves over the steps and as numbers.

import { startDrawing, stroke } from "../figure/canvas.js";
import { percent } from "../moves/words.js";

/**
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {"lossX" | "lossY" | "error" | "ece"} Measure
 * @typedef {Record<Measure, number> & { step: number, training: Snapshot["training"] }} Row the numbers of a snapshot
 */

const [DASHES, SKIPPED] = [[4, 3], 0.05]; // the curve of the training points; the first share of a curve, which may be cut off
const MAX_ROWS = 600; // the most rows of a history; a longer history loses every second row
const LEAST = 1e-3; // the least range of the vertical axis

/** Functions that write each measure as text. @type {Record<Measure, (value: number) => string>} */
export const MEASURES = { lossX: (value) => value.toFixed(2), lossY: (value) => value.toFixed(3), error: percent, ece: percent };

/** Adds a snapshot to a history. @param {Row[]} history @param {Snapshot} snapshot @returns {Row[]} */
export function remembered(history, snapshot) {
  const { step, lossX, lossY, error, ece, training, finite } = snapshot;
  if (!finite || history.at(-1)?.step === step) return history;
  const rows = [...history, { step, lossX, lossY, error, ece, training }];
  return rows.length <= MAX_ROWS ? rows : rows.filter((_, at) => at % 2 === 0 || at === rows.length - 1);
}

/**
 * Updates curves and numbers.
 * @param {HTMLElement} host
 * @param {import("./session.js").Model[]} models
 * @param {string[]} colors colours of the models
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
 * Draws the curve of a measure for each model, and a dashed curve for the training points if there are held-out points.
 * @param {HTMLCanvasElement} canvas
 * @param {"lossX" | "error"} measure
 * @param {Row[][]} histories
 * @param {string[]} colors colours of the models
 */
function drawCurve(canvas, measure, histories, colors) {
  const { context, width, height, ink } = startDrawing(canvas);
  const lines = histories.flatMap((rows, model) => [
    { dashes: DASHES, color: colors[model], points: rows.flatMap(({ step, training }) => (training ? [{ step, value: training[measure] }] : [])) },
    { dashes: [], color: colors[model], points: rows.map((row) => ({ step: row.step, value: row[measure] })) },
  ]);
  const isShare = measure === "error";
  // The loss of the first steps may be far above all later values.
  const seen = lines.flatMap(({ points }) => points.slice(isShare ? 0 : Math.floor(SKIPPED * points.length)).map(({ value }) => value));
  if (!seen.length) return;
  const least = isShare ? 0 : Math.min(...seen);
  const most = Math.max(...seen, least + LEAST);
  const last = Math.max(1, ...histories.map((rows) => rows.at(-1)?.step ?? 0));
  const x = (/** @type {number} */ step) => 2 + (step / last) * (width - 4);
  const y = (/** @type {number} */ value) => height - 4 - ((value - least) / (most - least)) * (height - 6);
  Object.assign(context, { fillStyle: ink, globalAlpha: 0.25 });
  context.fillRect(0, height - 1, width, 1);
  Object.assign(context, { globalAlpha: 1, lineJoin: "round" });
  for (const { points, color, dashes } of lines) {
    context.beginPath();
    for (const { step, value } of points) context.lineTo(x(step), Math.max(2, y(value)));
    stroke(context, [color, 1.5, dashes]);
  }
}
