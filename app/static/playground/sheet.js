// Points as a sheet: rows of x, y, label.

import { MOST_CLASSES, MOST_POINTS, VIEW } from "./link.js";

/** @typedef {import("./link.js").Points} Points */

/** What is wrong with a sheet, in a sentence. */
export class SheetError extends Error {}

/**
 * Reads a sheet: rows of x, y and label, with commas, semicolons or tabs between them, below one line of names or none.
 * Points that reach beyond the picture are moved into it, each axis to mean 0 and standard deviation 1.
 * @param {string} text
 * @returns {Points & { classes: string[], isScaled: boolean }}
 * @throws {SheetError}
 */
export function fromSheet(text) {
  const rows = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/).map((line, at) => ({ line: line.trim(), at: at + 1 })).filter(({ line }) => line);
  const cells = (/** @type {string} */ line) => line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  if (rows.length && !cells(rows[0].line).slice(0, 2).some(isNumber)) rows.shift(); // the names of the columns
  if (!rows.length) throw new SheetError("The file has no row of x, y and label.");
  if (rows.length > MOST_POINTS) throw new SheetError(`The file has ${rows.length} points: at most ${MOST_POINTS} can be trained on here.`);
  /** @type {string[]} */
  const classes = [];
  const points = new Float64Array(2 * rows.length);
  const labels = new Uint8Array(rows.length);
  rows.forEach(({ line, at }, row) => {
    const [x, y, label, ...more] = cells(line);
    if (label === undefined || more.length) throw new SheetError(`Line ${at} has not three columns: x, y, label.`);
    if (!isNumber(x) || !isNumber(y)) throw new SheetError(`Line ${at} begins with “${x}, ${y}”, which are not two numbers.`);
    if (!classes.includes(label)) classes.push(label);
    points.set([Number(x), Number(y)], 2 * row);
    labels[row] = classes.indexOf(label);
  });
  if (classes.length < 2) throw new SheetError("All rows have the same label: there must be two classes at least.");
  if (classes.length > MOST_CLASSES) throw new SheetError(`The rows have ${classes.length} different labels: at most ${MOST_CLASSES} can be shown here.`);
  const order = [...classes].sort(); // as in the sheet's own order, if these are numbers
  const sorted = labels.map((label) => order.indexOf(classes[label]));
  const isScaled = points.some((value) => Math.abs(value) > VIEW);
  if (isScaled) scale(points);
  return { points, labels: sorted, classes: order, isScaled };
}

/** @param {string} cell */
const isNumber = (cell) => cell !== "" && Number.isFinite(Number(cell));

/** @param {Float64Array} points */
function scale(points) {
  for (const axis of [0, 1]) {
    const values = points.filter((_, at) => at % 2 === axis);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
    values.forEach((value, at) => (points[2 * at + axis] = Math.min(VIEW, Math.max(-VIEW, (value - mean) / deviation))));
  }
}

/** @param {Points} given @returns {string} */
export const asSheet = ({ points, labels }) =>
  sheetOf(["x", "y", "label"], Array.from(labels, (label, at) => [points[2 * at], points[2 * at + 1], label]));

/** What is not known is left empty. @param {string[]} names @param {number[][]} rows */
export const sheetOf = (names, rows) => `${[names, ...rows].map((row) => row.map((value) => (Number.isNaN(value) ? "" : value)).join(",")).join("\n")}\n`;
