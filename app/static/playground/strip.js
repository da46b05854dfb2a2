// The network, coupling by coupling: small pictures of the points and of a grid around them, from data space to latent space.

import { star } from "../figure/canvas.js";

/**
 * @typedef {import("./trainer.js").Stages} Stages
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {import("./spaces.js").Look} Look
 * @typedef {import("./spaces.js").Point} Point
 */

const MOST = 0.98; // share of the points that every picture has room for
const [ALONG, HEAD, LONGEST] = [0.13, 0.045, 200]; // of an arrow: half its length and its head, in sides of a picture, which counts as no larger

/** The half side of a square around zero that holds nearly all points of all stages, so that one can compare them. @param {Stages} stages */
function halfOf({ count, rows, lines, each, places, labels }) {
  /** @type {number[]} */
  const far = [];
  for (let stage = 0; stage < count; stage++) {
    for (let at = 0; at < labels.length; at++) {
      const row = stage * rows + lines * each + at;
      far.push(Math.max(Math.abs(places[2 * row]), Math.abs(places[2 * row + 1])));
    }
  }
  far.sort((one, other) => one - other);
  return 1.1 * Math.max(1, far[Math.floor(MOST * (far.length - 1))] ?? 1);
}

/** What a stage is called. @param {number} stage @param {number} count of all */
export const nameOf = (stage, count) => (stage === 0 ? "data" : stage === count - 1 ? "latent" : String(stage));

/**
 * One stage.
 * @param {CanvasRenderingContext2D} context
 * @param {number} side of the square, in CSS pixels
 * @param {Stages} stages
 * @param {number} stage
 * @param {number} half of the square's side, in units of latent space
 * @param {{ look: Look, ink: string, ground: string, hasGrid: boolean }} how
 */
export function drawStage(context, side, stages, stage, half, { look, ink, ground, hasGrid }) {
  const { rows, lines, each, places, labels, directions } = stages;
  const scale = side / (2 * half);
  const x = (/** @type {number} */ row) => side / 2 + scale * places[2 * (stage * rows + row)];
  const y = (/** @type {number} */ row) => side / 2 - scale * places[2 * (stage * rows + row) + 1];
  context.fillStyle = ground;
  context.fillRect(0, 0, side, side);
  if (hasGrid) {
    Object.assign(context, { strokeStyle: ink, lineWidth: side > 200 ? 1 : 0.75, globalAlpha: 0.4 });
    for (let line = 0; line < lines; line++) {
      context.beginPath();
      for (let row = line * each; row < (line + 1) * each; row++) context.lineTo(x(row), y(row));
      context.stroke();
    }
    context.globalAlpha = 1;
  }
  const radius = Math.max(1.1, side / 90);
  for (let at = 0; at < labels.length; at++) {
    context.fillStyle = look.colors[labels[at]];
    context.beginPath();
    context.arc(x(lines * each + at), y(lines * each + at), radius, 0, 2 * Math.PI);
    context.fill();
  }
  for (let row = lines * each + labels.length; row < rows; row++) {
    star(context, x(row), y(row), Math.max(5, side / 36));
    Object.assign(context, { fillStyle: look.accent, strokeStyle: ground, lineWidth: 1.5, lineJoin: "round" });
    context.stroke();
    context.fill();
  }
  if (stage > 0) arrow(context, side, directions[stage - 1], ink, ground);
}

/**
 * Both ways, in the lower left corner.
 * @param {CanvasRenderingContext2D} context
 * @param {number} side
 * @param {number} angle
 * @param {string} ink
 * @param {string} ground
 */
function arrow(context, side, angle, ink, ground) {
  const size = Math.min(side, LONGEST);
  const middle = (ALONG + 0.05) * size;
  const [along, head] = [ALONG * size, HEAD * size];
  context.save();
  context.translate(middle, side - middle);
  context.rotate(-angle);
  context.beginPath();
  context.moveTo(-along, 0);
  context.lineTo(along, 0);
  for (const way of [-1, 1]) {
    context.moveTo(way * (along - head), -head);
    context.lineTo(way * along, 0);
    context.lineTo(way * (along - head), head);
  }
  for (const [strokeStyle, width] of /** @type {[string, number][]} */ ([[ground, 4], [ink, 1.75]])) {
    Object.assign(context, { strokeStyle, lineWidth: (width * Math.max(70, size)) / 90, lineCap: "round", lineJoin: "round" });
    context.stroke();
  }
  context.restore();
}

/** The row of pictures of one model. */
export class Strip {
  /** @type {Stages | null} */
  stages = null;
  half = 1;
  /** @type {Snapshot | null} */ #snapshot = null;
  /** @type {Point | undefined} */ #at;
  place = document.createElement("div");

  /** @param {Look} look @param {string} name of the model, empty if there is one @param {(stage: number) => void} press of a stage */
  constructor(look, name, press) {
    this.look = look;
    this.name = name;
    this.press = press;
    this.place.className = "play-stages";
  }

  /** Whether it shows that already. @param {Snapshot} snapshot @param {Point | undefined} point */
  isOf(snapshot, point) {
    return this.#snapshot === snapshot && String(this.#at) === String(point);
  }

  /**
   * @param {Stages} stages
   * @param {Snapshot} snapshot of the same model
   * @param {Point | undefined} point of data space that goes along
   * @param {boolean} hasGrid
   * @param {number | null} kept stage that is shown large
   */
  show(stages, snapshot, point, hasGrid, kept) {
    this.#snapshot = snapshot;
    this.#at = point;
    this.half = this.stages?.count === stages.count ? 0.7 * this.half + 0.3 * halfOf(stages) : halfOf(stages);
    this.stages = stages;
    this.draw(hasGrid, kept);
  }

  /** @param {boolean} hasGrid @param {number | null} kept */
  draw(hasGrid, kept) {
    const { stages, place, look } = this;
    if (!stages) return;
    if (place.children.length !== stages.count) this.#fill(stages.count);
    const { color: ink } = getComputedStyle(place);
    const ground = getComputedStyle(place).getPropertyValue("--ground").trim() || "#fff";
    const buttons = /** @type {HTMLCollectionOf<HTMLButtonElement>} */ (place.children);
    const side = /** @type {HTMLCanvasElement} */ (buttons[0].firstElementChild).clientWidth;
    if (!side) return;
    const ratio = window.devicePixelRatio || 1;
    Array.from(buttons).forEach((button, stage) => {
      button.setAttribute("aria-pressed", String(stage === kept));
      const canvas = /** @type {HTMLCanvasElement} */ (button.firstElementChild);
      if (canvas.width !== Math.round(side * ratio)) canvas.width = canvas.height = Math.round(side * ratio);
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawStage(context, side, stages, stage, this.half, { look, ink, ground, hasGrid });
    });
  }

  /** @param {number} count */
  #fill(count) {
    this.place.replaceChildren(...Array.from({ length: count }, (_, stage) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button" });
      const name = nameOf(stage, count);
      const where = stage === 0 ? "the data, standardised" : `behind coupling ${stage}${stage === count - 1 ? ": latent space" : ""}`;
      button.setAttribute("aria-label", `${this.name ? `Model ${this.name}, ` : ""}${where}`);
      const caption = document.createElement("span");
      caption.textContent = name;
      button.append(document.createElement("canvas"), caption);
      button.addEventListener("click", () => this.press(stage));
      return button;
    }));
  }
}
