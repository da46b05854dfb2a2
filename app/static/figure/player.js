// Play, pause and the slider of a figure that moves: controls of HTML, which a keyboard and a screen reader reach, and
// which no saved picture shows. The frame that is shown stays in the address.

import { inAddress, keepInAddress } from "./address.js";

/**
 * @typedef {object} Frames
 * @property {string[]} labels what each of the frames "0", "1", … shows
 * @property {[number, string][]} stops frames that have a name of their own
 * @property {string} first the stop whose name is shown before those of others, if there is not room for all
 * @property {number} milliseconds that each is shown
 * @property {boolean} redraw whether a frame changes more than places and ranges
 * @property {boolean} follows_clicker whether Page Up and Page Down go from stop to stop on stage
 * @property {string} about what they go through: another text, and the first one is shown
 * @property {boolean} is_on_stage
 */

const TRIANGLE = "M7 4l13 8-13 8z";
const BARS = "M6 4h4v16H6zM14 4h4v16h-4z";
const GAP = 6; // CSS pixels between two names
const SPEEDS = [0.25, 0.5, 1, 2, 4];
const SETTLED = 500; // ms after which a frame that is still shown goes into the address

const HTML = `
<button data-play type="button">
  <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path data-icon></path></svg> <span data-label></span>
</button>
<div class="track">
  <input data-slider type="range" min="0" step="1" aria-label="Frame of the figure">
  <div data-stops class="stops" aria-hidden="true"></div>
</div>
<output data-now></output>
<div data-more class="more" hidden>
  <button data-back type="button" title="One frame back (key ,)" aria-label="One frame back">◀</button>
  <button data-on type="button" title="One frame on (key .)" aria-label="One frame on">▶</button>
  <button data-speed type="button" aria-label="Speed" title="Slower or faster (keys - and +)"></button>
  <button data-loop type="button" aria-pressed="false" title="Begin anew at the end (key L)">Loop</button>
</div>`;

/** What the frame in the address is of, once a player of this tab has put it there. @type {string | undefined} */
let shownAbout;

export class Player {
  frame = 0;
  isPlaying = false;
  isLoop = false;
  speed = 1;
  /** @type {Frames} */
  #frames = { labels: [], stops: [], first: "", milliseconds: 100, redraw: false, follows_clicker: false, about: "", is_on_stage: false };
  /** @type {string | undefined} */
  #about;
  #coming = 0;
  /** @type {number | undefined} */
  #settling;
  #removal = new AbortController();
  /** @type {HTMLElement[]} */
  #names = [];

