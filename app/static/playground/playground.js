// The playground: a small flow with a Gaussian for each class trains here in the browser, and one watches. A person chooses
// or paints the data, slides γ, and sees data space and latent space of one model or of two.

import { rgbOf } from "../figure/canvas.js";
import { whenEnded } from "../figure/ended.js";
import { Recorder, save } from "../figure/recorder.js";
import { Aims, CLASS_NLL } from "./aims.js";
import { Brush } from "./brush.js";
import { CURVES, curvesAsSheet, drawCalibration, drawCurve, isOfPoints, newHistory, remember } from "./curves.js";
import { DATA } from "./data.js";
import { make, NAMES } from "./elements.js";
import { showLessons } from "./lessons.js";
import {
  asText, copyOf, DEFAULT, EDGE, fromText, isIn, LONGEST, MOST_POINTS, OWN, pointsAsText, pointsFromText, RANGES,
} from "./link.js";
import { pictureOf } from "./picture.js";
import { makeCurves, makeSpaces } from "./places.js";
import { PointSet } from "./points.js";
import { probed, showPoint } from "./probe.js";
import { asSheet, fromSheet, SheetError } from "./sheet.js";
import { DataSpace, LatentSpace } from "./spaces.js";
import { Strip } from "./strip.js";
import { Trainer } from "./trainer.js";

/**
 * @typedef {import("./link.js").Play} Play
 * @typedef {import("./link.js").Aim} Aim
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {import("./spaces.js").Point} Point
 * @typedef {import("./lessons.js").Preset} Preset
 *
 * @typedef {object} Given what app/playground/element.py sends
 * @property {string} play what a link says: link.js
 * @property {string} painted
 * @property {Preset[]} presets
 * @property {{ colors: string[], models: string[], accent: string }} look
 * @property {{ html: string, css: string }} slider of γ
 * @property {boolean} is_on_stage
 *
 * @typedef {{ models: Model[], snapshots: Snapshot[], isShown: boolean }} Steps that have been taken
 *
 * @typedef {object} Model one of those that are shown
 * @property {Trainer} trainer
 * @property {Snapshot | null} snapshot
 * @property {import("./curves.js").History} history
 * @property {boolean} isFrozen
 * @property {DataSpace} data
 * @property {LatentSpace} latent
 * @property {Strip} strip of its couplings
 * @property {import("./spaces.js").Probe} probe
 */

