// Hands in latent space: a person drags a star, presses a class, pulls a style, and the image follows. The latent's
// classes are known at once, by linear scores; the image comes from the model in the browser, or on release from the
// server where the browser cannot compute.

import { whenEnded } from "../figure/ended.js";
import { gammaOf } from "../flow/family.js";
import { normal } from "../flow/noise.js";
import { floatsOf } from "../flow/pixels.js";
import { sharedModel } from "../flow/shared.js";
import { bitsPerDim, rank } from "../live/looks.js";
import { DRAWS, latentAround, Surroundings } from "./around.js";
import { Atlas, shareOf } from "./atlas.js";
import { drawBars, listClasses, MOST_BARS } from "./classes.js";
import { CORNERS, drawCorners } from "./corners.js";
import { Rows } from "./gammas.js";
import { areSame, kindOf, onTopOf, OWN, OWN_CLASS, placeAfter, plain, scoresAfter, still } from "./moves.js";
import { Pad } from "./pad.js";
import { asSeen, difference, imageData, paint } from "./picture.js";
import { largest, posteriorOf, row, Space } from "./space.js";
import { drawStrip, SHARES } from "./strip.js";
import { Styles } from "./styles.js";
import { howFar, percent, together } from "./words.js";

/**
 * @typedef {import("./space.js").Point} Point
 * @typedef {import("./space.js").Small} Small
 * @typedef {import("./space.js").Plane} Plane
 * @typedef {import("./moves.js").Moves} Moves
 * @typedef {import("./styles.js").Own} Own
 * @typedef {import("../flow/model.js").Model} Model
 *
 * @typedef {object} Judged what a model says of a picture
 * @property {number[]} posterior (K)
 * @property {number} bits per dimension
 *
 * @typedef {object} Given what app/moves/hands.py sends
 * @property {string} id of image and model together
 * @property {import("../flow/shared.js").Addresses | null} addresses
 * @property {number | "inf"} gamma
 * @property {string[]} classes
 * @property {string[]} colors
 * @property {[number, number, number]} shape of an image, (C, H, W)
 * @property {"uniform" | number} noise that the model was trained with
 * @property {string} latents of the image, base64 of float32 (D)
 * @property {string} pixels of the image over [0, 1], base64 of float32 (C·H·W)
 * @property {Small} small
 * @property {{ origin: string, axes: string, middle: Point }} plane
 * @property {{ name: string, direction: string }[]} styles
 * @property {number} from class that the image is of, by the model
 * @property {Judged} judged of the image as it is
 * @property {number[]} quantiles of bits/dim of test images, ascending
 * @property {boolean} is_on_stage
 * @property {Moves} moves
 * @property {string} kind of move that is shown
 * @property {string[]} kinds of moves to choose among
 * @property {{ id: string, latents: string, top: number, corners: string[] | null } | null} other image, of which a part
 *   may be transplanted; its corners if the server computes
 * @property {{ members: import("./gammas.js").Member[], rows: (import("./gammas.js").Row & { images: string[] })[] | null } | null} rows
 *   of several γ, computed if the server does
 * @property {{ typical: [number, number], mean: string, rows: (import("./around.js").Row & { images: string[] })[] | null } | null} around
 *   the image, if that is shown: computed if the server does
 * @property {Own} own
 * @property {{ moves: Moves, pixels: string, judged: Judged } | null} answer of the server, where it computes
 */

const REST = 150; // ms without a move after which the strip is drawn anew
const LAST_SEED = 9999; // as app/move_text.py has it
const KINDS = {
  class: "Class", gammas: "Several γ", style: "Style", transplant: "Transplant", own: "Own direction", around: "Around",
};

/** @type {WeakMap<Element, Hands>} */
const shown = new WeakMap();

/**
 * @param {object} given
 * @param {Given} given.data
 * @param {HTMLElement} given.parentElement
 * @param {(name: string, value: any) => void} given.setTriggerValue
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const host = /** @type {HTMLElement} */ (parentElement.querySelector("[data-move]"));
  const hands = shown.get(host) ?? new Hands(host);
  shown.set(host, hands);
  hands.tell = setTriggerValue;
  hands.show(data);
  return whenEnded(host, () => hands.remove());
}

