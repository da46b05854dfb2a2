// The playground: a small flow with a Gaussian for each class trains here in the browser, and one watches. A person chooses
// or paints the data, slides γ, and sees data space and latent space of one model or of two.

import gammaSlider from "../slider/gamma_slider.js";
import { rgbOf } from "../figure/canvas.js";
import { whenEnded } from "../figure/ended.js";
import { save } from "../figure/export.js";
import { logSumExp } from "../flow/mixture.js";
import { Brush } from "./brush.js";
import { CURVES, drawCalibration, drawCurve, newHistory, remember, resized } from "./curves.js";
import { DATA, made } from "./data.js";
import {
  asText, copyOf, DEFAULT, EDGE, fromText, joined, LONGEST, MOST_POINTS, OWN, pointsAsText, pointsFromText, RANGES, those,
} from "./link.js";
import { gifOf } from "./gif.js";
import { asSheet, fromSheet, SheetError, sheetOf } from "./sheet.js";
import { DataSpace, LatentSpace } from "./spaces.js";
import { Trainer } from "./trainer.js";

/**
 * @typedef {import("./link.js").Play} Play
 * @typedef {import("./link.js").Points} Points
 * @typedef {import("./link.js").Aim} Aim
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {import("./spaces.js").Point} Point
 *
 * @typedef {{ name: string, words: string[], task: string, play: string, painted: string, address: string }} Preset
 *
 * @typedef {object} Given what app/playground/element.py sends
 * @property {string} play what a link says: link.js
 * @property {string} painted
 * @property {Preset[]} presets
 * @property {{ colors: string[], models: string[], accent: string }} look
 * @property {{ html: string, css: string }} slider of γ
 * @property {boolean} is_on_stage
 *
 * @typedef {object} Model one of those that are shown
 * @property {Trainer} trainer
 * @property {Snapshot | null} snapshot
 * @property {import("./curves.js").History} history
 * @property {boolean} isFrozen
 * @property {DataSpace} data
 * @property {LatentSpace} latent
 * @property {import("./spaces.js").Probe} probe
 */

const REST = 1000; // steps after which training rests by itself, until a person wants more
const FRAME = 33; // ms
const SELDOM = 90; // ms between two drawings of curves and numbers
const BUSY = 0.025; // seconds of computing for a picture, when it goes as fast as it can
const HASTY = 150; // steps to a picture, on the way to where a link says
const SOON = 150; // ms without a change after which a network begins anew
const TELL = 400; // ms without a change after which the link is told
const FINGER = 28; // CSS pixels around the star in which a finger takes it up
const FRAMES = 48; // of a GIF, after the first
const FILM = 260; // pixels of each space in it
const LARGE = 10; // γ up to which a model looks like that of a small one: beside it begins "only classes", beside others SMALL
const SMALL = 0.1;
const NAMES = ["A", "B"];
const RATES = [0.0003, 0.001, 0.003, 0.005, 0.01, 0.03, 0.1];
/** @type {[string, number][]} */
const SPEEDS = [["slow", 1], ["medium", 5], ["fast", Infinity]];
const TICKS = [0, 0.1, 1, 10, "inf"];
const PLAY_ICON = "M7 4v16l13-8z";
const PAUSE_ICON = "M6 4h4v16H6zM14 4h4v16h-4z";
const KINDS = [...DATA, OWN];
const TEXT = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]";

/** @type {WeakMap<Element, Playground>} */
const shown = new WeakMap();

/**
 * @param {object} given
 * @param {Given} given.data
 * @param {HTMLElement} given.parentElement
 * @param {(name: string, value: any) => void} given.setTriggerValue
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const host = /** @type {HTMLElement} */ (parentElement.querySelector("[data-playground]"));
  const playground = shown.get(host) ?? new Playground(host);
  shown.set(host, playground);
  playground.tell = setTriggerValue;
  playground.show(data);
  return whenEnded(host, () => playground.remove());
}