const REST = 1000; // steps after which training rests by itself, until a person wants more
const FRAME = 33; // ms
const SELDOM = 90; // ms between two drawings of curves and numbers
const BUSY = 0.025; // seconds of computing for a picture, when it goes as fast as it can
const HASTY = 150; // steps to a picture, on the way to where a link says
const SOON = 150; // ms without a change after which a network begins anew
const TAKE = 150; // ms between two pictures of a GIF
const SIDE = 600; // pixels of a space in it: it is as wide as a slide
const MOST_PICTURES = 400;
const TELL = 400; // ms without a change after which the link is told
const FINGER = 28; // CSS pixels around the star in which a finger takes it up
const LARGE = 10; // γ up to which a model looks like that of a small one: beside it begins γ = ∞, beside others SMALL
const SMALL = 0.1;
const RATES = [0.0003, 0.001, 0.003, 0.005, 0.01, 0.03, 0.1];
/** @type {[string, number][]} */
const SPEEDS = [["slow", 1], ["medium", 5], ["fast", Infinity]];
/** @type {Record<string, number>} keys on stage that go to the next lesson, or back */
const CLICKER = { PageDown: 1, PageUp: -1 };
/** @type {Record<string, number>} */
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 };
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
  #points = new PointSet();
  /** @type {Model[]} */ #models = [];
  /** What the program knows of the link. */ #told = "";
  /** @type {Set<string>} what it was told before and may still answer */ #overtaken = new Set();
  /** Counts what is begun, so that what comes late is not taken for what is shown. */ #turn = 0;
  #isRunning = false;
  #isResting = false; // as nobody has told it to
  #isStarting = false;
  #isWanted = true; // whether training goes on when something changes
  #more = REST; // for so many steps then: without end once a person has pressed Play
  #target = 0; // steps after which it rests
  #most = 5; // steps for each picture
  #atOnce = 5; // steps that fit into a picture, when it goes as fast as it can
  #layers = { grid: true, samples: true, density: true, held: false };
  #soon = 0;
  #telling = 0;
  #drawn = 0; // when
  #curvesDrawn = 0;
  /** @type {Promise<void> | null} */ #drawing = null;
  /** @type {Promise<Steps | null>} the steps that are being taken */ #inFlight = Promise.resolve(null);
  #isEncoding = false;
  #isPinning = false;
  #isLayered = false; // whether the couplings are shown
  #isAskingStages = false;
  /** @type {number | null} the stage that is shown large */ #stage = null;
  /** @type {{ space: "x" | "z", model: number, place: Point } | null} */ #pointed = null;
  /** @type {Recorder | null} while a GIF is recorded */ #recorder = null;
  #pictures = 0; // in it
  #lastTaken = 0; // when the last of them was
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
    on("network", () => this.#showNetwork(!this.#isLayered));
    on("open", () => this.find("file").click());
    on("clear", () => this.#clear());
    this.find("file").addEventListener("change", () => this.#open(), { signal });
    this.aims = new Aims(this.find("aims"), {
      aim: (at, aim) => {
        if (aim.objective) this.#say(aim.objective === "ib" ? "" : CLASS_NLL);
        this.#aim(at, aim);
      },
      freeze: (at) => this.#freeze(at),
    });
    this.#options("kind", KINDS.map((kind) => [kind === OWN ? "only painted points" : kind, kind]));
    this.#options("rate", RATES.map((rate) => [String(rate), String(rate)]));
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (host.querySelectorAll("[data-value]"))) {
      input.addEventListener("input", () => this.#set(input), { signal });
      input.addEventListener("change", () => input.value === "" && this.#showValues(), { signal });
    }
    const speed = /** @type {HTMLSelectElement} */ (this.find("speed"));
    speed.append(...SPEEDS.map(([name, steps]) => new Option(name, String(steps), steps === this.#most, steps === this.#most)));
    speed.addEventListener("change", () => (this.#most = Number(speed.value)), { signal });
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (host.querySelectorAll("[data-layer]"))) {
      box.addEventListener("change", () => {
        Object.assign(this.#layers, { [box.dataset.layer ?? ""]: box.checked });
        this.#resized();
      }, { signal });
    }
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (host.querySelectorAll("[data-save]"))) {
      button.addEventListener("click", () => this.#save(button.dataset.save ?? ""), { signal });
    }
    window.addEventListener("popstate", () => this.#overtaken.clear(), { signal });
    document.addEventListener("play-figure", () => this.#toggle(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.network = make("button", { type: "button", "data-network": "", "aria-pressed": "false", title: this.find("network").title }, "Network");
    this.network.addEventListener("click", () => this.#showNetwork(!this.#isLayered), { signal });
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
    this.#points.replace(pointsFromText(painted));
    this.#isWanted = this.#play.steps === null && !this.isStill;
    this.#more = REST;
    this.#say("");
    this.#showValues();
    if (this.#models.length === this.#play.aims.length) this.#makeAims(); // whose sliders stand where they were
    this.#begin(this.#play.steps ?? undefined);
  }

  // What is trained

  /**
   * New networks for what is chosen.
   * @param {number} [steps] to be taken at once, of a link
   * @param {boolean} [keepsFrozen] whether a model that is frozen stays as it is
   */
  async #begin(steps, keepsFrozen = false) {
    const turn = ++this.#turn;
    this.#isRunning = this.#isResting = false;
    clearTimeout(this.#soon);
    this.#points.gather(this.#play);
    try {
      this.#makeModels();
    } catch (error) {
      return this.#fail(error); // a browser that starts no workers here
    }
    this.#isStarting = this.#points.isTrainable;
    this.#refresh();
    if (!this.#isStarting) {
      for (const model of this.#models) Object.assign(model, { snapshot: null, history: newHistory(), probe: null });
      return this.#draw();
    }
    try {
      const problems = this.#play.aims.map((aim) => this.#problem(aim));
      const kept = this.#models.map(({ snapshot, isFrozen }) => (keepsFrozen && isFrozen ? snapshot : null));
      const snapshots = await Promise.all(this.#models.map(({ trainer }, at) => kept[at] ?? trainer.start(problems[at])));
      if (turn !== this.#turn) return;
      this.#models = this.#models.map((model, at) => (kept[at] ? model : { ...model, history: newHistory(), isFrozen: false }));
      this.#models.forEach(({ latent }, at) => kept[at] ?? latent.reset());
      this.#isStarting = false;
      this.#taken(snapshots, this.#models);
      await this.#drawing;
      if (turn !== this.#turn) return;
      if (this.#isWanted) await this.#run(this.#more);
      else if (steps !== undefined) await this.#run(steps, true);
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

  /** @param {Aim} aim @returns {import("./trainer.js").Problem} */
  #problem({ objective, gamma }) {
    const { classes, couplings, width, seed, rate } = this.#play;
    const { all, held } = this.#points;
    return { ...all, classes, couplings, width, seed, objective, gamma, learningRate: rate, held };
  }

  /** As many models, and places for their pictures, as are wanted. */
  #makeModels() {
    const { aims } = this.#play;
    if (this.#models.length !== aims.length) {
      if (this.#recorder) this.#record(); // whose pictures have one size
      this.#models.splice(aims.length).forEach(({ trainer }) => trainer.close());
      const look = { ...this.#given.look, rgb: this.#given.look.colors.map(rgbOf) };
      const canvases = makeSpaces(this.find("spaces"), look.models, aims.length, { data: this.brush.tools, latent: this.network });
      makeCurves(this.find("curves"), look.models, aims.length);
      for (let at = 0; at < aims.length; at++) {
        const trainer = this.#models[at]?.trainer ?? new Trainer();
        trainer.onError = (error) => this.#fail(error);
        const [data, latent] = [new DataSpace(canvases[2 * at], look), new LatentSpace(canvases[2 * at + 1], look)];
        const { snapshot = null, history = newHistory(), isFrozen = false, probe = null } = this.#models[at] ?? {};
        const strip = new Strip(look, aims.length > 1 ? NAMES[at] : "", (stage) => this.#pressStage(stage));
        this.#models[at] = { trainer, snapshot, history, isFrozen, data, latent, strip, probe };
        this.#listen(at, data, latent);
      }
      this.find("strip").replaceChildren(...this.#models.map(({ strip }) => strip.place));
      this.#makeAims();
    }
    this.brush.setClasses(this.#play.classes, this.#given.look.colors);
  }

  /**
   * Takes steps until a number of them is reached, or somebody stops it. While a picture is drawn, the next steps are
   * computed already. A model that has taken fewer steps than the other catches up with it first.
   * @param {number} target
   * @param {boolean} [isHasty] whether only the last picture counts
   */
  async #run(target, isHasty = false) {
    const turn = ++this.#turn;
    const isOn = () => turn === this.#turn;
    await this.#arrived();
    if (!isOn()) return;
    this.#isRunning = true;
    this.#isResting = false;
    this.#target = target;
    this.#refresh();
    try {
      for (let next = this.#ask(isHasty); next && isOn(); ) {
        const steps = await next;
        // Who stops it sees how far it has come. Another network has come in the place of these, if #begin has.
        if (!steps.models.every((model) => this.#models.includes(model))) return;
        this.#showSteps(steps);
        const isFine = steps.snapshots.every(({ finite }) => finite);
        next = isOn() && isFine ? this.#ask(isHasty) : null;
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

  /** Asks for the steps of one picture; for none where the target is reached. @param {boolean} isHasty */
  #ask(isHasty) {
    const [steps, target] = [this.#freeSteps, this.#target];
    const least = Math.min(...steps);
    if (!(least < target)) return null;
    const models = this.#models.filter(({ isFrozen, snapshot }) => !isFrozen && stepOf(snapshot) === least);
    const next = Math.min(target, ...steps.filter((step) => step > least));
    const count = Math.min(next - least, isHasty ? HASTY : Math.min(this.#most, this.#atOnce));
    const found = Promise.all(models.map(({ trainer }) => trainer.step(count))).then((snapshots) => {
      const slowest = Math.min(...snapshots.map(({ stepsPerSecond }) => stepsPerSecond || Infinity));
      if (Number.isFinite(slowest)) this.#atOnce = Math.max(1, Math.min(500, Math.round(slowest * BUSY)));
      return { models, snapshots, isShown: false };
    });
    this.#inFlight = found.catch(() => null);
    return found;
  }

  /** Waits for the steps that are being taken, and shows them: the trainers are as far as the page says. */
  async #arrived() {
    const steps = await this.#inFlight;
    if (steps?.models.every((model) => this.#models.includes(model))) this.#showSteps(steps);
  }

  /** @param {Steps} steps */
  #showSteps(steps) {
    if (steps.isShown) return;
    steps.isShown = true;
    this.#taken(steps.snapshots, steps.models);
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
    if (!this.#points.isTrainable) return;
    this.#isWanted = true;
    this.#more = Infinity;
    this.#play.steps = null;
    this.#goOn();
  }

  async #pause() {
    const turn = ++this.#turn;
    this.#isRunning = false;
    this.#isWanted = false;
    this.#more = REST;
    this.#refresh();
    await this.#arrived();
    if (turn === this.#turn) this.#noteSteps();
  }

  /** Trains on from where it is; a training that runs already goes on for as long from now. One that starts does so by itself. */
  #goOn() {
    if (this.#isStarting) return;
    if (!this.#models[0]?.snapshot) return this.#begin();
    const target = Math.max(0, ...this.#freeSteps) + this.#more;
    if (this.#isRunning) this.#target = Math.max(this.#target, target);
    else this.#run(target);
  }

  /** Steps of the model that has taken most. */
  get #step() {
    return Math.max(0, ...this.#models.map(({ snapshot }) => stepOf(snapshot)));
  }

  /** Steps of each model that is not frozen. */
  get #freeSteps() {
    return this.#models.flatMap(({ isFrozen, snapshot }) => (isFrozen ? [] : [stepOf(snapshot)]));
  }

  /** All models' steps, apart where they differ. */
  get #stepsText() {
    const steps = this.#models.map(({ snapshot }) => stepOf(snapshot).toLocaleString("en"));
    return steps.every((one) => one === steps[0]) ? (steps[0] ?? "0") : steps.map((one, at) => `${NAMES[at]} ${one}`).join(" · ");
  }

  /** What is trained is something else from now on: a training that is paused stays so, in the link too. @param {number} step */
  #changed(step) {
    this.#play.steps = this.#isWanted ? null : Math.min(RANGES.steps[1], step);
  }

  /** The link now says how many steps were taken. */
  #noteSteps() {
    this.#play.steps = Math.min(RANGES.steps[1], this.#step);
    this.#tellSoon();
  }

  async #oneStep() {
    if (!this.#points.isTrainable || this.#isStarting) return;
    this.#isWanted = false;
    this.#more = REST;
    const turn = ++this.#turn;
    await this.#arrived();
    if (turn !== this.#turn) return;
    await this.#run(Math.min(...this.#freeSteps) + 1);
    if (turn + 1 === this.#turn) this.#noteSteps();
  }

  #reset() {
    this.#isWanted = false;
    this.#more = REST;
    this.#play.steps = 0;
    this.#say("");
    this.#tellSoon();
    this.#begin(undefined, true);
  }

  /** Two models instead of one, or one again: A stays as it is, and B takes as many steps. */
  async #compare() {
    const { aims } = this.#play;
    const [wasRunning, isNew] = [this.#isRunning, this.#isStarting || !this.#models[0]?.snapshot];
    const turn = ++this.#turn;
    this.#isRunning = false;
    await this.#arrived();
    if (turn !== this.#turn) return;
    if (aims.length > 1) aims.pop();
    else aims.push({ objective: "ib", gamma: aims[0].objective === "ib" && aims[0].gamma > LARGE ? SMALL : Infinity });
    this.#showValues();
    this.#tellSoon();
    if (isNew) return this.#begin();
    const target = wasRunning ? Infinity : this.#step;
    try {
      this.#makeModels();
      const [, other] = this.#models;
      if (other) {
        const snapshot = await other.trainer.start(this.#problem(aims[1]));
        if (turn !== this.#turn) return;
        this.#taken([snapshot], [other]);
      }
      await this.#run(target, this.isStill);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /** What a phone shows only if it is asked to. @param {string} name of the button @param {string} state @param {string} attribute */
  #fold(name, state, attribute) {
    const isOn = this.host.classList.toggle(state);
    this.find(name).setAttribute(attribute, String(isOn));
    this.#resized();
    if (isOn && name === "settings") this.#scrollToSettings();
  }

  /** The couplings in the place of the curves, or not. @param {boolean} isLayered */
  #showNetwork(isLayered) {
    this.#isLayered = isLayered;
    this.#stage = null;
    this.host.classList.toggle("layered", isLayered);
    for (const button of this.host.querySelectorAll("[data-network]")) button.setAttribute("aria-pressed", String(isLayered));
    this.#resized();
    if (isLayered) this.find("strip").scrollIntoView({ block: "nearest" });
  }

  /** @param {number} stage */
  #pressStage(stage) {
    this.#stage = this.#stage === stage ? null : stage;
    this.#resized();
  }

  /** Which stage is shown large, in the place of latent space. */
  get #large() {
    return this.#stage !== null && this.#stage < this.#play.couplings ? this.#stage : null; // the last one is latent space
  }

  /** Asks for the couplings of what is shown. */
  async #stages() {
    const models = this.#models.filter(({ snapshot, probe, strip }) => snapshot?.finite && !strip.isOf(snapshot, probe?.x));
    if (!this.#isLayered || this.#isAskingStages || !models.length) return;
    this.#isAskingStages = true;
    try {
      await Promise.all(models.map(async ({ trainer, strip, snapshot, probe }) => {
        const stages = await trainer.stages(Float64Array.from(probe?.x ?? []));
        strip.show(stages, /** @type {Snapshot} */ (snapshot), probe?.x, this.#layers.grid, this.#stage);
      }));
      this.#isAskingStages = false;
      if (!this.#isRunning) this.#draw(); // which asks again, if that is another one by now
    } catch {
      this.#isAskingStages = false; // the models are others by now
    }
  }

  /** To below what stays in sight. */
  #scrollToSettings() {
    const [left, ...all] = [".play-left", ".play-top", ".play-bar"].map((name) => /** @type {HTMLElement} */ (this.host.querySelector(name)));
    const above = all.find((one) => getComputedStyle(one).position === "sticky");
    left.style.scrollMarginTop = above ? `${(parseFloat(getComputedStyle(above).top) || 0) + above.offsetHeight}px` : "";
    left.scrollIntoView({ block: "start" });
  }

  /** @param {HTMLInputElement} input */
  #set(input) {
    const name = input.dataset.value ?? "";
    if (name === "kind") {
      this.#play.kind = input.value;
      this.#points.leaveKind();
    } else {
      if (input.value === "") return; // a number is being written
      if (!isIn(name, Number(input.value))) return this.#showValues(); // what holds is what is shown
      Object.assign(this.#play, { [name]: Number(input.value) });
    }
    this.#changed(name === "rate" ? this.#step : 0);
    this.#say("");
    this.#showValues();
    this.#tellSoon();
    if (name === "rate") {
      for (const { trainer } of this.#models) this.#change(trainer, { learningRate: this.#play.rate });
      return;
    }
    this.#points.gather(this.#play);
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
    this.#changed(this.#step);
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
    const hasArrows = target.matches?.("input"); // a slider's own; those on a picture do not come here
    const onStage = this.#given.is_on_stage && (CLICKER[event.key] ?? (hasArrows ? undefined : ARROWS[event.key]));
    if (event.key === ".") this.#oneStep();
    else if (event.key.toLowerCase() === "r") this.#reset();
    else if (event.key.toLowerCase() === "t") this.#try();
    else if (event.key.toLowerCase() === "l") this.#showNetwork(!this.#isLayered);
    else if (event.key === " " && !target.matches?.("button, input, a, summary")) this.#toggle();
    else if (onStage) {
      const { presets } = this.#given;
      const from = this.#lesson < 0 && onStage < 0 ? 0 : this.#lesson; // before the first one comes the last
      this.#choose(presets[(from + onStage + presets.length) % presets.length]);
    } else return;
    event.preventDefault();
  }

  // Points of a person's own

  /** @param {Point} place */
  #paint(place) {
    if (this.#points.isFull) return this.#say(`${MOST_POINTS} points are the most that train here.`);
    this.#points.add(place, this.brush.label);
    this.#draw();
  }

  /** @param {Point} place @param {number} radius */
  #erase(place, radius) {
    if (!this.#points.erase(place, radius, this.#play.kind)) return;
    this.#play.kind = OWN; // all that are left are a person's own
    this.#draw();
  }

  /** A stroke is over: the network goes on with what there is now. */
  #strokeEnded() {
    this.#points.endStroke();
    if (!this.#models[0]?.snapshot) this.#isWanted = true; // these are the first points, and nothing has been paused
    this.#changed(this.#step);
    this.#points.gather(this.#play);
    this.#showValues();
    this.#tellSoon();
    this.#say("");
    if (!this.#points.isTrainable || !this.#models[0].snapshot) return this.#begin();
    for (const { trainer } of this.#models) this.#change(trainer, { ...this.#points.all, held: this.#points.held });
    if (this.#isWanted) this.#goOn();
  }

  #clear() {
    this.#points.replace(pointsFromText(""));
    this.#changed(0);
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
      this.#points.replace(sheet);
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
    this.brush.watch(data);
    for (const [space, key] of /** @type {[DataSpace | LatentSpace, "x" | "z"][]} */ ([[data, "x"], [latent, "z"]])) {
      const { canvas } = space;
      const point = (/** @type {PointerEvent} */ event) => {
        if ((key === "x" && this.brush.isPainting) || (key === "z" && this.#large !== null)) return; // another space is shown there
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
      canvas.addEventListener("pointerdown", (event) => {
        if (key === "z" && this.#large !== null) return;
        point(event);
        this.#pin();
      });
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
      showPoint(this.find("point"), this.#models.map((one) => one.probe), this.#given.look.colors);
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
        one.probe = await probed(one.trainer, x, this.#points.all.points);
      }));
      if (this.#isPinning && pointed === this.#pointed && Math.max(...x.map(Math.abs)) <= EDGE) {
        this.#isPinning = false;
        this.#play.at = [Number(x[0].toFixed(2)), Number(x[1].toFixed(2))];
        this.#tellSoon();
      }
      this.#draw();
      showPoint(this.find("point"), this.#models.map((one) => one.probe), this.#given.look.colors);
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
    if (kind === "points") save(text(asSheet(this.#points.all)), "points.csv");
    else if (kind === "losses") save(text(curvesAsSheet(this.#models.map(({ history }) => history))), "curves.csv");
    else if (kind === "png") pictureOf(this.#models, this.#play.aims, this.#fontFamily).toBlob((blob) => blob && save(blob, "playground.png"));
    else this.#record();
  }

  get #fontFamily() {
    return getComputedStyle(this.host).fontFamily;
  }

  /** Records what the pictures do until it is called again. */
  async #record() {
    const recorder = this.#recorder;
    this.#recorder = null;
    const button = /** @type {HTMLButtonElement} */ (this.host.querySelector('[data-save="gif"]'));
    button.setAttribute("aria-pressed", String(!recorder));
    button.textContent = recorder ? "GIF" : "Stop";
    if (recorder) return save(recorder.finish(), "playground.gif");
    try {
      this.#recorder = await Recorder.begin();
      this.#pictures = this.#lastTaken = 0;
      this.#takePicture();
    } catch (error) {
      this.#say(`The GIF could not be made: ${error instanceof Error ? error.message : error}.`);
    }
  }

  /** A picture for the GIF, if one is recorded, and not too soon after the last one. */
  #takePicture() {
    if (!this.#recorder || performance.now() < this.#lastTaken + TAKE) return;
    this.#recorder.add(pictureOf(this.#models, this.#play.aims, this.#fontFamily, SIDE), TAKE);
    this.#lastTaken = performance.now();
    if (++this.#pictures === MOST_PICTURES) this.#record();
  }

  // What is shown

  #resized() {
    for (const { strip } of this.#models) strip.draw(this.#layers.grid, this.#stage);
    this.#draw();
  }

  #draw() {
    if (!this.#given) return;
    const large = this.#large;
    this.host.classList.toggle("staged", large !== null);
    this.host.querySelectorAll("[data-latent-title]").forEach((title) => {
      title.textContent = large === null ? "Latent" : large ? `Behind coupling ${large} of ${this.#play.couplings}` : "Before the couplings";
    });
    this.#models.forEach(({ data, latent, snapshot, probe, strip }) => {
      const scene = { data: this.#points.all, held: this.#points.held, snapshot, probe, layers: this.#layers };
      data.draw(scene);
      if (large !== null && strip.stages && large < strip.stages.count) latent.drawStage(strip.stages, large, strip.half, this.#layers.grid);
      else latent.draw(scene, this.#isRunning && !this.isStill);
    });
    this.#takePicture();
    if (this.#isRunning && performance.now() < this.#curvesDrawn + SELDOM) return;
    this.#curvesDrawn = performance.now();
    this.#stages();
    const colors = this.#given.look.models;
    const histories = this.#models.map(({ history }) => history);
    const places = [...this.find("curves").querySelectorAll("figure")];
    const canvases = [...this.find("curves").querySelectorAll("canvas")];
    const where = this.#points.held ? "held out" : "training points";
    if (places.length) {
      CURVES.forEach((curve, at) => drawCurve(canvases[at], curve, histories, colors, where));
      drawCalibration(canvases[CURVES.length], this.#models.map(({ snapshot }) => snapshot), colors, where);
      // Numbers come last: to measure a canvas behind a new text, the browser lays out the page.
      CURVES.forEach((curve, at) => this.#numbers(places[at], isOfPoints(curve) ? where : "", (snapshot) => curve.text(snapshot[curve.key])));
      this.#numbers(places[CURVES.length], where, ({ calibration }) => `${(100 * calibration.ece).toFixed(1)} %`);
    }
    this.find("steps").textContent = this.#stepsText;
    this.find("steps-word").hidden = this.#stepsText.includes("·"); // there is no room for it
    this.find("hint").textContent = this.#isResting ? "Press Play to train on." : "";
  }

  /** @param {HTMLElement} place @param {string} where they are measured @param {(snapshot: Snapshot) => string} text */
  #numbers(place, where, text) {
    const texts = this.#models.map(({ snapshot }) => (snapshot?.finite ? text(snapshot) : "–"));
    place.querySelectorAll("b").forEach((number, at) => (number.textContent = texts[at] ?? ""));
    place.querySelector("canvas")?.setAttribute("aria-label", `${[place.querySelector("span")?.textContent, where].filter(Boolean).join(", ")}: ${texts.join(" and ")}`);
  }

  /** What depends on whether it trains. */
  #refresh() {
    const isEmpty = !this.#points.isTrainable;
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
    /** @type {HTMLInputElement} */ (this.host.querySelector('[data-layer="held"]')).disabled = !isMade || this.#points.painted.labels.length > 0;
    /** @type {HTMLButtonElement} */ (this.find("clear")).disabled = !this.#points.painted.labels.length;
    this.brush.setClasses(this.#play.classes, this.#given.look.colors);
    this.#showAims();
    showLessons(this.find("presets"), this.find("words"), this.#given.presets, this.#lesson, (preset) => this.#choose(preset), () => this.#try());
    const { at } = this.#play;
    this.#pointed = at && { space: "x", model: 0, place: at };
  }

  get #lesson() {
    return this.#play.lesson - 1;
  }

  /** What a lesson's task says. */
  #try() {
    const preset = this.#given.presets[this.#lesson];
    if (!preset?.tried) return;
    if (preset.restarts) this.#take(preset.tried, preset.painted);
    else {
      this.#isWanted = true;
      fromText(preset.tried, DATA).aims.forEach((aim, at) => this.#aim(at, aim));
      this.#makeAims(); // whose sliders stand where they were
    }
    this.#tellSoon();
  }

  /** @param {string} name @param {[string, string][]} options */
  #options(name, options) {
    this.host.querySelector(`[data-value="${name}"]`)?.append(...options.map(([text, value]) => new Option(text, value)));
  }

  /** For each model its objective, and the slider of γ. */
  #makeAims() {
    this.aims.make(this.#play.aims, this.#given.slider, this.#given.look.models);
    this.#showAims();
  }

  #showAims() {
    this.aims.show(this.#play.aims, this.#play.aims.map((_, at) => Boolean(this.#models[at]?.isFrozen)));
  }

  /** Tells the program what the link is to say. */
  #tellSoon() {
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => {
      const [play, painted] = [asText(this.#play), pointsAsText(this.#points.painted)];
      const fits = painted.length <= LONGEST;
      if (!fits) this.#say(`${this.#points.painted.labels.length} points of your own are too many for a link: save them as CSV.`);
      const said = `${play} ${fits ? painted : ""}`;
      if (said === this.#told) return;
      this.#overtaken.add(this.#told);
      this.#overtaken.delete(said);
      this.#told = said;
      this.tell("play", { play, painted: fits ? painted : "" });
    }, TELL);
  }
}

/** @param {Snapshot | null} snapshot */
const stepOf = (snapshot) => snapshot?.step ?? 0;
