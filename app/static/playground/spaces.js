// The two pictures of a model: data space, with decision regions, density, points and samples; and latent space, with the
// points among their Gaussians and the grid of data space as the flow has bent it.

import { star } from "../figure/canvas.js";
import { VIEW } from "./link.js";
import { drawStage } from "./strip.js";

/**
 * @typedef {[number, number]} Point
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {{ colors: string[], rgb: [number, number, number][], accent: string }} Look
 * @typedef {{ x: Point, z: Point, posterior: number[], density: number, rank: number } | null} Probe the point that is shown in both
 *   spaces, its log q(x), and the share of points that are likelier
 * @typedef {{ grid: boolean, samples: boolean, density: boolean, held: boolean }} Layers which may be hidden
 *
 * @typedef {object} Scene
 * @property {import("./link.js").Points} data
 * @property {import("./link.js").Points} [held] points by which models are measured
 * @property {Snapshot | null} snapshot
 * @property {Probe} probe
 * @property {Layers} layers
 */

const REACH = Math.sqrt(2 * Math.log(10)); // radius in which 90 % of a Gaussian of the plane lie
const LEVELS = [0.5, 2, 4.5]; // nats below the highest density: one, two, three deviations of a Gaussian
const FIELD = 64; // cells of the latent background along an edge
const FEW = 20; // points, which may all lie under the means
const [PALE, CLEAR] = [0.14, 0.42]; // how much of the latent grid is seen: where the model expects no points, and where it does
const GRID = 17; // lines of data space before anything is known

/** What both spaces have: a square of the plane on a canvas. */
class Space {
  half = VIEW;
  /** @type {Point} */
  centre = [0, 0];
  side = 0; // CSS pixels
  ink = "#000";
  ground = "#fff";

  /** @param {HTMLCanvasElement} canvas @param {Look} look */
  constructor(canvas, look) {
    this.canvas = canvas;
    this.look = look;
    this.field = document.createElement("canvas");
  }

  /** @param {number} x @param {number} y @returns {Point} in CSS pixels */
  at(x, y) {
    const scale = this.side / (2 * this.half);
    return [(x - this.centre[0]) * scale + this.side / 2, this.side / 2 - (y - this.centre[1]) * scale];
  }

  /** @param {{ clientX: number, clientY: number }} event @returns {Point} */
  placeOf(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return [this.centre[0] + (2 * x - 1) * this.half, this.centre[1] + (1 - 2 * y) * this.half];
  }

  /** An empty canvas. @returns {CanvasRenderingContext2D | null} */
  begin() {
    const { canvas } = this;
    const [style, side] = [getComputedStyle(canvas), canvas.clientWidth];
    const ground = style.getPropertyValue("--ground").trim() || "#fff";
    Object.assign(this, { side, ink: style.color, ground });
    if (!side) return null;
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(side * ratio)) canvas.width = canvas.height = Math.round(side * ratio);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = ground;
    context.fillRect(0, 0, side, side);
    return context;
  }

  /**
   * Colours behind everything: of each cell the class, and how much of it is seen.
   * @param {CanvasRenderingContext2D} context
   * @param {number} size cells along an edge
   * @param {[number, number, number, number]} box of them: left, right, bottom, top
   * @param {(column: number, row: number) => [number, number]} cell class, and opacity from 0 to 255; rows from above
   */
  shade(context, size, box, cell) {
    const { field } = this;
    if (field.width !== size) field.width = field.height = size;
    const target = /** @type {CanvasRenderingContext2D} */ (field.getContext("2d"));
    const image = target.createImageData(size, size);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const [label, opacity] = cell(column, row);
        const at = 4 * (row * size + column);
        const color = this.look.rgb[label];
        image.data[at] = color[0];
        image.data[at + 1] = color[1];
        image.data[at + 2] = color[2];
        image.data[at + 3] = opacity;
      }
    }
    target.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    const [left, top] = this.at(box[0], box[3]);
    const [right, bottom] = this.at(box[1], box[2]);
    context.drawImage(field, left, top, right - left, bottom - top);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {ArrayLike<number>} places (N, 2)
   * @param {ArrayLike<number>} labels (N)
   */
  dots(context, places, labels) {
    const radius = Math.max(2, this.side / (labels.length > 600 ? 170 : labels.length > FEW ? 120 : 80));
    context.lineWidth = radius / 3;
    context.strokeStyle = this.ground;
    this.look.colors.forEach((color, label) => {
      context.fillStyle = color;
      for (let at = 0; at < labels.length; at++) {
        if (labels[at] !== label) continue;
        const [x, y] = this.at(places[2 * at], places[2 * at + 1]);
        if (!(x > -9 && y > -9 && x < this.side + 9 && y < this.side + 9)) continue;
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.stroke();
        context.fill();
      }
    });
  }

  /** @param {CanvasRenderingContext2D} context @param {Point} place */
  star(context, place) {
    const [x, y] = this.at(...place).map((value) => Math.min(this.side - 6, Math.max(6, value)));
    star(context, x, y, Math.max(9, this.side / 36));
    Object.assign(context, { fillStyle: this.look.accent, strokeStyle: this.ground, lineWidth: 2.5, lineJoin: "round" });
    context.stroke();
    context.fill();
  }
}

