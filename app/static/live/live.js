// Updates figures in the browser while the user moves the γ slider or writes a digit. Each task changes parts of a figure
// by their names. When the user lets go, the program draws the figure again. Without a model, only the program draws.

import { figureOf } from "../figure/figure.js";
import { sharedModel } from "../flow/shared.js";
import { cloudOf } from "../plane/component.js";
import { gammaOf } from "../slider/gamma_slider.js";
import { Bars, Star } from "./bars.js";
import { Bayes } from "./bayes.js";
import { Judged } from "./judged.js";
import { Samples, Walks } from "./tiles.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("../flow/shared.js").Addresses} Addresses
 * @typedef {import("../slider/gamma_slider.js").Bracket} Bracket
 * @typedef {Record<string, import("../figure/plotly.js").Part>} Parts changed parts of a figure, by their names
 * @typedef {Parts | (() => void)} Changes changed parts of the figure, or a function that changes it
 * @typedef {{ gamma: number, place: Bracket }} Moved
 *
 * @typedef {object} Task
 * @property {{ [name: string]: any }} given the program's data, with a `picture` if the task is about an image
 * @property {(model: Model, moved: Moved) => AsyncGenerator<Changes>} steps computes the changes step by step
 * @property {boolean} [followsImage] whether the figure may be outdated at the same γ, because the image has changed
 * @property {() => void} [outdated] called before the first step, because the figure is outdated until the last step
 * @property {() => void} [failed] called after an error, because the figure is then outdated
 *
 * @typedef {object} Data the data from app/models/live.py
 * @property {string} figure key of the figure
 * @property {Addresses | null} addresses null if the server has no models for browsers
 * @property {string} problem why the server has no such models
 * @property {string} [says] the message after an error, if no server can compute instead
 * @property {string} kind kind of the task
 * @property {any} task the data of the task
 * @property {number | "inf" | null} [gamma] the γ of the figure, if it depends on γ
 */

/** @type {Record<string, new (figure: string, given: any) => Task>} */
const KINDS = { bars: Bars, bayes: Bayes, judged: Judged, samples: Samples, star: Star, walks: Walks };

/** @type {Map<string, { task: Task, addresses: Addresses | null, problem: string, says?: string, host: HTMLElement, gamma: number }>} */
const tasks = new Map();
/** @type {Map<string, string>} why a family could not be opened, by the family's address */
const problems = new Map();
/** @type {Moved | null} the slider's position that must still be computed, or null */
let wanted = null;
const DELAYS = [1, 3, 10, 30]; // seconds until a model is opened again, after the first, second, … failure in a row
let failures = 0; // number of failures in a row
let retry = 0; // the timer of the next attempt
let isRunning = false;
let isWriting = false; // whether the user has written something that the program does not show yet
let written = ""; // the pixels that the tasks have, if the user has written them

/**
 * A Streamlit component. It shows a message if the browser cannot run the model, and otherwise nothing.
 * @param {{ data: Data, parentElement: HTMLElement }} given
 */
