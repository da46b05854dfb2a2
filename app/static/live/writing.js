// What a model makes of what a person writes, computed in the browser with every move of the pen: bars, needle, point
// and verdict as the program shows them, which is told of the strokes once the pen is up (app/judgement/written_here.py).

import { figureOf } from "../figure/figure.js";
import { digit, writtenOn } from "../flow/digit.js";
import { gammaOf } from "../flow/family.js";
import { asGiven, floatsOf } from "../flow/pixels.js";
import { sharedModel } from "../flow/shared.js";
import { percent } from "./bars.js";
import { bitsPerDim, numberText } from "./looks.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("../flow/worker.js").Look} Look
 * @typedef {import("../flow/digit.js").Stroke} Stroke
 *
 * @typedef {object} Alike test images that a model takes for one class
 * @property {number} mean of their log q(x), in nats
 * @property {number} width nats from it that are typical
 * @property {string} far how far each is from it, ascending, base64 of float32
 * @property {number[]} middle of their places among the class means, (P)
 * @property {number[]} precision (P, P)
 * @property {string} aside how far each place is from there (Mahalanobis), ascending, base64 of float32
 * @property {number[]} heights of the histogram of their bits/dim
 * @property {string} legend what the legend says of them
 * @property {string} fill colour below the histogram
 *
 * @typedef {Record<string, import("../figure/plotly.js").Part>} Changes of a figure's parts, by their names
 *
 * @typedef {object} Given what app/judgement/written_here.py sends
 * @property {import("../flow/shared.js").Addresses | null} addresses
 * @property {string} problem why there is none
 * @property {string} model its id
 * @property {number | "inf"} gamma
 * @property {string[]} classes
 * @property {string[]} colors
 * @property {"uniform" | number} noise
 * @property {boolean} labelled whether the model was told the labels
 * @property {number} sure
 * @property {number} typical share of images that count as typical
 * @property {Alike[]} alike by class
 * @property {{ origin: string, directions: string, corner: [number, number], side: number, rotation: number[][] }} plane
 * @property {{ floor: number, least: number, most: number, legend: string }} panel where bars and needle end, and what the
 *   legend says without an image
 * @property {{ edge: number, longest: number, accent: string, halo: string }} way how the point's looks
 */

/** @type {[number, number, number]} */
const SHAPE = [1, 28, 28];
const [NUMBERS, PLANE] = ["written", "moving-point"]; // keys of the figures

/** @type {Given | null} */
let given = null;
/** @type {HTMLElement | null} */
let host = null;
/** @type {Ready | null} */
let ready = null;
let problem = "";
/** @type {{ strokes: Stroke[], background: HTMLImageElement | null } | null} */
let wanted = null;
let isRunning = false;
let answers = 0; // of the program
let isAsked = false;
/** @type {[number, number][]} the places that the point has come by; nothing until it has been moved here */
let way = [];

/** @typedef {ReturnType<typeof prepared>} Ready */

/**
 * As a component of Streamlit.
 * @param {{ data: Given, parentElement: HTMLElement }} shown
 */
export function component({ data, parentElement }) {
  host = /** @type {HTMLElement} */ (parentElement.querySelector("[data-live]"));
  if (given?.model !== data.model) {
    ready = null;
    forget();
  }
  given = data;
  problem = data.addresses ? "" : data.problem;
  say();
  if (isAsked) open(data);
  return () => {
    if (given !== data) return; // another call has come since
    [given, host, ready, way] = [null, null, null, []];
  };
}

// Somebody's hand is near the canvas: the model is on its way before it writes.
document.addEventListener("pen-near", () => {
  isAsked = true;
  if (given) open(given);
});

document.addEventListener("pen-moved", (event) => {
  wanted = /** @type {CustomEvent} */ (event).detail;
  run();
});

// The program has read all that is written: what it shows is what is to be seen.
document.addEventListener("pen-answered", (event) => {
  wanted = null;
  answers += 1;
  show(null);
  if (/** @type {CustomEvent} */ (event).detail.isEmpty) forget();
});

/** The point's way begins anew. */
function forget() {
  way = [];
  figureOf(PLANE)?.hold(null);
}

/** @param {Given} data */
async function open(data) {
  const { addresses } = data;
  if (!addresses || problem || ready?.model === data.model) return;
  try {
    const gamma = gammaOf(data.gamma);
    const opened = await sharedModel(addresses, gamma);
    if (!(await opened.setGamma(gamma)) || given !== data) return;
    ready = prepared(data);
    run();
  } catch (error) {
    fail(error);
  }
}

