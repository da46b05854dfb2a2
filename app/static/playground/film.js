// The playground's spaces as one picture, and a training as a film of such pictures.

import { aimText } from "./aims.js";
import { gifOf } from "./gif.js";
import { DataSpace, LatentSpace } from "./spaces.js";
import { Trainer } from "./trainer.js";

/**
 * @typedef {import("./link.js").Aim} Aim
 * @typedef {import("./trainer.js").Problem} Problem
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {import("./playground.js").Model} Model
 *
 * @typedef {object} Story what has been trained, so that a film can take the same steps once more
 * @property {Problem} problem with which it began
 * @property {{ step: number, settings: Parameters<Trainer["change"]>[0] }[]} changes after so many steps
 */

const FRAMES = 48; // of a film, after the first
const PIXELS = 260; // of each space in it
const FRAME_MS = 100;

/**
 * All spaces, with a line above each row.
 * @param {Pick<Model, "data" | "latent" | "snapshot">[]} models
 * @param {Aim[]} aims of these
 * @param {string} fontFamily
 * @param {number} [scale] of their pixels
 */
export function pictureOf(models, aims, fontFamily, scale = 1) {
  const all = /** @type {HTMLCanvasElement[]} */ (models.flatMap(({ data, latent }) => [data.canvas, latent.canvas]));
  const side = Math.round(all[0].width * scale);
  const [gap, line] = [Math.round(side / 40), Math.round(side / 14)];
  const picture = document.createElement("canvas");
  picture.width = 2 * side + 3 * gap;
  picture.height = models.length * (side + line + gap);
  const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d", { willReadFrequently: true }));
  const { ink, ground } = models[0].data;
  context.fillStyle = ground;
  context.fillRect(0, 0, picture.width, picture.height);
  Object.assign(context, { fillStyle: ink, font: `${Math.round(0.62 * line)}px ${fontFamily}` });
  models.forEach(({ snapshot }, at) => {
    const top = at * (side + line + gap);
    const error = snapshot?.finite ? ` · error ${(100 * snapshot.error).toFixed(1)} % · ${snapshot.bits.toFixed(2)} bits/dim` : "";
    context.fillText(`${aimText(aims[at])} · ${(snapshot?.step ?? 0).toLocaleString("en")} steps${error}`, gap, top + 0.72 * line);
    context.drawImage(all[2 * at], gap, top + line, side, side);
    context.drawImage(all[2 * at + 1], side + 2 * gap, top + line, side, side);
  });
  return picture;
}

/**
 * A film of the training: other trainers take the same steps once more, with all that was changed on the way, and the
 * models that are shown stay as they are.
 * @param {Model[]} models
 * @param {import("./spaces.js").Layers} layers
 * @param {string} fontFamily
 * @param {(share: number) => void} progress is told which share is done
 * @param {AbortSignal} signal ends it
 * @returns {Promise<Blob>} a GIF
 */
export async function filmOf(models, layers, fontFamily, progress, signal) {
  const { look, canvas: { width } } = models[0].data;
  const actors = models.flatMap(({ story, snapshot, isFrozen, data, latent }) => {
    if (!story || !snapshot) return [];
    const spaces = { data: new DataSpace(document.createElement("canvas"), look), latent: new LatentSpace(document.createElement("canvas"), look) };
    spaces.data.like(data);
    spaces.latent.like(latent);
    const target = isFrozen ? snapshot.step : Math.max(snapshot.step, FRAMES);
    return [{ ...spaces, trainer: new Trainer(), problem: { ...story.problem }, changes: [...story.changes], target, snapshot }];
  });
  const close = () => actors.forEach(({ trainer }) => trainer.close());
  signal.addEventListener("abort", close);
  try {
    /** @type {ImageData[]} */
    const frames = [];
    for (const actor of actors) actor.snapshot = await actor.trainer.start(actor.problem);
    for (let frame = 0; frame <= FRAMES; frame++) {
      await Promise.all(actors.map(async (actor) => {
        await goOn(actor, Math.round((actor.target * frame) / FRAMES));
        const scene = { data: actor.problem, held: actor.problem.held, snapshot: actor.snapshot, probe: null, layers };
        actor.data.draw(scene);
        actor.latent.draw(scene, false);
      }));
      const picture = pictureOf(actors, actors.map(({ problem }) => /** @type {Aim} */ (problem)), fontFamily, PIXELS / width);
      const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d"));
      frames.push(context.getImageData(0, 0, picture.width, picture.height));
      progress(frame / FRAMES);
    }
    return gifOf(frames, FRAME_MS);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

/**
 * Takes the steps until `end`, with what was changed on the way.
 * @param {{ trainer: Trainer, problem: Problem, changes: Story["changes"], snapshot: Snapshot }} actor
 * @param {number} end
 */
async function goOn(actor, end) {
  const { trainer, problem, changes } = actor;
  while (actor.snapshot.finite) {
    const next = changes.length && changes[0].step <= end ? changes[0] : null;
    const count = (next ? next.step : end) - actor.snapshot.step;
    if (count > 0) actor.snapshot = await trainer.step(count);
    if (!next) break;
    changes.shift();
    actor.snapshot = await trainer.change(next.settings);
    Object.assign(problem, next.settings);
  }
}
