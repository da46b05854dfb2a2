// What a person saves: the pictures as PNG and GIF, the curves as a sheet.

import { blobOf, frameOf } from "../figure/export.js";
import { Recorder, save } from "../figure/recorder.js";
import { MEASURES } from "./curves.js";
import { sheetOf } from "./sheet.js";

/** @typedef {import("./curves.js").Row} Row */

const TAKE = 150; // ms between two pictures of a GIF
const MAX_FRAMES = 400; // of them
const COLUMNS = /** @type {(keyof typeof MEASURES)[]} */ (Object.keys(MEASURES));
const TRAINING = /** @type {const} */ (["lossX", "lossY", "error"]);

/** Gives a sheet to the person. @param {string} text @param {string} name */
export const saveSheet = (text, name) => save(new Blob([text], { type: "text/csv" }), name);

/** All curves as a sheet, a row for each model and step. @param {Row[][]} histories of the models */
export function curvesAsSheet(histories) {
  const titles = TRAINING.map((name) => `training${name[0].toUpperCase()}${name.slice(1)}`);
  const rows = histories.flatMap((history, model) => history.map((row) => [
    model + 1, row.step, ...COLUMNS.map((name) => row[name]), ...TRAINING.map((name) => row.training?.[name] ?? NaN),
  ]));
  return sheetOf(["model", "step", ...COLUMNS, ...titles], rows);
}

/** Saves what is on the page. */
export class Camera {
  /** @type {Recorder | null} while a GIF is recorded */ #recorder = null;
  #count = 0; // of its pictures
  #last = 0; // when the last of them was taken

  /**
   * @param {HTMLButtonElement} button that records
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

  /** Records what the pictures do until it is called again. */
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

  /** A picture for the GIF, if one is recorded, and not too soon after the last one. */
  async take() {
    const recorder = this.#recorder;
    if (!recorder || performance.now() < this.#last + TAKE) return;
    this.#last = Infinity; // one after another
    const frame = await frameOf(this.see());
    if (recorder !== this.#recorder) return; // it has been saved
    this.#last = performance.now();
    recorder.add(frame, TAKE);
    if (++this.#count === MAX_FRAMES) this.record();
  }
}
