// A grid of small images: each is a button that says what it shows. It wraps by its style sheet.

import { element } from "../figure/elements.js";
import { strips } from "../figure/recorder.js";
import { numbersOf } from "../flow/pixels.js";
import { imageOf, paint } from "../hands/picture.js";

/**
 * @typedef {object} Given
 * @property {string} key of the grid
 * @property {string} heading what stands above it
 * @property {string} alt what a screen reader says of the whole
 * @property {string} pixels of all images, three bytes a pixel, in base64
 * @property {[number, number]} size width and height of an image in pixels
 * @property {number} columns of the rows; 0 for one row that wraps
 * @property {string[]} rows their names, if they have any
 * @property {string[]} captions texts below the images, of one or several lines
 * @property {string[]} titles what each image shows
 * @property {string[]} marks texts on the images
 * @property {string[]} values what a click on each says; none where a click does nothing
 * @property {string} chosen one of these
 * @property {number} largest side of an image in CSS pixels
 */

/** The grids that are on the page, by their keys. @type {Map<string, HTMLElement>} */
const grids = new Map();

/**
 * @param {object} given
 * @param {Given} given.data
 * @param {HTMLElement} given.parentElement
 * @param {(name: string, value: any) => void} given.setTriggerValue
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = /** @type {HTMLElement} */ (parentElement.querySelector(".tiles"));
  grids.set(data.key, grid);
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", data.alt);
  grid.style.setProperty("--largest", `${data.largest}px`);
  grid.style.setProperty("--columns", String(data.columns));
  grid.style.setProperty("--rows", String(data.columns ? Math.ceil(data.titles.length / data.columns) : 3));
  grid.style.setProperty("--caption", String(Math.max(0, ...data.captions.map((text) => text.split("\n").length))));
  const tiles = layOut(grid, data);
  const bytes = numbersOf(data.pixels);
  const [width, height] = data.size;
  const length = bytes.length / Math.max(1, tiles.length);
  tiles.forEach((tile, n) => {
    const value = data.values[n];
    put(tile, imageOf(bytes.subarray(n * length, (n + 1) * length), [3, height, width]), data.marks[n] ?? "");
    tile.title = data.titles[n];
    tile.setAttribute("aria-label", data.titles[n]);
    tile.setAttribute("aria-pressed", String(value !== undefined && value === data.chosen));
    tile.disabled = value === undefined;
    tile.onclick = () => setTriggerValue("picked", value);
  });
  if (data.columns) strips.set(data.key, async () => stripOf(grid, data));
}

/**
 * Shows another image in a grid, if that is on the page.
 * @param {string} key of the grid
 * @param {number} n the number of the image
 * @param {ImageData} image
 * @param {string} [mark] the text on it
 */
export function show(key, n, image, mark = "") {
  const tile = grids.get(key)?.querySelectorAll("button")[n];
  if (tile) put(tile, image, mark);
}

/** The buttons of the grid, which stay if there are as many as before. @param {HTMLElement} grid @param {Given} data */
function layOut(grid, { heading, rows, titles, columns, captions }) {
  const layout = JSON.stringify([heading, rows, columns, titles.length, captions]);
  if (grid.dataset.layout !== layout) {
    grid.dataset.layout = layout;
    grid.replaceChildren();
    if (heading) grid.append(newText(heading, "tiles-heading"));
    const each = columns || titles.length;
    for (let start = 0; start < titles.length; start += each) {
      if (rows.length) grid.append(newText(rows[start / each], "tiles-name"));
      const row = titles.slice(start, start + each).map((_, n) => newTile(captions[start + n]));
      grid.append(element("div", { class: columns ? "tiles-row" : "tiles-row wraps" }, ...row));
    }
  }
  return [...grid.querySelectorAll("button")];
}

/** A line that the exports write too. @param {string} text @param {string} kind */
const newText = (text, kind) => element("div", { class: `${kind} saved` }, text);

/** @param {string} [caption] */
function newTile(caption) {
  const tile = element("button", { type: "button", class: "tile" }, element("canvas", { class: "saved" }), element("span"));
  if (caption === undefined) return tile;
  return element("div", {}, tile, ...caption.split("\n").map((line) => newText(line, "tiles-caption")));
}

/** @param {HTMLButtonElement} tile @param {ImageData} image @param {string} mark */
function put(tile, image, mark) {
  paint(/** @type {HTMLCanvasElement} */ (tile.firstChild), image);
  /** @type {HTMLElement} */ (tile.lastChild).textContent = mark;
}

/** A film of the grid, a frame for each column. @param {HTMLElement} grid @param {Given} data */
function stripOf(grid, { rows, columns, size }) {
  const canvases = [...grid.querySelectorAll("canvas")];
  const frames = Array.from({ length: columns }, (_, column) => rows.map((_, row) => canvases[row * columns + column]));
  return { frames, width: size[0], height: size[1], names: rows };
}
