// Updates the bars of an image's posterior, and the image's star in the plane of the class means.

import { Space } from "../moves/space.js";
import { barLabel } from "../moves/words.js";
import { cloudOf } from "../plane/component.js";
import { evaluatePicture } from "./evaluated.js";
import { Task } from "./task.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("./live.js").Changes} Changes
 * @typedef {import("./evaluated.js").Picture} Picture
 */

/** @extends {Task<{ picture: Picture, shown: number[] }>} `shown` lists the classes that have a bar */
export class Bars extends Task {
  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const found = await evaluatePicture(model, this.given.picture);
    if (!found) return;
    const shares = this.given.shown.map((k) => found.posterior[k]);
    yield { bars: { x: shares, text: shares.map(barLabel) } };
  }
}

/** @extends {Task<{ picture: Picture, anchors: number[][] }>} anchors: class means that define the plane, (K, K - 1) */
export class Star extends Task {
  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const found = await evaluatePicture(model, this.given.picture);
    if (!found) return;
    const place = new Space(model.current, this.given.anchors).place(found.latents);
    yield () => cloudOf(this.figure)?.starAt(place);
  }
}
