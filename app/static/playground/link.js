// Reads and writes links to the playground, such as `spiral~classes:3~noise:0.1~a:ib:1~b:class-nll:1`. A painted point
// has three characters in a link. The program reads the same texts in app/play_text.py.

import { DATA } from "./data.js";

/**
 * @typedef {"ib" | "class-nll"} Objective
 * @typedef {{ objective: Objective, gamma: number }} Aim the aim of a model
 * @typedef {[x: number, y: number, label: number]} Dot a point and its class
 *
 * @typedef {object} Play the content of a link, except for the painted points
 * @property {string} kind kind of data: a name in DATA, or OWN if all points are the user's
 * @property {number} classes
 * @property {number} count number of points
 * @property {number} noise
 * @property {number} seed seed for data and network
 * @property {number} couplings
 * @property {number} width hidden units of each coupling
 * @property {number} rate learning rate
 * @property {Aim[]} aims aims of one or two models
 * @property {[number, number] | null} at position of the star in data space
 * @property {number} lesson number of the lesson, from 1; 0 for none
 * @property {number | null} steps steps after which training pauses; null if the user has not chosen them
 */

export const OWN = "own";
export const MAX_CLASSES = 5;
export const MAX_POINTS = 2000;
export const EDGE = 4; // the largest coordinate of a point in a link
export const VIEW = 3.4; // the largest visible coordinate of data space
/** The least and the largest value of each number. @type {Record<string, [number, number]>} */
export const RANGES = {
  classes: [2, MAX_CLASSES], count: [20, 1000], noise: [0, 0.5], seed: [0, 9999],
  couplings: [2, 12], width: [8, 64], rate: [0.0001, 0.1], steps: [0, 100_000], lesson: [0, 9],
};
const WHOLE = ["classes", "count", "seed", "couplings", "width", "steps", "lesson"];
/** @type {Play} */
export const DEFAULT = {
  kind: "moons", classes: 2, count: 600, noise: 0.1, seed: 0, couplings: 6, width: 32, rate: 0.005,
  aims: [{ objective: "ib", gamma: 1 }], at: null, lesson: 0, steps: null,
};
const MODELS = ["a", "b"];
/** @type {Objective[]} */
const OBJECTIVES = ["ib", "class-nll"];

/** Reads the text of a link, and ignores values that are out of range. @param {string} text @returns {Play} */
export function fromText(text) {
  const play = structuredClone(DEFAULT);
  const [kind, ...parts] = text.split("~");
  if ([...DATA, OWN].includes(kind)) play.kind = kind;
  for (const part of parts) {
    const [name, ...values] = part.split(":");
    const numbers = values.map((value) => (value === "inf" ? Infinity : value === "" ? NaN : Number(value)));
    const model = MODELS.indexOf(name);
    if (name in RANGES && isIn(name, numbers[0])) Object.assign(play, { [name]: numbers[0] });
    else if (name === "at" && numbers.length === 2 && numbers.every((one) => Math.abs(one) <= EDGE)) play.at = [numbers[0], numbers[1]];
    else if (model >= 0 && model <= play.aims.length && numbers[1] >= 0) {
      const objective = OBJECTIVES.find((one) => one === values[0]);
      if (objective) play.aims[model] = { objective, gamma: numbers[1] };
    }
  }
  return play;
}

/** Whether a value is valid. @param {string} name @param {number} value */
const isIn = (name, value) => value >= RANGES[name][0] && value <= RANGES[name][1] && (!WHOLE.includes(name) || Number.isInteger(value));

/** Writes the text of a link, without default values. @param {Play} play */
export function asText(play) {
  const parts = [play.kind];
  for (const name of Object.keys(RANGES)) {
    const [value, usual] = [Reflect.get(play, name), Reflect.get(DEFAULT, name)];
    if (value !== usual && value !== null) parts.push(`${name}:${short(value)}`);
  }
  play.aims.forEach(({ objective, gamma }, at) => {
    if (at || objective !== "ib" || gamma !== 1) parts.push(`${MODELS[at]}:${objective}:${short(gamma)}`);
  });
  if (play.at) parts.push(`at:${play.at.map((one) => short(Number(one.toFixed(2)))).join(":")}`);
  return parts.length === 1 && play.kind === DEFAULT.kind ? "" : parts.join("~");
}

/** @param {number} value */
const short = (value) => (value === Infinity ? "inf" : String(Number.isInteger(value) ? value : Number(value.toPrecision(4))));

// Points

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LEVELS = 512; // number of levels to which each coordinate is rounded
/** The most characters for points in a link. */
export const LONGEST = 4000;

/** The level nearest to a coordinate. @param {number} value */
const level = (value) => Math.min(LEVELS - 1, Math.max(0, Math.round(((value + EDGE) / (2 * EDGE)) * (LEVELS - 1))));
/** @param {number} number */
const valueOf = (number) => (number / (LEVELS - 1)) * 2 * EDGE - EDGE;

/**
 * Writes points for a link. Coordinates are rounded to the nearest level.
 * @param {Dot[]} dots
 * @returns {string} the points of the first class, then of the second, …; "." separates the classes
 */
export function pointsAsText(dots) {
  /** @type {string[]} */
  const classes = Array.from({ length: MAX_CLASSES }, () => "");
  for (const [x, y, label] of dots) {
    const bits = level(x) * LEVELS + level(y);
    classes[label] += DIGITS[bits >> 12] + DIGITS[(bits >> 6) & 63] + DIGITS[bits & 63];
  }
  return classes.join(".").replace(/\.+$/, "");
}

/** Reads points from a link. An invalid text gives no points. @param {string} text @returns {Dot[]} */
export function pointsFromText(text) {
  const classes = text.split(".");
  const isText = classes.length <= MAX_CLASSES && classes.every((one) => one.length % 3 === 0 && /^[\w-]*$/.test(one));
  return (isText ? classes : []).flatMap((one, label) => (one.match(/.../g) ?? []).map((letters) => {
    const bits = [...letters].reduce((sum, letter) => sum * 64 + DIGITS.indexOf(letter), 0);
    return /** @type {Dot} */ ([valueOf(Math.floor(bits / LEVELS)), valueOf(bits % LEVELS), label]);
  })).slice(0, MAX_POINTS);
}
