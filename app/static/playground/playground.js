// The playground: a small flow with a Gaussian for each class trains in the browser. The user chooses or paints the
// data, changes γ, and watches data space and latent space of one or two models.

import { rgbOf } from "../figure/canvas.js";
import { finder } from "../figure/elements.js";
import { componentOf } from "../figure/ended.js";
import { SentValues } from "../figure/sent_values.js";
import { AimControls, aimText } from "./aims.js";
import { Brush } from "./brush.js";
import { MEASURES, showMeasures } from "./curves.js";
import { listenToKeys } from "./keys.js";
import { Lessons } from "./lessons.js";
import { asText, DEFAULT, fromText, LONGEST, OWN, pointsAsText, pointsFromText } from "./link.js";
import { PointSet } from "./points.js";
import { Camera, curvesAsSheet, saveSheet } from "./saving.js";
import { Session } from "./session.js";
import { listenToSettings, showSettings } from "./settings.js";
import { fromSheet, SheetError, sheetOf } from "./sheet.js";
import { Star } from "./star.js";
import { double, viewOf } from "./view.js";

/**
 * @typedef {import("./link.js").Play} Play
 * @typedef {import("./link.js").Aim} Aim
 *
 * @typedef {object} Data the data from app/playground/element.py
 * @property {string} play text of the link; see link.js
 * @property {string} painted
 * @property {import("./lessons.js").Preset[]} presets
 * @property {{ colors: string[], models: string[], accent: string }} style
 * @property {{ html: string, css: string }} slider the γ slider
 * @property {boolean} is_on_stage
 */

const SELDOM = 90; // ms between two drawings of curves, numbers, and network during training
const TELL = 400; // ms without a change before the program gets the link
const SOON = 150; // ms without a change before new networks start
const SMALL = 0.1; // γ of a second model if the first has γ = ∞
const PLAY_ICON = "M7 4v16l13-8z";
const PAUSE_ICON = "M6 4h4v16H6zM14 4h4v16h-4z";

class Playground {
  /** @type {Play} */ #play = structuredClone(DEFAULT);
  #points = new PointSet();
  #sent = new SentValues();
  #soon = 0;
  #telling = 0;
  #measured = 0; // time of the last drawing of curves and numbers
  #listening = new AbortController();

