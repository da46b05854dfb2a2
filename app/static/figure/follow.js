// What of a figure follows γ while a person drags the slider: arrays for each measured place of the family's curve, from
// which what lies between is interpolated. No server is asked before the slider is released.

import { decoded } from "./plotly.js";

/**
 * @typedef {import("./plotly.js").Part} Part
 * @typedef {{ low: number, high: number, share: number }} Place between which two measured places γ is
 * @typedef {{ scale: number, values: Int16Array }} Track all places one after the other, in units of `scale`
 *
 * @typedef {object} Follow
 * @property {string} key of the figure
 * @property {number} places
 * @property {Record<string, Part>} fixed what the parts of the figure have meanwhile, by their names
 * @property {Record<string, Record<string, Track>>} moving arrays of theirs, such as `x`
 */

/** @type {Map<string, Follow>} by the figures' keys */
const known = new Map();

/**
 * As a component of Streamlit, which shows nothing.
 * @param {{ data: Follow }} given as app/widgets/following.py sends it
 */
export function component({ data }) {
  known.set(data.key, decoded(structuredClone(data)));
  return () => known.delete(data.key);
}

/**
 * What changes in a figure at a place, by the names of its parts; nothing if it does not follow.
 * @param {string} key of the figure
 * @param {Place} place
 * @returns {Record<string, Part> | null}
 */
export function changesAt(key, { low, high, share }) {
  const follow = known.get(key);
  if (!follow) return null;
  const at = (/** @type {Track} */ { scale, values }) => {
    const count = values.length / follow.places;
    const [from, to] = [low * count, high * count];
    const between = (/** @type {unknown} */ _, /** @type {number} */ index) => scale * ((1 - share) * values[from + index] + share * values[to + index]);
    return Float32Array.from({ length: count }, between);
  };
  return Object.fromEntries(
    Object.entries(follow.moving).map(([name, tracks]) => {
      const moved = Object.entries(tracks).map(([attribute, track]) => [attribute, at(track)]);
      return [name, { ...follow.fixed[name], ...Object.fromEntries(moved) }];
    }),
  );
}
