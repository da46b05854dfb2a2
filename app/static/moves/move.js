// The page on which users move an image in latent space: they drag a star, click a class, or pull a slider. The model
// in the browser computes the new image. The posterior does not need the flow, so it appears before the image.

import { element, finder } from "../figure/elements.js";
import { componentOf } from "../figure/ended.js";
import { strips } from "../figure/recorder.js";
import { SentValues } from "../figure/sent_values.js";
import { gammaOf } from "../slider/gamma_slider.js";
import { largest, posteriorOf } from "../flow/mixture.js";
import { asGiven, floatsOf, numbersOf } from "../flow/pixels.js";
import { bitsPerDim } from "../live/evaluated.js";
import { pictureOf } from "../live/range.js";
import { Plane } from "../plane/plane.js";
import { drawBars, listClasses, MAX_BARS } from "./classes.js";
import { Rows } from "./gammas.js";
import { plain, targetOf, textOf, wayTo } from "./moves.js";
import { asSeen, imageData, paint } from "./picture.js";
import { Sliders } from "./sliders.js";
import { encoded, onTop, row } from "./space.js";
import { drawStrip, SHARES } from "./strip.js";
import { howFar, percent } from "./words.js";

/**
 * @typedef {import("./space.js").Point} Point
 * @typedef {import("./moves.js").Moves} Moves
 * @typedef {import("../flow/model.js").Model} Model
 * @typedef {import("../live/evaluated.js").Picture & { pixels: string }} Picture
 *
 * @typedef {object} Data the data from app/moves/editor.py
 * @property {string} id identifies the image and the model
 * @property {import("../flow/shared.js").Addresses} addresses
 * @property {number | "inf"} gamma
 * @property {number[][]} anchors class means of the model that defines the plane, (K, K - 1)
 * @property {string[]} classes
 * @property {string[]} colors
 * @property {Picture} picture
 * @property {Picture | null} other another image, whose class or style part can be added
 * @property {import("./sliders.js").Kind[]} kinds kinds of moves
 * @property {boolean} is_on_stage
 * @property {Moves} moves
 * @property {string} kind key of the shown kind of moves
 * @property {import("./gammas.js").Member[] | null} members the models that have a row
 *
 * @typedef {object} Ready the image and the model at a γ
 * @property {Model} model
 * @property {import("./space.js").Space} space
 * @property {Float32Array} latents latents of the image, (D)
 * @property {number} from predicted class of the image
 * @property {{ class: ArrayLike<number>, style: ArrayLike<number> } | null} parts direction to the other image, split into
 *   the class part (in the span of the class means' differences) and the style (the rest), (D) each
 *
 * @typedef {object} Way a path to a class
 * @property {number} alpha position where the class becomes the likeliest; Infinity if it never does
 * @property {number} until position where another class overtakes this class
 * @property {number} unit α at the flip, or 1 (from centre to centre) if nothing flips
 */

const [ALL_NAMED, NAMED] = [20, 10]; // with up to 20 classes, all names are shown; with more classes, the names of the 10 likeliest
const AROUND = 1.2; // width of the plane's border, in units of the latent space
const REST = 150; // ms without a move before the strip is drawn again