  /** @param {HTMLElement} host @param {Data} given */
  constructor(host, given) {
    this.host = host;
    this.find = finder(host);
    this.given = given;
    /** @type {(name: string, value: any) => void} */
    this.tell = () => {};
    this.isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    double(host);
    const style = { ...given.style, rgb: given.style.colors.map(rgbOf) };
    const say = (/** @type {string} */ words) => this.#say(words);
    this.session = new Session({ draw: () => (this.#draw(), this.star.find()), changed: () => this.#refresh(), say });
    this.brush = new Brush(this.find("tools"), style.colors, {
      paint: (place, label) => (this.#points.add([...place, label]), this.#draw()),
      erase: (place, radius) => this.#erase(place, radius),
      done: () => this.#strokeEnded(),
    });
    this.star = new Star({
      models: () => this.session.models,
      isPainting: () => this.brush.isPainting,
      isOnStage: () => this.given.is_on_stage,
      found: () => this.#draw(),
      keep: (at) => (this.#play.at = at, this.#tellSoon()),
    });
    const aims = /** @type {HTMLElement[]} */ ([...host.querySelectorAll(".play-aim")]);
    this.aims = aims.map((place, at) => new AimControls(place, given.slider, (aim) => this.#aim(at, aim)));
    this.views = aims.map((_, at) => viewOf(host, at, style));
    this.views.forEach(({ data, latent }, at) => {
      this.brush.watch(data, () => this.star.probes[at]?.x);
      this.star.watch(data, "x", at);
      this.star.watch(latent, "z", at);
    });
    this.lessons = new Lessons(this.find("presets"), this.find("words"), given.presets, {
      choose: (play) => (this.#take(play, ""), this.#tellSoon()),
      slide: (play) => {
        this.session.isWanted = true;
        fromText(play).aims.forEach((aim, at) => this.#aim(at, aim));
      },
    });
    this.camera = new Camera(this.find("gif"), () => this.#frame(), say);
    this.form = this.find("form");
    listenToSettings(this.form, (name, value) => this.#set(name, value), () => this.#showValues());
    this.#listen();
  }

  #listen() {
    const { signal } = this.#listening;
    const { session, camera, lessons } = this;
    const step = () => this.#tellAfter(session.oneStep());
    const reset = () => this.#anew(false);
    const toggle = () => this.#toggle();
    /** @type {Record<string, () => void>} */
    const buttons = {
      run: toggle, step, reset,
      compare: () => this.#compare(),
      network: () => this.#toggleNetwork(),
      open: () => this.find("file").click(),
      clear: () => (this.#points.replace([]), this.#anew(session.isWanted)),
      png: () => camera.save(),
      gif: () => camera.record(),
      points: () => saveSheet(sheetOf(["x", "y", "label"], this.#points.dots), "points.csv"),
      curves: () => saveSheet(curvesAsSheet(session.models.map(({ history }) => history)), "curves.csv"),
    };
    for (const [name, work] of Object.entries(buttons)) this.find(name).onclick = work;
    this.find("file").onchange = () => this.#open();
    const keys = { ".": step, r: reset, t: () => lessons.try(), l: buttons.network, " ": toggle };
    listenToKeys(keys, (way) => lessons.turn(way), () => this.given.is_on_stage, signal);
    document.addEventListener("play-figure", toggle, { signal });
    window.addEventListener("popstate", () => this.#sent.forget(), { signal });
    this.host.addEventListener("transitionend", () => this.#resized()); // the theme has changed
    this.watch = new ResizeObserver(() => this.#resized());
    this.watch.observe(this.host);
  }

  remove() {
    this.#listening.abort();
    this.watch?.disconnect();
    for (const aim of this.aims) aim.forget?.();
    clearTimeout(this.#soon);
    clearTimeout(this.#telling);
    this.session.close();
  }

  // Links

  /** @param {Data} data */
  show(data) {
    this.given = data;
    this.host.classList.toggle("on-stage", data.is_on_stage);
    data.style.models.forEach((color, at) => this.host.style.setProperty(`--model-${at}`, color));
    if (this.#sent.isNews(`${asText(fromText(data.play))} ${data.painted}`)) this.#take(data.play, data.painted);
    this.#resized();
  }

  /** Starts with the settings and the points of a link. @param {string} play @param {string} painted */
  #take(play, painted) {
    this.#play = fromText(play);
    this.#points.replace(pointsFromText(painted));
    this.session.forget(this.#play.steps === null && !this.isStill);
    this.#say("");
    this.#begin(this.#play.steps ?? 0);
    this.star.put(this.#play.at);
  }

  /** Tells the program the new link after a short time. */
  #tellSoon() {
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => {
      const painted = pointsAsText(this.#points.painted);
      const fits = painted.length <= LONGEST;
      if (!fits) this.#say(`${this.#points.painted.length} points of your own are too many for a link: save them as CSV.`);
      const said = { play: asText({ ...this.#play, steps: this.session.chosenSteps }), painted: fits ? painted : "" };
      if (this.#sent.isNew(`${said.play} ${said.painted}`)) this.tell("play", said);
    }, TELL);
  }

  /** Tells the program the new link after the steps are finished. @param {Promise<unknown>} steps */
  async #tellAfter(steps) {
    clearTimeout(this.#telling);
    await steps;
    this.#tellSoon();
  }

  // Training

  /** Starts new networks. @param {number} [steps] the steps in a link, which the networks take at once */
  #begin(steps) {
    clearTimeout(this.#soon);
    this.#points.gather(this.#play);
    this.#showValues();
    if (!this.#points.isTrainable) this.#say("Paint points of at least two classes: choose a colour, then draw in data space.");
    this.session.begin(this.#points.isTrainable ? this.#problems : [], steps);
  }

  /** Starts new networks with the same settings. @param {boolean} isWanted whether to train them */
  #anew(isWanted) {
    this.session.forget(isWanted);
    this.#say("");
    this.#begin();
    this.#tellSoon();
  }

  /** The training problem of each model. @returns {import("./trainer.js").Problem[]} */
  get #problems() {
    const { classes, couplings, width, seed, rate, aims } = this.#play;
    const { all, held } = this.#points;
    return aims.map((aim) => ({ ...all, held, classes, couplings, width, seed, ...aim, learningRate: rate }));
  }

  #toggle() {
    const { session } = this;
    if (session.state === "training") this.#tellAfter(session.pause());
    else if (this.#points.isTrainable) session.play();
  }

  /** Adds or removes model B. Model A stays, and B takes as many steps as A. */
  #compare() {
    const { aims } = this.#play;
    if (aims.length > 1) aims.pop();
    else aims.push({ objective: "ib", gamma: aims[0].gamma === Infinity ? SMALL : Infinity });
    this.#showValues();
    this.#tellSoon();
    if (this.session.state === "starting" || !this.session.step) this.#begin();
    else this.session.compare(this.#problems);
    this.#say("");
  }

  /** @param {string} name @param {string | number} value */
  #set(name, value) {
    if (name === "speed") return void (this.session.speed = Number(value));
    Object.assign(this.#play, { [name]: value });
    this.#say("");
    if (name === "rate") this.session.change({ learningRate: this.#play.rate });
    else {
      if (name === "kind" && value !== OWN) this.#points.replace([]); // another kind replaces the painted points
      this.#points.gather(this.#play);
      this.#draw();
      clearTimeout(this.#soon);
      this.#soon = setTimeout(() => this.#begin(), SOON);
    }
    this.#showValues();
    this.#tellSoon();
  }

  /** @param {number} at @param {Partial<Aim>} aim */
  #aim(at, aim) {
    const before = this.#play.aims[at];
    const now = { ...before, ...aim };
    if (now.objective === before.objective && now.gamma === before.gamma) return;
    this.#play.aims[at] = now;
    this.#say(now.objective === "ib" ? "" : "Class-NLL is the IB loss with γ = 1/dim: 1/2 here, as a point has two numbers.");
    this.aims[at].show(now);
    this.#tellSoon();
    this.session.change(now, this.session.models.slice(at, at + 1));
    if (this.session.isWanted) this.session.goOn();
  }

  // The user's points

  /** @param {[number, number]} place @param {number} radius */
  #erase(place, radius) {
    if (!this.#points.erase(place, radius)) return;
    this.#play.kind = OWN; // all remaining points count as painted
    this.#draw();
  }

  /** Continues the training with the new points after a stroke. */
  #strokeEnded() {
    const { session } = this;
    this.#points.replace(this.#points.painted);
    this.#points.gather(this.#play);
    this.#say("");
    this.#showValues();
    this.#tellSoon();
    const isFirst = !session.models[0]?.snapshot;
    if (isFirst) session.isWanted = true; // the user has not paused anything
    if (isFirst || !this.#points.isTrainable) return this.#begin();
    session.change({ ...this.#points.all, held: this.#points.held });
    if (session.isWanted) session.goOn();
  }

  async #open() {
    const input = this.find("file");
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    try {
      if (file.size > 1e6) throw new SheetError("The file is larger than a megabyte; 2,000 points need less.");
      const { dots, classes, isScaled } = fromSheet(await file.text());
      this.#points.replace(dots);
      Object.assign(this.#play, { kind: OWN, classes: classes.length });
      this.#anew(true);
      this.#say(`${dots.length} points of ${file.name}: ${classes.join(", ")}.${isScaled ? " They reach beyond the picture, so each axis is scaled to mean 0 and deviation 1." : ""}`);
    } catch (error) {
      this.#say(error instanceof SheetError ? error.message : "The file could not be read.");
    }
  }

  // Display

  /** Shows the network instead of the two spaces, or the spaces again. */
  #toggleNetwork() {
    this.find("network").ariaPressed = String(this.host.classList.toggle("layered"));
    this.#resized();
  }

  /** The canvases and the title for a saved file. */
  #frame() {
    const title = this.session.models.map(({ snapshot }, at) => {
      const error = snapshot?.finite ? `, error ${MEASURES.error(snapshot.error)}` : "";
      return `${aimText(this.#play.aims[at])}, ${(snapshot?.step ?? 0).toLocaleString("en")} steps${error}`;
    }).join(" · ");
    return { plots: /** @type {HTMLCanvasElement[]} */ ([...this.host.querySelectorAll(".play-spaces canvas, .play-network canvas")]), title };
  }

  #resized() {
    for (const { network } of this.views) network.draw();
    this.#draw();
  }

  #draw() {
    const { models, state, step, least } = this.session;
    this.views.forEach(({ data, latent }, at) => {
      const scene = { data: this.#points.all, snapshot: models[at]?.snapshot ?? null, probe: this.star.probes[at] ?? null };
      data.draw(scene);
      latent.draw(scene, state === "training" && !this.isStill);
    });
    this.camera.take();
    if (state === "training" && performance.now() < this.#measured + SELDOM) return;
    this.#measured = performance.now();
    if (this.host.classList.contains("layered")) models.forEach((model, at) => this.views[at].network.follow(model, this.star.probes[at] ?? null));
    showMeasures(this.host, models, this.given.style.models);
    this.find("where").textContent = this.#points.held ? "Measured on held-out points; dashed: training points." : "Measured on the training points.";
    this.find("steps").textContent = step.toLocaleString("en");
    this.find("catching").textContent = least < step ? ` (B catches up: ${least.toLocaleString("en")})` : "";
    this.star.describe(this.find("point"), this.given.style.colors);
  }

  /** Updates everything that depends on the state of the training. */
  #refresh() {
    const { state } = this.session;
    this.find("run-icon").setAttribute("d", state === "training" ? PAUSE_ICON : PLAY_ICON);
    this.find("run-name").textContent = state === "training" ? "Pause" : "Play";
    for (const name of ["run", "step"]) /** @type {HTMLButtonElement} */ (this.find(name)).disabled = !this.#points.isTrainable;
    this.host.dataset.state = state;
    this.#draw();
  }

  /** @param {string} words */
  #say(words) {
    this.find("note").textContent = words;
  }

  /** Updates the controls. */
  #showValues() {
    const { aims, classes, lesson } = this.#play;
    this.host.classList.toggle("two", aims.length > 1);
    this.find("compare").ariaPressed = String(aims.length > 1);
    this.find("clear").disabled = !this.#points.painted.length;
    showSettings(this.form, { ...this.#play, speed: this.session.speed });
    this.brush.show(classes);
    aims.forEach((aim, at) => this.aims[at].show(aim));
    this.lessons.show(lesson - 1);
  }
}

export default componentOf("[data-playground]", Playground);
