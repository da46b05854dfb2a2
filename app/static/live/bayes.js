// Updates a row of the figure of Bayes' rule. app/figures/bayes.py sets the names and the look of the figure's parts.

import { HUGE, bitsPerDim, evaluatePicture, numberText, signed } from "./evaluated.js";
import { barLabel } from "../moves/words.js";
import { Task } from "./task.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("./live.js").Parts} Parts
 * @typedef {import("./live.js").Moved} Moved
 * @typedef {import("./evaluated.js").Picture} Picture
 * @typedef {import("../flow/worker.js").Evaluated} Evaluated
 * @typedef {{ sign: string, word: string, ink: string }} Verdict
 *
 * @typedef {object} Reference statistics of held-out images at each measured γ, (P) each
 * @property {number[]} mean mean of log q(x), in nats
 * @property {number[]} threshold largest distance of a typical image from this mean
 * @property {number[]} low bits/dim of the likeliest image
 * @property {number[]} high bits/dim of the least likely image
 * @property {number[][]} heights histogram between `low` and `high`, (P, bins)
 *
 * @typedef {object} Data
 * @property {Picture} picture
 * @property {number} row index of the figure's row
 * @property {string[]} others parts of other models, hidden for an image that only the browser has
 * @property {number[]} shown classes that have bars
 * @property {number} digits digits after the point of a class's share of q(x)
 * @property {string[]} names names of these classes
 * @property {number} floor the lowest value that a bar can show, in nats
 * @property {number} least the lowest value of the bars in the other rows, or 0 without other rows
 * @property {Reference} reference
 * @property {number} sure the least probability of a confident prediction
 * @property {Record<"confident" | "uncertain" | "out" | "unknown", Verdict>} verdicts
 * @property {Record<string, string>} titles titles of the trained models by γ
 */

/** @extends {Task<Data>} */
export class Bayes extends Task {
  /** @param {Model} model @param {Moved} moved @returns {AsyncGenerator<Parts>} */
  async *steps(model, { gamma, place }) {
    const { picture, row, reference, others } = this.given;
    const found = await evaluatePicture(model, picture);
    if (!found) return;
    const bits = bitsPerDim(found.logProb[0], picture);
    const at = between(place);
    const bars = this.#bars(found, model.current.logWeights, row);
    const beside = strip(bits, reference, at, place, row, picture);
    yield {
      ...bars,
      ...beside,
      ...(picture.isWritten ? Object.fromEntries(others.map((name) => [name, { visible: false }])) : {}),
      layout: { ...bars.layout, ...beside.layout },
      [`heading-${row}`]: { text: this.#heading(gamma, found, at) },
    };
  }

  /**
   * The panels of the likelihood, the joint, and the posterior.
   * @param {Evaluated} found
   * @param {Float64Array} logWeights
   * @param {number} row
   * @returns {Parts}
   */
  #bars({ logProbPerClass, posterior }, logWeights, row) {
    const { shown, names, floor: end, least, digits } = this.given;
    const absolute = shown.map((k) => logProbPerClass[k]);
    const largest = Math.max(...absolute);
    const relative = absolute.map((value) => value - largest);
    const over = Math.max(...logProbPerClass);
    const floor = Math.max(end, Math.min(least, Math.min(...logProbPerClass) - over));
    const prior = shown.map((k) => Math.exp(logWeights[k]));
    const every = Array.from(logProbPerClass, (value, k) => Math.exp(value - over + logWeights[k]));
    const joint = shown.map((k) => every[k]);
    const total = every.reduce((sum, value) => sum + value, 0);
    const best = names[absolute.indexOf(largest)];
    const unit = names[shown.indexOf(logProbPerClass.indexOf(over))] ?? best;
    const shares = shown.map((k) => posterior[k]);
    const top = shares.indexOf(Math.max(...shares));
    return {
      [`likelihood-${row}`]: {
        x: relative.map((value) => Math.max(value, floor)),
        text: relative.map((value) => (value === 0 ? "0" : `${value < floor ? "◀ " : ""}−${numberText(-value, 1)}`)),
        textposition: relative.map((value) => (value < floor && Math.min(...relative) <= -HUGE ? "inside" : "outside")),
      },
      [`prior-${row}`]: { x: prior },
      [`joint-${row}`]: {
        x: joint,
        text: joint.map((value) => (value >= 0.5 * 10 ** -digits ? value.toFixed(digits) : "")),
      },
      [`posterior-${row}`]: { x: shares },
      [`shares-${row}`]: { text: shares.map(barLabel) },
      layout: {
        [axis(row, 0)]: {
          title: { text: `nats below<br><b>${grouped(largest)}</b> for ${best}` },
          range: [1.42 * floor, -0.1 * floor],
          tickvals: ticks(floor, 0),
        },
        [axis(row, 1)]: { title: { text: `sum: <b>${total.toFixed(digits)}</b> q(x | ${unit})<br>grey: prior` } },
        [axis(row, 2)]: { title: { text: `probability<br>largest: <b>${withNumber(names[top], `${Math.round(100 * shares[top])}%`)}</b>` } },
      },
    };
  }