class Hands {
  /** @type {Given} */ #given = /** @type {any} */ (undefined);
  /** @type {Small} */ #small = /** @type {any} */ (undefined);
  /** @type {Moves} */ #moves = still();
  /** @type {Moves[]} */ #before = [];
  /** @type {Moves | null} */ #told = null;
  /** @type {Moves[]} what the program was told before and may still answer */ #overtaken = [];
  /** @type {Pad} */ #pad = /** @type {any} */ (undefined);
  /** @type {Model | null} */ #model = null;
  /** @type {Space | null} */ #space = null;
  /** @type {Float32Array} of the image at the model's γ */ #latents = new Float32Array();
  /** @type {Float32Array} the image */ #began = new Float32Array();
  /** @type {Float32Array | null} what is seen now */ #now = null;
  /** @type {Map<string, Float32Array>} */ #directions = new Map();
  /** @type {Float32Array | null} of the other image at the model's γ */ #other = null;
  /** @type {ArrayLike<number>[]} what a transplant adds: the class part, everything else */ #parts = [];
  /** @type {Float32Array | null} the other image */ #second = null;
  /** @type {import("./space.js").Noise | null} drawn last */ #drawn = null;
  #otherTop = 0;
  #kind = "class";
  #toldKind = "";
  #from = 0;
  #problem = "";
  #top = -1;
  #resting = 0;
  #listening = new AbortController();

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    /** @type {(name: string, value: any) => void} */
    this.tell = () => {};
    const { signal } = this.#listening;
    const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (host.querySelector(`[data-${name}]`));
    this.find = find;
    const hold = find("hold");
    for (const [name, isBefore] of /** @type {[string, boolean][]} */ ([
      ["pointerdown", true], ["keydown", true], ["pointerup", false], ["pointerleave", false], ["keyup", false], ["blur", false],
    ])) {
      hold.addEventListener(name, () => this.#paint(isBefore ? this.#began : (this.#now ?? this.#began)), { signal });
    }
    find("undo").addEventListener("click", () => this.#undo(), { signal });
    find("reset").addEventListener("click", () => this.#set(still(), true), { signal });
    const way = this.#input("way");
    way.addEventListener("input", () => this.#walk(Number(way.value), false), { signal });
    way.addEventListener("change", () => this.#walk(Number(way.value), true), { signal });
    this.find("kinds").replaceChildren(...Object.entries(KINDS).map(([kind, name]) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
      button.dataset.kind = kind;
      button.addEventListener("click", () => this.#choose(kind), { signal });
      return button;
    }));
    this.styles = new Styles({ styles: find("styles"), own: find("own"), sets: find("sets"), note: find("sets-note") }, {
      set: (name, steps, isLast) => this.#set({ ...this.#moves, styles: { ...this.#moves.styles, [name]: steps } }, isLast),
      remove: (set, at) => this.tell("removed", { set, at }),
    });
    this.rows = new Rows(find("rows"));
    this.near = new Surroundings(find("near"), find("gauge"));
    this.atlas = new Atlas(() => (this.#pad.tiles = this.atlas.tiles));
    this.#input("atlas").addEventListener("change", () => this.#drawAtlas(), { signal });
    const radius = this.#input("radius");
    const spread = (/** @type {boolean} */ isLast) =>
      this.#set({ ...this.#moves, around: { ...this.#moves.around, radius: Number(radius.value) } }, isLast);
    radius.addEventListener("input", () => spread(false), { signal });
    radius.addEventListener("change", () => spread(true), { signal });
    find("draws").addEventListener("click", () => {
      const { around } = this.#moves;
      this.#set({ ...this.#moves, around: { ...around, seed: (around.seed + 1) % (LAST_SEED + 1) } }, true);
    }, { signal });
    const towards = /** @type {HTMLSelectElement} */ (find("towards"));
    towards.addEventListener("change", () => this.#aim(Number(towards.value)), { signal });
    for (const slider of /** @type {NodeListOf<HTMLInputElement>} */ (host.querySelectorAll("[data-graft]"))) {
      const set = (/** @type {boolean} */ isLast) => {
        const graft = /** @type {[number, number]} */ ([...this.#moves.graft]);
        graft[Number(slider.dataset.graft)] = Number(slider.value);
        this.#set({ ...this.#moves, graft }, isLast);
      };
      slider.addEventListener("input", () => set(false), { signal });
      slider.addEventListener("change", () => set(true), { signal });
    }
    host.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#undo();
    }, { signal });
    window.addEventListener("popstate", () => (this.#overtaken = []), { signal });
    document.addEventListener("gamma-moved", (event) => this.#follow(/** @type {CustomEvent} */ (event).detail.gamma), { signal });
  }

  remove() {
    this.#listening.abort();
    clearTimeout(this.#resting);
    this.#pad?.watch.disconnect();
    this.rows.close();
    this.near.close();
    this.atlas.stop();
    shown.delete(this.host);
  }

  /** @param {Given} data */
  show(data) {
    const isNew = this.#given?.id !== data.id;
    const isOther = isNew && this.#given?.pixels !== data.pixels;
    const isSecond = this.#given?.other?.id !== data.other?.id;
    const isOwn = this.#given?.own.id !== data.own.id;
    if (!this.#given || this.#toldKind !== data.kind) this.#kind = data.kind; // Back, or a link
    this.#toldKind = data.kind;
    this.#given = data;
    this.host.classList.toggle("on-stage", data.is_on_stage);
    this.#pad ??= new Pad(/** @type {HTMLCanvasElement} */ (this.find("pad")), {
      colors: data.colors,
      names: data.classes,
      moved: (place, isLast) => this.#drag(place, isLast),
    });
    if (isNew) {
      this.#small = data.small;
      this.#latents = floatsOf(data.latents);
      this.#began = floatsOf(data.pixels);
      this.#from = data.from;
      this.#space = null;
      if (isOther) this.#before = [];
      paint(this.#canvas("original"), imageData(this.#began, data.shape));
      this.#moves = data.moves;
      this.#frame();
    }
    if (isNew || isOwn) {
      this.#small = { ...this.#small, own: data.small.own };
      this.#directions = new Map(data.styles.map(({ name, direction }) => [name, floatsOf(direction)]));
      this.styles.makeStyles(data.styles.map(({ name }) => name));
      this.styles.makeSets(data.own);
    }
    if (isNew || isSecond) {
      this.#small = { ...this.#small, other: data.small.other };
      this.#other = data.other && floatsOf(data.other.latents);
      this.#otherTop = data.other?.top ?? 0;
      this.#parts = [];
      this.#second = null;
    }
    if (isNew || !this.#overtaken.some((one) => areSame(one, data.moves))) {
      if (!isNew && (!this.#told || !areSame(this.#told, data.moves))) this.#moves = data.moves; // Back, or a link
      this.#told = data.moves;
      this.#overtaken = [];
    }
    if (data.answer && areSame(data.answer.moves, this.#moves)) {
      this.#see(floatsOf(data.answer.pixels), data.answer.judged);
    } else if (isNew && areSame(this.#moves, still())) this.#see(this.#began, data.judged);
    this.#refresh();
    this.host.dataset.state = "shown";
    this.#open();
    if (!data.addresses || this.#problem) this.#drawCorners();
    this.#drawRows();
  }

  /** Opens the model, or goes to the γ that the page has now. */
  async #open() {
    const { addresses, gamma, id } = this.#given;
    if (!addresses || this.#problem) return this.#explain();
    try {
      const model = await sharedModel(addresses, gammaOf(gamma));
      if (this.#given.id !== id) return;
      await model.setGamma(gammaOf(gamma));
      if (this.#given.id !== id || model.current.gamma !== gammaOf(gamma)) return;
      this.#model = model;
      // With each pixel at the place within its level where the program has put it.
      this.#began = (await model.decode(this.#latents)) ?? this.#began;
      const other = this.#other;
      this.#second = other && (await model.decode(other));
      if (this.#given.id !== id || this.#other !== other) return;
      const { origin, axes, middle } = this.#given.plane;
      this.#space = new Space(model.current, { origin: floatsOf(origin), axes: floatsOf(axes), middle });
      this.#explain();
      this.#refresh();
      if (!areSame(this.#moves, still())) this.#compute();
      this.#rest();
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#explain();
      const isToCompute = !areSame(this.#moves, still()) || this.#given.other;
      if (!this.#given.answer && !this.#given.other?.corners && isToCompute) this.#report();
    }
  }

  /** While the slider moves: the same moves under the model at another γ. @param {number} gamma */
  async #follow(gamma) {
    const model = this.#model;
    const places = this.#space?.places;
    if (!model || !places) return;
    const second = this.#second;
    if (this.#other && !second) return; // it has only just been chosen
    if (!(await model.setGamma(gamma))) return;
    const both = Float32Array.from([...this.#began, ...(second ?? [])]);
    const latents = await model.encode(both, "follow");
    if (!latents || model.current.gamma !== gamma) return;
    this.#latents = latents.slice(0, latents.length / (second ? 2 : 1));
    this.#other = second && latents.slice(latents.length / 2);
    this.#parts = [];
    this.#space = new Space(model.current, places);
    const noise = this.#noise(this.#moves.around.seed);
    this.#small = this.#space.small(this.#latents, this.#other, this.#directions.get(OWN_CLASS) ?? null, noise);
    this.#from = largest(this.#small.scores);
    if (this.#small.other) this.#otherTop = largest(this.#small.other.scores);
    this.#frame();
    this.#refresh();
    await this.#compute();
    if (this.#input("atlas").checked) this.#rest();
  }

  #frame() {
    const { places, star } = this.#small;
    this.#pad.frame({ ...this.#padShows(), places, home: star });
  }

  /** @param {Point} place @param {boolean} isLast */
  #drag([x, y], isLast) {
    const [startX, startY] = placeAfter(this.#small, this.#from, { ...this.#moves, shift: [0, 0] });
    this.#set({ ...this.#moves, shift: [x - startX, y - startY] }, isLast);
  }

  /** To a share of the way to the flip, or of the way itself where there is none. @param {number} share @param {boolean} isLast */
  #walk(share, isLast) {
    this.#set({ ...this.#moves, alpha: share * this.#unit() }, isLast);
  }

  /** Where a class is on top on the way to it. */
  #onTop(target = this.#moves.target) {
    if (target === null) return { alpha: Infinity, until: NaN };
    return onTopOf(this.#small, this.#from, target, this.#moves);
  }

  /** α at the flip; 1, from centre to centre, where nothing flips. */
  #unit(target = this.#moves.target) {
    const { alpha } = this.#onTop(target);
    return alpha > 1e-6 && Number.isFinite(alpha) ? alpha : 1;
  }

  /** @param {number} target */
  #aim(target) {
    const isSame = target === this.#moves.target || target === this.#from;
    const { alpha, until } = this.#onTop(target);
    const beyond = Math.min(1.25 * this.#unit(target), until > alpha ? (alpha + until) / 2 : Infinity); // still on top
    if (this.#kind !== "gammas") this.#kind = "class";
    this.#set({ ...this.#moves, target: isSame ? null : target, alpha: isSame ? 0 : beyond }, true);
    this.#rest();
  }

  /** Shows another kind of move; what was moved stays moved. @param {string} kind */
  #choose(kind) {
    if (kind === this.#kind) return;
    this.#kind = kind;
    this.#report();
    this.#refresh();
    this.#rest();
  }

  /** Tells the program where the hand is. */
  #report() {
    this.#toldKind = this.#kind;
    const kind = this.#kind === kindOf(this.#moves) ? "" : this.#kind;
    this.tell("moves", { ...plain(this.#moves), here: Boolean(this.#model), kind });
  }

  #undo() {
    const last = this.#before.pop();
    if (last) this.#set(last, true, false);
  }

  /**
   * @param {Moves} moves
   * @param {boolean} isLast whether the hand has let go
   * @param {boolean} isKept whether one can come back to what was
   */
  #set(moves, isLast, isKept = true) {
    this.#moves = moves;
    this.atlas.stop();
    const told = this.#told ?? still();
    this.#refresh();
    this.#compute();
    if (isLast) this.#rest();
    if (!isLast || areSame(moves, told)) return;
    if (isKept) this.#before.push(told);
    this.#overtaken = [...this.#overtaken, told].filter((one) => !areSame(one, moves));
    this.#told = moves;
    this.#report();
    this.#refresh();
  }

  /** Image and verdict of where the hand is. */
  async #compute() {
    const model = this.#model;
    if (!model || !this.#space) return;
    const isStill = areSame(this.#moves, still());
    const x = isStill ? this.#began : await model.decode(this.#latentAt(this.#moves), "move");
    if (!x || (!isStill && areSame(this.#moves, still()))) return; // it has come back meanwhile
    this.#see(x, null);
    const seen = asSeen(x, this.#began);
    const found = await model.look(seen, "judge");
    if (found && this.#now === x) this.#say({ posterior: Array.from(found.posterior), bits: bitsPerDim(found.logProb[0], this.#given) });
  }

  /** The latent after some moves, (D). @param {Moves} moves */
  #latentAt({ target, alpha, shift, styles, graft, around }) {
    const { centers, dims, axes, means } = /** @type {Space} */ (this.#space);
    const z = Float32Array.from(this.#latents);
    const add = (/** @type {ArrayLike<number>} */ direction, /** @type {number} */ factor) => {
      if (factor) for (let at = 0; at < dims; at++) z[at] += factor * direction[at];
    };
    if (target !== null) {
      add(row(centers, target, dims), alpha);
      add(row(centers, this.#from, dims), -alpha);
    }
    shift.forEach((factor, axis) => add(axes[axis], factor));
    if (graft.some(Boolean)) graft.forEach((factor, part) => add(this.#grafts()[part] ?? z, this.#other ? factor : 0));
    for (const [name, steps] of Object.entries(styles)) add(this.#directions.get(name) ?? z, this.#directions.has(name) ? steps : 0);
    if (around.radius) {
      add(latentAround(this.#latents, row(means, this.#from, dims), this.#noise(around.seed).values, around), 1);
      add(this.#latents, -1);
    }
    return z;
  }

  /** Of all draws of a seed. @param {number} seed */
  #noise(seed) {
    const { length } = this.#latents;
    if (this.#drawn?.seed !== seed || this.#drawn.values.length !== DRAWS * length) {
      this.#drawn = { seed, values: normal(DRAWS * length, seed) };
    }
    return this.#drawn;
  }

  /** The draws around the image, on all paths. */
  #drawNear() {
    const { addresses, around, shape, classes, colors, noise } = this.#given;
    if (this.#kind !== "around") return this.near.close();
    if (!around) return;
    const isHere = Boolean(addresses) && !this.#problem;
    const { seed } = this.#moves.around;
    // What the server has computed is of where the hand was when it was asked.
    const isOfServer = !isHere && JSON.stringify(plain(this.#given.moves).around) === JSON.stringify(plain(this.#moves).around);
    this.near.show({
      model: isHere && this.#space ? this.#model : null,
      rows: isOfServer && around.rows ? around.rows.map((one) => ({ ...one, images: one.images.map(floatsOf) })) : null,
      around: this.#moves.around,
      latents: this.#latents,
      center: this.#space ? row(this.#space.means, this.#from, this.#space.dims) : floatsOf(around.mean),
      noise: this.#noise(seed).values,
      topOf: (place) => largest(this.#scores({ ...still(), around: place })),
      typical: around.typical,
      pixels: this.#began,
      kindOfNoise: noise,
      shape, classes, colors,
      chosen: (path, draw) => this.#set({ ...this.#moves, around: { ...this.#moves.around, path, draw } }, true),
    });
  }

  /** The class part of the way to the other image, and everything else of it, (D) each; nothing without one. */
  #grafts() {
    const other = this.#other;
    if (!this.#parts.length && this.#space && other) {
      const way = Float64Array.from(other, (value, at) => value - this.#latents[at]);
      const ofClass = this.#space.classPart(way);
      this.#parts = [ofClass, way.map((value, at) => value - ofClass[at])];
    }
    return this.#parts;
  }

  /** Draws the strip, or the corners, once the hand rests. */
  #rest() {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      this.#drawStrip();
      this.#drawCorners();
      this.#drawRows();
      this.#drawAtlas();
    }, REST);
  }

  /** What all the plane's pictures have in common. */
  #aside() {
    return JSON.stringify([this.#given.id, this.#model?.current.gamma, plain({ ...this.#moves, shift: [0, 0] })]);
  }

  /** The pictures of the plane, and how little of the latent it shows. */
  #drawAtlas() {
    const [model, space] = [this.#model, this.#space];
    const isWanted = this.#input("atlas").checked;
    if (!isWanted) this.find("atlas-words").textContent = "pictures";
    if (!model || !space || !isWanted) return this.atlas.clear();
    const moves = { ...this.#moves, shift: /** @type {[number, number]} */ ([0, 0]) };
    const latent = this.#latentAt(moves);
    const place = placeAfter(this.#small, this.#from, moves);
    const { axes, origin, middle } = space;
    const squared = latent.reduce((sum, value, at) => sum + (value - origin[at]) ** 2, 0);
    const share = shareOf([place[0] - middle[0], place[1] - middle[1]], squared);
    this.find("atlas-words").textContent = `pictures; the plane shows ${percent(share)} of this latent`;
    this.atlas.draw({ key: this.#aside(), model, latent, place, axes, places: this.#pad.grid, shape: this.#given.shape });
  }

  /** The way of the image under several γ. */
  #drawRows() {
    const { addresses, rows, shape, classes, colors, noise, gamma } = this.#given;
    const { target } = this.#moves;
    if (this.#kind !== "gammas") return this.rows.close();
    if (target === null || !rows) return;
    const isHere = Boolean(addresses) && !this.#problem;
    if (isHere ? !this.#model : !rows.rows) return;
    this.rows.show({
      addresses: isHere ? addresses : null,
      members: rows.members,
      rows: isHere ? null : rows.rows && rows.rows.map((one) => ({ ...one, images: one.images.map(floatsOf) })),
      pixels: this.#began, places: this.#small.places,
      target, shape, classes, colors, noise, gamma,
    });
  }

  /** What two images become that exchange their class parts. */
  async #drawCorners() {
    const { shape, classes, other } = this.#given;
    if (this.#kind !== "transplant" || !other) return;
    const [ofImage, latents] = [shape[0] * shape[1] * shape[2], this.#other];
    /** @type {ArrayLike<number>[] | null} */
    let images = other.corners && other.corners.map(floatsOf);
    if (this.#model && this.#space && latents) {
      const every = CORNERS.flatMap((graft) => Array.from(this.#latentAt({ ...still(), graft })));
      const found = await this.#model.decode(Float32Array.from(every), "corners");
      if (!found || latents !== this.#other) return;
      images = CORNERS.map((_, at) => row(found, at, ofImage));
    }
    drawCorners(this.find("corners"), {
      images, shape,
      names: [classes[this.#from], classes[this.#otherTop]],
      at: this.#moves.graft,
      chosen: (graft) => this.#set({ ...this.#moves, graft }, true),
    });
  }

  async #drawStrip() {
    const strip = this.find("strip");
    const { target } = this.#moves;
    strip.hidden = target === null || !this.#model || !this.#space;
    if (strip.hidden || target === null) return;
    const unit = this.#unit();
    const latents = Float32Array.from(SHARES.flatMap((share) => Array.from(this.#latentAt({ ...this.#moves, alpha: share * unit }))));
    const images = await /** @type {Model} */ (this.#model).decode(latents, "strip");
    if (!images || this.#moves.target !== target) return;
    const { shape, classes, colors } = this.#given;
    drawStrip(strip, {
      images, shape, classes, colors,
      posteriors: SHARES.map((share) => posteriorOf(this.#scores({ ...this.#moves, alpha: share * unit }))),
      flips: Number.isFinite(this.#onTop().alpha),
      chosen: (share) => this.#walk(share, true),
    });
  }

  /** @param {Float32Array} x @param {Judged | null} judged */
  #see(x, judged) {
    this.#now = x;
    this.#paint(x);
    if (judged) this.#say(judged);
  }

  /** @param {Float32Array} x */
  #paint(x) {
    const { shape } = this.#given;
    paint(this.#canvas("picture"), imageData(x, shape));
    paint(this.#canvas("difference"), imageData(difference(x, this.#began), shape));
  }

  /** Two lines on what the model makes of the picture. @param {Judged} judged */
  #say({ posterior, bits }) {
    const { classes, quantiles } = this.#given;
    const top = largest(posterior);
    const exact = posteriorOf(this.#scores());
    const most = exact.reduce((far, value, k) => Math.max(far, Math.abs(value - posterior[k])), 0);
    const changed = most < 1e-3 ? "" : `It is clipped to what pixels show: its bars are up to ${(100 * most).toFixed(1)} percentage points away.`;
    this.find("verdict").replaceChildren(
      "The picture: ", strong(`${classes[top]}, ${together(posterior[top])}`), document.createElement("br"),
      `${bits.toFixed(2)} bits/dim, ${rank(bits, quantiles, (share) => together(share, 0))}`, document.createElement("br"), changed,
    );
    this.#canvas("picture").setAttribute("aria-label", `${classes[top]}, ${percent(posterior[top])}, ${bits.toFixed(2)} bits per dimension`);
  }

  #scores(moves = this.#moves) {
    return scoresAfter(this.#small, this.#from, moves);
  }

  /** Everything that is known without the network. */
  #refresh() {
    const { classes, colors, small } = this.#given;
    const { target, alpha, around } = this.#moves;
    if (this.#small.around?.seed !== around.seed) {
      const known = this.#space ? this.#space.around(this.#latents, this.#noise(around.seed)) : small.around;
      this.#small = { ...this.#small, around: known };
    }
    const posterior = posteriorOf(this.#scores());
    const top = largest(posterior);
    this.find("atlas-row").hidden = !this.#model || !this.#space;
    if (this.atlas.key && this.atlas.key !== this.#aside()) this.atlas.clear();
    this.#pad.show(this.#padShows());
    this.#canvas("pad").setAttribute(
      "aria-label",
      `Plane of the class means. The star is at ${classes[top]}, ${percent(posterior[top])}. Arrow keys move it.`,
    );
    if (this.#top !== -1 && this.#top !== top) this.#cross(colors[top]);
    this.#top = top;
    drawBars(this.find("classes"), { classes, colors, posterior, from: this.#from, target, aim: (k) => this.#aim(k) });
    const unit = this.#unit();
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.host.querySelectorAll("[data-kind]"))) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === this.#kind));
      button.hidden = !this.#given.kinds.includes(button.dataset.kind ?? "");
    }
    for (const panel of /** @type {NodeListOf<HTMLElement>} */ (this.host.querySelectorAll("[data-panel]"))) {
      panel.hidden = !panel.dataset.panel?.split(" ").includes(this.#kind);
    }
    const isSeveral = this.#kind === "gammas" && target !== null;
    const isAround = this.#kind === "around";
    this.host.classList.toggle("several", isSeveral || isAround);
    this.host.classList.toggle("around", isAround);
    this.find("rows").hidden = !isSeveral;
    this.find("near").hidden = this.find("draws").hidden = !isAround;
    this.#input("radius").value = String(around.radius);
    this.find("radius-value").textContent = `${around.radius.toFixed(2)} σ, θ = ${((180 / Math.PI) * Math.atan(around.radius)).toFixed(0)}°`;
    /** @type {HTMLButtonElement} */ (this.find("draws")).disabled = !around.radius;
    this.#drawNear();
    // Of more classes than have a bar, any can be chosen by its name.
    const isMany = classes.length > MOST_BARS;
    const isListed = isSeveral || (isMany && ["class", "gammas"].includes(this.#kind));
    this.find("towards-row").hidden = !isListed;
    this.host.classList.toggle("listed", isListed && target !== null);
    this.find("hint").hidden = target !== null || isMany;
    if (isListed) listClasses(this.find("towards"), classes, this.#from, target);
    for (const slider of /** @type {NodeListOf<HTMLInputElement>} */ (this.host.querySelectorAll("[data-graft]"))) {
      const share = this.#moves.graft[Number(slider.dataset.graft)];
      slider.value = String(share);
      slider.style.setProperty("--at", percent(share, 0).replace(" ", ""));
      slider.disabled = !this.#given.other;
      /** @type {HTMLElement} */ (slider.nextElementSibling).textContent = percent(share, 0);
    }
    const wayRow = this.find("way-row");
    wayRow.hidden = target === null;
    if (target !== null) {
      const isEndless = !Number.isFinite(this.#onTop().alpha);
      this.find("way-name").textContent = `${classes[this.#from]} → ${classes[target]}`;
      this.#input("way").value = String(alpha / unit);
      const how = isEndless ? "never flips" : howFar(alpha / unit);
      this.#input("way").setAttribute("aria-valuetext", how);
      this.find("way-value").textContent = how;
      this.find("way-value").title = isEndless ? "" : `The flip is at α* = ${unit.toFixed(2)} of the way between the centres of the two classes`;
      this.find("way-words").textContent = this.#inWords(target);
    } else this.find("strip").hidden = true;
    this.find("way-words").hidden = target === null;
    this.styles.show(this.#moves.styles);
    /** @type {HTMLButtonElement} */ (this.find("undo")).disabled = !this.#before.length;
    /** @type {HTMLButtonElement} */ (this.find("reset")).disabled = areSame(this.#moves, still());
    this.#explain();
  }

  /** What is special about the way to a class; nothing if it stays on top. @param {number} target */
  #inWords(target) {
    const name = this.#given.classes[target];
    const { alpha, until } = this.#onTop(target);
    if (!Number.isFinite(alpha)) return `${name} is never on top on this way: there is always a class ahead of it.`;
    const unit = this.#unit(target);
    if (!(until < 2 * unit)) return "";
    const after = largest(this.#scores({ ...this.#moves, target, alpha: until + 1e-6 * (1 + until) }));
    return `${name} is on top only for a while, from the flip to ${howFar(until / unit)}; then ${this.#given.classes[after]} overtakes it.`;
  }

  /** A boundary is crossed. @param {string} color */
  #cross(color) {
    const picture = this.#canvas("picture");
    picture.style.setProperty("--class", color);
    picture.classList.remove("crossed");
    void picture.offsetWidth; // so that it begins anew
    picture.classList.add("crossed");
    navigator.vibrate?.(15);
  }

  /** @returns {import("./pad.js").Shown} */
  #padShows() {
    const small = this.#small;
    const { target } = this.#moves;
    const at = (/** @type {number} */ alpha) => placeAfter(small, this.#from, { ...this.#moves, alpha });
    const flip = this.#onTop().alpha;
    return {
      places: small.places,
      star: placeAfter(small, this.#from, this.#moves),
      home: small.star,
      scores: this.#scores(),
      slopes: /** @type {[Float64Array, Float64Array]} */ (small.slopes.map((one) => Float64Array.from(one))),
      way: target === null ? this.#wayToOther() : { from: at(0), to: at(2 * this.#unit()), flip: Number.isFinite(flip) ? at(flip) : null },
    };
  }

  /** To the class part of the other image. */
  #wayToOther() {
    if (this.#kind !== "transplant" || !this.#small.other) return null;
    const [from, to] = [0, 1].map((share) => placeAfter(this.#small, this.#from, { ...this.#moves, graft: [share, 0] }));
    return { from, to, flip: null };
  }

  /** One quiet line on who computes, and what is proved. */
  #explain() {
    const { addresses } = this.#given;
    const { [OWN_CLASS]: inClass = 0, ...offClass } = this.#moves.styles;
    const isStyled = Object.values(offClass).some(Boolean);
    const hasRest = Boolean(this.#moves.graft[1] && this.#other);
    let text = "";
    if (!addresses || this.#problem) {
      text = `The server computes, when you let go: ${this.#problem || "this browser has no model to compute with"}.`;
    } else if (!this.#model) text = "The model is on its way to your browser …";
    else if ((isStyled || hasRest) && this.#space) {
      // Not taken for granted: of both latents, as they are decoded.
      const ofClass = /** @type {Moves} */ ({ ...this.#moves, styles: { [OWN_CLASS]: inClass }, graft: [this.#moves.graft[0], 0] });
      const [plainly, styled] = [ofClass, this.#moves].map((moves) =>
        posteriorOf(/** @type {Space} */ (this.#space).scores(this.#latentAt(moves))),
      );
      const change = styled.reduce((far, value, k) => Math.max(far, Math.abs(value - plainly[k])), 0);
      const isOfModel = Object.keys(offClass).some((name) => name !== OWN && offClass[name]);
      const what = isOfModel ? "Style" : "All but the class part";
      text = `${what} is orthogonal to the classes: it has changed the posterior by ${change.toFixed(6)}.`;
    }
    const { target, shift, styles, graft } = this.#moves;
    const isPushed = shift.some(Boolean) || Object.values(styles).some(Boolean);
    if (this.#kind === "gammas" && (isPushed || graft.some(Boolean))) text = "The rows show the image's way without its other moves.";
    if (this.#kind === "transplant" && (isPushed || target !== null)) text = "The four pictures are without other moves; the large one has them, too.";
    if (this.#kind === "around" && (isPushed || target !== null || graft.some(Boolean))) text = "The rows are without other moves; the large image has them, too.";
    this.find("note").textContent = text;
  }

  /** @param {string} name */
  #canvas(name) {
    return /** @type {HTMLCanvasElement} */ (this.find(name));
  }

  /** @param {string} name */
  #input(name) {
    return /** @type {HTMLInputElement} */ (this.find(name));
  }
}

/** @param {string} text */
const strong = (text) => Object.assign(document.createElement("b"), { textContent: text });