export function component({ data, parentElement }) {
  const { figure, addresses, problem, says, kind } = data;
  const host = /** @type {HTMLElement} */ (parentElement.querySelector("[data-live]"));
  // Each call makes a new task, because the program has replaced the figure. This ends the old task.
  const own = { task: new KINDS[kind](figure, data.task), addresses, problem, says, host, gamma: gammaOf(data.gamma ?? NaN) };
  tasks.set(figure, own);
  written = "";
  if (isRunning && here && here.gamma !== own.gamma) wanted = here; // the slider has moved on
  say();
  document.dispatchEvent(new CustomEvent("gamma-asked")); // the slider may have moved before this call
  return () => {
    if (tasks.get(figure) === own) tasks.delete(figure); // otherwise a later call has replaced it
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
document.addEventListener("gamma-change", (event) => (here = /** @type {CustomEvent} */ (event).detail));

document.addEventListener("pen-moved", (event) => {
  const pixels = btoa(String.fromCharCode(.../** @type {CustomEvent} */ (event).detail));
  if (isWriting && pixels === written) return; // the pen was lifted
  [isWriting, written] = [true, pixels];
  for (const { task } of tasks.values()) {
    if (task.given.picture) Object.assign(task.given, { picture: { ...task.given.picture, pixels, isWritten: true } });
  }
  runHere();
});

/** Computes all tasks at the slider's current position. */
function runHere() {
  document.dispatchEvent(new CustomEvent("gamma-asked"));
  wanted = here;
  run();
}

document.addEventListener("pen-answered", (event) => {
  isWriting = false;
  release(Boolean(/** @type {CustomEvent} */ (event).detail));
});

/** Shows the figures as the program has drawn them. @param {boolean} keepsTrail whether the trail of a star stays */
function release(keepsTrail) {
  for (const key of tasks.keys()) {
    figureOf(key)?.hold(null);
    cloudOf(key)?.release(keepsTrail);
  }
}

// A timer tries again, too. A browser without a network never sends "online", though the server may be on the same
// machine. The first requests after "online" can also fail.
globalThis.addEventListener("online", () => {
  failures = 0;
  tryAgain();
});

function tryAgain() {
  if (!problems.size) return;
  problems.clear();
  runHere();
}

// Opening a model takes a second, so it starts when the pointer comes near the slider or the pad, also after a failure.
for (const name of ["gamma-near", "pen-near"]) {
  document.addEventListener(name, () => {
    problems.clear();
    failures = 0;
    for (const { addresses } of tasks.values()) open(addresses, here?.gamma);
  });
}

/**
 * @param {Addresses | null} addresses
 * @param {number} [gamma] the γ at which the model opens; any value works
 * @returns {Promise<Model | null>} null if the browser cannot run the model
 */
async function open(addresses, gamma = 1) {
  if (!addresses || problems.has(addresses.family)) return null;
  try {
    const model = await sharedModel(addresses, gamma);
    say(); // removes an earlier message
    return model;
  } catch (error) {
    fail(addresses, error);
    return null;
  }
}

/** @param {Addresses} addresses @param {unknown} error */
function fail({ family }, error) {
  problems.set(family, error instanceof Error ? error.message : String(error));
  document.dispatchEvent(new CustomEvent("model-traffic", { detail: { received: 0, total: 0 } })); // ends the progress bar
  for (const { task } of tasks.values()) task.failed?.();
  say();
  clearTimeout(retry);
  if (failures < DELAYS.length) retry = setTimeout(tryAgain, 1000 * DELAYS[failures++]);
}

async function run() {
  if (isRunning) return;
  isRunning = true;
  try {
    while (wanted && tasks.size) {
      const moved = wanted;
      wanted = null;
      for (const one of tasks.values()) {
        if (one.addresses && (one.task.followsImage || one.gamma !== moved.gamma)) one.task.outdated?.();
        one.gamma = moved.gamma;
      }
      await follow(moved);
    }
  } finally {
    isRunning = false;
  }
}

/**
 * Computes the steps of all tasks in turn, until all are done or the slider has moved on.
 * @param {Moved} moved
 */
async function follow(moved) {
  const [{ addresses }] = tasks.values(); // all tasks of a page use the same family
  const model = await open(addresses, moved.gamma);
  if (!model || !addresses || wanted) return;
  const isOfPen = isWriting;
  try {
    if (model.current.gamma !== moved.gamma && !(await model.setGamma(moved.gamma))) return;
    let turns = [...tasks].map(([figure, { task }]) => ({ figure, task, steps: task.steps(model, moved) }));
    while (turns.length && !wanted) {
      for (const turn of turns) {
        const { done, value } = await turn.steps.next();
        if (isOfPen !== isWriting) return; // the program or the user has changed the image
        // The program may have replaced the figure.
        const isOver = done || tasks.get(turn.figure)?.task !== turn.task;
        if (isOver) turns = turns.filter((other) => other !== turn);
        else if (typeof value === "function") value();
        else if (isOfPen) await figureOf(turn.figure)?.hold(value);
        else figureOf(turn.figure)?.changeAt(moved.gamma, value);
        if (wanted && !isOfPen) break;
      }
    }
    failures = 0;
  } catch (error) {
    fail(addresses, error);
  }
}

/** Says on the page, only once, why figures do not follow the slider. */
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
