// The plane as a Streamlit component. It gets the test images once and the selection with each run of the page. While
// the γ slider moves, the images move along their tracks.

import { element, finder } from "../figure/elements.js";
import { componentOf } from "../figure/ended.js";
import { strips } from "../figure/recorder.js";
import { asGiven, floatsOf, numbersOf } from "../flow/pixels.js";
import { imageData, paint } from "../moves/picture.js";
import { gammaOf, gammaText } from "../slider/gamma_slider.js";
import { Drag } from "./drag.js";
import { Plane } from "./plane.js";

/**
 * @typedef {import("./plane.js").Point} Point
 * @typedef {import("../slider/gamma_slider.js").Bracket} Bracket
 *
 * @typedef {object} Data the test images from app/latent_space/plane.py
 * @property {string} key
 * @property {number | "inf" | null} gamma the γ of the positions
 * @property {string} model name of the model
 * @property {boolean} hasLasso whether the program hears of a lasso
 * @property {string[]} names names of the groups
 * @property {string[]} colors
 * @property {string} places float32 (N, 2); all arrays are base64
 * @property {string} groups int16 (N)
 * @property {Point[]} means empty if the view shows no class means
 * @property {number[] | null} named
 * @property {number} circles radius of the circle around each mean, or 0
 * @property {[Point, Point]} frame
 * @property {DotDetails | null} details details of the images
 * @property {Track | null} track
 *
 * @typedef {object} DotDetails the details that a label shows for the image under the pointer
 * @property {string[]} classes
 * @property {string} labels int16 (N)
 * @property {string} predicted int16 (N)
 * @property {string} sure float32 (N)
 * @property {string} bits float32 (N)
 * @property {{ address: string, numbers: string, across: number, size: [number, number] } | null} pictures
 *
 * @typedef {object} Track positions of some images at all measured values of γ
 * @property {string} dots int32 (M), indices of these images among all N
 * @property {string} places int16 (P, M, 2), in units of `scale`
 * @property {number} scale
 * @property {string} means float32 (P, K, 2)
 * @property {(number | "inf")[]} gammas the γ of each point, (P)
 *
 * @typedef {object} Marks the selection
 * @property {string} key key of the plane
 * @property {string} alt description for screen readers
 * @property {number | null} ring
 * @property {number[]} lasso
 * @property {Point | null} star
 * @property {import("./drag.js").Data | null} hand the image that the user can drag
 * @property {boolean} trails whether a line shows the earlier positions of the star
 * @property {boolean} travels whether a new image flies to its position
 */

const NONE = 65535; // marks an image without a picture
const BESIDE = 84; // width of the picture in the label, in CSS pixels
const LONGEST = 60; // the most points of a trail
const TRAVEL = 2600; // ms

/** @type {Map<string, Cloud>} by key */
const clouds = new Map();
/** @type {Map<string, Marks>} the newest marks by key, because they may arrive before their plane */
const early = new Map();

/** The page's plane with this key, if there is one. @param {string} key */
export const cloudOf = (key) => clouds.get(key);

/** The selection, as a separate component that shows nothing. @param {{ data: Marks }} given */
export function marks({ data }) {
  early.set(data.key, data);
  clouds.get(data.key)?.mark(data);
}