  /**
   * @param {HTMLElement} host
   * @param {(frame: number, isRedrawn: boolean) => Promise<void>} draw shows a frame of the figure
   */
  constructor(host, draw) {
    this.draw = draw;
    this.element = host.appendChild(document.createElement("div"));
    this.element.className = "player";
    this.element.innerHTML = HTML;
    this.slider = /** @type {HTMLInputElement} */ (this.#find("slider"));
    const presses = {
      play: () => this.turn(),
      back: () => this.goTo(this.frame - 1),
      on: () => this.goTo(this.frame + 1),
      loop: () => this.#turnLoop(),
      speed: () => this.#setSpeed(SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length]),
    };
    for (const [name, press] of Object.entries(presses)) this.#find(name).onclick = press;
    this.slider.oninput = () => this.goTo(Number(this.slider.value));
    this.slider.onkeydown = (event) => this.#press(event);
    this.resizing = new ResizeObserver(() => this.#fitNames());
    this.resizing.observe(this.slider);
    // From the keys of a page on stage: P plays, and a clicker goes from model to model where nothing else does.
    const { signal } = this.#removal;
    document.addEventListener("play-figure", () => this.turn(), { signal });
    document.addEventListener("step-gamma", (event) => this.#frames.follows_clicker && this.#jump(detailOf(event)), { signal });
    document.addEventListener("change-player", (event) => this.#change(detailOf(event)), { signal });
    window.addEventListener("popstate", () => this.goTo(Number(inAddress("frame")) || 0), { signal });
  }

  get last() {
    return Math.max(0, this.#frames.labels.length - 1);
  }

  /** That each frame is shown. */
  get milliseconds() {
    return this.#frames.milliseconds;
  }

  /**
   * Takes over the frames of a figure, before it is drawn.
   * @param {Frames} frames
   */
  show(frames) {
    const { about } = frames;
    const isOther = this.#about !== about;
    const isOfAnother = this.#about !== undefined || (shownAbout !== undefined && shownAbout !== about);
    this.#frames = frames;
    this.#about = about;
    this.slider.max = String(this.last);
    if (isOther) {
      this.#pause();
      this.frame = isOfAnother ? 0 : frameIn(inAddress("frame"), this.last);
      if (isOfAnother) keepInAddress("frame", "");
    }
    this.frame = Math.min(this.frame, this.last);
    this.#find("more").hidden = !frames.is_on_stage;
    this.#names = frames.stops.map(([frame, name]) => {
      const mark = document.createElement("span");
      mark.style.left = `${(100 * frame) / Math.max(1, this.last)}%`;
      mark.appendChild(document.createElement("span")).textContent = name;
      return mark;
    });
    this.#find("stops").replaceChildren(...this.#names);
    this.#fitNames();
    this.#write();
  }

  /** The figure has been drawn, at its first frame. */
  async drawn() {
    if (this.frame) await this.draw(this.frame, this.#frames.redraw);
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

  /** Pauses at a frame; resolves once it is drawn. @param {number} frame */
  goTo(frame) {
    this.#pause();
    return this.#show(Math.max(0, Math.min(this.last, frame)));
  }

  remove() {
    this.#removal.abort();
    this.resizing.disconnect();
    cancelAnimationFrame(this.#coming);
    clearTimeout(this.#settling);
  }

  /** @param {string} name @returns {HTMLElement} */
  #find(name) {
    return /** @type {HTMLElement} */ (this.element.querySelector(`[data-${name}]`));
  }

  #write() {
    const label = this.#frames.labels[this.frame] ?? "";
    this.slider.value = String(this.frame);
    this.slider.setAttribute("aria-valuetext", label);
    this.#find("now").textContent = label;
    this.#find("icon").setAttribute("d", this.isPlaying ? BARS : TRIANGLE);
    this.#find("label").textContent = this.isPlaying ? "Pause" : "Play";
    this.#find("speed").textContent = `${this.speed} ×`;
    this.#find("loop").setAttribute("aria-pressed", String(this.isLoop));
  }

  /** @param {number} frame */
  #show(frame) {
    this.frame = frame;
    this.#write();
    return this.draw(frame, this.#frames.redraw);
  }

  /** One frame after the other: the next one begins once the last one is drawn and its time is over. */
  #run() {
    cancelAnimationFrame(this.#coming);
    const due = performance.now() + this.#frames.milliseconds / this.speed;
    const wait = async () => {
      if (performance.now() < due) {
        this.#coming = requestAnimationFrame(wait);
        return;
      }
      if (this.frame === this.last && !this.isLoop) {
        this.#pause();
        this.#write();
        return;
      }
      await this.#show(this.frame < this.last ? this.frame + 1 : 0);
      if (this.isPlaying) this.#run();
    };
    this.#coming = requestAnimationFrame(wait);
  }

  #pause() {
    cancelAnimationFrame(this.#coming);
    this.isPlaying = false;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      if (this.isPlaying) return;
      shownAbout = this.#about;
      keepInAddress("frame", this.frame ? String(this.frame) : "");
    }, SETTLED);
  }

  /** @param {number} direction to the next stop, or to the one before */
  #jump(direction) {
    const stops = this.#frames.stops.map(([frame]) => frame);
    const next = direction > 0 ? stops.find((at) => at > this.frame) : stops.findLast((at) => at < this.frame);
    this.goTo(next ?? (direction > 0 ? this.last : 0));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.key === "PageUp" || event.key === "PageDown") this.#jump(event.key === "PageUp" ? 1 : -1);
    else if (event.key === "Enter" || event.key === " ") this.turn();
    else return;
    event.preventDefault();
  }

  /** @param {string} key of a page on stage */
  #change(key) {
    const place = SPEEDS.indexOf(this.speed);
    /** @type {Record<string, () => void>} */
    const changes = {
      ",": () => this.goTo(this.frame - 1),
      ".": () => this.goTo(this.frame + 1),
      "-": () => this.#setSpeed(SPEEDS[place - 1]),
      "+": () => this.#setSpeed(SPEEDS[place + 1]),
      l: () => this.#turnLoop(),
    };
    changes[key]?.();
  }

  /** @param {number | undefined} speed none: there is no slower or faster one */
  #setSpeed(speed) {
    this.speed = speed ?? this.speed;
    if (this.isPlaying) this.#run();
    this.#write();
  }

  #turnLoop() {
    this.isLoop = !this.isLoop;
    this.#write();
  }

  /** Hides the names for which there is no room: the ends come first, then the one that is to be first, then the rest. */
  #fitNames() {
    const names = this.#names.map((mark) => /** @type {HTMLElement} */ (mark.firstChild));
    for (const name of names) name.hidden = false;
    const boxes = names.map((name) => name.getBoundingClientRect());
    const first = names.findIndex((name) => name.textContent === this.#frames.first);
    /** @type {DOMRect[]} */
    const taken = [];
    for (const index of new Set([0, names.length - 1, first, ...names.keys()])) {
      if (!names[index]) continue;
      const { left, right } = boxes[index];
      names[index].hidden = taken.some((box) => left < box.right + GAP && box.left < right + GAP);
      if (!names[index].hidden) taken.push(boxes[index]);
    }
  }
}

/** @param {Event} event */
const detailOf = (event) => /** @type {CustomEvent} */ (event).detail;

/** @param {string} text @param {number} last */
function frameIn(text, last) {
  return /^\d{1,5}$/.test(text) && Number(text) <= last ? Number(text) : 0;
}
