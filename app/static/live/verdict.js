// The verdict on what a person wrote, in the words of app/judgement/judged_digit.py.

import { numberText } from "./looks.js";

/**
 * @typedef {object} Judged
 * @property {number[]} posterior
 * @property {{ likelihood: number, latents: number }} asFar the shares of the others that are as far
 * @property {boolean} isTypical
 * @property {number} bits per dimension
 * @property {[number, number]} typical lowest and highest of these
 * @property {number} alike number of the others
 * @property {boolean} labelled whether the model was told the labels
 * @property {number} sure from which probability of a class on the model counts as sure
 * @property {number} share of images that count as typical
 */

/** In two sentences, in Markdown. @param {Judged} judged @param {string[]} classes */
export function sentences(judged, classes) {
  const name = classes[best(judged)[0]];
  return `${choice(judged, classes)} ${judged.isTypical ? whatIsTypical(judged, name) : whatIsOdd(judged, name)}`;
}

/** The most probable class and its probability; nothing if the model was told no labels. @param {Judged} judged @param {string[]} classes */
export function inShort(judged, classes) {
  const [top] = best(judged);
  return judged.labelled ? `taken for **${classes[top]}** (${percent(judged.posterior[top])})` : "";
}

/** @param {Judged} judged @returns {number[]} the classes, the most probable first */
const best = ({ posterior }) => posterior.map((_, k) => k).sort((a, b) => posterior[b] - posterior[a]);

/** @param {Judged} judged @param {string[]} classes */
function choice(judged, classes) {
  if (!judged.labelled) return "Trained without labels, the model has no names for what it knows.";
  const { posterior, isTypical, sure } = judged;
  const order = best(judged);
  const [top, second] = order.map((k) => `**${classes[k]}** (${percent(posterior[k])})`);
  const isSure = posterior[order[0]] >= sure;
  if (isTypical) return `The model takes this for a ${top}${isSure ? "." : ` or a ${second}.`}`;
  const comparison = isSure
    ? `The model is sure of a ${top}, but Bayes' rule only compares the ten digits`
    : `The model gives ${top} and ${second}, since Bayes' rule can only compare the ten digits`;
  return `${comparison}: dividing by the sum hides how large it was.`;
}

/** @param {Judged} judged @param {string} name */
function whatIsTypical({ labelled, bits, typical: [low, high], share }, name) {
  const [start, others] = labelled ? ["It is also", `taken for a ${name}`] : ["But this is", "that fall to the same Gaussian"];
  return `${start} typical: it has ${numberText(bits)} bits/dim, and ${percent(share)} of the test images ${others} have ${low.toFixed(2)} to ${high.toFixed(2)}.`;
}

/** @param {Judged} judged @param {string} name */
function whatIsOdd({ bits, typical: [low, high], asFar, alike, share }, name) {
  if (!(asFar.likelihood > 1 - share)) {
    const side = bits < low ? "few" : "many";
    const rare = whatIsRare(asFar.likelihood, alike, ["has", "have"], "a likelihood so far from their mean");
    return `${numberText(bits)} bits/dim are too ${side} for a ${name} (${low.toFixed(2)} to ${high.toFixed(2)}): ${rare}.`;
  }
  const rare = whatIsRare(asFar.latents, alike, ["lies", "lie"], "so far from their centre in latent space");
  return `${numberText(bits)} bits/dim is usual for a ${name}, but ${rare}.`;
}

/** @param {number} share @param {number} count @param {[string, string]} verbs @param {string} what */
function whatIsRare(share, count, verbs, what) {
  const number = Math.round(share * count);
  return `${number || "none"} of the ${count.toLocaleString("en-US")} test images taken for one ${verbs[Number(number > 1)]} ${what}`;
}

/** @param {number} share */
const percent = (share) => `${Math.round(100 * share)}%`;