export class DataSpace extends Space {
  /** @param {Scene} scene */
  draw({ data, held, snapshot, probe, layers }) {
    const context = this.begin();
    if (!context) return;
    const field = snapshot?.finite ? snapshot.field : null;
    /** @type {Float32Array} of the field's cells */
    let density = new Float32Array();
    if (field) {
      density = densityOf(field.logProb, field.size ** 2);
      this.#regions(context, field, density, layers.density);
    }
    if (layers.grid) this.#grid(context, snapshot);
    if (field && layers.density) this.#contours(context, field, density);
    if (snapshot?.finite && layers.samples) this.#samples(context, snapshot.samples);
    this.dots(context, data.points, data.labels);
    if (held && layers.held) this.#rings(context, held);
    if (probe) this.star(context, probe.x);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Snapshot["field"]} field
   * @param {Float32Array} density
   * @param {boolean} isDense whether it is shown
   */
  #regions(context, { size, from, to, logProb }, density, isDense) {
    const cells = size * size;
    const classes = logProb.length / cells;
    const most = largestOf(density);
    this.shade(context, size, [from, to, from, to], (column, row) => {
      const at = (size - 1 - row) * size + column; // rows of the field go upwards
      let top = 0;
      for (let label = 1; label < classes; label++) if (logProb[label * cells + at] > logProb[top * cells + at]) top = label;
      const share = Math.exp(logProb[top * cells + at] - density[at] - Math.log(classes));
      const sure = Math.max(0, (share - 1 / classes) / (1 - 1 / classes));
      return [top, 62 * sure * sure + (isDense ? 110 * Math.exp((density[at] - most) / 2) : 0)];
    });
  }

  /** @param {CanvasRenderingContext2D} context @param {Snapshot | null} snapshot */
  #grid(context, snapshot) {
    const lines = snapshot ? snapshot.grid.lines / 2 : GRID;
    const [from, to] = snapshot ? [snapshot.field.from, snapshot.field.to] : [-this.half, this.half];
    context.globalAlpha = 0.16;
    Object.assign(context, { strokeStyle: this.ink, lineWidth: 1 });
    context.beginPath();
    for (let line = 0; line < lines; line++) {
      const value = from + ((to - from) * line) / (lines - 1);
      context.moveTo(...this.at(value, from));
      context.lineTo(...this.at(value, to));
      context.moveTo(...this.at(from, value));
      context.lineTo(...this.at(to, value));
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} context @param {Snapshot["field"]} field @param {Float32Array} density */
  #contours(context, { size, from, to }, density) {
    const most = largestOf(density);
    const step = (to - from) / size; // the values are those of the cells' centres
    Object.assign(context, { strokeStyle: this.ink, lineWidth: 1 });
    LEVELS.forEach((below, number) => {
      context.globalAlpha = 0.55 - 0.15 * number;
      context.beginPath();
      contour(density, size, most - below, (x0, y0, x1, y1) => {
        context.moveTo(...this.at(from + (x0 + 0.5) * step, from + (y0 + 0.5) * step));
        context.lineTo(...this.at(from + (x1 + 0.5) * step, from + (y1 + 0.5) * step));
      });
      context.stroke();
    });
    context.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} context @param {import("./link.js").Points} held */
  #rings(context, { points, labels }) {
    const radius = Math.max(2.5, this.side / 110);
    for (const [color, width] of /** @type {[string | null, number][]} */ ([[this.ground, 3], [null, 1.5]])) {
      context.lineWidth = width;
      for (let at = 0; at < labels.length; at++) {
        context.strokeStyle = color ?? this.look.colors[labels[at]];
        context.beginPath();
        context.arc(...this.at(points[2 * at], points[2 * at + 1]), radius, 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  /** Small crosses. @param {CanvasRenderingContext2D} context @param {Snapshot["samples"]} samples */
  #samples(context, { x, y }) {
    const arm = Math.max(2.5, this.side / 110);
    for (const [width, isHalo] of /** @type {[number, boolean][]} */ ([[3.2, true], [1.7, false]])) {
      context.lineWidth = width;
      this.look.colors.forEach((color, label) => {
        context.strokeStyle = isHalo ? (this.ground) : color;
        context.beginPath();
        for (let at = 0; at < y.length; at++) {
          if (y[at] !== label) continue;
          const [left, top] = this.at(x[2 * at], x[2 * at + 1]);
          context.moveTo(left - arm, top - arm);
          context.lineTo(left + arm, top + arm);
          context.moveTo(left - arm, top + arm);
          context.lineTo(left + arm, top - arm);
        }
        context.stroke();
      });
    }
  }
}

export class LatentSpace extends Space {
  #isNew = true;

  /** The next picture is about another network: its view begins where that is. */
  reset() {
    this.#isNew = true;
  }

  /** @param {Scene} scene @param {boolean} isSmooth whether the view glides to where the latents are */
  draw({ data, snapshot, probe, layers }, isSmooth) {
    const context = this.begin();
    if (!context || !snapshot?.finite) return;
    const { means, z, grid } = snapshot;
    this.#frame(snapshot, isSmooth);
    this.#regions(context, means);
    if (layers.grid) this.#grid(context, grid);
    const scale = this.side / (2 * this.half);
    for (let label = 0; label < means.length / 2; label++) {
      const [x, y] = this.at(means[2 * label], means[2 * label + 1]);
      for (const [color, width] of /** @type {[string, number][]} */ ([[this.ground, 4], [this.look.colors[label], 2]])) {
        Object.assign(context, { strokeStyle: color, lineWidth: width });
        context.beginPath();
        context.arc(x, y, REACH * scale, 0, 2 * Math.PI);
        context.stroke();
      }
    }
    const showDots = () => z.length === 2 * data.labels.length && this.dots(context, z, data.labels);
    const areFew = data.labels.length <= FEW;
    if (!areFew) showDots();
    for (let label = 0; label < means.length / 2; label++) this.#mean(context, this.at(means[2 * label], means[2 * label + 1]), label);
    if (areFew) showDots();
    if (probe) this.star(context, probe.z);
  }

  /** Lines of data space, paler where the model expects no points. @param {CanvasRenderingContext2D} context @param {Snapshot["grid"]} grid */
  #grid(context, { lines, each, z, isLikely }) {
    Object.assign(context, { strokeStyle: this.ink, lineWidth: 1 });
    for (const [alpha, isShown] of [[PALE, 0], [CLEAR, 1]]) {
      context.globalAlpha = alpha;
      for (let line = 0; line < lines; line++) {
        context.beginPath(); // one at a time: of a long path a browser finds out where it crosses itself
        for (let at = line * each; at + 1 < (line + 1) * each; at++) {
          if ((isLikely[at] | isLikely[at + 1]) !== isShown) continue;
          context.moveTo(...this.at(z[2 * at], z[2 * at + 1]));
          context.lineTo(...this.at(z[2 * at + 2], z[2 * at + 3]));
        }
        context.stroke();
      }
    }
    context.globalAlpha = 1;
  }

  /**
   * What lies between data space and this one, in its place.
   * @param {import("./trainer.js").Stages} stages
   * @param {number} stage
   * @param {number} half of the square's side
   * @param {boolean} hasGrid
   */
  drawStage(stages, stage, half, hasGrid) {
    const context = this.begin();
    if (context) drawStage(context, this.side, stages, stage, half, { look: this.look, ink: this.ink, ground: this.ground, hasGrid });
  }

  /** @param {CanvasRenderingContext2D} context @param {Point} place @param {number} label */
  #mean(context, [x, y], label) {
    const radius = Math.max(6, this.side / 52);
    context.beginPath();
    context.moveTo(x, y - radius);
    context.lineTo(x + radius, y);
    context.lineTo(x, y + radius);
    context.lineTo(x - radius, y);
    context.closePath();
    Object.assign(context, { fillStyle: this.look.colors[label], strokeStyle: this.ink, lineWidth: 2 });
    context.fill();
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {Float32Array} means */
  #regions(context, means) {
    const classes = means.length / 2;
    const scores = new Float64Array(classes);
    const step = (2 * this.half) / FIELD;
    const [x0, y0] = this.centre;
    this.shade(context, FIELD, [x0 - this.half, x0 + this.half, y0 - this.half, y0 + this.half], (column, row) => {
      const x = this.centre[0] - this.half + (column + 0.5) * step;
      const y = this.centre[1] + this.half - (row + 0.5) * step;
      let top = 0;
      for (let label = 0; label < classes; label++) {
        scores[label] = -((x - means[2 * label]) ** 2 + (y - means[2 * label + 1]) ** 2) / 2;
        if (scores[label] > scores[top]) top = label;
      }
      const share = 1 / scores.reduce((sum, score) => sum + Math.exp(score - scores[top]), 0);
      const sure = Math.max(0, (share - 1 / classes) / (1 - 1 / classes));
      return [top, 50 * sure * sure];
    });
  }

  /** The view that holds the Gaussians and nearly all points. @param {Snapshot} snapshot @param {boolean} isSmooth */
  #frame({ means, z }, isSmooth) {
    const count = means.length / 2;
    const middle = [0, 1].map((axis) => means.reduce((sum, value, at) => sum + (at % 2 === axis ? value : 0), 0) / count);
    const distances = Array.from({ length: z.length / 2 }, (_, at) =>
      Math.max(Math.abs(z[2 * at] - middle[0]), Math.abs(z[2 * at + 1] - middle[1])),
    ).sort((one, other) => one - other);
    const far = distances[Math.floor(0.98 * (distances.length - 1))] ?? 0;
    const ofMeans = means.reduce((most, value, at) => Math.max(most, Math.abs(value - middle[at % 2])), 0);
    const half = 1.06 * Math.max(far, ofMeans + REACH);
    const share = this.#isNew || !isSmooth ? 1 : 0.12;
    this.half += share * (half - this.half);
    this.centre = [this.centre[0] + share * (middle[0] - this.centre[0]), this.centre[1] + share * (middle[1] - this.centre[1])];
    this.#isNew = false;
  }
}

