// Starts, pauses, and continues the training of one or two models, frame by frame, independently of the page.

import { remembered } from "./curves.js";
import { Trainer } from "./trainer.js";

/**
 * @typedef {import("./trainer.js").Problem} Problem
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {{ trainer: Trainer, snapshot: Snapshot | null, history: import("./curves.js").Row[] }} Model
 * @typedef {{ models: Model[], snapshots: Snapshot[] }} Steps finished steps
 */

const REST = 1000; // steps after which training pauses automatically
const FRAME = 33; // ms
const HASTY = 150; // steps per frame until the step in a link, or that of the other model, is reached

export class Session {
  /** @type {Model[]} */ models = [];
  /** @type {"training" | "starting" | "resting"} */ state = "resting";
  speed = 5; // steps per frame
  /** Whether training continues after a change. */ isWanted = true;
  #more = REST; // steps until training pauses; infinite after the user has pressed Play
  #target = 0; // step at which training pauses
  #turn = 0; // number of the current action, so that older actions stop
  /** @type {Promise<void>} the current run */ #running = Promise.resolve();
  /** @type {Promise<void>} */ #drawing = Promise.resolve();
  #drawn = 0; // time of the last frame

  /**
   * @param {object} page
   * @param {() => void} page.draw called with new snapshots, before the browser paints
   * @param {() => void} page.changed called when the state changes
   * @param {(words: string) => void} page.say
   */
  constructor(page) {
    this.page = page;
  }