class Playground {
  /** @type {Given} */ #given = /** @type {any} */ (undefined);
  /** @type {Play} */ #play = copyOf(DEFAULT);
  /** @type {Points} beside those of the kind of data */ #painted = pointsFromText("");
  /** @type {Points} all of them */ #data = pointsFromText("");
  /** @type {Points | undefined} of the same kind, by which models are measured */ #held;
  /** @type {Model[]} */ #models = [];
  /** What the program knows of the link. */ #told = "";
  /** @type {Set<string>} what it was told before and may still answer */ #overtaken = new Set();
  /** Counts what is begun, so that what comes late is not taken for what is shown. */ #turn = 0;
  #isRunning = false;
  #isResting = false; // as nobody has told it to
  #isStarting = false;
  #isWanted = true; // whether training goes on when something changes
  #most = 5; // steps for each picture
  #atOnce = 5; // steps that fit into a picture, when it goes as fast as it can
  #layers = { grid: true, samples: true, density: true };
  #soon = 0;
  #telling = 0;
  #drawn = 0; // when
  #curvesDrawn = 0;
  /** @type {{ time: number, step: number }[]} of the last two seconds */ #paces = [];
  /** @type {Promise<void> | null} */ #drawing = null;
  /** @type {Promise<unknown>} the steps that are being taken */ #inFlight = Promise.resolve();
  #isEncoding = false;
  #isPinning = false;
  /** @type {{ space: "x" | "z", model: number, place: Point } | null} */ #pointed = null;
  #listening = new AbortController();

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    /** @type {(name: string, value: any) => void} */
    this.tell = () => {};
    this.isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.brush = new Brush({ paint: (place) => this.#paint(place), erase: (place, radius) => this.#erase(place, radius), done: () => this.#strokeEnded() });
    const { signal } = this.#listening;
    const on = (/** @type {string} */ name, /** @type {() => void} */ work) => this.find(name).addEventListener("click", work, { signal });
    on("run", () => this.#toggle());
    on("step", () => this.#oneStep());
    on("reset", () => this.#reset());
    on("compare", () => this.#compare());
    on("settings", () => this.#fold("settings", "open", "aria-expanded"));
    on("large", () => this.#fold("large", "large", "aria-pressed"));
    on("open", () => this.find("file").click());
    on("clear", () => this.#clear());
    this.find("file").addEventListener("change", () => this.#open(), { signal });
    this.#options("kind", KINDS.map((kind) => [kind === OWN ? "only painted points" : kind, kind]));
    this.#options("rate", RATES.map((rate) => [String(rate), String(rate)]));
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (host.querySelectorAll("[data-value]"))) {
      input.addEventListener("input", () => this.#set(input), { signal });
    }
    const speed = /** @type {HTMLSelectElement} */ (this.find("speed"));
    speed.append(...SPEEDS.map(([name, steps]) => new Option(name, String(steps), steps === this.#most, steps === this.#most)));
    speed.addEventListener("change", () => (this.#most = Number(speed.value)), { signal });
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (host.querySelectorAll("[data-layer]"))) {
      box.addEventListener("change", () => {
        Object.assign(this.#layers, { [box.dataset.layer ?? ""]: box.checked });
        this.#draw();
      }, { signal });
    }
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (host.querySelectorAll("[data-save]"))) {
      button.addEventListener("click", () => this.#save(button.dataset.save ?? ""), { signal });
    }
    window.addEventListener("popstate", () => this.#overtaken.clear(), { signal });
    document.addEventListener("play-figure", () => this.#toggle(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.skip = make("a", { class: "play-skip", href: "#" }, "Skip to the pictures");
    this.skip.addEventListener("click", (event) => {
      event.preventDefault();
      this.find("space").focus();
    }, { signal });
    document.body.prepend(this.skip); // before the links to all pages
    this.watch = new ResizeObserver(() => this.#resized());
    this.watch.observe(host);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#resized(), { signal });
  }

  /** @param {string} name */
  find(name) {
    return /** @type {HTMLElement} */ (this.host.querySelector(`[data-${name}]`));
  }

  remove() {
    this.#turn++;
    this.#isRunning = false;
    this.#listening.abort();
    this.skip.remove();
    this.watch.disconnect();
    clearTimeout(this.#soon);
    clearTimeout(this.#telling);
    for (const { trainer } of this.#models) trainer.close();
    shown.delete(this.host);
  }

  /** @param {Given} data */
  show(data) {
    const isFirst = !this.#given;
    this.#given = data;
    this.host.classList.toggle("on-stage", data.is_on_stage);
    for (const [name, color] of Object.entries({ "--accent": data.look.accent })) this.host.style.setProperty(name, color);
    const said = `${asText(fromText(data.play, DATA))} ${data.painted}`; // the program may write a number otherwise
    if (said === this.#told) this.#overtaken.clear();
    else if (isFirst || !this.#overtaken.has(said)) { // a link, or Back
      this.#take(data.play, data.painted);
      this.#told = said;
      this.#overtaken.clear();
    }
    this.#resized();
  }

  /** Shows what a link says, from the beginning. @param {string} play @param {string} painted */
  #take(play, painted) {
    this.#play = fromText(play, DATA);
    this.#painted = pointsFromText(painted);
    this.#isWanted = this.#play.steps === null && !this.isStill;
    this.#say("");
    this.#showValues();
    if (this.#models.length === this.#play.aims.length) this.#makeAims(); // whose sliders stand where they were
    this.#begin(this.#play.steps ?? undefined);
  }

  // What is trained

  /** New networks for what is chosen. @param {number} [steps] to be taken at once, of a link */
  async #begin(steps) {
    const turn = ++this.#turn;
    this.#isRunning = this.#isResting = false;
    clearTimeout(this.#soon);
    this.#gather();
    try {
      this.#makeModels();
    } catch (error) {
      return this.#fail(error); // a browser that starts no workers here
    }
    this.#isStarting = this.#isTrainable();
    this.#refresh();
    if (!this.#isStarting) {
      for (const model of this.#models) Object.assign(model, { snapshot: null, history: newHistory(), probe: null });
      return this.#draw();
    }
    try {
      const snapshots = await Promise.all(this.#models.map(({ trainer }, at) => trainer.start(this.#problem(this.#play.aims[at]))));
      if (turn !== this.#turn) return;
      this.#models = this.#models.map((model) => ({ ...model, history: newHistory(), isFrozen: false }));
      for (const { latent } of this.#models) latent.reset();
      this.#isStarting = false;
      this.#taken(snapshots, this.#models);
      await this.#drawing;
      if (turn !== this.#turn) return;
      if (steps !== undefined) await this.#run(steps, true);
      else if (this.#isWanted) await this.#run(REST);
      else this.#refresh();
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#isRunning = this.#isStarting = false;
    this.#say(`The training has ended: ${error instanceof Error ? error.message : error}.`);
    this.#refresh();
  }

  /** All points of what is chosen. */
  #gather() {
    const { kind, classes, count, noise, seed } = this.#play;
    const none = pointsFromText("");
    const isMade = kind !== OWN;
    const given = /** @type {any} */ ({ kind, classes, count, noise });
    const base = isMade ? made({ ...given, seed }) : none;
    const painted = those(this.#painted, (at) => this.#painted.labels[at] < classes);
    this.#data = those(joined(base, painted), (at) => at < MOST_POINTS);
    this.#held = isMade && !painted.labels.length ? made({ ...given, seed: seed + 5000 }) : undefined;
  }

  /** Whether there are points of two classes. */
  #isTrainable() {
    return new Set(this.#data.labels).size > 1;
  }

  /** @param {Aim} aim @returns {import("./trainer.js").Problem} */
  #problem({ objective, gamma }) {
    const { classes, couplings, width, seed, rate } = this.#play;
    return { ...this.#data, classes, couplings, width, seed, objective, gamma, learningRate: rate, batch: 0, held: this.#held };
  }

  /** As many models, and places for their pictures, as are wanted. */
  #makeModels() {
    const { aims } = this.#play;
    if (this.#models.length !== aims.length) {
      this.#models.splice(aims.length).forEach(({ trainer }) => trainer.close());
      this.#makePlaces(aims.length);
      const look = { ...this.#given.look, rgb: this.#given.look.colors.map(rgbOf) };
      const canvases = /** @type {NodeListOf<HTMLCanvasElement>} */ (this.find("spaces").querySelectorAll("canvas"));
      for (let at = 0; at < aims.length; at++) {
        const trainer = this.#models[at]?.trainer ?? new Trainer();
        trainer.onError = (error) => this.#fail(error);
        const [data, latent] = [new DataSpace(canvases[2 * at], look), new LatentSpace(canvases[2 * at + 1], look)];
        const { snapshot = null, history = newHistory(), isFrozen = false, probe = null } = this.#models[at] ?? {};
        this.#models[at] = { trainer, snapshot, history, isFrozen, data, latent, probe };
        this.#listen(at, data, latent);
      }
      this.#makeAims();
    }
    this.brush.setClasses(this.#play.classes, this.#given.look.colors);
  }

  /**
   * Takes steps until a number of them is reached, or somebody stops it. While a picture is drawn, the next steps are
   * computed already.
   * @param {number} target
   * @param {boolean} [isHasty] whether only the last picture counts
   */
  async #run(target, isHasty = false) {
    const turn = ++this.#turn;
    const isOn = () => turn === this.#turn;
    await this.#inFlight;
    if (!isOn()) return;
    this.#isRunning = true;
    this.#isResting = false;
    this.#refresh();
    try {
      for (let next = this.#ask(target, isHasty); next && isOn(); ) {
        const { models, snapshots } = await next;
        // Who stops it sees how far it has come. Another network has come in the place of these, if #begin has.
        if (!models.every((model) => this.#models.includes(model))) return;
        this.#taken(snapshots, models);
        const isFine = snapshots.every(({ finite }) => finite);
        next = isOn() && isFine ? this.#ask(target, isHasty) : null;
        await this.#nextFrame();
      }
    } catch (error) {
      if (isOn()) this.#fail(error);
    }
    if (!isOn()) return;
    this.#isRunning = false;
    this.#isResting = this.#isWanted;
    this.#refresh();
    this.#draw();
  }

  /** Asks for the steps of one picture; for none where the target is reached. @param {number} target @param {boolean} isHasty */
  #ask(target, isHasty) {
    const models = this.#models.filter(({ isFrozen }) => !isFrozen);
    const step = Math.max(0, ...models.map(({ snapshot }) => snapshot?.step ?? 0));
    const count = Math.min(target - step, isHasty ? HASTY : Math.min(this.#most, this.#atOnce));
    if (count < 1 || !models.length) return null;
    const found = Promise.all(models.map(({ trainer }) => trainer.step(count))).then((snapshots) => {
      const slowest = Math.min(...snapshots.map(({ stepsPerSecond }) => stepsPerSecond || Infinity));
      if (Number.isFinite(slowest)) this.#atOnce = Math.max(1, Math.min(500, Math.round(slowest * BUSY)));
      return { models, snapshots };
    });
    this.#inFlight = found.catch(() => {});
    return found;
  }

  /** @param {Snapshot[]} snapshots @param {Model[]} models */
  #taken(snapshots, models) {
    models.forEach((model, at) => {
      model.snapshot = snapshots[at];
      remember(model.history, snapshots[at]);
    });
    if (models.some(({ snapshot }) => !snapshot?.finite)) {
      this.#say("The training has diverged: take a smaller learning rate, then Reset.");
    }
    this.#drawing = new Promise((done) => requestAnimationFrame(() => (this.#draw(), done())));
    this.#probe();
  }

  /** Once the last picture is drawn, and not before its time is over. */
  async #nextFrame() {
    await this.#drawing;
    const left = this.#drawn + FRAME - performance.now();
    this.#drawn = performance.now() + Math.max(0, left);
    if (left > 4) await new Promise((done) => setTimeout(done, left - 4));
  }

  // What a person does

  #toggle() {
    if (this.#isRunning) return this.#pause();
    if (!this.#isTrainable()) return;
    this.#isWanted = true;
    this.#play.steps = null;
    this.#goOn(Infinity);
  }

  async #pause() {
    const turn = ++this.#turn;
    this.#isRunning = false;
    this.#isWanted = false;
    this.#refresh();
    await this.#inFlight;
    if (turn === this.#turn) this.#noteSteps();
  }

  /** Trains on from where it is. @param {number} [more] steps */
  #goOn(more = REST) {
    if (!this.#models[0]?.snapshot) return this.#begin();
    if (!this.#isRunning) this.#run(this.#step + more);
  }

  get #step() {
    return Math.max(0, ...this.#models.map(({ snapshot }) => snapshot?.step ?? 0));
  }

  /** The link now says how many steps were taken. */
  #noteSteps() {
    this.#play.steps = Math.min(RANGES.steps[1], this.#step);
    this.#tellSoon();
  }

  async #oneStep() {
    if (!this.#isTrainable()) return;
    this.#isWanted = false;
    const turn = ++this.#turn;
    await this.#inFlight;
    if (turn !== this.#turn) return;
    await this.#run(this.#step + 1);
    if (turn + 1 === this.#turn) this.#noteSteps();
  }

  #reset() {
    this.#isWanted = false;
    this.#play.steps = 0;
    this.#say("");
    this.#tellSoon();
    this.#begin();
  }

  /** Two models instead of one, or one again. */
  #compare() {
    const { aims } = this.#play;
    if (aims.length > 1) aims.pop();
    else aims.push({ objective: "ib", gamma: aims[0].objective === "ib" && aims[0].gamma > LARGE ? SMALL : Infinity });
    this.#play.steps = null;
    this.#isWanted = !this.isStill;
    this.#showValues();
    this.#tellSoon();
    this.#begin();
  }

  /** What a phone shows only if it is asked to. @param {string} name of the button @param {string} state @param {string} attribute */
  #fold(name, state, attribute) {
    const isOn = this.host.classList.toggle(state);
    this.find(name).setAttribute(attribute, String(isOn));
    this.#resized();
  }

  /** @param {HTMLInputElement} input */
  #set(input) {
    const name = input.dataset.value ?? "";
    if (name === "kind") this.#play.kind = input.value;
    else {
      const value = Number(input.value);
      const [low, high] = RANGES[name];
      if (input.value === "" || !(value >= low && value <= high)) return;
      Object.assign(this.#play, { [name]: value });
    }
    this.#play.steps = null;
    this.#say("");
    this.#showValues();
    this.#tellSoon();
    if (name === "rate") {
      for (const { trainer } of this.#models) this.#change(trainer, { learningRate: this.#play.rate });
      return;
    }
    this.#gather();
    this.#draw();
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#begin(), SOON);
  }

  /** @param {number} at @param {Partial<Aim>} aim */
  #aim(at, aim) {
    const before = this.#play.aims[at];
    const now = { ...before, ...aim };
    if (now.objective === before.objective && now.gamma === before.gamma) return;
    this.#play.aims[at] = now;
    this.#play.steps = null;
    this.#showAims();
    this.#tellSoon();
    this.#change(this.#models[at].trainer, { objective: now.objective, gamma: now.gamma });
    if (this.#isWanted) this.#goOn();
  }

  /** @param {Trainer} trainer @param {Parameters<Trainer["change"]>[0]} settings */
  async #change(trainer, settings) {
    try {
      const snapshot = await trainer.change(settings);
      const model = this.#models.find((one) => one.trainer === trainer);
      if (model && !this.#isRunning) this.#taken([snapshot], [model]);
    } catch {
      // it is closed, or has ended, which is said where it trains
    }
  }

  /** @param {number} at */
  #freeze(at) {
    const model = this.#models[at];
    model.isFrozen = !model.isFrozen;
    this.#showAims();
    if (!model.isFrozen && this.#isWanted) this.#goOn();
  }

  /** @param {Preset} preset */
  #choose(preset) {
    this.#take(preset.play, preset.painted);
    this.#tellSoon();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches?.(TEXT)) return;
    const onStage = this.#given.is_on_stage && { PageDown: 1, PageUp: -1 }[event.key];
    if (event.key === ".") this.#oneStep();
    else if (event.key.toLowerCase() === "r") this.#reset();
    else if (event.key === " " && !target.matches?.("button, input, a, summary")) this.#toggle();
    else if (onStage) {
      const { presets } = this.#given;
      this.#choose(presets[(this.#lesson + onStage + presets.length) % presets.length]);
    } else return;
    event.preventDefault();
  }

  // Points of a person's own

  /** @param {Point} place */
  #paint(place) {
    if (this.#data.labels.length >= MOST_POINTS) return this.#say(`${MOST_POINTS} points are the most that train here.`);
    const one = { points: Float64Array.from(place), labels: Uint8Array.of(this.brush.label) };
    this.#painted = joined(this.#painted, one);
    this.#data = joined(this.#data, one);
    this.#draw();
  }

  /** What is erased of the kind's own points makes all others a person's own. @param {Point} place @param {number} radius */
  #erase([x, y], radius) {
    const { points } = this.#data;
    const left = those(this.#data, (at) => Math.hypot(points[2 * at] - x, points[2 * at + 1] - y) > radius);
    if (left.labels.length === this.#data.labels.length) return;
    this.#play.kind = OWN;
    this.#painted = this.#data = left;
    this.#draw();
  }

  /** A stroke is over: the network goes on with what there is now. */
  #strokeEnded() {
    this.#painted = pointsFromText(pointsAsText(this.#painted)); // as the link has them
    this.#play.steps = null;
    this.#gather();
    this.#showValues();
    this.#tellSoon();
    this.#say("");
    this.#isWanted = true;
    if (!this.#isTrainable() || !this.#models[0].snapshot) return this.#begin();
    for (const { trainer } of this.#models) this.#change(trainer, { ...this.#data, held: this.#held });
    this.#goOn();
  }

  #clear() {
    this.#painted = pointsFromText("");
    this.#play.steps = null;
    this.#showValues();
    this.#tellSoon();
    this.#say("");
    this.#begin();
  }

  async #open() {
    const input = /** @type {HTMLInputElement} */ (this.find("file"));
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    try {
      if (file.size > 1e6) throw new SheetError("The file is larger than a megabyte: a sheet of 2,000 points is not.");
      const sheet = fromSheet(await file.text());
      this.#painted = pointsFromText(pointsAsText(sheet));
      Object.assign(this.#play, { kind: OWN, classes: Math.max(2, sheet.classes.length), steps: null });
      this.#isWanted = true;
      this.#showValues();
      this.#tellSoon();
      const scaled = sheet.isScaled ? " They reach beyond the picture, so each axis is scaled to mean 0 and deviation 1." : "";
      this.#say(`${sheet.labels.length} points of ${file.name}: ${sheet.classes.join(", ")}.${scaled}`);
      await this.#begin();
    } catch (error) {
      this.#say(error instanceof SheetError ? error.message : "The file could not be read.");
    }
  }

  // The point in both spaces

  /** @param {number} at @param {DataSpace} data @param {LatentSpace} latent */
  #listen(at, data, latent) {
    this.brush.watch(data, () => this.#draw());
    for (const [space, key] of /** @type {[DataSpace | LatentSpace, "x" | "z"][]} */ ([[data, "x"], [latent, "z"]])) {
      const { canvas } = space;
      const point = (/** @type {PointerEvent} */ event) => {
        if (key === "x" && this.brush.isPainting) return;
        this.#pointed = { space: key, model: at, place: space.placeOf(event) };
        this.#probe();
      };
      canvas.addEventListener("pointermove", point);
      canvas.addEventListener("touchstart", (event) => {
        const star = this.#models[at].probe?.[key];
        const finger = event.touches[0];
        if (!star || event.touches.length > 1 || (key === "x" && this.brush.isPainting)) return;
        const far = Math.hypot(...space.placeOf(finger).map((value, axis) => value - star[axis]));
        if (far < FINGER * ((2 * space.half) / canvas.clientWidth)) event.preventDefault(); // it drags, and scrolls nothing
      }, { passive: false });
      canvas.addEventListener("pointerdown", (event) => (point(event), this.#pin()));
      canvas.addEventListener("pointerleave", () => {
        const { at: pinned } = this.#play;
        this.#pointed = pinned && { space: "x", model: 0, place: pinned };
        this.#probe();
      });
      canvas.addEventListener("keydown", (event) => this.#moveByKey(event, space, key, at));
    }
  }

  /** Keeps the point when the hand is away, in the link too. */
  #pin() {
    this.#isPinning = true;
    this.#probe();
  }

  /** @param {KeyboardEvent} event @param {DataSpace | LatentSpace} space @param {"x" | "z"} key @param {number} at */
  #moveByKey(event, space, key, at) {
    const ways = /** @type {Record<string, Point>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] });
    const way = ways[event.key];
    if (event.key === "Delete" || (event.key === "Escape" && !this.#given.is_on_stage)) { // which it leaves there
      this.#play.at = this.#pointed = null;
      this.#tellSoon();
    } else if (way) {
      const from = this.#models[at].probe?.[key] ?? space.centre;
      const step = (space.half / 40) * (event.shiftKey ? 5 : 1);
      this.#pointed = { space: key, model: at, place: [from[0] + step * way[0], from[1] + step * way[1]] };
      this.#pin();
    } else if (event.key === "Enter" && key === "x" && this.brush.isPainting) {
      const place = this.#models[at].probe?.x ?? space.centre;
      if (this.brush.tool === "erase") this.#erase(/** @type {Point} */ (place), 0.3);
      else this.#paint(/** @type {Point} */ (place));
      this.#strokeEnded();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    if (!way) this.#probe();
  }

  /** Finds the point that is pointed at in both spaces of all models. */
  async #probe() {
    const pointed = this.#pointed;
    const hasSnapshots = this.#models.every(({ snapshot }) => snapshot?.finite);
    if (!pointed || !hasSnapshots) {
      if (this.#models.some(({ probe }) => probe)) {
        for (const model of this.#models) model.probe = null;
        this.#draw();
      }
      this.#showPoint();
      return;
    }
    if (this.#isEncoding) return; // the next picture asks again
    this.#isEncoding = true;
    try {
      const { space, model, place } = pointed;
      const given = Float64Array.from(place);
      const x = space === "x" ? given : await this.#models[model]?.trainer.decode(given);
      if (!x) return;
      await Promise.all(this.#models.map(async (one) => {
        const all = Float64Array.from([...x, ...this.#data.points]);
        const { z, logProb } = await one.trainer.encode(all);
        const classes = logProb.length / (all.length / 2);
        const density = Array.from({ length: all.length / 2 }, (_, at) => logSumExp(logProb.subarray(at * classes, (at + 1) * classes)) - Math.log(classes));
        const first = logProb.subarray(0, classes);
        const sum = logSumExp(first);
        one.probe = {
          x: [x[0], x[1]], z: [z[0], z[1]],
          posterior: Array.from(first, (value) => Math.exp(value - sum)),
          density: density[0],
          rank: density.slice(1).filter((value) => value > density[0]).length / Math.max(1, density.length - 1),
        };
      }));
      if (this.#isPinning && pointed === this.#pointed && Math.max(...x.map(Math.abs)) <= EDGE) {
        this.#isPinning = false;
        this.#play.at = [Number(x[0].toFixed(2)), Number(x[1].toFixed(2))];
        this.#tellSoon();
      }
      this.#draw();
      this.#showPoint();
    } catch {
      // the models are others by now
    } finally {
      this.#isEncoding = false;
      if (this.#pointed && this.#pointed !== pointed) this.#probe();
    }
  }

  // Files

  /** @param {string} kind */
  #save(kind) {
    const text = (/** @type {string} */ sheet) => new Blob([sheet], { type: "text/csv" });
    if (kind === "points") save(text(asSheet(this.#data)), "points.csv");
    else if (kind === "losses") save(text(this.#curvesAsSheet()), "curves.csv");
    else if (kind === "png") this.#picture(1).toBlob((blob) => blob && save(blob, "playground.png"));
    else this.#film();
  }

  #curvesAsSheet() {
    const names = CURVES.map(({ key }) => key);
    const rows = this.#models.flatMap(({ history }, at) => history.steps.map((step, row) => [at + 1, step, ...names.map((key) => history.values[key][row])]));
    return sheetOf(["model", "step", ...names], rows);
  }

  /** All spaces, with a line above each row. @param {number} scale of their pixels */
  #picture(scale) {
    const all = /** @type {HTMLCanvasElement[]} */ (this.#models.flatMap(({ data, latent }) => [data.canvas, latent.canvas]));
    const side = Math.round(all[0].width * scale);
    const [gap, line] = [Math.round(side / 40), Math.round(side / 14)];
    const picture = document.createElement("canvas");
    picture.width = 2 * side + 3 * gap;
    picture.height = this.#models.length * (side + line + gap);
    const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d", { willReadFrequently: true }));
    const { ink, ground } = this.#models[0].data;
    context.fillStyle = ground;
    context.fillRect(0, 0, picture.width, picture.height);
    Object.assign(context, { fillStyle: ink, font: `${Math.round(0.62 * line)}px ${getComputedStyle(this.host).fontFamily}` });
    this.#models.forEach(({ snapshot }, at) => {
      const top = at * (side + line + gap);
      const error = snapshot?.finite ? ` · error ${(100 * snapshot.error).toFixed(1)} % · ${snapshot.bits.toFixed(2)} bits/dim` : "";
      context.fillText(`${aimText(this.#play.aims[at])} · ${(snapshot?.step ?? 0).toLocaleString("en")} steps${error}`, gap, top + 0.72 * line);
      context.drawImage(all[2 * at], gap, top + line, side, side);
      context.drawImage(all[2 * at + 1], side + 2 * gap, top + line, side, side);
    });
    return picture;
  }

  /** Trains once more from the beginning to where it is, a picture every few steps. */
  async #film() {
    const button = /** @type {HTMLButtonElement} */ (this.host.querySelector('[data-save="gif"]'));
    const target = Math.max(this.#step, FRAMES);
    this.#isWanted = false;
    await this.#begin();
    const turn = this.#turn;
    /** @type {ImageData[]} */
    const frames = [];
    const scale = FILM / this.#models[0].data.canvas.width;
    button.disabled = true;
    try {
      for (let frame = 0; frame <= FRAMES; frame++) {
        const count = Math.round((target * frame) / FRAMES) - this.#step;
        if (count > 0) this.#taken(await Promise.all(this.#models.map(({ trainer }) => trainer.step(count))), this.#models);
        await this.#drawing;
        if (turn !== this.#turn) return;
        const picture = this.#picture(scale);
        const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d"));
        frames.push(context.getImageData(0, 0, picture.width, picture.height));
        button.textContent = `${Math.round((100 * frame) / FRAMES)} %`;
      }
      save(gifOf(frames, 100), "playground.gif");
    } catch (error) {
      this.#fail(error);
    } finally {
      button.disabled = false;
      button.textContent = "GIF";
      if (turn === this.#turn) this.#noteSteps();
    }
  }

  // What is shown

  #resized() {
    for (const { data, latent } of this.#models) for (const space of [data, latent]) space.resized();
    resized(this.find("curves").querySelectorAll("canvas"));
    this.#draw();
  }

  #draw() {
    if (!this.#given) return;
    const { brush } = this;
    this.#models.forEach(({ data, latent, snapshot, probe }) => {
      const scene = { data: this.#data, snapshot, probe, layers: this.#layers, brush: brush.shownIn(data) };
      data.draw(scene);
      latent.draw(scene, this.#isRunning && !this.isStill);
    });
    if (this.#isRunning && performance.now() < this.#curvesDrawn + SELDOM) return;
    this.#curvesDrawn = performance.now();
    const colors = this.#given.look.models;
    const histories = this.#models.map(({ history }) => history);
    const places = /** @type {NodeListOf<HTMLElement>} */ (this.find("curves").querySelectorAll("figure"));
    CURVES.forEach((curve, at) => {
      const place = places[at];
      if (!place) return;
      drawCurve(/** @type {HTMLCanvasElement} */ (place.querySelector("canvas")), curve, histories, colors);
      this.#numbers(place, (snapshot) => curve.text(curve.of(snapshot)));
    });
    const last = places[CURVES.length];
    if (last) {
      drawCalibration(/** @type {HTMLCanvasElement} */ (last.querySelector("canvas")), this.#models.map(({ snapshot }) => snapshot), colors);
      this.#numbers(last, ({ calibration }) => `${(100 * calibration.ece).toFixed(1)} %`);
    }
    this.find("steps").textContent = this.#step.toLocaleString("en");
    this.find("speed-now").textContent = this.#isRunning ? this.#speed() : this.#isResting ? "resting" : "";
  }

  /** Steps a second, as they are seen. */
  #speed() {
    const now = { time: performance.now(), step: this.#step };
    if (this.#paces.length && this.#paces[0].step > now.step) this.#paces = []; // another network
    this.#paces = [...this.#paces.filter(({ time }) => time > now.time - 2000), now];
    const { time, step } = this.#paces[0];
    return now.time > time + 300 ? `${Math.round((1000 * (now.step - step)) / (now.time - time)).toLocaleString("en")} a second` : "";
  }

  /** @param {HTMLElement} place @param {(snapshot: Snapshot) => string} text */
  #numbers(place, text) {
    const texts = this.#models.map(({ snapshot }) => (snapshot?.finite ? text(snapshot) : "–"));
    place.querySelectorAll("b").forEach((number, at) => (number.textContent = texts[at] ?? ""));
    place.querySelector("canvas")?.setAttribute("aria-label", `${place.querySelector("span")?.textContent}: ${texts.join(" and ")}`);
  }

  /** What depends on whether it trains. */
  #refresh() {
    const isEmpty = !this.#isTrainable();
    this.find("run-icon").setAttribute("d", this.#isRunning ? PAUSE_ICON : PLAY_ICON);
    this.find("run-name").textContent = this.#isRunning ? "Pause" : "Play";
    for (const name of ["run", "step"]) /** @type {HTMLButtonElement} */ (this.find(name)).disabled = isEmpty;
    this.host.dataset.state = this.#isRunning ? "training" : this.#isStarting ? "starting" : "resting";
    if (isEmpty) this.#say("Paint points of two classes at least: choose a colour above the picture.");
    this.#draw();
  }

  /** @param {string} words */
  #say(words) {
    this.find("note").textContent = words;
  }

  /** Brings the controls to what is chosen. */
  #showValues() {
    const { aims } = this.#play;
    this.host.classList.toggle("two", aims.length > 1);
    this.find("compare").setAttribute("aria-pressed", String(aims.length > 1));
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (this.host.querySelectorAll("[data-value]"))) {
      const value = String(Reflect.get(this.#play, input.dataset.value ?? ""));
      if (input.dataset.value === "rate" && !Array.from(/** @type {any} */ (input).options).some((one) => one.value === value)) {
        /** @type {any} */ (input).append(new Option(value, value));
      }
      if (input.value !== value) input.value = value;
      if (input.nextElementSibling) input.nextElementSibling.textContent = value;
    }
    const isMade = this.#play.kind !== OWN;
    /** @type {HTMLInputElement} */ (this.host.querySelector('[data-value="noise"]')).disabled = !isMade;
    /** @type {HTMLButtonElement} */ (this.find("clear")).disabled = !this.#painted.labels.length;
    this.brush.setClasses(this.#play.classes, this.#given.look.colors);
    this.#showAims();
    this.#showPresets();
    const { at } = this.#play;
    this.#pointed = at && { space: "x", model: 0, place: at };
  }

  get #lesson() {
    return this.#play.lesson - 1;
  }

  #showPresets() {
    const { presets } = this.#given;
    this.find("presets").replaceChildren(...presets.map((preset, at) => {
      const link = make("a", { href: preset.address }, preset.name);
      if (at === this.#lesson) link.setAttribute("aria-current", "true");
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab
        event.preventDefault();
        this.#choose(preset);
      });
      return link;
    }));
    const preset = presets[this.#lesson];
    const words = preset
      ? [make("p", {}, preset.words.join(" ")), make("p", { class: "play-try" }, `Try: ${preset.task}`)]
      : [make("p", {}, "Data space: the points, and how the model sees every place. Latent space: the same points, and one Gaussian for each class (its circle holds 90 %). × are points drawn from the Gaussians and sent back.")];
    this.find("words").replaceChildren(...words);
  }

  /** What the model makes of the point. */
  #showPoint() {
    const { colors } = this.#given.look;
    const rows = this.#models.flatMap(({ probe }, at) => {
      if (!probe) return [];
      const name = this.#models.length > 1 ? [make("b", {}, `${NAMES[at]} `)] : [];
      const classes = probe.posterior.flatMap((share, label) => [make("i", { style: `--class: ${colors[label]}`, title: `class ${label + 1}` }), ` ${(100 * share).toFixed(1)} %  `]);
      return [make("p", {}, ...name, ...classes), make("p", {}, `less likely than ${(100 * probe.rank).toFixed(0)} % of the points`)];
    });
    this.find("point").replaceChildren(...(rows.length ? [make("b", { class: "play-star" }, "★ the point"), ...rows] : []));
  }

  /** @param {string} name @param {[string, string][]} options */
  #options(name, options) {
    this.host.querySelector(`[data-value="${name}"]`)?.append(...options.map(([text, value]) => new Option(text, value)));
  }

  /** @param {number} count of models */
  #makePlaces(count) {
    const spaces = this.find("spaces");
    const badge = (/** @type {number} */ at) => (count > 1 ? [make("span", { class: "play-badge", style: `--model: ${this.#given.look.models[at]}` }, NAMES[at])] : []);
    spaces.replaceChildren(...NAMES.slice(0, count).flatMap((name, at) => {
      const label = count > 1 ? ` of model ${name}` : "";
      return [["data", "Data"], ["latent", "Latent"]].map(([key, word]) => {
        const title = `${word} space`;
        const shown = make("span", { class: "play-title" }, word, make("span", { class: "play-space-word" }, " space"));
        const head = make("div", {}, make("h5", {}, ...badge(at), shown));
        if (key === "data" && !at) head.append(this.brush.tools);
        const canvas = make("canvas", { tabindex: 0, role: "application", "aria-label": `${title}${label}. Arrow keys move a point.`, "data-space": `${key}-${at}` });
        return make("figure", { class: "play-space" }, head, canvas);
      });
    }));
    this.find("curves").replaceChildren(...[...CURVES.map(({ title }) => title), "top-label ECE"].map((title) => {
      const numbers = Array.from({ length: count }, (_, at) => make("b", { style: count > 1 ? `--model: ${this.#given.look.models[at]}` : "--model: inherit" }));
      const name = make("span", {});
      name.innerHTML = title;
      return make("figure", { class: "play-curve" }, make("figcaption", {}, name, ...numbers), make("canvas", { role: "img" }));
    }));
  }

  /** For each model its objective, and the slider of γ. */
  #makeAims() {
    const { slider, look } = this.#given;
    const { aims } = this.#play;
    this.find("aims").replaceChildren(...aims.map((aim, at) => {
      const badge = aims.length > 1 ? [make("span", { class: "play-badge", style: `--model: ${look.models[at]}` }, NAMES[at])] : [];
      const choices = [["ib", "IB"], ["class-nll", "class-NLL"]].map(([objective, name]) => {
        const button = make("button", { type: "button", "data-objective": objective, title: objective === "ib" ? "The loss L_X + γ L_Y" : "The likelihood given the class" }, name);
        button.addEventListener("click", () => this.#aim(at, { objective: /** @type {Aim["objective"]} */ (objective) }));
        return button;
      });
      const freeze = make("button", { type: "button", "data-freeze": at, title: "This model stays as it is while the other one trains" }, "Freeze");
      freeze.addEventListener("click", () => this.#freeze(at));
      const host = make("div", { "data-gamma-host": "" });
      const shadow = host.attachShadow({ mode: "open" });
      shadow.innerHTML = `<style>${slider.css}\n.what, .numbers { display: none; } .layout { display: block !important; } .ends { display: var(--ends, flex); } @container (max-width: 420px) { .ends { flex-wrap: nowrap; gap: 0.3rem; font-size: 0.8rem; } .ends small { display: none; } } @container (max-width: 190px) { .ends { display: none; } }</style>${slider.html}`;
      shadow.addEventListener("gamma", (event) => this.#aim(at, { gamma: /** @type {CustomEvent} */ (event).detail.gamma }));
      gammaSlider({
        data: { gamma: aim.gamma === Infinity ? "inf" : aim.gamma, ticks: TICKS.map((gamma) => ({ gamma: /** @type {any} */ (gamma), name: "" })), places: [] },
        parentElement: shadow,
        setTriggerValue: () => {},
      });
      const left = make("div", {}, make("h5", {}, ...badge, make("span", { "data-gamma-now": "" })), make("div", { class: "play-choices" }, ...choices, ...(aims.length > 1 ? [freeze] : [])));
      return make("div", { class: "play-aim", role: "group", "aria-label": aims.length > 1 ? `Model ${NAMES[at]}` : "Objective" }, left, host);
    }));
    this.#showAims();
  }

  #showAims() {
    const places = /** @type {NodeListOf<HTMLElement>} */ (this.find("aims").querySelectorAll(".play-aim"));
    places.forEach((place, at) => {
      const aim = this.#play.aims[at];
      if (!aim) return;
      const isIb = aim.objective === "ib";
      place.classList.toggle("off", !isIb);
      for (const button of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-objective]"))) {
        button.setAttribute("aria-pressed", String(button.dataset.objective === aim.objective));
      }
      place.querySelector("[data-freeze]")?.setAttribute("aria-pressed", String(Boolean(this.#models[at]?.isFrozen)));
      /** @type {HTMLElement} */ (place.querySelector("[data-gamma-now]")).textContent = aimText(aim);
    });
  }

  /** Tells the program what the link is to say. */
  #tellSoon() {
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => {
      const [play, painted] = [asText(this.#play), pointsAsText(this.#painted)];
      const fits = painted.length <= LONGEST;
      if (!fits) this.#say(`${this.#painted.labels.length} points of your own are too many for a link: save them as CSV.`);
      const said = `${play} ${fits ? painted : ""}`;
      if (said === this.#told) return;
      this.#overtaken.add(this.#told);
      this.#overtaken.delete(said);
      this.#told = said;
      this.tell("play", { play, painted: fits ? painted : "" });
    }, TELL);
  }
}

/**
 * @param {string} name
 * @param {Record<string, any>} attributes
 * @param {(Node | string)[]} children
 */
function make(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** @param {Aim} aim */
function aimText({ objective, gamma }) {
  if (objective !== "ib") return "class-NLL";
  return gamma === 0 ? "only likelihood" : gamma === Infinity ? "only classes" : `γ = ${Number(gamma.toPrecision(3))}`;
}
