// The picture of data space, with decision regions, density, points, and samples.

import { Plane } from "./plane.js";

/**
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 *
 * @typedef {object} Scene the content of both spaces of a model
 * @property {import("./points.js").Points} data
 * @property {Snapshot | null} snapshot
 * @property {import("./trainer.js").Probe | null} probe the star
 */

const [EDGE, STEP] = [4, 0.5]; // border and spacing of the grid, in units of data space

export class DataSpace extends Plane {
  /** @param {Scene} scene */
  draw({ data, snapshot, probe }) {
    if (!this.begin()) return;
    if (snapshot?.finite) this.#regions(snapshot.field, snapshot.means.length / 2);
    this.#grid();
    if (snapshot?.finite) this.#samples(snapshot.samples);
    this.dots(data.points, data.labels);
    if (probe) this.star(probe.x);
  }

  /** @param {Snapshot["field"]} field @param {number} classes */
  #regions({ size, from, to, density, label, share }, classes) {
    const most = density.reduce((one, other) => Math.max(one, other), -Infinity);
    this.shade(size, [from, to, from, to], (column, row) => {
      const at = (size - 1 - row) * size + column; // rows of the field go up
      const sure = Math.max(0, (share[at] - 1 / classes) / (1 - 1 / classes));
      return [label[at], 62 * sure * sure + 110 * Math.exp((density[at] - most) / 2)];
    });
  }

  #grid() {
    const places = [];
    for (let value = -EDGE; value <= EDGE; value += STEP) places.push(value, -EDGE, value, EDGE, -EDGE, value, EDGE, value);
    this.lines(places, { lines: places.length / 4, each: 2 }, 0.16);
  }

  /** Draws samples as small crosses. @param {Snapshot["samples"]} samples */
  #samples({ x: places, y: labels }) {
    const { context } = this;
    const arm = Math.max(2.5, this.side / 110);
    this.marks(places, labels, (x, y, color) => {
      context.moveTo(x - arm, y - arm);
      context.lineTo(x + arm, y + arm);
      context.moveTo(x - arm, y + arm);
      context.lineTo(x + arm, y - arm);
      this.haloed(color, 1.7);
    });
  }
}
