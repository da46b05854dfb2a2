// One point in data space and latent space of every model, and what a model makes of it.

import { logSumExp } from "../flow/mixture.js";
import { make, NAMES } from "./elements.js";

/**
 * @typedef {import("./trainer.js").Trainer} Trainer
 * @typedef {import("./spaces.js").Probe} Probe
 */

/**
 * One point in both spaces of a model, and what the model makes of it.
 * @param {Trainer} trainer
 * @param {ArrayLike<number>} x the point, in data space
 * @param {Float64Array} points by whose likelihoods its own is ranked, two numbers each
 * @returns {Promise<Probe>}
 */
export async function probed(trainer, x, points) {
  const count = 1 + points.length / 2;
  const { z, logProb } = await trainer.encode(Float64Array.from([x[0], x[1], ...points]));
  const classes = logProb.length / count;
  const density = Array.from({ length: count }, (_, at) => logSumExp(logProb.subarray(at * classes, (at + 1) * classes)) - Math.log(classes));
  const first = logProb.subarray(0, classes);
  const sum = logSumExp(first);
  return {
    x: [x[0], x[1]], z: [z[0], z[1]],
    posterior: Array.from(first, (value) => Math.exp(value - sum)),
    density: density[0],
    rank: density.slice(1).filter((value) => value > density[0]).length / Math.max(1, count - 1),
  };
}

/** @param {HTMLElement} place @param {Probe[]} probes of each model @param {string[]} colors of classes */
export function showPoint(place, probes, colors) {
  const rows = probes.flatMap((probe, at) => {
    if (!probe) return [];
    const name = probes.length > 1 ? [make("b", {}, `${NAMES[at]} `)] : [];
    const classes = probe.posterior.flatMap((share, label) => [make("i", { style: `--class: ${colors[label]}`, title: `class ${label + 1}` }), ` ${(100 * share).toFixed(1)} %  `]);
    return [make("p", {}, ...name, ...classes), make("p", {}, rankText(probe.rank))];
  });
  place.replaceChildren(...(rows.length ? [make("b", { class: "play-star" }, "★ the point"), ...rows] : []));
}

/** @param {number} rank the share of the points that are likelier than one */
function rankText(rank) {
  if (rank === 0 || rank === 1) return `${rank ? "less likely" : "likelier"} than every point`;
  return `less likely than ${Math.min(99, Math.max(1, Math.round(100 * rank)))} % of the points`;
}