/** @param {unknown} error */
function fail(error) {
  problem = error instanceof Error ? error.message : String(error);
  ready = null;
  say();
  show(null);
}

function say() {
  const text = problem && `The server reads what you write, once your pen is up: ${problem}.`;
  if (host && host.textContent !== text) host.textContent = text;
}

async function run() {
  if (isRunning) return;
  isRunning = true;
  try {
    while (wanted && ready && given?.addresses) {
      const { strokes, background } = wanted;
      const before = answers;
      wanted = null;
      const pixels = background ? writtenOn(grey(background), strokes) : strokes.length ? digit(strokes) : null;
      const found = pixels && (await look(given, pixels));
      if (!ready || !pixels || !found || answers !== before) continue; // else it would stay over the answer for good
      show({ ...reading(given, ready, found), seen: pixels });
      await new Promise((resolve) => requestAnimationFrame(resolve)); // in which it is drawn
    }
  } catch (error) {
    fail(error);
  } finally {
    isRunning = false;
  }
}

/** Nothing if another γ was asked for meanwhile. @param {Given} data @param {Uint8Array} pixels */
async function look(data, pixels) {
  const gamma = gammaOf(data.gamma);
  const model = await sharedModel(/** @type {any} */ (data.addresses), gamma);
  if (model.current.gamma !== gamma && !(await model.setGamma(gamma))) return null;
  const found = await model.look(asGiven(pixels, SHAPE, data.noise));
  return found && { ...found, logWeights: model.current.logWeights };
}

/** What is sent as base64, as numbers. @param {Given} data */
function prepared({ model, plane, alike }) {
  return {
    model,
    origin: floatsOf(plane.origin),
    directions: floatsOf(plane.directions),
    alike: alike.map(({ far, aside }) => ({ far: floatsOf(far), aside: floatsOf(aside) })),
  };
}

/**
 * As read() in app/judgement/written_digit.py, and as the page shows it.
 * @param {Given} data
 * @param {Ready} known
 * @param {Look & { logWeights: Float64Array }} found
 */
function reading(data, known, { latents, logProbPerClass, logWeights }) {
  const { alike, plane, classes, colors, panel, labelled, sure, typical } = data;
  const picture = { pixels: "", shape: SHAPE, noise: data.noise };
  const largest = Math.max(...logProbPerClass);
  const joint = Array.from(logProbPerClass, (value, k) => Math.exp(value - largest + logWeights[k]));
  const total = joint.reduce((sum, value) => sum + value, 0);
  const posterior = joint.map((value) => value / total);
  const logProb = largest + Math.log(total);
  const top = posterior.indexOf(Math.max(...posterior));

  const span = plane.rotation.length;
  const { place, flat } = placeOf(latents, data, known);
  const others = alike[top];
  const offset = place.map((value, at) => value - others.middle[at]);
  const squared = offset.reduce((sum, one, p) => sum + one * offset.reduce((inner, other, q) => inner + other * others.precision[p * span + q], 0), 0);
  const asFar = {
    likelihood: shareFrom(known.alike[top].far, Math.abs(logProb - others.mean)),
    latents: shareFrom(known.alike[top].aside, Math.sqrt(squared)),
  };
  const bits = bitsPerDim(logProb, picture);
  const isTypical = Math.min(asFar.likelihood, asFar.latents) > 1 - typical;
  const [low, high] = [others.mean + others.width, others.mean - others.width].map((value) => bitsPerDim(value, picture));
  const relative = Array.from(logProbPerClass, (value) => value - largest);
  const [x, y] = flat;
  return {
    /** @type {Changes} */
    numbers: {
      likelihoods: {
        x: relative.map((value) => Math.max(value, panel.floor)),
        text: relative.map((value) => inNats(value, panel.floor)),
      },
      posterior: { x: posterior, text: posterior.map(percent) },
      alike: { y: others.heights, line: { color: colors[top] }, fillcolor: others.fill, visible: true },
      typical: { x0: low, x1: high, visible: true },
      needle: { ...needle(bits, panel), visible: true },
      legend: { text: panel.legend + others.legend },
    },
    place: /** @type {[number, number]} */ ([(x - plane.corner[0]) / plane.side, 1 - (y - plane.corner[1]) / plane.side]),
    verdict: !isTypical ? "out" : !labelled ? "unknown" : posterior[top] >= sure ? "confident" : "uncertain",
    text: labelled ? `taken for **${classes[top]}** (${percent(posterior[top])})` : "", // in_short in app/judgement/judged_digit.py
  };
}

/**
 * Where a latent lies among the class means, (P), and in the plane that is shown, (2).
 * @param {ArrayLike<number>} latents (D)
 * @param {Given} data
 * @param {Ready} known
 */