/** The whole page for one data set. Each data set has a separate element (app/moves/editor.py). */
class Hands {
  /** @type {Data} */ #given = /** @type {any} */ (undefined);
  /** @type {Moves} */ #moves = {};
  #sent = new SentValues();
  #asked = ""; // γ and images of the last model that was opened
  /** @type {Ready | null} */ #ready = null;
  /** @type {Float32Array} the original image */ #began = new Float32Array();
  /** @type {Float32Array} the image that is shown now */ #now = this.#began;
  /** @type {Map<string, Float32Array>} */ #vectors = new Map();
  #kind = "";
  #resting = 0;
  #listening = new AbortController();

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    /** @type {(name: string, value: any) => void} */
    this.tell = () => {};
    const { signal } = this.#listening;
    const find = (this.find = finder(host));
    find("reset").onclick = () => this.#set({}, true);
    const way = this.find("way");
    way.oninput = () => this.#travel(Number(way.value), false);
    way.onchange = () => this.#travel(Number(way.value), true);
    this.sliders = new Sliders(find("sliders"), (name, amount, isLast) => this.#set({ ...this.#moves, [name]: amount }, isLast));
    this.pad = new Plane(this.find("pad"), { moved: (place, isLast) => this.#drag(place, isLast) });
    this.rows = new Rows(find("rows"));
    const towards = find("towards");
    towards.onchange = () => this.#aim(Number(towards.value));
    window.addEventListener("popstate", () => this.#sent.forget(), { signal });
    strips.set("move", () => this.#way());
    document.addEventListener("gamma-moved", (event) => {
      if (this.#ready) this.#open(/** @type {CustomEvent} */ (event).detail.gamma);
    }, { signal });
  }

  remove() {
    this.#listening.abort();
    clearTimeout(this.#resting);
    this.pad.watch.disconnect();
    this.rows.close();
  }

  /** @param {Data} data */
  show(data) {
    const before = this.#given;
    const isNew = before?.id !== data.id;
    this.#given = data;
    this.host.classList.toggle("on-stage", data.is_on_stage);
    if (isNew) {
      this.sliders.make(data.kinds);
      this.#vectors = new Map([...this.sliders.directions.values()].flatMap(({ name, vector }) => (vector ? [[name, floatsOf(vector)]] : [])));
      this.find("kinds").replaceChildren(...data.kinds.map(({ key, title }) =>
        element("button", { type: "button", "data-kind": key, onclick: () => this.#choose(key) }, title)));
      this.#sent = new SentValues();
    }
    if (before?.picture.pixels !== data.picture.pixels) {
      const { pixels, shape, noise } = data.picture;
      this.#began = asGiven(numbersOf(pixels), shape, noise);
      this.#ready = null;
      paint(this.find("original"), imageData(this.#began, shape));
      this.#see(this.#began);
    }
    const isChosen = this.#sent.isNews(textOf(data.moves) + data.kind); // for example by a link or Back
    if (isChosen) [this.#moves, this.#kind] = [data.moves, data.kind];
    this.#refresh();
    if (isNew || before.other?.pixels !== data.other?.pixels) return void this.#open(gammaOf(data.gamma));
    if (isChosen) this.#compute();
    this.#rest();
  }

  /** The class towards which the image moves, or null. */
  get #target() {
    return Object.keys(this.#moves).map(targetOf).find((target) => target !== null) ?? null;
  }

  /** Opens the model at a γ, and encodes the image, unless both were done before the program answered. @param {number} gamma */
  async #open(gamma) {
    const { addresses, anchors, other, picture } = this.#given;
    const asked = JSON.stringify([addresses, String(gamma), picture.pixels, other?.pixels]);
    if (this.#asked === asked) {
      if (!this.#isStill || this.#now !== this.#began) this.#compute(); // the directions are new
      return this.#rest();
    }
    this.#asked = asked;
    const isOver = () => this.#asked !== asked;
    try {
      const second = other ? asGiven(numbersOf(other.pixels), other.shape, other.noise) : [];
      const found = await encoded({ addresses, gamma, anchors }, Float32Array.from([...this.#began, ...second]), "moves");
      if (isOver()) return;
      if (!found) return void (this.#asked = "");
      const { model, space } = found;
      const latents = row(found.latents, 0, space.dims);
      const from = largest(space.scoresOf(latents));
      const way = other && row(found.latents, 1, space.dims).map((value, at) => value - latents[at]);
      const ofClass = way && space.classPart(way);
      const parts = way && ofClass && { class: ofClass, style: way.map((value, at) => value - ofClass[at]) };
      this.#ready = { model, space, latents, from, parts };
      this.#refresh();
      this.#compute();
      this.#rest();
    } catch (error) {
      if (!isOver()) this.#fail(error);
    }
  }

  /** @param {unknown} error why this browser cannot run the model */
  #fail(error) {
    [this.#ready, this.#asked] = [null, ""];
    this.host.dataset.state = "failed";
    const why = error instanceof Error ? error.message : String(error);
    this.find("note").textContent = `This page computes in your browser, and that does not work here: ${why}.`;
  }

  /** @param {Point} place @param {boolean} isLast */
  #drag([toX, toY], isLast) {
    if (!this.#ready) return;
    const [fromX, fromY] = this.#placeAt(this.#moves);
    const { x = 0, y = 0 } = this.#moves;
    this.#set({ ...this.#moves, x: x + toX - fromX, y: y + toY - fromY }, isLast);
  }

  /**
   * The current moves without any path to a class, plus the path to the target if there is a target.
   * @param {number | null} target
   * @param {number} [alpha]
   */
  #towards(target, alpha = 0) {
    const others = Object.fromEntries(Object.entries(this.#moves).filter(([name]) => targetOf(name) === null));
    return target === null ? others : { ...others, [wayTo(target)]: alpha };
  }

  /** The section of the path to a class in which this class is the likeliest, after the other moves. @returns {Way} */
  #wayTo(target = this.#target) {
    if (target === null || !this.#ready) return { alpha: Infinity, until: NaN, unit: 1 };
    const { space, from } = this.#ready;
    const scores = this.#scoresAt(this.#towards(null));
    const { alpha, until } = onTop(scores, space.slopes(space.towards(from, target)), target);
    return { alpha, until, unit: alpha > 1e-6 && Number.isFinite(alpha) ? alpha : 1 };
  }

  /** @param {number} share share of the path to the flip @param {boolean} isLast */
  #travel(share, isLast) {
    if (this.#target !== null) this.#set(this.#towards(this.#target, share * this.#wayTo().unit), isLast);
  }

  /** @param {number} target */
  #aim(target) {
    if (!this.#shows) this.#kind = this.#given.kinds.find(({ shows }) => shows)?.key ?? this.#kind;
    if (target === this.#target || target === this.#ready?.from) return this.#set(this.#towards(null), true);
    const { alpha, until, unit } = this.#wayTo(target);
    const beyond = Math.min(1.25 * unit, until > alpha ? (alpha + until) / 2 : Infinity); // still the likeliest
    this.#set(this.#towards(target, beyond), true);
  }

  /** How the path to a class is shown: for one model ("way"), for several models ("rows"), or not at all (null). */
  get #shows() {
    return this.#given.kinds.find(({ key }) => key === this.#kind)?.shows ?? null;
  }

  /** Shows another kind of moves. All earlier moves stay. @param {string} kind */
  #choose(kind) {
    if (kind === this.#kind) return;
    this.#kind = kind;
    this.#report();
    this.#refresh();
    this.#rest();
  }

  /** Tells the program the current moves, unless it knows them. */
  #report() {
    if (!this.#sent.isNew(textOf(this.#moves) + this.#kind)) return;
    this.tell("moves", { amounts: this.#moves, kind: this.#kind });
  }

  /** @param {Moves} moves @param {boolean} isLast whether the user has let go */
  #set(moves, isLast) {
    this.#moves = plain(moves); // as in the link, so that the program moves the image exactly as far
    if (isLast) this.#report();
    this.#refresh();
    this.#compute();
    if (isLast) this.#rest();
  }

  get #isStill() {
    return textOf(this.#moves) === textOf({});
  }

  /** Computes the moved image and its bits/dim. */
  async #compute() {
    const ready = this.#ready;
    if (!ready) return;
    try {
      const isStill = this.#isStill;
      const x = isStill ? this.#began : await ready.model.decode(this.#latentAt(this.#moves), "move");
      if (!x || this.#ready !== ready || isStill !== this.#isStill) return; // the user has moved on
      this.#see(x);
      const found = await ready.model.evaluate(asSeen(x, this.#began), "judge");
      if (!found || this.#now !== x) return;
      const bits = `${bitsPerDim(found.logProb[0], this.#given.picture).toFixed(2)} bits/dim`;
      this.find("verdict").textContent = isStill ? bits : `The clipped picture: ${this.#given.classes[largest(found.posterior)]}, ${bits}. The bars: before clipping.`;
    } catch (error) {
      if (this.#ready === ready) this.#fail(error);
    }
  }

  /** The latent after some moves, (D). @param {Moves} moves */
  #latentAt(moves) {
    const z = Float32Array.from(/** @type {Ready} */ (this.#ready).latents);
    for (const [name, amount] of Object.entries(moves)) {
      const direction = this.#direction(name);
      if (direction && amount) for (let at = 0; at < z.length; at++) z[at] += amount * direction[at];
    }
    return z;
  }

  /** The direction with this name, (D), or nothing if the name is unknown or the other image is missing. @param {string} name */
  #direction(name) {
    const { space, from, parts } = /** @type {Ready} */ (this.#ready);
    const target = targetOf(name);
    if (target !== null) return space.towards(from, target);
    const part = this.sliders.directions.get(name)?.part;
    return { x: space.axes[0], y: space.axes[1] }[name] ?? this.#vectors.get(name) ?? (part && parts?.[part]);
  }

  /** @param {Moves} moves */
  #scoresAt(moves) {
    return /** @type {Ready} */ (this.#ready).space.scoresOf(this.#latentAt(moves));
  }

  /** @param {Moves} moves */
  #placeAt(moves) {
    return /** @type {Ready} */ (this.#ready).space.place(this.#latentAt(moves));
  }

  /** Draws the strip or the rows when the user pauses. */
  #rest() {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      this.#drawStrip();
      this.#drawRows();
    }, REST);
  }

  #drawRows() {
    if (this.#shows !== "rows") return this.rows.close();
    const target = this.#target;
    if (target !== null && this.#ready) this.rows.show({ given: this.#given, pixels: this.#began, target });
  }

  /**
   * The pictures of a GIF: the rows for several γ, or the path from the original image to the moved image.
   * @returns {Promise<import("../figure/recorder.js").Strip>}
   */
  async #way() {
    const { shape } = this.#given.picture;
    const [channels, height, width] = shape;
    if (!this.find("rows").hidden) {
      const lines = Array.from(this.find("rows").children);
      const rows = lines.map((line) => Array.from(line.querySelectorAll("canvas")));
      const names = lines.map((line) => line.querySelector("b")?.textContent ?? "");
      return { frames: SHARES.map((_, at) => rows.map((pictures) => pictures[at])), width, height, names };
    }
    if (!this.#ready) throw new Error("the model is not in this browser yet: try again");
    const { model, latents } = this.#ready;
    const last = this.#latentAt(this.#moves);
    const way = SHARES.flatMap((share) => Array.from(last, (value, at) => latents[at] + (share / 2) * (value - latents[at])));
    const images = await model.decode(Float32Array.from(way), "save");
    if (!images) throw new Error("the image has changed: try again");
    const frames = SHARES.map((_, at) => {
      const canvas = document.createElement("canvas");
      paint(canvas, imageData(row(images, at, channels * height * width), shape));
      return [canvas];
    });
    return { frames, width, height, names: [] };
  }

  async #drawStrip() {
    const strip = this.find("strip");
    const ready = this.#ready;
    const target = this.#target;
    strip.hidden = target === null || !ready;
    if (target === null || !ready) return;
    const { alpha, unit } = this.#wayTo();
    const every = SHARES.map((share) => this.#latentAt(this.#towards(target, share * unit)));
    const images = await ready.model.decode(Float32Array.from(every.flatMap((z) => Array.from(z))), "strip").catch(() => null);
    if (!images || this.#target !== target) return;
    drawStrip(strip, this.#given, {
      images,
      posteriors: every.map((z) => posteriorOf(ready.space.scoresOf(z))),
      flips: Number.isFinite(alpha),
      chosen: (share) => this.#travel(share, true),
    });
  }

  /** @param {Float32Array} x */
  #see(x) {
    this.#now = x;
    const { image, mark } = pictureOf(x, this.#given.picture.shape);
    paint(this.find("picture"), image);
    this.find("scaled").textContent = mark && `scaled: up to ${mark} white`;
  }

  /** Updates everything that does not need the flow. */
  #refresh() {
    const { classes, colors, other } = this.#given;
    const [target, shows] = [this.#target, this.#shows];
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.host.querySelectorAll("[data-kind]"))) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === this.#kind));
    }
    this.find("way-panel").hidden = !shows;
    const isSeveral = shows === "rows" && target !== null;
    this.host.classList.toggle("several", isSeveral);
    this.find("rows").hidden = !isSeveral;
    this.sliders.show(this.#kind, this.#moves, !!other);
    this.find("reset").disabled = this.#isStill;
    this.#explain();
    if (!this.#ready) return;
    const { space, from, latents } = this.#ready;
    const way = this.#wayTo();
    const scores = this.#scoresAt(this.#moves);
    const posterior = posteriorOf(scores);
    const top = largest(posterior);
    const home = space.place(latents);
    this.pad.show({
      names: classes,
      colors,
      named: namedOf(scores),
      means: space.places,
      frame: frameOf([...space.places, home]),
      star: this.#placeAt(this.#moves),
      home,
      field: { scores, slopes: space.axisSlopes },
      way: this.#lineOf(way),
    });
    const said = `${classes[top]}, ${percent(posterior[top])}`;
    this.find("pad").setAttribute("aria-label", `Plane of the class means. At the star: ${said}. Arrow keys move the star.`);
    this.find("picture").setAttribute("aria-label", said);
    drawBars(this.find("classes"), { classes, colors, posterior, from, target, aim: (k) => this.#aim(k) });
    // If some classes have no bar, the user can choose from a list.
    const isMany = classes.length > MAX_BARS;
    const isListed = isSeveral || (isMany && !!shows);
    this.find("towards-row").hidden = !isListed;
    this.host.classList.toggle("listed", isListed && target !== null);
    this.find("hint").hidden = target !== null || isMany;
    if (isListed) listClasses(this.find("towards"), classes, from, target);
    this.find("way-row").hidden = this.find("way-words").hidden = target === null;
    if (target === null) return void (this.find("strip").hidden = true);
    const alpha = this.#moves[wayTo(target)] ?? 0;
    const isEndless = !Number.isFinite(way.alpha);
    const how = isEndless ? "never flips" : howFar(alpha / way.unit);
    this.find("way-name").textContent = `${classes[from]} → ${classes[target]}`;
    this.find("way").value = String(alpha / way.unit);
    this.find("way").setAttribute("aria-valuetext", how);
    this.find("way-value").textContent = how;
    this.find("way-value").title = isEndless ? "" : `The flip is at α* = ${way.unit.toFixed(2)} of the way between the centres of the two classes`;
    this.find("way-words").textContent = this.#inWords(target, way);
  }

  /** A sentence about the path, if its class never becomes the likeliest or does not stay the likeliest. @param {number} target @param {Way} way */
  #inWords(target, { alpha, until, unit }) {
    const { classes } = this.#given;
    if (!Number.isFinite(alpha)) return `${classes[target]} never comes first on this way: another class is always ahead.`;
    if (!(until < 2 * unit)) return "";
    const after = largest(this.#scoresAt(this.#towards(target, until + 1e-6 * (1 + until))));
    return `${classes[target]} comes first only from the flip to ${howFar(until / unit)}; then ${classes[after]} overtakes it.`;
  }

  /** The line in the plane towards the target class, or along the first shown slider. @param {Way} way */
  #lineOf({ alpha, unit }) {
    const first = this.#given.kinds.find(({ key }) => key === this.#kind)?.sliders[0];
    const target = this.#target;
    if (target === null && !first) return null;
    const at = (/** @type {number} */ amount) =>
      this.#placeAt(target === null && first ? { ...this.#moves, [first.name]: amount } : this.#towards(target, amount));
    if (target === null && first) return { from: at(Math.max(0, first.low)), to: at(first.high), flip: null };
    return { from: at(0), to: at(2 * unit), flip: Number.isFinite(alpha) ? at(alpha) : null };
  }

  /** Says that the model is still loading, or that the rows ignore other moves. */
  #explain() {
    if (this.host.dataset.state === "failed" && !this.#ready) return;
    this.host.dataset.state = this.#ready ? "ready" : "waiting";
    const isMore = Object.keys(this.#moves).some((name) => targetOf(name) === null);
    this.find("note").textContent = !this.#ready
      ? "Loading the model …"
      : this.#shows === "rows" && isMore ? "These rows ignore your other moves." : "";
  }
}

/** The classes whose names are shown: all if there are few, otherwise the likeliest. @param {Float64Array} scores */
export function namedOf(scores) {
  const every = Array.from(scores.keys());
  return every.length <= ALL_NAMED ? every : every.sort((a, b) => scores[b] - scores[a]).slice(0, NAMED);
}

/** The corners of a view that shows all places and a border around them. @param {Point[]} places @returns {[Point, Point]} */
function frameOf(places) {
  const corner = (/** @type {(...values: number[]) => number} */ most, /** @type {number} */ around) =>
    /** @type {Point} */ ([0, 1].map((axis) => most(...places.map((place) => place[axis])) + around));
  return [corner(Math.min, -AROUND), corner(Math.max, AROUND)];
}

export default componentOf("[data-move]", Hands);
