// Reads points from CSV with the columns x, y, and label, and writes tables as CSV.

import { MAX_CLASSES, MAX_POINTS, VIEW } from "./link.js";

/** @typedef {import("./link.js").Dot} Dot */

/** An error in a CSV file, with a sentence for the user. */
export class SheetError extends Error {}

/**
 * Reads CSV with commas, semicolons, or tabs, and with or without a line of column names. If points lie outside the
 * picture, each axis is scaled to mean 0 and standard deviation 1.
 * @param {string} text
 * @returns {{ dots: Dot[], classes: string[], isScaled: boolean }}
 * @throws {SheetError}
 */
export function fromSheet(text) {
  const rows = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/).map((line, at) => ({ line: line.trim(), at: at + 1 })).filter(({ line }) => line);
  const cells = (/** @type {string} */ line) => line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  if (rows.length && !cells(rows[0].line).slice(0, 2).some(isNumber)) rows.shift(); // removes the column names
  if (!rows.length) throw new SheetError("The file has no row of x, y and label.");
  if (rows.length > MAX_POINTS) throw new SheetError(`The file has ${rows.length} points: at most ${MAX_POINTS} can be trained on here.`);
  const named = rows.map(({ line, at }) => {
    const [x, y, label, ...more] = cells(line);
    if (label === undefined || more.length) throw new SheetError(`Line ${at} must have three columns: x, y, label.`);
    if (!isNumber(x) || !isNumber(y)) throw new SheetError(`Line ${at} begins with “${x}, ${y}”, which are not two numbers.`);
    return { place: [Number(x), Number(y)], label };
  });
  const classes = [...new Set(named.map(({ label }) => label))].sort();
  if (classes.length < 2) throw new SheetError("All rows have the same label: there must be at least two classes.");
  if (classes.length > MAX_CLASSES) throw new SheetError(`The rows have ${classes.length} different labels: at most ${MAX_CLASSES} can be shown here.`);
  const isScaled = named.some(({ place }) => Math.max(...place.map(Math.abs)) > VIEW);
  const [xs, ys] = [0, 1].map((axis) => named.map(({ place }) => place[axis])).map((values) => (isScaled ? scaled(values) : values));
  return { dots: named.map(({ label }, at) => [xs[at], ys[at], classes.indexOf(label)]), classes, isScaled };
}

/** @param {string} cell */
const isNumber = (cell) => cell !== "" && Number.isFinite(Number(cell));

/** @param {number[]} values */
function scaled(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
  return values.map((value) => Math.min(VIEW, Math.max(-VIEW, (value - mean) / deviation)));
}

/** Writes CSV, with empty cells for NaN. @param {string[]} names @param {number[][]} rows */
export const sheetOf = (names, rows) => `${[names, ...rows].map((row) => row.map((value) => (Number.isNaN(value) ? "" : value)).join(",")).join("\n")}\n`;
