// What a link says of the playground, such as `spiral~classes:3~noise:0.1~a:ib:1~b:class-nll:1`, and of the points that
// a person has painted: three characters a point. The program reads the same texts: app/play_text.py.

import { DATA } from "./data.js";

/**
 * @typedef {"ib" | "class-nll"} Objective
 * @typedef {{ objective: Objective, gamma: number }} Aim of a model
 * @typedef {[x: number, y: number, label: number]} Dot a point and its class
 *
 * @typedef {object} Play all that a link says but the painted points
 * @property {string} kind of data: one of data.js, or OWN for none but a person's own points
 * @property {number} classes
 * @property {number} count of points
 * @property {number} noise
 * @property {number} seed of data and network
 * @property {number} couplings
 * @property {number} width of the hidden layers
 * @property {number} rate of learning
 * @property {Aim[]} aims of one model or of two
 * @property {[number, number] | null} at the point that is shown in both spaces
 * @property {number} lesson which of the presets it began with, from 1; 0 for none
 * @property {number | null} steps after which training rests, if a person has chosen them
 */

export const OWN = "own";
export const MAX_CLASSES = 5;
export const MAX_POINTS = 2000;
export const EDGE = 4; // of what is kept of data space, either way
export const VIEW = 3.4; // and of what is seen of it
/** What each number may be: the least, the most. @type {Record<string, [number, number]>} */
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

/** What a text says; nothing that is out of range is taken from it. @param {string} text @returns {Play} */
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

/** Whether a number may have a value. @param {string} name @param {number} value */
const isIn = (name, value) => value >= RANGES[name][0] && value <= RANGES[name][1] && (!WHOLE.includes(name) || Number.isInteger(value));

/** The text of it, short where it is as it begins. @param {Play} play */
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
const LEVELS = 512; // along an edge
/** Characters of points that a link holds. */
export const LONGEST = 4000;

/** Where a coordinate is kept. @param {number} value */
const level = (value) => Math.min(LEVELS - 1, Math.max(0, Math.round(((value + EDGE) / (2 * EDGE)) * (LEVELS - 1))));
/** @param {number} number */
const valueOf = (number) => (number / (LEVELS - 1)) * 2 * EDGE - EDGE;

/**
 * Points as a link has them, by their classes: each at the nearest of the levels.
 * @param {Dot[]} dots
 * @returns {string} the classes one after another, with dots between them
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

/** The points of such a text; none if it is no such text. @param {string} text @returns {Dot[]} */
export function pointsFromText(text) {
  const classes = text.split(".");
  const isText = classes.length <= MAX_CLASSES && classes.every((one) => one.length % 3 === 0 && /^[\w-]*$/.test(one));
  return (isText ? classes : []).flatMap((one, label) => (one.match(/.../g) ?? []).map((letters) => {
    const bits = [...letters].reduce((sum, letter) => sum * 64 + DIGITS.indexOf(letter), 0);
    return /** @type {Dot} */ ([valueOf(Math.floor(bits / LEVELS)), valueOf(bits % LEVELS), label]);
  })).slice(0, MAX_POINTS);
}
