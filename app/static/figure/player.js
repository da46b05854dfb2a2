// The play button and the slider of an animated figure. They are HTML elements, so that keyboards and screen readers
// can use them and saved pictures do not show them.

import { finder, written } from "./elements.js";

/**
 * @typedef {object} Frames
 * @property {string[]} labels labels of the frames "0", "1", …
 * @property {number} milliseconds duration of each frame
 * @property {string} about what the frames show; if it changes, the player goes back to the first frame
 */

const TRIANGLE = "M7 4l13 8-13 8z";
const BARS = "M6 4h4v16H6zM14 4h4v16h-4z";

const HTML = `
<button data-play type="button">
  <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path data-icon></path></svg> <span data-label></span>
</button>
<input data-slider type="range" min="0" step="1" aria-label="Frame of the figure">
<output data-now></output>`;

export class Player {
  frame = 0;
  isPlaying = false;
  /** @type {Frames} */
  frames = { labels: [], milliseconds: 100, about: "" };
  #coming = 0;

  /**
   * @param {HTMLElement} host
   * @param {(frame: number) => Promise<void>} draw shows a frame of the figure
   * @param {AbortSignal} signal aborts when the figure is removed
   */
  constructor(host, draw, signal) {
    this.draw = draw;
    this.element = host.appendChild(written("div", HTML, { class: "player" }));
    this.find = finder(this.element);
    /** @type {HTMLInputElement} */
    this.slider = this.find("slider");
    this.find("play").onclick = () => this.turn();
    this.slider.oninput = () => this.goTo(Number(this.slider.value));
    this.slider.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.turn();
    };
    // The page sends "play-figure" and "step-figure" for its keyboard shortcuts.
    signal.addEventListener("abort", () => this.#pause());
    document.addEventListener("play-figure", () => this.turn(), { signal });
    document.addEventListener("step-figure", (event) => this.goTo(this.frame + /** @type {CustomEvent} */ (event).detail), { signal });
  }

  get last() {
    return Math.max(0, this.frames.labels.length - 1);
  }

  /**
   * Sets the frames of a figure before the figure is drawn.
   * @param {Frames} frames
   */
  show(frames) {
    if (frames.about !== this.frames.about) {
      this.#pause();
      this.frame = 0;
    }
    this.frames = frames;
    this.slider.max = String(this.last);
    this.frame = Math.min(this.frame, this.last);
    this.#write();
  }

  /** Shows the current frame again, because a new drawing shows the first frame. A running animation continues. */
  async drawn() {
    if (this.frame) await this.draw(this.frame);
    if (this.isPlaying) this.#run();
  }

  /** Plays or pauses. */
  turn() {
    if (this.isPlaying) this.#pause();
    else {
      this.isPlaying = true;
      if (this.frame === this.last) this.#show(0);
      this.#run();
    }
    this.#write();
  }

  /** Pauses at a frame. Resolves when it is drawn. @param {number} frame */
  goTo(frame) {
    this.#pause();
    return this.#show(Math.max(0, Math.min(this.last, frame)));
  }

  #write() {
    const label = this.frames.labels[this.frame] ?? "";
    this.slider.value = String(this.frame);
    this.slider.setAttribute("aria-valuetext", label);
    this.find("now").textContent = label;
    this.find("icon").setAttribute("d", this.isPlaying ? BARS : TRIANGLE);
    this.find("label").textContent = this.isPlaying ? "Pause" : "Play";
  }

  /** @param {number} frame */
  #show(frame) {
    this.frame = frame;
    this.#write();
    return this.draw(frame);
  }

  /** Shows the next frame when the current frame is drawn and its time is over. */
  #run() {
    clearTimeout(this.#coming);
    this.#coming = setTimeout(async () => {
      if (this.frame === this.last) {
        this.#pause();
        return this.#write();
      }
      await this.#show(this.frame + 1);
      if (this.isPlaying) this.#run();
    }, this.frames.milliseconds);
  }

  #pause() {
    clearTimeout(this.#coming);
    this.isPlaying = false;
  }
}
