// What a figure looks like where it is drawn: its size, the page's theme, a room's letters, a phone's layout.

import { axesOf } from "./plotly.js";

/**
 * @typedef {import("./plotly.js").Part} Part
 * @typedef {import("./plotly.js").Drawing} Drawing
 * @typedef {{ text: string, ground: string, line: string, font: string }} Theme colours and letters of the page
 * @typedef {{ height: number, layout: Record<string, any>, toolbar: boolean, turned: [number, number] | null, widest: number }} Phone
 *   how a figure looks in a window of at most `widest` CSS pixels: `layout` has paths such as "xaxis.domain" and values
 */

const IN_PIXELS = ["size", "thickness", "xshift", "yshift", "standoff", "ax", "ay", "ticklen", "tracegroupgap"];
const BOXES = ["margin", "pad"]; // whose numbers are all of pixels
const NOT_IN_PIXELS = ["xbins", "ybins", "contours"]; // whose size is that of data
const CORNERS = { xsizemode: ["x0", "x1"], ysizemode: ["y0", "y1"] }; // of a shape

/**
 * A part of a figure in which all that Plotly measures in pixels is `times` as large: letters, marks, lines, margins.
 * @param {any} part
 * @param {number} times
 * @param {string} [name]
 * @returns {any}
 */
export function scaled(part, times, name = "") {
  if (times === 1 || NOT_IN_PIXELS.includes(name)) return part;
  const isPixels = IN_PIXELS.includes(name);
  if (Array.isArray(part) && (isPixels || typeof part[0] === "object")) return part.map((value) => scaled(value, times, name));
  if (typeof part === "number") return isPixels ? times * part : part;
  if (ArrayBuffer.isView(part)) return isPixels ? Array.from(/** @type {any} */ (part), (value) => times * value) : part;
  if (!part || typeof part !== "object" || Array.isArray(part)) return part;
  const ends = Object.entries(CORNERS).flatMap(([mode, corners]) => (part[mode] === "pixel" ? corners : []));
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => {
      const isLength = BOXES.includes(name) || (key === "width" && name === "line") || ends.includes(key);
      return [key, typeof value === "number" && isLength ? times * value : scaled(value, times, key)];
    }),
  );
}

/**
 * The colours and letters of the page around an element.
 * @param {Element} element
 * @returns {Theme}
 */
export function themeOf(element) {
  const style = getComputedStyle(element);
  const read = (/** @type {string} */ name, /** @type {string} */ otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: read("--st-text-color", style.color),
    ground: read("--st-background-color", "rgba(0,0,0,0)"),
    line: read("--st-border-color", "#dde2e9"),
    font: read("--st-font", style.fontFamily),
  };
}

/**
 * Plotly's template of a theme: what a figure does not say itself.
 * @param {Theme} theme
 * @returns {Part}
 */
export function templateOf({ text, ground, line, font }) {
  const letters = { color: text, family: font };
  const title = { font: letters, standoff: 12 };
  const axis = { automargin: true, tickfont: letters, title, gridcolor: line, zerolinecolor: line, tickcolor: line };
  return {
    layout: {
      font: letters,
      paper_bgcolor: ground,
      plot_bgcolor: ground,
      xaxis: { ...axis, showgrid: false, zeroline: false },
      yaxis: { ...axis, ticklabelposition: "outside" },
      margin: { pad: 8, r: 0, l: 0 },
      title: { font: letters, xanchor: "left", x: 0, pad: { l: 4 } },
      legend: { title: { side: "top" }, valign: "top", bordercolor: "rgba(0,0,0,0)", borderwidth: 0 },
      hoverlabel: { bgcolor: ground, bordercolor: line, font: letters },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "#8a93a0", activecolor: text },
    },
  };
}

/**
 * Sets what a phone has otherwise, by paths such as "annotations[0].yshift"; a path of which more than the end is
 * missing is left out.
 * @param {Part} layout
 * @param {Phone} phone
 */
export function layOutForPhone(layout, phone) {
  for (const [path, value] of Object.entries(phone.layout)) {
    const names = path.match(/\w+/g) ?? [];
    const last = String(names.pop());
    const parent = names.reduce((part, name) => part?.[name], layout);
    if (parent) parent[last] = structuredClone(value);
  }
  // Where Plotly made room for labels as well, a window that becomes narrow would keep it busy for ever.
  if ("margin.l" in phone.layout) for (const name of axesOf(layout)) layout[name].automargin = false;
}

/**
 * A picture of tiles with rows and columns exchanged: the first trace is the picture, the second has the tiles' places.
 * @param {Drawing} drawing it is changed
 * @param {[number, number]} tiles rows and columns
 */
export async function turnTiles({ data: [picture, places] }, [rows, columns]) {
  const image = new Image();
  image.src = picture.source;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.height, height: image.width });
  const context = canvas.getContext("2d");
  const side = image.width / columns;
  for (let index = 0; index < rows * columns; index += 1) {
    const [x, y] = [(index % columns) * side, Math.floor(index / columns) * side];
    context?.drawImage(image, x, y, side, side, y, x, side, side);
  }
  picture.source = canvas.toDataURL();
  [places.x, places.y] = [places.y, places.x];
}
