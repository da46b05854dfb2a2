// Plotly, and all that this app takes from its private fields: no other module reads a name that begins with "_".

/**
 * @typedef {Record<string, any>} Part a part of a figure, as Plotly's reference has it
 * @typedef {{ data: Part[], layout: Part, frames?: Part[] }} Drawing
 * @typedef {HTMLElement & Part} Plot Plotly's element
 * @typedef {{ x: number, y: number, row: number, text: string, color: string }} Dot a point of a scatter, in pixels of its
 *   panel, its colour that of all dots of its trace
 */

const AXIS = /^[xy]axis\d*$/;
const TYPES = { i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

/** @type {Promise<any> | undefined} */
let loading;

/**
 * Has figures drawn by this Plotly, whatever else the page has under that name: what is read here is that of a version.
 * @param {Promise<any>} library
 */
export function give(library) {
  loading = library;
}

/** Plotly itself, loaded once from this server; a notebook is given it. */
export async function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("../vendor/plotly.min.js", import.meta.url).href;
    script.onload = () => resolve(Reflect.get(globalThis, "Plotly"));
    script.onerror = () => {
      loading = undefined;
      reject(new Error(`Plotly could not be loaded from ${script.src}: reload the page.`));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * The names of the axes of a layout.
 * @param {Part} layout
 */
export const axesOf = (layout) => Object.keys(layout).filter((name) => AXIS.test(name));

/**
 * The range of each axis, by its name.
 * @param {Plot} plot
 * @returns {Record<string, number[]>}
 */
export function rangesOf(plot) {
  const full = plot._fullLayout;
  return Object.fromEntries(axesOf(full).map((name) => [name, [...full[name].range]]));
}

/**
 * The ends of the names of the axes of each panel: "" of the first one, "2", …
 * @param {Plot} plot
 * @returns {string[]}
 */
export const panelsOf = (plot) => plot._fullLayout._subplots.cartesian.map((/** @type {string} */ id) => id.slice(1).split("y")[0]);

/**
 * The margins that Plotly ended with, after it had made room for labels.
 * @param {Plot} plot
 * @returns {Record<string, number>}
 */
export function marginsOf(plot) {
  const { l, r, t, b } = plot._fullLayout._size;
  return { l, r, t, b };
}

/**
 * The tool that a drag uses now.
 * @param {Plot} plot
 * @returns {string | false}
 */
export const toolOf = (plot) => plot._fullLayout?.dragmode ?? false;

/**
 * The lengths of the first panel, and where it begins in the element.
 * @param {Plot} plot
 */
export function firstPanel(plot) {
  const { xaxis, yaxis } = plot._fullLayout;
  return { width: xaxis._length, height: yaxis._length, left: xaxis._offset, top: yaxis._offset };
}

/**
 * The dots of the first panel that are in sight and have `customdata`.
 * @param {Plot} plot
 * @returns {Dot[]}
 */
export function dotsOf(plot) {
  const { xaxis, yaxis } = plot._fullLayout;
  const found = [];
  for (const trace of plot._fullData) {
    if (trace.visible !== true || trace.xaxis !== "x" || !trace.customdata) continue;
    const color = typeof trace.marker?.color === "string" ? trace.marker.color : "#888";
    for (let index = 0; index < trace.x.length; index += 1) {
      const [x, y] = [xaxis.d2p(trace.x[index]), yaxis.d2p(trace.y[index])];
      if (x < 0 || y < 0 || x > xaxis._length || y > yaxis._length) continue;
      found.push({ x, y, row: trace.customdata[index], text: trace.text?.[index] ?? trace.name, color });
    }
  }
  return found;
}

/**
 * The box of what Plotly says of the point under the mouse, in CSS pixels of the element; null where it says nothing.
 * @param {Plot} plot
 */
export function labelOf(plot) {
  const label = plot.querySelector(".hoverlayer .hovertext");
  if (!label) return null;
  const [box, own] = [label.getBoundingClientRect(), plot.getBoundingClientRect()];
  const zoom = own.width / plot.offsetWidth || 1; // of a figure on stage
  return { left: (box.left - own.left) / zoom, top: (box.top - own.top) / zoom, bottom: (box.bottom - own.top) / zoom };
}

/**
 * Where a place of the data lies in the element, in CSS pixels, and the reverse.
 * @param {Plot} plot
 * @param {string} [panel] the end of the names of its axes
 */
export function scalesOf(plot, panel = "") {
  const { [`xaxis${panel}`]: x, [`yaxis${panel}`]: y } = plot._fullLayout;
  return {
    toPixels: (/** @type {number} */ left, /** @type {number} */ top) => [x._offset + x.d2p(left), y._offset + y.d2p(top)],
    toData: (/** @type {number} */ left, /** @type {number} */ top) => [x.p2d(left - x._offset), y.p2d(top - y._offset)],
  };
}

/**
 * Texts that share their lines (app/figures/sent.py).
 * @param {{ join: string, columns: { words: string[], codes: any }[] }} coded
 */
function texts({ join, columns }) {
  const lines = columns.map(({ words, codes }) => ({ words, codes: decoded(codes) }));
  return Array.from(lines[0].codes, (_, at) => lines.map(({ words, codes }) => words[codes[at]]).join(join));
}

/**
 * Arrays as Plotly's Python library writes them, in base64, become typed arrays.
 * @param {any} part
 * @returns {any}
 */
export function decoded(part) {
  if (!part || typeof part !== "object") return part;
  if (Array.isArray(part)) return typeof part[0] === "object" ? part.map(decoded) : part;
  const type = TYPES[/** @type {keyof typeof TYPES} */ (part.dtype)];
  if (part.columns && typeof part.join === "string") return texts(part);
  if (type && !part.shape) return new type(Uint8Array.from(atob(part.bdata), (letter) => letter.charCodeAt(0)).buffer);
  for (const [name, value] of Object.entries(part)) part[name] = decoded(value);
  return part;
}