function placeOf(latents, { plane }, { origin, directions }) {
  const dims = latents.length;
  const place = plane.rotation.map((_, row) => {
    let sum = 0;
    for (let at = 0; at < dims; at++) sum += (latents[at] - origin[at]) * directions[row * dims + at];
    return sum;
  });
  return { place, flat: [0, 1].map((axis) => place.reduce((sum, value, p) => sum + value * plane.rotation[p][axis], 0)) };
}

/** The share of ascending values that are at least as large. @param {Float32Array} values @param {number} least */
function shareFrom(values, least) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < least) low = middle + 1;
    else high = middle;
  }
  return (values.length - low) / values.length;
}

/** @param {number} nats below the largest @param {number} floor */
function inNats(nats, floor) {
  if (nats === 0) return "0";
  return `${nats < floor ? "◀ " : ""}−${numberText(-nats, nats < -9.5 ? 0 : 1)}`;
}

/** @param {number} bits @param {Given["panel"]} panel */
function needle(bits, { least, most }) {
  const shown = Math.min(most, Math.max(least, Number.isNaN(bits) ? most : bits));
  const number = numberText(bits).replace("-", "−");
  const text = shown === bits ? number : bits < least ? `◀ ${number}` : `${number} ▶`;
  return { x: [shown, shown], text: ["", `<b>${text}</b>`] };
}

/**
 * The plane with the point at a place, and the way that it has come.
 * @param {[number, number]} place share of the plane's side, to the right and down
 * @param {Given["way"]} look
 * @returns {Changes}
 */
function moved(place, { edge, longest, accent, halo }) {
  const inside = /** @type {[number, number]} */ (place.map((value) => Math.min(1 - edge, Math.max(edge, value))));
  if (!way.length) {
    const { x = [], y = [] } = figureOf(PLANE)?.part("way") ?? {};
    way = Array.from(x, (value, at) => [value, y[at]]);
  }
  if (way.at(-1)?.join() !== inside.join()) way = [...way, inside].slice(-longest);
  const isOutside = inside.join() !== place.join();
  const marker = { symbol: isOutside ? "circle-open" : "circle", line: { color: isOutside ? accent : halo } };
  return {
    way: { x: way.map(([x]) => x), y: way.map(([, y]) => y) },
    point: { x: [inside[0]], y: [inside[1]], marker },
  };
}

/**
 * Shows a reading in the places of the program's, or the program's again.
 * @param {(ReturnType<typeof reading> & { seen: Uint8Array }) | null} found
 */
function show(found) {
  figureOf(NUMBERS)?.hold(found && found.numbers);
  if (found && given) figureOf(PLANE)?.hold(moved(found.place, given.way)); // whose way stays when the pen is up
  document.dispatchEvent(new CustomEvent("written-here", { detail: found }));
  const theirs = document.querySelector(".st-key-draw-verdict");
  let mine = document.querySelector(".written-verdict");
  if (!found || !theirs) {
    mine?.remove();
    theirs?.classList.remove("is-behind");
    return;
  }
  // A copy of the program's own words of that kind, so that it looks the same.
  const pattern = document.querySelector(`.st-key-draw-verdicts .st-key-draw-${found.verdict} p`)?.parentElement;
  if (!pattern) return;
  if (!mine) {
    mine = document.createElement("div");
    mine.className = "written-verdict";
    theirs.before(mine);
  }
  const copy = /** @type {HTMLElement} */ (pattern.cloneNode(true));
  const paragraph = /** @type {HTMLElement} */ (copy.querySelector("p"));
  while (paragraph.lastChild && paragraph.lastChild !== paragraph.firstElementChild) paragraph.lastChild.remove();
  const words = found.text.split("**").map((part, at) => (at % 2 ? Object.assign(document.createElement("strong"), { textContent: part }) : part));
  paragraph.append(" ", ...words);
  mine.replaceChildren(copy);
  theirs.classList.add("is-behind");
  const seen = /** @type {HTMLImageElement | null} */ (document.querySelector("img[data-seen]"));
  if (seen) seen.src = urlOf(found.seen);
}

/** @param {Uint8Array} pixels (28, 28) */
function urlOf(pixels) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
  const image = new ImageData(28, 28);
  pixels.forEach((value, at) => image.data.set([value, value, value, 255], 4 * at));
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

/** @param {HTMLImageElement} image of 28 × 28 grey pixels */
function grey(image) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, 28, 28);
  return Uint8Array.from({ length: 28 * 28 }, (_, at) => data[4 * at]);
}
