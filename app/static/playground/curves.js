// What runs while a model trains: losses, error, bits, the distance of the means; and its calibration.

import { sheetOf } from "./sheet.js";

/**
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {{ key: "lossX" | "lossY" | "error" | "bits" | "meansDistance", title: string, words?: string, text: (value: number) => string, isRatio?: boolean }} Curve
 *   of a number of a snapshot; its title is HTML, words say what a short title does not
 * @typedef {{ steps: number[], values: Record<string, number[]>, training: Record<string, number[]> }} History of a model; what is
 *   measured on the points that it trains on is NaN where no others are held
 */

const TOP = 14; // CSS pixels above a curve, where its largest value is written
const [PALE, SKIPPED] = [0.45, 0.05]; // how much of the curve of training points is seen; share of a curve's beginning that may leave the picture
const MOST = 600; // places of a curve; then every second one is forgotten

/** @type {Curve[]} */
export const CURVES = [
  { key: "lossX", title: 'L<sub>X</sub><span class="play-unit">, nats/dim</span>', text: (value) => value.toFixed(2) },
  { key: "lossY", title: 'L<sub>Y</sub><span class="play-unit">, nats</span>', text: (value) => value.toFixed(3) },
  { key: "error", title: "error", text: (value) => `${(100 * value).toFixed(1)} %`, isRatio: true },
  { key: "bits", title: "bits/dim", text: (value) => value.toFixed(2) },
  {
    key: "meansDistance", title: "means apart", words: "The distance between the means of two classes, on average",
    text: (value) => value.toFixed(2), isRatio: true,
  },
];

/** The last diagram, which is no curve over the steps. */
export const CALIBRATION = {
  title: '<span class="play-unit">top-label </span>ECE',
  words: "Calibration: how often the likeliest class is right (upwards), by the probability that it is given (to the right)",
};

/** Whether a curve is measured on points, and not of the class means alone. @param {Curve} curve */
export const isOfPoints = ({ key }) => key !== "meansDistance";
const OF_POINTS = CURVES.filter(isOfPoints);

/** @returns {History} */
export const newHistory = () => ({
  steps: [],
  values: Object.fromEntries(CURVES.map(({ key }) => [key, []])),
  training: Object.fromEntries(OF_POINTS.map(({ key }) => [key, []])),
});

/** @param {History} history @param {Snapshot} snapshot */
export function remember(history, snapshot) {
  const { steps, values, training } = history;
  if (!snapshot.finite || steps.at(-1) === snapshot.step) return;
  steps.push(snapshot.step);
  for (const { key } of CURVES) values[key].push(snapshot[key]);
  for (const { key } of OF_POINTS) training[key].push(Reflect.get(snapshot.training ?? {}, key) ?? NaN);
  if (steps.length <= MOST) return;
  const half = (/** @type {number[]} */ all) => all.filter((_, at) => at % 2 === 0 || at === all.length - 1);
  history.steps = half(steps);
  for (const { key } of CURVES) values[key] = half(values[key]);
  for (const { key } of OF_POINTS) training[key] = half(training[key]);
}

/** All curves as a sheet, a row for each model and step. @param {History[]} histories of the models */
export function curvesAsSheet(histories) {
  const [names, also] = [CURVES, OF_POINTS].map((curves) => curves.map(({ key }) => key));
  const rows = histories.flatMap(({ steps, values, training }, at) => steps.map((step, row) => [
    at + 1, step, ...names.map((key) => values[key][row]), ...also.map((key) => training[key][row]),
  ]));
  const titles = also.map((key) => `training${key[0].toUpperCase()}${key.slice(1)}`);
  return sheetOf(["model", "step", ...names, ...titles], rows);
}

/** The canvas as it is to be drawn on, in CSS pixels. @param {HTMLCanvasElement} canvas */
function begin(canvas) {
  const { color: ink, fontFamily } = getComputedStyle(canvas);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = `${Math.max(10, Math.min(13, height / 5))}px ${fontFamily}`;
  return { context, width, height, ink };
}


/**
 * One curve of all models.
 * @param {HTMLCanvasElement} canvas
 * @param {Curve} curve
 * @param {History[]} histories
 * @param {string[]} colors of the models
 * @param {string} where which points it is measured on
 */
