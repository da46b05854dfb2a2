// One image's posterior as bars, and its place in the plane of the class means as a star.

import { Space } from "../hands/space.js";
import { cloudOf } from "../plane/component.js";
import { lookAt } from "./looks.js";

/**
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("./live.js").Changes} Changes
 * @typedef {import("./looks.js").Picture} Picture
 */

export class Bars {
  /** @param {string} _ @param {{ picture: Picture, shown: number[] }} given classes that have a bar */
  constructor(_, given) {
    this.given = given;
  }

  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const found = await lookAt(model, this.given.picture);
    if (!found) return;
    const shares = this.given.shown.map((k) => found.posterior[k]);
    yield { bars: { x: shares, text: shares.map(percent) } };
  }
}

export class Star {
  /** @param {string} plane its key @param {{ picture: Picture, anchors: number[][] }} given means of the plane's own model, (K, K - 1) */
  constructor(plane, given) {
    this.plane = plane;
    this.given = given;
  }

  /** @param {Model} model @returns {AsyncGenerator<Changes>} */
  async *steps(model) {
    const found = await lookAt(model, this.given.picture);
    if (!found) return;
    const place = new Space(model.current, this.given.anchors).place(found.latents);
    yield () => cloudOf(this.plane)?.starAt(place);
  }
}

/** As the program writes a share on a bar. @param {number} share */
export const percent = (share) => (share >= 0.005 ? `${Math.round(100 * share)}%` : "");