  /**
   * @param {number} gamma
   * @param {Evaluated} found
   * @param {(values: number[]) => number} at
   */
  #heading(gamma, { logProb, posterior }, at) {
    const { sign, word, ink } = verdictOf(this.given, gamma, { logProb, posterior }, at);
    const digits = gamma >= 10 ? 4 : 3;
    const title = this.given.titles[String(gamma)] ?? `γ = ${Number(gamma.toPrecision(digits))}`;
    const { shown, names, verdicts } = this.given;
    const top = names[shown.indexOf(posterior.indexOf(Math.max(...posterior)))]; // undefined if this class has no bar
    const said = top && [verdicts.confident.word, verdicts.uncertain.word].includes(word) ? `${word}: ${top}` : word;
    return `<b>${title}</b>  <span style='color:${ink}'><b>${sign} ${said}</b></span>`;
  }
}

/**
 * The verdict of the model about an image.
 * @param {Pick<Data, "reference" | "sure" | "verdicts">} given
 * @param {number} gamma 0 for a model that was trained without labels
 * @param {Pick<Evaluated, "logProb" | "posterior">} found
 * @param {(values: number[]) => number} at interpolates measured values at γ
 */
export function verdictOf({ reference, sure, verdicts }, gamma, { logProb, posterior }, at) {
  const isTypical = Math.abs(logProb[0] - at(reference.mean)) <= at(reference.threshold);
  return verdicts[!isTypical ? "out" : gamma === 0 ? "unknown" : Math.max(...posterior) >= sure ? "confident" : "uncertain"];
}

/** A function that interpolates values between two measured γ. @param {import("./live.js").Moved["place"]} place */
export const between = (place) => (/** @type {number[]} */ values) => (1 - place.share) * values[place.low] + place.share * values[place.high];

/**
 * The panel that compares the image with held-out images.
 * @param {number} bits
 * @param {Reference} reference
 * @param {(values: number[]) => number} at interpolates measured values at γ
 * @param {import("./live.js").Moved["place"]} place
 * @param {number} row
 * @param {Picture} picture
 * @returns {Parts}
 */
function strip(bits, reference, at, place, row, picture) {
  const [low, high] = [at(reference.low), at(reference.high)];
  const heights = reference.heights[place.low].map((value, bin) => (1 - place.share) * value + place.share * reference.heights[place.high][bin]);
  const [width, top, span] = [(high - low) / heights.length, Math.max(...heights), high - low];
  const [mean, threshold] = [at(reference.mean), at(reference.threshold)];
  const known = Number.isNaN(bits) ? high : bits;
  const shown = Math.min(high + 0.6 * span, Math.max(low - 0.6 * span, known));
  const far = shown === bits ? "" : bits < low ? "◀ " : "▶ ";
  const range = [Math.min(low, shown) - 0.14 * span, Math.max(high, shown) + 0.14 * span];
  return {
    [`strip-${row}`]: { x: heights.map((_, bin) => low + (bin + 0.5) * width), y: heights, width },
    [`needle-${row}`]: { x: [shown, shown], y: [0, 1.1 * top] },
    [`band-${row}`]: { x0: bitsPerDim(mean + threshold, picture), x1: bitsPerDim(mean - threshold, picture) },
    [`bits-${row}`]: {
      x: shown,
      y: 1.24 * top,
      xanchor: !far ? "center" : bits < low ? "left" : "right",
      text: `<b>${far}${signed(bits, 2)}</b>`,
    },
    layout: {
      [axis(row, 3)]: { range, tickvals: far ? ticks(low, high) : ticks(range[0], range[1]) },
      [axis(row, 3).replace("x", "y")]: { range: [0, 1.36 * top] },
    },
  };
}

/** The name of a panel's horizontal axis. @param {number} row @param {number} column */
const axis = (row, column) => `xaxis${4 * row + column ? 4 * row + column + 1 : ""}`;

/** At most five equally spaced numbers from `low` to `high`, mostly round. @param {number} low @param {number} high */
function ticks(low, high) {
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20].find((one) => (high - low) / one <= 4) ?? (high - low) / 4;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, at) => step * (first + at));
}

/** @param {number} value */
function grouped(value) {
  if (Math.abs(value) >= HUGE) return signed(value, 1);
  return value.toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 }).replace("-", "−");
}

/** A class name with a number, as in app/figures/classes.py. @param {string} name @param {string} number */
const withNumber = (name, number) => (/\d$/.test(name) ? `${name}: ${number}` : `${name} ${number}`);