class Cloud {
  /** @type {Data} */ #given = /** @type {any} */ (undefined);
  /** @type {Marks | undefined} */ #marks;
  #arrays = arraysOf();
  /** @type {number[]} values of γ that the slider has passed, and for which the program has not answered */
  #passed = [];
  /** @type {Bracket | null} the slider's position on the tracks, while it is ahead of the program */
  #live = null;
  /** @type {Point | null} the star's position from the model in the browser */
  star = null;
  /** @type {Point[]} earlier positions of the star */
  way = [];
  #travelled = ""; // pixels of the last image that flew to its position
  #listening = new AbortController();

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    /** @type {(name: string, value: any) => void} */
    this.tell = () => {};
    const find = finder(host);
    this.canvas = find("canvas");
    this.label = find("label");
    this.plane = new Plane(this.canvas, {
      picked: (dot) => this.tell("dot", this.#rowOf(dot)),
      moved: (place, isLast) => this.drag.move(place, isLast),
      over: (dot, at) => this.#say(dot, at),
    });
    this.drag = new Drag(find("dragged"), (star) => this.#draw(star), (name, value) => this.tell(name, value));
    const { signal } = this.#listening;
    find("lasso").addEventListener("click", () => (this.plane.isLasso = !this.plane.isLasso));
    find("reset").addEventListener("click", () => this.plane.reset());
    this.canvas.addEventListener("pointerenter", () => this.drag.prepare());
    document.addEventListener("gamma-moved", (event) => this.#follow(/** @type {CustomEvent} */ (event).detail), { signal });
  }

  remove() {
    this.#listening.abort();
    this.plane.watch.disconnect();
    const { key } = this.#given;
    strips.delete(key);
    if (clouds.get(key) === this) clouds.delete(key);
  }

  /** @param {Data} data */
  show(data) {
    clouds.set(data.key, this);
    const passed = this.#passed.indexOf(gammaOf(data.gamma ?? NaN));
    if (this.#given !== data) this.#arrays = arraysOf(data);
    finder(this.host)("lasso").hidden = !data.hasLasso;
    this.plane.heard.lassoed = data.hasLasso ? (dots) => this.tell("lasso", dots.map((dot) => this.#rowOf(dot))) : undefined;
    this.#given = data;
    if (this.#arrays.track) strips.set(data.key, async () => this.#film());
    const isAhead = passed >= 0 && passed < this.#passed.length - 1; // the slider has moved on
    if (this.#passed.length && !isAhead) [this.#passed, this.#live, this.star] = [[], null, null];
    this.#draw();
    this.mark(early.get(data.key));
  }

  /** @param {Marks | undefined} marks */
  mark(marks) {
    if (!marks) return;
    const isKnown = marks === this.#marks; // each run of the page sends the images before the marks
    this.#marks = marks;
    this.canvas.setAttribute("aria-label", `${marks.alt} Arrow keys go from image to image. Shift and arrow keys move the star.`);
    if (!this.star && !isKnown) this.#trail(marks.star);
    this.drag.show(marks.hand);
    this.#draw();
    if (marks.travels && marks.hand && this.#travelled !== marks.hand.picture.pixels) this.#travel(marks.hand);
  }

  /** Moves the star to its position for the model at the slider's γ. @param {Point} place */
  starAt(place) {
    this.star = place;
    this.#trail(place);
    this.#draw();
  }

  /** Moves the star back to the position from the program. @param {boolean} keepsTrail */
  release(keepsTrail) {
    this.star = null;
    if (keepsTrail) this.#trail(this.#marks?.star ?? null);
    else this.way = [];
    this.#draw();
  }

  /** Adds a position to the trail of the star, if the star has a trail. @param {Point | null} place */
  #trail(place) {
    if (!place || !this.#marks?.trails) return void (this.way = []);
    if (String(this.way.at(-1)) !== String(place)) this.way = [...this.way, place].slice(-LONGEST);
  }

  /**
   * Animates the image. It flies from the left edge to its position in the plane, and on to the right edge.
   * @param {import("./drag.js").Data} hand
   */
  #travel({ picture: { pixels, shape, noise }, place }) {
    this.#travelled = pixels;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const canvas = this.host.appendChild(element("canvas", { class: "plane-traveller" }));
    paint(canvas, imageData(asGiven(numbersOf(pixels), shape, noise), shape));
    const [x, y] = this.plane.at(...place);
    const side = this.canvas.clientWidth;
    const at = (/** @type {number} */ left, /** @type {number} */ top, /** @type {number} */ scale) => ({ left: `${left}px`, top: `${top}px`, scale });
    const way = [at(40, side / 2, 1), at(40, side / 2, 1), at(x, y, 0.15), at(x, y, 0.15), at(side - 40, side / 2, 1), { ...at(side - 40, side / 2, 1), opacity: 0 }];
    canvas.animate(way, { duration: TRAVEL, easing: "ease-in-out" }).finished.finally(() => canvas.remove());
  }

  /** @param {{ gamma: number, place: Bracket | null }} moved */
  #follow({ gamma, place }) {
    this.drag.leave();
    if (!this.#arrays.track || !place) return;
    if (this.#passed.at(-1) !== gamma) this.#passed.push(gamma);
    this.#live = gamma === gammaOf(this.#given.gamma ?? NaN) ? null : place;
    if (!this.#live) this.star = null;
    this.#draw();
  }

  /** The row of a drawn dot in the program's data. @param {number} dot */
  #rowOf(dot) {
    return this.#live && this.#arrays.track ? this.#arrays.track.dots[dot] : dot;
  }

  /** @param {Point | null} [dragged] position of the dragged star */
  #draw(dragged = this.drag.place) {
    const { key, means } = this.#given;
    const { places, groups, track } = this.#arrays;
    const [ring, lasso] = [this.#marks?.ring ?? null, new Set(this.#marks?.lasso ?? [])];
    const isLive = this.#live && track;
    const found = isLive ? trackAt(track, groups, /** @type {Bracket} */ (this.#live)) : { dots: { places, groups }, means };
    const dotOf = (/** @type {number} */ row) => (isLive ? track.dots.indexOf(row) : row);
    const at = ring === null ? -1 : dotOf(ring);
    const home = at < 0 ? null : /** @type {Point} */ ([found.dots.places[2 * at], found.dots.places[2 * at + 1]]);
    const isRing = this.#marks?.hand?.mark === "ring";
    this.plane.show({
      ...this.#given,
      ...found,
      title: isLive ? titleOf(this.#passed.at(-1) ?? 0) : this.#given.model,
      ring: lasso.size ? null : home,
      lasso: new Set([...lasso].map(dotOf).filter((dot) => dot >= 0)),
      star: dragged ?? this.star ?? (isLive ? null : isRing ? home : (this.#marks?.star ?? null)),
      trail: this.way,
      home: dragged ? (isRing ? home : (this.#marks?.star ?? null)) : null,
    });
    if (dragged) {
      const [x, y] = this.plane.at(...dragged);
      this.host.classList.toggle("right", x > this.canvas.clientWidth / 2);
      this.host.classList.toggle("low", y > this.canvas.clientHeight / 2);
    }
    this.host.dataset.drawn = key;
  }

  /** The details of an image. @param {number} row */
  about(row) {
    const { details } = this.#arrays;
    const { classes, pictures } = this.#given.details ?? {};
    if (!details || !classes) return null;
    const [label, predicted] = [classes[details.labels[row]], classes[details.predicted[row]]];
    const text = `${label}\npredicted ${predicted} (${Math.round(100 * details.sure[row])}%)\n${details.bits[row].toFixed(2)} bits/dim`;
    const number = pictures ? details.numbers[row] : NONE;
    if (!pictures || number === NONE) return { label, text, picture: null };
    const { across, size, address } = pictures;
    const within = number % across ** 2;
    const picture = { sheet: `${address}${Math.floor(number / across ** 2)}.webp`, across, size, column: within % across, line: Math.floor(within / across) };
    return { label, text, picture };
  }

  /** Shows a label for the image under the pointer. @param {number | null} dot @param {Point} at */
  #say(dot, at) {
    const found = dot === null ? null : this.about(this.#rowOf(dot));
    this.label.hidden = !found;
    if (!found) return;
    const [box, text] = /** @type {HTMLElement[]} */ ([...this.label.children]);
    text.textContent = found.text;
    const { picture } = found;
    box.hidden = !picture;
    if (picture) {
      const height = (BESIDE * picture.size[1]) / picture.size[0];
      Object.assign(box.style, {
        width: `${BESIDE}px`,
        height: `${height}px`,
        backgroundImage: `url("${picture.sheet}")`,
        backgroundSize: `${picture.across * BESIDE}px ${picture.across * height}px`,
        backgroundPosition: `${-picture.column * BESIDE}px ${-picture.line * height}px`,
      });
    }
    this.plane.lay(this.label, at);
  }

  /** Records the plane over all measured values of γ. @returns {Promise<import("../figure/recorder.js").Strip>} */
  async #film() {
    const { track, groups } = this.#arrays;
    if (!track) throw new Error("this plane does not follow γ");
    const side = this.canvas.clientWidth;
    const frames = [];
    for (const [low, gamma] of track.gammas.entries()) {
      this.plane.show({ ...this.#given, ...trackAt(track, groups, { low, high: low, share: 0 }), title: titleOf(gamma) });
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      const copy = element("canvas", { width: side, height: side });
      copy.getContext("2d")?.drawImage(this.canvas, 0, 0, side, side);
      frames.push([copy]);
    }
    this.#draw();
    return { frames, width: side, height: side, names: [] };
  }
}

export const component = componentOf("[data-plane]", Cloud);

/** @param {number | "inf"} gamma */
const titleOf = (gamma) => `γ = ${gammaText(gammaOf(gamma))}`;

/** Decodes the base64 arrays. @param {Data} [given] */
function arraysOf(given) {
  const shorts = (/** @type {string} */ text) => new Int16Array(numbersOf(text).buffer);
  const { details, track } = given ?? {};
  const dots = track ? new Int32Array(numbersOf(track.dots).buffer) : new Int32Array();
  const places = track ? Float32Array.from(shorts(track.places), (value) => value * track.scale) : new Float32Array();
  return {
    places: floatsOf(given?.places ?? ""),
    groups: shorts(given?.groups ?? ""),
    details: details && {
      labels: shorts(details.labels), predicted: shorts(details.predicted), sure: floatsOf(details.sure), bits: floatsOf(details.bits),
      numbers: new Uint16Array(numbersOf(details.pictures?.numbers ?? "").buffer),
    },
    track: track && { dots, places, count: places.length / (2 * dots.length), means: floatsOf(track.means), gammas: track.gammas },
  };
}

/**
 * Interpolates the positions of dots and means between two measured values of γ.
 * @param {{ dots: Int32Array, count: number, places: Float32Array, means: Float32Array }} track
 * @param {Int16Array} groups groups of all images
 * @param {Bracket} place
 */
function trackAt({ dots, count, places, means }, groups, { low, high, share }) {
  const between = (/** @type {Float32Array} */ values) => {
    const size = values.length / count;
    return Float32Array.from({ length: size }, (_, at) => (1 - share) * values[low * size + at] + share * values[high * size + at]);
  };
  const mixed = between(means);
  return {
    dots: { places: between(places), groups: Int16Array.from(dots, (row) => groups[row]) },
    means: Array.from({ length: mixed.length / 2 }, (_, k) => /** @type {Point} */ ([mixed[2 * k], mixed[2 * k + 1]])),
  };
}