  /** The number of steps of the model that has taken the most steps. */
  get step() {
    return Math.max(0, ...this.#steps);
  }

  /** The steps of the model with the fewest, which catches up. */
  get least() {
    return Math.min(...this.#steps);
  }

  get #steps() {
    return this.models.map(({ snapshot }) => snapshot?.step ?? 0);
  }

  /** The steps in a link: the step at which training pauses, or null if the user has not paused it. */
  get chosenSteps() {
    return this.isWanted ? null : this.#target;
  }

  /** Forgets that the user has pressed Play, Pause, or Step. @param {boolean} isWanted */
  forget(isWanted) {
    this.isWanted = isWanted;
    this.#more = REST;
  }

  /**
   * Starts with new networks.
   * @param {Problem[]} problems one for each model; empty if there is nothing to train on
   * @param {number} [steps] the steps in a link, which the networks take at once
   */
  async begin(problems, steps = 0) {
    this.#target = steps;
    if (!(await this.#start(problems, 0))) return;
    if (this.isWanted) await this.#train(this.#more);
    else await this.#train(steps, true);
  }

  /** Adds a second model, which catches up with the first, or removes the second model. @param {Problem[]} problems one for each model */
  async compare(problems) {
    const target = this.#target;
    if (await this.#start(problems, 1)) await this.#train(target);
  }

  /**
   * Starts new networks.
   * @param {Problem[]} problems one for each model
   * @param {number} from index of the first new model
   * @returns {Promise<boolean>} false if a newer action has started
   */
  async #start(problems, from) {
    if (!(await this.#halt("starting"))) return false;
    const turn = this.#turn;
    try {
      for (const { trainer } of this.models.splice(problems.length)) trainer.close();
      while (this.models.length < problems.length) this.models.push({ trainer: new Trainer(), snapshot: null, history: [] });
      const models = this.models.slice(from);
      const snapshots = await Promise.all(models.map(({ trainer }, at) => trainer.start(problems[from + at])));
      if (turn !== this.#turn) return false;
      for (const model of models) model.history = [];
      this.#show({ models, snapshots });
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
      return false;
    }
    return true;
  }

  /** Trains until the user pauses. */
  play() {
    this.isWanted = true;
    this.#more = Infinity;
    return this.goOn();
  }

  /** @returns {Promise<boolean>} false if a newer action has started */
  async pause() {
    this.forget(false);
    this.#target = this.step;
    if (!(await this.#halt("resting"))) return false;
    this.#target = this.step;
    return true;
  }

  /** Continues the training. A running training is extended, and a training that is starting continues by itself. */
  async goOn() {
    if (this.state === "starting") return;
    const target = this.step + this.#more;
    if (this.state === "training") this.#target = Math.max(this.#target, target);
    else await this.#train(target);
  }

  async oneStep() {
    if (this.state === "starting" || !this.models.length) return;
    if (await this.pause()) await this.#train(this.least + 1);
  }

  /**
   * Changes the settings, and keeps the networks.
   * @param {Parameters<Trainer["change"]>[0]} settings
   * @param {Model[]} models
   */
  change(settings, models = this.models) {
    return Promise.all(models.map(async (model) => {
      const snapshot = await model.trainer.change(settings).catch(() => null); // the training itself reports errors
      if (snapshot && this.state === "resting" && this.models.includes(model)) this.#show({ models: [model], snapshots: [snapshot] });
    }));
  }

  close() {
    this.#turn++;
    for (const { trainer } of this.models) trainer.close();
  }

  /** Stops after the current steps. @param {Session["state"]} state the new state @returns {Promise<boolean>} false if a newer action has started */
  async #halt(state) {
    const turn = ++this.#turn;
    this.#become(state);
    await this.#running;
    return turn === this.#turn;
  }

  /** Trains up to a step, unless a newer action starts. @param {number} target @param {boolean} isHasty whether only the last frame matters */
  async #train(target, isHasty = false) {
    if (!(await this.#halt("training"))) return;
    this.#target = target;
    this.#running = this.#run(isHasty);
    await this.#running;
  }

  /** Trains frame by frame. The worker computes the next steps while the page draws. @param {boolean} isHasty */
  async #run(isHasty) {
    const turn = this.#turn;
    try {
      for (let next = this.#ask(isHasty); next; ) {
        this.#show(await next); // also after a stop, so that the page shows the last step
        next = turn === this.#turn ? this.#ask(isHasty) : null;
        await this.#nextFrame();
      }
      if (turn === this.#turn) this.#become("resting");
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /**
   * Asks for the steps of one frame, or returns null at the target. If a model has taken fewer steps, this model first
   * catches up, as fast as it can.
   * @param {boolean} isHasty
   * @returns {Promise<Steps> | null}
   */
  #ask(isHasty) {
    const steps = this.#steps;
    const { least } = this;
    if (!(least < this.#target) || this.models.some(({ snapshot }) => !snapshot?.finite)) return null;
    const models = this.models.filter((_, at) => steps[at] === least);
    const next = Math.min(this.#target, ...steps.filter((step) => step > least));
    const count = Math.min(next - least, isHasty || models.length < this.models.length ? HASTY : this.speed);
    const found = Promise.all(models.map(({ trainer }) => trainer.step(count))).then((snapshots) => ({ models, snapshots }));
    found.catch(() => {}); // reported after the frame is drawn
    return found;
  }

  /** @param {Steps} steps */
  #show({ models, snapshots }) {
    models.forEach((model, at) => {
      model.snapshot = snapshots[at];
      model.history = remembered(model.history, snapshots[at]);
    });
    if (snapshots.some(({ finite }) => !finite)) this.page.say("The training has diverged: choose a smaller learning rate, then press Reset.");
    this.#drawing = new Promise((done) => requestAnimationFrame(() => (this.page.draw(), done())));
  }

  /** Waits until the last frame is drawn and its time is over. */
  async #nextFrame() {
    await this.#drawing;
    const left = this.#drawn + FRAME - performance.now();
    this.#drawn = performance.now() + Math.max(0, left);
    if (left > 4) await new Promise((done) => setTimeout(done, left - 4));
  }

  /** @param {Session["state"]} state */
  #become(state) {
    this.state = state;
    this.page.changed();
  }

  /** @param {unknown} error */
  #fail(error) {
    this.page.say(`The training has ended: ${error instanceof Error ? error.message : error}.`);
    this.#become("resting");
  }
}
