// Loads Plotly. Only this module reads Plotly's private fields, whose names begin with "_".

import { element } from "./elements.js";

/**
 * @typedef {Record<string, any>} Part a part of a figure, as in Plotly's reference
 * @typedef {{ data: Part[], layout: Part, frames?: Part[] }} Drawing
 * @typedef {HTMLElement & Part} Plot the element in which Plotly draws
 */

const AXIS = /^[xy]axis\d*$/;
const TYPES = { i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

/** @type {Promise<any> | undefined} */
let loading;

/** Loads Plotly once, from this server. */
export async function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const src = new URL("../vendor/plotly.min.js", import.meta.url).href;
    const onload = () => resolve(Reflect.get(globalThis, "Plotly"));
    const onerror = () => {
      loading = undefined;
      reject(new Error(`Plotly could not be loaded from ${src}: reload the page.`));
    };
    document.head.append(element("script", { src, onload, onerror }));
  });
  return loading;
}

/**
 * The names of the axes of a layout.
 * @param {Part} layout
 */
export const axesOf = (layout) => Object.keys(layout).filter((name) => AXIS.test(name));

/**
 * The current margins, in which Plotly has made room for labels.
 * @param {Plot} plot
 * @returns {Record<string, number>}
 */
export const marginsOf = (plot) => plot._fullLayout._size;

/**
 * The current tool for dragging.
 * @param {Plot} plot
 * @returns {string | false}
 */
export const toolOf = (plot) => plot._fullLayout?.dragmode ?? false;

/**
 * Converts the base64 arrays of Plotly's Python library to typed arrays.
 * @param {any} part
 * @returns {any}
 */
export function decoded(part) {
  if (!part || typeof part !== "object") return part;
  if (Array.isArray(part)) return typeof part[0] === "object" ? part.map(decoded) : part;
  const type = TYPES[/** @type {keyof typeof TYPES} */ (part.dtype)];
  if (type && !part.shape) return new type(Uint8Array.from(atob(part.bdata), (letter) => letter.charCodeAt(0)).buffer);
  for (const [name, value] of Object.entries(part)) part[name] = decoded(value);
  return part;
}
