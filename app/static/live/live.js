// What a page computes in the browser while γ's slider moves or somebody writes: each task belongs to a figure, whose parts
// it changes by their names. The program draws the same once the hand lets go, and it alone where the browser cannot compute.

import { figureOf } from "../figure/figure.js";
import { sharedModel } from "../flow/shared.js";
import { cloudOf } from "../plane/component.js";
import { Bars, Star } from "./bars.js";
import { Bayes } from "./bayes.js";
import { Judged } from "./judged.js";
import { Samples, Walks } from "./tiles.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("../flow/shared.js").Addresses} Addresses
 * @typedef {import("../slider/gamma_slider.js").Place} Place
 * @typedef {Record<string, import("../figure/plotly.js").Part>} Parts of a figure that change, by their names
 * @typedef {Parts | (() => void)} Changes what is shown after a step: these parts, or whatever it does
 * @typedef {{ gamma: number, place: Place }} Moved
 *
 * @typedef {object} Task
 * @property {{ [name: string]: any }} given a picture too, if it looks at one
 * @property {(model: Model, moved: Moved) => AsyncGenerator<Changes>} steps one after another, as far as there is time
 * @property {() => void} [failed] called where a step cannot be computed: what is shown is of another γ or another image
 *
 * @typedef {object} Given what app/models/live.py sends
 * @property {string} figure its key
 * @property {Addresses | null} addresses nothing where the server has no models for browsers
 * @property {string} problem why not
 * @property {string} [says] the whole sentence where the browser cannot compute, if no server does it instead
 * @property {string} kind of the task
 * @property {any} task what that kind needs to know
 */

/** @type {Record<string, new (figure: string, given: any) => Task>} */
const KINDS = { bars: Bars, bayes: Bayes, judged: Judged, samples: Samples, star: Star, walks: Walks };

/** @type {Map<string, { task: Task, addresses: Addresses | null, problem: string, says?: string, host: HTMLElement }>} */
const tasks = new Map();
/** @type {Map<string, string>} why a family could not be opened, by its address */
const problems = new Map();
/** @type {Moved | null} where the slider is, unless that has been computed */
let wanted = null;
let isRunning = false;
let isWriting = false; // whether something is written that the program does not show yet

/**
 * As a component of Streamlit; it shows nothing, or one quiet line where the browser cannot compute.
 * @param {{ data: Given, parentElement: HTMLElement }} given
 */
export function component({ data, parentElement }) {
  const { figure, addresses, problem, says, kind } = data;
  const host = /** @type {HTMLElement} */ (parentElement.querySelector("[data-live]"));
  // A new one each time: the program may have drawn the figure anew.
  const own = { task: new KINDS[kind](figure, data.task), addresses, problem, says, host };
  tasks.set(figure, own);
  say();
  document.dispatchEvent(new CustomEvent("gamma-asked")); // the hand may have moved before this was there
  return () => {
    if (tasks.get(figure) === own) tasks.delete(figure); // else another call has come since
    say();
  };
}

document.addEventListener("gamma-moved", (event) => {
  if (!isWriting) release(false);
  here = wanted = /** @type {CustomEvent} */ (event).detail;
  run();
});

/** @type {Moved | null} */
let here = null;
document.addEventListener("gamma-told", (event) => (here = /** @type {CustomEvent} */ (event).detail));

document.addEventListener("pen-moved", (event) => {
  isWriting = true;
  const pixels = btoa(String.fromCharCode(.../** @type {CustomEvent} */ (event).detail));
  for (const { task } of tasks.values()) {
    if (task.given.picture) Object.assign(task.given, { picture: { ...task.given.picture, pixels, isWritten: true } });
  }
  runHere();
});

/** Computes what is shown now. */
function runHere() {
  document.dispatchEvent(new CustomEvent("gamma-asked"));
  wanted = here;
  run();
}

// The program shows what is written.
document.addEventListener("pen-answered", (event) => {
  isWriting = false;
  release(Boolean(/** @type {CustomEvent} */ (event).detail));
});

/** Figures are again as the program has drawn them. @param {boolean} keepsTrail whether the trail of a star stays in sight */
function release(keepsTrail) {
  for (const key of tasks.keys()) {
    figureOf(key)?.hold(null);
    cloudOf(key)?.release(keepsTrail);
  }
}

// What the network has kept back may come now, though its first requests can still fail.
globalThis.addEventListener("online", () => [0, 1, 3, 10, 30].forEach((seconds) => setTimeout(tryAgain, 1000 * seconds)));

function tryAgain() {
  if (!problems.size) return;
  problems.clear();
  say();
  runHere();
}

// Somebody's hand is near: what takes a second is done before it moves, and what could not be opened is tried again.
for (const name of ["gamma-near", "pen-near"]) {
  document.addEventListener(name, () => {
    problems.clear();
    for (const { addresses } of tasks.values()) open(addresses, here?.gamma);
  });
}

/**
 * @param {Addresses | null} addresses
 * @param {number} [gamma] 1 if it does not matter
 * @returns {Promise<Model | null>} nothing where the browser cannot compute
 */
async function open(addresses, gamma = 1) {
  if (!addresses || problems.has(addresses.family)) return null;
  try {
    const model = await sharedModel(addresses, gamma);
    say(); // what could not be opened before
    return model;
  } catch (error) {
    fail(addresses, error);
    return null;
  }
}

/** @param {Addresses} addresses @param {unknown} error */
function fail({ family }, error) {
  problems.set(family, error instanceof Error ? error.message : String(error));
  document.dispatchEvent(new CustomEvent("model-traffic", { detail: { received: 0, total: 0 } })); // nothing comes any more
  for (const { task } of tasks.values()) task.failed?.();
  say();
}

async function run() {
  if (isRunning) return;
  isRunning = true;
  try {
    while (wanted && tasks.size) {
      const moved = wanted;
      wanted = null;
      await follow(moved);
    }
  } finally {
    isRunning = false;
  }
}

/**
 * Computes all tasks at a γ in turn, until all is done or the slider has moved on.
 * @param {Moved} moved
 */
async function follow(moved) {
  const [{ addresses }] = tasks.values(); // a page is about one family
  const model = await open(addresses, moved.gamma);
  if (!model || !addresses || wanted) return;
  const isOfPen = isWriting;
  try {
    if (model.current.gamma !== moved.gamma && !(await model.setGamma(moved.gamma))) return;
    let turns = [...tasks].map(([figure, { task }]) => ({ figure, task, steps: task.steps(model, moved) }));
    while (turns.length && !wanted) {
      for (const turn of turns) {
        const { done, value } = await turn.steps.next();
        if (isOfPen !== isWriting) return; // what the program shows now is newer, or what is written
        // The program may have drawn the figure anew meanwhile, of something else.
        const isOver = done || tasks.get(turn.figure)?.task !== turn.task;
        if (isOver) turns = turns.filter((other) => other !== turn);
        else if (typeof value === "function") value();
        else if (isOfPen) await figureOf(turn.figure)?.hold(value);
        else figureOf(turn.figure)?.changeAt(moved.gamma, value);
        if (wanted && !isOfPen) break;
      }
    }
  } catch (error) {
    fail(addresses, error);
  }
}

/** Says on the page, once, why nothing moves before the slider is let go. */
function say() {
  let isSaid = false;
  for (const { addresses, problem, says, host } of tasks.values()) {
    const found = addresses ? problems.get(addresses.family) : problem;
    /** @type {string} */
    const text = found && !isSaid ? says ?? `Slow mode (${found}): pictures update when you let go.` : "";
    if (host.textContent !== text) host.textContent = text;
    isSaid ||= Boolean(text);
  }
}
