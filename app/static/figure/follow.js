// What of a figure follows γ while a person drags the slider: values for each measured place of the family's curve, of
// which numbers are interpolated between two places. No server is asked before the slider is released.

/**
 * @typedef {import("./plotly.js").Part} Part
 * @typedef {{ low: number, high: number, share: number }} Place between which two measured places γ is
 * @typedef {object} Track of numbers, all places one after the other
 * @property {number} scale the unit that they are in
 * @property {Int16Array} values
 * @property {boolean} [single] whether it is a number at each place, and not several
 *
 * @typedef {object} Changes of a figure's parts, by their names and then by attributes
 * @property {number} places
 * @property {Record<string, Record<string, Track>>} moving
 * @property {Record<string, Record<string, any[]>>} [stepped] a value for each place
 */

/** @type {Map<string, Changes[]>} by the figures' keys */
const known = new Map();

/**
 * Lets a figure follow, until others are given.
 * @param {string} key of the figure
 * @param {Changes[]} changes decoded
 */
export function follow(key, changes) {
  known.set(key, changes);
}

/**
 * What changes in a figure at a place, by the names of its parts; nothing if it does not follow.
 * @param {string} key of the figure
 * @param {Place} place
 * @returns {Record<string, Part> | null}
 */
export function changesAt(key, place) {
  const every = known.get(key);
  if (!every) return null;
  /** @type {Record<string, Part>} */
  const found = {};
  for (const { places, moving, stepped = {} } of every) {
    collect(found, stepped, (values) => values[place.share < 0.5 ? place.low : place.high]);
    collect(found, moving, (track) => between(track, places, place));
  }
  return found;
}

/**
 * @param {Track} track
 * @param {number} places
 * @param {Place} place
 */
function between({ scale, values, single }, places, { low, high, share }) {
  const count = values.length / places;
  const [from, to] = [low * count, high * count];
  const at = (/** @type {unknown} */ _, /** @type {number} */ index) => scale * ((1 - share) * values[from + index] + share * values[to + index]);
  return single ? at(null, 0) : Float32Array.from({ length: count }, at);
}

/**
 * @param {Record<string, Part>} found to which it adds
 * @param {Record<string, Record<string, any>>} parts
 * @param {(given: any) => any} valueOf
 */
function collect(found, parts, valueOf) {
  for (const [name, attributes] of Object.entries(parts)) {
    found[name] ??= {};
    for (const [attribute, given] of Object.entries(attributes)) found[name][attribute] = valueOf(given);
  }
}
