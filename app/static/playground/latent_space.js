// The picture of latent space, with points, Gaussians, and the grid of data space after the flow.

import { Plane } from "./plane.js";

/**
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {import("./plane.js").Point} Point
 */

const REACH = Math.sqrt(2 * Math.log(10)); // radius that contains 90 % of a two-dimensional unit Gaussian
const FIELD = 64; // cells of the background along each side
const FEW = 20; // with at most this many points, the means are drawn below the points
const VISIBLE_SHARE = 0.99; // share of the coordinates that fit into the view
const GLIDE = 0.12; // share of the remaining distance that the view moves in each frame

export class LatentSpace extends Plane {
  /** @param {import("./data_space.js").Scene} scene @param {boolean} isSmooth whether the view moves smoothly */
  draw({ data, snapshot, probe }, isSmooth) {
    if (!this.begin() || !snapshot?.finite) return;
    const { z, grid } = snapshot;
    const means = Array.from({ length: snapshot.means.length / 2 }, (_, label) => /** @type {Point} */ ([...snapshot.means.subarray(2 * label, 2 * label + 2)]));
    this.#frame(means, z, isSmooth && snapshot.step > 0 ? GLIDE : 1);
    this.#regions(means);
    this.lines(grid.z, grid, 0.25);
    means.forEach((mean, label) => this.#circle(mean, this.style.colors[label]));
    const showMeans = () => means.forEach((mean, label) => this.#mean(mean, this.style.colors[label]));
    const areFew = data.labels.length <= FEW;
    if (areFew) showMeans();
    if (z.length === 2 * data.labels.length) this.dots(z, data.labels);
    if (!areFew) showMeans();
    if (probe) this.star(probe.z);
  }

  /** Draws the circle that contains 90 % of a Gaussian. @param {Point} mean @param {string} color */
  #circle(mean, color) {
    this.context.beginPath();
    this.context.arc(...this.at(...mean), (REACH * this.side) / (2 * this.half), 0, 2 * Math.PI);
    this.haloed(color, 2);
  }

  /** @param {Point} mean @param {string} color */
  #mean(mean, color) {
    const { context } = this;
    const [x, y] = this.at(...mean);
    const radius = Math.max(6, this.side / 52);
    context.beginPath();
    for (const [right, down] of [[0, -1], [1, 0], [0, 1], [-1, 0]]) context.lineTo(x + right * radius, y + down * radius);
    context.closePath();
    Object.assign(context, { fillStyle: color, strokeStyle: this.ink, lineWidth: 2 });
    context.fill();
    context.stroke();
  }

  /** @param {Point[]} means */
  #regions(means) {
    const [left, top] = [this.centre[0] - this.half, this.centre[1] + this.half];
    const step = (2 * this.half) / FIELD;
    this.shade(FIELD, [left, left + 2 * this.half, top - 2 * this.half, top], (column, row) => {
      const [x, y] = [left + (column + 0.5) * step, top - (row + 0.5) * step];
      const scores = means.map(([mx, my]) => -((x - mx) ** 2 + (y - my) ** 2) / 2);
      const most = Math.max(...scores);
      const share = 1 / scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
      const sure = Math.max(0, (share - 1 / means.length) / (1 - 1 / means.length));
      return [scores.indexOf(most), 50 * sure * sure];
    });
  }

  /**
   * Moves the view to contain the Gaussians and nearly all points.
   * @param {Point[]} means
   * @param {Float32Array} z
   * @param {number} share share of the distance to move
   */
  #frame(means, z, share) {
    const middle = [0, 1].map((axis) => means.reduce((sum, mean) => sum + mean[axis] / means.length, 0));
    const distances = z.map((value, at) => Math.abs(value - middle[at % 2])).sort();
    const far = distances[Math.floor(VISIBLE_SHARE * (distances.length - 1))] ?? 0;
    const ofMeans = Math.max(...means.flat().map((value, at) => Math.abs(value - middle[at % 2])));
    const half = 1.06 * Math.max(far, ofMeans + REACH);
    this.half += share * (half - this.half);
    this.centre = [this.centre[0] + share * (middle[0] - this.centre[0]), this.centre[1] + share * (middle[1] - this.centre[1])];
  }
}
