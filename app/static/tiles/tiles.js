// A grid of small images. Each image is a button with a text that describes it. The style sheet wraps the rows.

import { element } from "../figure/elements.js";
import { strips } from "../figure/recorder.js";
import { numbersOf } from "../flow/pixels.js";
import { imageOf, paint } from "../moves/picture.js";

/**
 * @typedef {object} Data
 * @property {string} key key of the grid
 * @property {string} heading text above the grid
 * @property {string} alt description of the grid for screen readers
 * @property {string} pixels RGB pixels of all images, in base64
 * @property {[number, number]} size width and height of an image in pixels
 * @property {number} columns number of columns; 0 for a single row that wraps
 * @property {string[]} rows names of the rows; may be empty
 * @property {string[]} captions texts below the images, with one or more lines
 * @property {string[]} titles descriptions of the images
 * @property {string[]} marks texts on the images
 * @property {string[]} values values that a click sends; empty if a click does nothing
 * @property {string} chosen the selected value
 * @property {number} largest the largest side of an image in CSS pixels
 */

/** The grids on the page, by key. @type {Map<string, HTMLElement>} */
const grids = new Map();

/**
 * @param {object} given
 * @param {Data} given.data
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
 * Replaces an image of a grid, if the grid is on the page.
 * @param {string} key key of the grid
 * @param {number} n index of the image
 * @param {ImageData} image
 * @param {string} [mark] the text on the image
 */
export function show(key, n, image, mark = "") {
  const tile = grids.get(key)?.querySelectorAll("button")[n];
  if (tile) put(tile, image, mark);
}

/** Makes images of a grid pale until {@link show} replaces them. @param {string} key @param {number[]} numbers indices of the images */
export function outdate(key, numbers) {
  const tiles = grids.get(key)?.querySelectorAll("button");
  for (const n of numbers) tiles?.[n].classList.add("is-old");
}

/** The buttons of the grid. They are made again only if the layout changes. @param {HTMLElement} grid @param {Data} data */
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

/** A line of text that is also part of saved figures. @param {string} text @param {string} kind */
const newText = (text, kind) => element("div", { class: `${kind} saved` }, text);

/** @param {string} [caption] */
function newTile(caption) {
  const tile = element("button", { type: "button", class: "tile" }, element("canvas", { class: "saved" }), element("span", { class: "saved" }));
  if (caption === undefined) return tile;
  return element("div", {}, tile, ...caption.split("\n").map((line) => newText(line, "tiles-caption")));
}

/** @param {HTMLButtonElement} tile @param {ImageData} image @param {string} mark */
function put(tile, image, mark) {
  tile.classList.remove("is-old");
  paint(/** @type {HTMLCanvasElement} */ (tile.firstChild), image);
  /** @type {HTMLElement} */ (tile.lastChild).textContent = mark;
}

/** The grid as a GIF with one frame for each column. @param {HTMLElement} grid @param {Data} data */
function stripOf(grid, { rows, columns, size }) {
  const canvases = [...grid.querySelectorAll("canvas")];
  const frames = Array.from({ length: columns }, (_, column) => rows.map((_, row) => canvases[row * columns + column]));
  return { frames, width: size[0], height: size[1], names: rows };
}