export function drawCurve(canvas, curve, histories, colors, where) {
  const { key, text, isRatio } = curve;
  const { context, width, height, ink } = begin(canvas);
  const lines = histories.flatMap(({ steps, values, training }, model) => [
    ...(isOfPoints(curve) ? [{ steps, values: training[key], color: colors[model], isPale: true }] : []),
    { steps, values: values[key], color: colors[model], isPale: false },
  ]).filter((line) => line.values.some(Number.isFinite));
  if (!lines.length) return;
  const last = Math.max(1, ...histories.map(({ steps }) => steps.at(-1) ?? 0));
  // The first steps of a loss may be far above all that comes later.
  const counting = lines.flatMap(({ values }) => (isRatio ? values : values.slice(Math.floor(SKIPPED * values.length))).filter(Number.isFinite));
  let low = isRatio ? 0 : counting.reduce((least, value) => Math.min(least, value), Infinity);
  let high = counting.reduce((most, value) => Math.max(most, value), -Infinity);
  if (high - low < 1e-3) high = low + 1e-3;
  const margin = 0.06 * (high - low);
  [low, high] = [isRatio ? 0 : low - margin, high + margin];
  const x = (/** @type {number} */ step) => 2 + (step / last) * (width - 4);
  const y = (/** @type {number} */ value) => height - 2 - ((value - low) / (high - low)) * (height - TOP - 2);
  Object.assign(context, { strokeStyle: ink, fillStyle: ink, lineWidth: 1, globalAlpha: 0.25 });
  context.beginPath();
  context.moveTo(0, height - 0.5);
  context.lineTo(width, height - 0.5);
  if (low < 0 && high > 0) {
    context.moveTo(0, y(0));
    context.lineTo(width, y(0));
  }
  context.stroke();
  for (const { steps, values, color, isPale } of lines) {
    Object.assign(context, { globalAlpha: isPale ? PALE : 1, lineWidth: isPale ? 2.5 : 1.5, lineJoin: "round", strokeStyle: color });
    context.beginPath();
    steps.forEach((step, at) => Number.isFinite(values[at]) && context.lineTo(x(step), Math.max(TOP, y(values[at]))));
    context.stroke();
  }
  const most = text(high - margin);
  // To the right: most curves fall, and begin in the upper left corner.
  const words = isOfPoints(curve) ? `${where}${lines.some(({ isPale }) => isPale) ? ", pale: training" : ""}   ${most}` : most;
  Object.assign(context, { fillStyle: ink, globalAlpha: 0.65, textAlign: "right" });
  context.fillText(context.measureText(words).width < width - 4 ? words : most, width - 2, TOP - 3);
  context.globalAlpha = 1;
}

/**
 * How sure models are, and how often they are right.
 * @param {HTMLCanvasElement} canvas
 * @param {(Snapshot | null)[]} snapshots
 * @param {string[]} colors of the models
 * @param {string} where which points it is measured on
 */
export function drawCalibration(canvas, snapshots, colors, where) {
  const { context, width, height, ink } = begin(canvas);
  const [edge, top] = [7, TOP + 3]; // a dot has room, and the words above
  const x = (/** @type {number} */ share) => edge + share * (width - 2 * edge);
  const y = (/** @type {number} */ share) => height - edge - share * (height - edge - top);
  Object.assign(context, { strokeStyle: ink, globalAlpha: 0.4, lineWidth: 1 });
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x(0), y(0));
  context.lineTo(x(1), y(1));
  context.stroke();
  context.setLineDash([]);
  Object.assign(context, { globalAlpha: 0.65, fillStyle: ink, textAlign: "left" });
  context.fillText(where, 2, TOP - 3);
  context.globalAlpha = 1;
  snapshots.forEach((snapshot, model) => {
    if (!snapshot?.finite) return;
    const { confidence, accuracy, count } = snapshot.calibration;
    const total = count.reduce((sum, one) => sum + one, 0) || 1;
    const bins = Array.from(count.keys()).filter((bin) => count[bin]);
    Object.assign(context, { strokeStyle: colors[model], fillStyle: colors[model], lineWidth: 1.5 });
    context.beginPath();
    for (const bin of bins) context.lineTo(x(confidence[bin]), y(accuracy[bin]));
    context.stroke();
    for (const bin of bins) {
      context.beginPath();
      context.arc(x(confidence[bin]), y(accuracy[bin]), 1.5 + 5 * Math.sqrt(count[bin] / total), 0, 2 * Math.PI);
      context.fill();
    }
  });
}
