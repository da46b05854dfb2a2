// Computes all results of the model for one image, for pages that show them outside a figure.

import { between, verdictOf } from "./bayes.js";
import { asGiven, numbersOf } from "../flow/pixels.js";
import { bitsPerDim, evaluatePicture } from "./evaluated.js";
import { Task } from "./task.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 *
 * @typedef {object} Said
 * @property {Float64Array} logLikelihood log q(x | y) in nats, (K)
 * @property {Float64Array} posterior (K)
 * @property {number} bits bits/dim
 * @property {[number, number]} typical the least and the most bits/dim of typical images
 * @property {[number, number]} range the least and the most bits/dim of held-out images
 * @property {import("./bayes.js").Verdict} verdict
 *
 * @typedef {object} Beside a classifier without a likelihood
 * @property {import("../flow/files.js").Entry} graph the classifier's file in the family's folder
 * @property {"uniform" | number} noise the noise that the classifier was trained with
 * @property {(posterior: Float32Array) => void} show
 *
 * @typedef {Pick<import("./bayes.js").Data, "picture" | "reference" | "sure" | "verdicts"> & { show: (said: Said | null) => void, outdated: () => void, beside?: Beside }} Data
 */

/** @extends {Task<Data>} */
export class Judged extends Task {
  followsImage = true;

  outdated() {
    this.given.outdated();
  }

  failed() {
    this.given.show(null);
  }

  /** @param {Model} model @param {import("./live.js").Moved} moved @returns {AsyncGenerator<import("./live.js").Changes>} */
  async *steps(model, { gamma, place }) {
    const { picture, reference, show } = this.given;
    const found = await evaluatePicture(model, picture);
    if (!found || picture !== this.given.picture) return; // the image has changed
    const at = between(place);
    const [mean, threshold] = [at(reference.mean), at(reference.threshold)];
    const said = {
      logLikelihood: found.logProbPerClass,
      posterior: found.posterior,
      bits: bitsPerDim(found.logProb[0], picture),
      typical: /** @type {[number, number]} */ ([1, -1].map((side) => bitsPerDim(mean + side * threshold, picture))),
      range: /** @type {[number, number]} */ ([at(reference.low), at(reference.high)]),
      verdict: verdictOf(this.given, gamma, found, at),
    };
    yield () => show(said);
    const { beside } = this.given;
    if (!beside) return;
    const other = await model.classify(asGiven(numbersOf(picture.pixels), picture.shape, beside.noise), beside.graph);
    if (other && picture === this.given.picture) yield () => beside.show(other);
  }
}
