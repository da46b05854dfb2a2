// What a figure looks like where it is drawn: its size, the page's theme, a room's letters.

/**
 * @typedef {import("./plotly.js").Part} Part
 * @typedef {{ text: string, ground: string, line: string, font: string }} Theme colours and letters of the page
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
