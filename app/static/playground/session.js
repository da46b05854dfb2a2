// The training of one model or of two, picture by picture: it begins, rests and goes on. Of the page it knows nothing.

import { remembered } from "./curves.js";
import { Trainer } from "./trainer.js";

/**
 * @typedef {import("./trainer.js").Problem} Problem
 * @typedef {import("./trainer.js").Snapshot} Snapshot
 * @typedef {{ trainer: Trainer, snapshot: Snapshot | null, history: import("./curves.js").Row[] }} Model
 * @typedef {{ models: Model[], snapshots: Snapshot[] }} Steps that have been taken
 */

const REST = 1000; // steps after which training rests by itself, until a person wants more
const FRAME = 33; // ms
const HASTY = 150; // steps to a picture, on the way to where a link says

export class Session {
  /** @type {Model[]} */ models = [];
  /** @type {"training" | "starting" | "resting"} */ state = "resting";
  speed = 5; // steps to a picture
  /** Whether training goes on when something changes. */ isWanted = true;
  #more = REST; // for so many steps then: without end once a person has pressed Play
  #target = 0; // steps after which it rests
  #turn = 0; // counts what is begun, so that what comes late goes no further
  /** @type {Promise<void>} the steps that are being taken */ #running = Promise.resolve();
  /** @type {Promise<void>} */ #drawing = Promise.resolve();
  #drawn = 0; // when

  /**
   * @param {object} page
   * @param {() => void} page.draw called before the browser paints, for new snapshots
   * @param {() => void} page.changed whether it trains
   * @param {(words: string) => void} page.say
   */
  constructor(page) {
    this.page = page;
  }

  /** The steps of the model that has taken most. */
  get step() {
    return Math.max(0, ...this.#steps);
  }

  get #steps() {
    return this.models.map(({ snapshot }) => snapshot?.step ?? 0);
  }

  /** What a link says: the steps after which it rests, or null if nobody has chosen them. */
  get chosenSteps() {
    return this.isWanted ? null : this.#target;
  }

  /** Nobody has pressed Play, Pause or Step yet. @param {boolean} isWanted */
  forget(isWanted) {
    this.isWanted = isWanted;
    this.#more = REST;
  }

  /**
   * New networks in the place of those before.
   * @param {Problem[]} problems one for each model; none if there is nothing to train on
   * @param {number} [steps] to be taken at once, of a link
   */
  async begin(problems, steps = 0) {
    this.#target = steps;
    if (!(await this.#start(problems, 0))) return;
    if (this.isWanted) await this.#train(this.#more);
    else await this.#train(steps, true);
  }

  /** A second model beside the first, which catches up with it; or the first alone again. @param {Problem[]} problems of both */
  async compare(problems) {
    const target = this.#target;
    if (await this.#start(problems, 1)) await this.#train(target);
  }

  /** New networks from one of the models on. @param {Problem[]} problems of all @param {number} from @returns {Promise<boolean>} whether nothing else was begun meanwhile */
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

  /** Trains from where it is, until it is paused. */
  play() {
    this.isWanted = true;
    this.#more = Infinity;
    return this.goOn();
  }

  /** @returns {Promise<boolean>} whether nothing else was begun meanwhile */
  async pause() {
    this.forget(false);
    this.#target = this.step;
    if (!(await this.#halt("resting"))) return false;
    this.#target = this.step;
    return true;
  }

  /** Trains on from where it is; a training that runs already goes on for as long from now. One that starts does so by itself. */
  async goOn() {
    if (this.state === "starting") return;
    const target = this.step + this.#more;
    if (this.state === "training") this.#target = Math.max(this.#target, target);
    else await this.#train(target);
  }

  async oneStep() {
    if (this.state === "starting" || !this.models.length) return;
    if (await this.pause()) await this.#train(Math.min(...this.#steps) + 1);
  }

  /**
   * The same networks go on with other settings.
   * @param {Parameters<Trainer["change"]>[0]} settings
   * @param {Model[]} models
   */
  change(settings, models = this.models) {
    return Promise.all(models.map(async (model) => {
      const snapshot = await model.trainer.change(settings).catch(() => null); // it is closed, or has ended, which is said where it trains
      if (snapshot && this.state === "resting" && this.models.includes(model)) this.#show({ models: [model], snapshots: [snapshot] });
    }));
  }

  close() {
    this.#turn++;
    for (const { trainer } of this.models) trainer.close();
  }

  /** Takes no more steps than those on their way. @param {Session["state"]} state meanwhile @returns {Promise<boolean>} whether nothing else was begun meanwhile */
  async #halt(state) {
    const turn = ++this.#turn;
    this.#become(state);
    await this.#running;
    return turn === this.#turn;
  }

  /** Takes steps until a number of them is reached, or something else begins. @param {number} target @param {boolean} isHasty whether only the last picture counts */
  async #train(target, isHasty = false) {
    if (!(await this.#halt("training"))) return;
    this.#target = target;
    this.#running = this.#run(isHasty);
    await this.#running;
  }

  /** While a picture is drawn, the next steps are computed already. @param {boolean} isHasty */
  async #run(isHasty) {
    const turn = this.#turn;
    try {
      for (let next = this.#ask(isHasty); next; ) {
        this.#show(await next); // who stops it sees how far it has come
        next = turn === this.#turn ? this.#ask(isHasty) : null;
        await this.#nextFrame();
      }
      if (turn === this.#turn) this.#become("resting");
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /**
   * Asks for the steps of one picture; for none where the target is reached. A model that has taken fewer steps than the
   * other catches up with it first.
   * @param {boolean} isHasty
   * @returns {Promise<Steps> | null}
   */
  #ask(isHasty) {
    const steps = this.#steps;
    const least = Math.min(...steps);
    if (!(least < this.#target) || this.models.some(({ snapshot }) => !snapshot?.finite)) return null;
    const models = this.models.filter((_, at) => steps[at] === least);
    const next = Math.min(this.#target, ...steps.filter((step) => step > least));
    const count = Math.min(next - least, isHasty ? HASTY : this.speed);
    const found = Promise.all(models.map(({ trainer }) => trainer.step(count))).then((snapshots) => ({ models, snapshots }));
    found.catch(() => {}); // which is heard of once a picture is drawn
    return found;
  }

  /** @param {Steps} steps */
  #show({ models, snapshots }) {
    models.forEach((model, at) => {
      model.snapshot = snapshots[at];
      model.history = remembered(model.history, snapshots[at]);
    });
    if (snapshots.some(({ finite }) => !finite)) this.page.say("The training has diverged: take a smaller learning rate, then Reset.");
    this.#drawing = new Promise((done) => requestAnimationFrame(() => (this.page.draw(), done())));
  }

  /** Once the last picture is drawn, and not before its time is over. */
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
