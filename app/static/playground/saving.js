// Saves the pictures as PNG and GIF files, and points and curves as CSV files.

import { blobOf, frameOf } from "../figure/export.js";
import { Recorder, save } from "../figure/recorder.js";
import { MEASURES } from "./curves.js";
import { sheetOf } from "./sheet.js";

/** @typedef {import("./curves.js").Row} Row */

const TAKE = 150; // ms between two frames of a GIF
const MAX_FRAMES = 400; // the most frames of a GIF
const COLUMNS = /** @type {(keyof typeof MEASURES)[]} */ (Object.keys(MEASURES));
const TRAINING = /** @type {const} */ (["lossX", "lossY", "error"]);

/** Downloads a CSV file. @param {string} text @param {string} name */
export const saveSheet = (text, name) => save(new Blob([text], { type: "text/csv" }), name);

/** All curves as CSV, with a row for each model and step. @param {Row[][]} histories one for each model */
export function curvesAsSheet(histories) {
  const titles = TRAINING.map((name) => `training${name[0].toUpperCase()}${name.slice(1)}`);
  const rows = histories.flatMap((history, model) => history.map((row) => [
    model + 1, row.step, ...COLUMNS.map((name) => row[name]), ...TRAINING.map((name) => row.training?.[name] ?? NaN),
  ]));
  return sheetOf(["model", "step", ...COLUMNS, ...titles], rows);
}

/** Saves the pictures of the page. */
export class Camera {
  /** @type {Recorder | null} null while nothing is recorded */ #recorder = null;
  #count = 0; // frames so far
  #last = 0; // time of the last frame

  /**
   * @param {HTMLButtonElement} button the button that starts and stops the recording
   * @param {() => import("../figure/export.js").Wanted} see
   * @param {(words: string) => void} say
   */
  constructor(button, see, say) {
    this.button = button;
    this.see = see;
    this.say = say;
  }

  async save() {
    save(await blobOf("png", this.see()), "playground.png");
  }

  /** Starts a recording, or ends and saves the running recording. */
  async record() {
    const recorder = this.#recorder;
    this.#recorder = null;
    this.button.setAttribute("aria-pressed", String(!recorder));
    this.button.textContent = recorder ? "GIF" : "Stop";
    try {
      if (recorder) {
        recorder.add(await frameOf(this.see()), TAKE);
        return save(recorder.finish(), "playground.gif");
      }
      this.#recorder = await Recorder.begin();
      this.#count = this.#last = 0;
      await this.take();
    } catch (error) {
      this.say(`The GIF could not be made: ${error instanceof Error ? error.message : error}.`);
    }
  }

  /** Adds a frame during a recording, if enough time has passed. */
  async take() {
    const recorder = this.#recorder;
    if (!recorder || performance.now() < this.#last + TAKE) return;
    this.#last = Infinity; // blocks other frames until this frame is ready
    const frame = await frameOf(this.see());
    if (recorder !== this.#recorder) return; // the recording has ended
    this.#last = performance.now();
    recorder.add(frame, TAKE);
    if (++this.#count === MAX_FRAMES) this.record();
  }
}