/** log q(x) of each cell out of log q(x | y), (K, cells), all classes being equally frequent. @param {Float32Array} logProb @param {number} cells */
function densityOf(logProb, cells) {
  const classes = logProb.length / cells;
  const density = new Float32Array(cells);
  for (let at = 0; at < cells; at++) {
    let most = -Infinity;
    for (let label = 0; label < classes; label++) most = Math.max(most, logProb[label * cells + at]);
    let sum = 0;
    for (let label = 0; label < classes; label++) sum += Math.exp(logProb[label * cells + at] - most);
    density[at] = most + Math.log(sum / classes);
  }
  return density;
}

/** @param {Float32Array} values */
const largestOf = (values) => values.reduce((most, value) => (value > most ? value : most), -Infinity);

/**
 * The line on which values on a square of places are at a level, piece by piece, in places.
 * @param {Float32Array} values (size, size)
 * @param {number} size
 * @param {number} wanted
 * @param {(x0: number, y0: number, x1: number, y1: number) => void} piece
 */
function contour(values, size, wanted, piece) {
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const at = row * size + column;
      const corners = [values[at], values[at + 1], values[at + size + 1], values[at + size]];
      /** @type {Point[]} */
      const crossed = [];
      for (let edge = 0; edge < 4; edge++) {
        const [one, other] = [corners[edge], corners[(edge + 1) % 4]];
        if (one < wanted === other < wanted) continue;
        const share = (wanted - one) / (other - one);
        crossed.push(
          edge === 0 ? [column + share, row] : edge === 1 ? [column + 1, row + share] : edge === 2 ? [column + 1 - share, row + 1] : [column, row + 1 - share],
        );
      }
      for (let pair = 0; pair + 1 < crossed.length; pair += 2) piece(...crossed[pair], ...crossed[pair + 1]);
    }
  }
}
