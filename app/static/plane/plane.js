// Draws the plane of the class means on a square canvas: test images as dots, the Gaussian of each class, and a star
// that the user can drag. The wheel or two fingers zoom. A drag moves the view, and Shift with a drag draws a lasso.

import { fieldOf, startDrawing, rgbOf, star as starAt, stroke, WAYS } from "../figure/canvas.js";
import { element } from "../figure/elements.js";
import { largest, posteriorOf } from "../flow/mixture.js";

/**
 * @typedef {[number, number]} Point a point in the plane, or on the canvas in CSS pixels
 *
 * @typedef {{ x: number, y: number, width: number, height: number }} Box its centre and size
 *
 * @typedef {object} Dots
 * @property {Float32Array} places (N, 2)
 * @property {ArrayLike<number>} groups index of each dot's colour, (N); -1 for a hidden dot, -2 for a grey dot
 *
 * @typedef {object} Field linear class scores, which give the posterior at every point
 * @property {Float64Array} scores scores at the star, (K)
 * @property {[Float64Array, Float64Array]} slopes slopes of the scores along the axes of the plane, (K) each
 *
 * @typedef {object} Shown the content; only the names and colours are required
 * @property {string[]} names names of the K classes or groups
 * @property {string[]} colors their colours
 * @property {string} [title] name or γ of the model, in the corner, so that saved pictures have it
 * @property {[Point, Point]} [frame] lower left and upper right corner of the initial view
 * @property {Dots | null} [dots]
 * @property {Point[]} [means] class means, labelled with the names
 * @property {number[] | null} [named] the classes whose names are shown (default: all)
 * @property {number} [circles] radius of the circle around each mean, in units of the latent space; 0 for no circles
 * @property {Point | null} [ring] position of the selected dot
 * @property {Set<number>} [lasso] several selected dots; all other dots are pale
 * @property {Point | null} [star]
 * @property {Point | null} [home] start position of the star
 * @property {Field | null} [field]
 * @property {{ from: Point, to: Point, flip: Point | null } | null} [way] path to another class
 * @property {Point[]} [trail] earlier positions of the star
 *
 * @typedef {object} Heard callbacks for the user's actions
 * @property {(dot: number) => void} [picked]
 * @property {(dots: number[]) => void} [lassoed]
 * @property {(place: Point, isLast: boolean) => void} [moved] called when the star is dragged
 * @property {(dot: number | null, at: Point) => void} [over] called with the dot under the pointer
 */

const FIELD = 96; // cells of the field along each side
const [NEAR, REACH] = [24, 14]; // a press at most this many CSS pixels from the star, or from a dot, hits it
const LEAST = 4; // CSS pixels; a shorter drag is a click
const [OUT, IN] = [0.5, 60]; // the least and the largest zoom
const STEPS = 50; // number of presses of an arrow key that move the star by half the view; with Shift, a fifth as many
const WAIT = 400; // ms until the dot that the arrow keys have reached is selected
const GREY = "#8a93a0";
const BESIDE = 7; // CSS pixels between a name and the centre of its dot
/** The places of a name relative to its dot: (right, down), in units of the gap between name and dot. @type {Point[]} */
const SIDES = [[0, -1], [0, 1], [1, 0], [-1, 0], [0.5, -1], [-0.5, -1], [0.5, 1], [-0.5, 1], [1, -1], [-1, -1], [1, 1], [-1, 1], [1, -0.5], [-1, -0.5], [1, 0.5], [-1, 0.5]];

export class Plane {
  /** @type {Shown} */ #shown = { names: [], colors: [] };
  /** @type {Point} */ #centre = [0, 0];
  #side = 0; // side of the canvas in CSS pixels
  #half = 5; // half the width of the view, in units of the latent space
  #whole = 5; // half the width of the initial view
  /** @type {Map<number, Point>} position of each pointer on the canvas */
  #pointers = new Map();
  /** @type {{ kind: "star" | "lasso" | "view", from: Point, offset: Point, centre: Point, path: Point[], hasMoved: boolean } | null} */
  #held = null;
  /** @type {{ centre: Point, gap: number } | null} centre and distance of two fingers */
  #pinch = null;
  #keyed = -1; // the dot that the arrow keys have reached
  #waiting = 0;
  #isDue = false;
  isLasso = false; // whether a drag draws a lasso without Shift

  /**
   * @param {HTMLCanvasElement} canvas a square canvas
   * @param {Heard} heard
   */
  constructor(canvas, heard) {
    this.canvas = canvas;
    this.heard = heard;
    this.isPad = !heard.picked; // a press anywhere moves the star there, and the view is fixed
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", (event) => { // the finger scrolls the page
      this.#centre = this.#held?.centre ?? this.#centre;
      this.#drop(event);
    });
    canvas.addEventListener("pointerleave", () => heard.over?.(null, [0, 0]));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("touchstart", (event) => this.#touch(event), { passive: false });
    if (!this.isPad) {
      canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
      canvas.addEventListener("dblclick", () => this.reset());
    }
    canvas.addEventListener("transitionend", () => this.#ask()); // the theme has changed
    this.#side = canvas.clientWidth;
    this.watch = new ResizeObserver(() => {
      this.#side = canvas.clientWidth;
      this.#ask();
    });
    this.watch.observe(canvas);
  }

  /** @param {Shown} shown */
  show(shown) {
    const before = this.#shown;
    this.#shown = shown;
    if (this.isPad && JSON.stringify(shown) === JSON.stringify(before)) return; // the program's answer after the browser's
    if (JSON.stringify(shown.frame) !== JSON.stringify(before.frame)) this.reset();
    this.#ask();
  }

  /** Goes back to the initial view. */
  reset() {
    const [[left, low], [right, high]] = this.#shown.frame ?? [[-5, -5], [5, 5]];
    this.#centre = [(left + right) / 2, (low + high) / 2];
    this.#half = this.#whole = 0.53 * Math.max(right - left, high - low); // leaves room for marks at the edge
    this.#ask();
  }

  /** Converts a point of the plane to the canvas. @param {number} x @param {number} y @returns {Point} */
  at(x, y) {
    const [middle, scale] = [this.#side / 2, this.#side / (2 * this.#half)];
    return [middle + (x - this.#centre[0]) * scale, middle - (y - this.#centre[1]) * scale];
  }

  /** Positions a label beside a point of the canvas. @param {HTMLElement} label @param {Point} point */
  lay(label, [x, y]) {
    const side = this.#side;
    const isLeft = x < side / 2;
    Object.assign(label.style, {
      [isLeft ? "left" : "right"]: `${(isLeft ? x : side - x) + 14}px`,
      [isLeft ? "right" : "left"]: "auto",
      top: `${Math.min(y, side - 120)}px`,
    });
  }

  /** Converts a point of the canvas to the plane. @param {Point} point @returns {Point} */
  #placeAt([x, y]) {
    const [side, half] = [this.#side, this.#half];
    return [this.#centre[0] + ((2 * x) / side - 1) * half, this.#centre[1] + (1 - (2 * y) / side) * half];
  }

  /** @param {{ clientX: number, clientY: number }} event @returns {Point} */
  #point({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const { offsetWidth, clientLeft, clientTop } = this.canvas;
    const zoom = box.width / offsetWidth; // the page may be zoomed
    return [(clientX - box.left) / zoom - clientLeft, (clientY - box.top) / zoom - clientTop];
  }

  // Input

  /** Prevents the page from scrolling if a finger is on the star or two fingers are down. @param {TouchEvent} event */
  #touch(event) {
    const { star } = this.#shown;
    const isStar = star && this.heard.moved && distance(this.#inSight(star), this.#point(event.touches[0])) < NEAR;
    if (isStar || this.isPad || this.isLasso || event.touches.length > 1) event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button) return;
    const from = this.#point(event);
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, from);
    if (this.#pointers.size === 2 && !this.isPad) return void ([this.#held, this.#pinch] = [null, this.#fingers()]);
    const { star } = this.#shown;
    const isStar = star && this.heard.moved && (this.isPad || distance(this.#inSight(star), from) < NEAR);
    const isLasso = this.heard.lassoed && (this.isLasso || event.shiftKey);
    const kind = isStar ? "star" : isLasso ? "lasso" : "view";
    const under = this.#placeAt(from);
    const isNear = star && distance(this.#inSight(star), from) < NEAR;
    const offset = /** @type {Point} */ (isNear ? [star[0] - under[0], star[1] - under[1]] : [0, 0]);
    this.#held = { kind, from, offset, centre: this.#centre, path: [under], hasMoved: false };
    if (isStar && !isNear) this.#drag(from, false);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const point = this.#point(event);
    if (!this.#pointers.has(event.pointerId)) return this.heard.over?.(this.#nearest(point), point);
    const before = /** @type {Point} */ (this.#pointers.get(event.pointerId));
    this.#pointers.set(event.pointerId, point);
    if (this.#pinch) return this.#spread();
    const held = this.#held;
    if (!held) return;
    held.hasMoved ||= distance(held.from, point) >= LEAST;
    if (!held.hasMoved) return;
    this.heard.over?.(null, point);
    if (held.kind === "star") return this.#drag(point, false);
    if (held.kind === "lasso") held.path.push(this.#placeAt(point));
    else if (!this.isPad) this.#shift(before, point);
    this.#ask();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const [held, point] = [this.#held, this.#point(event)];
    this.#drop(event);
    if (!held) return;
    if (held.kind === "star" && (held.hasMoved || this.isPad)) return this.#drag(point, true, held);
    if (held.kind === "lasso" && held.hasMoved) {
      this.isLasso = false;
      return this.heard.lassoed?.(this.#within(held.path));
    }
    const dot = held.hasMoved ? null : this.#nearest(point);
    if (dot !== null) this.heard.picked?.(dot);
  }

  /** @param {PointerEvent} event */
  #drop(event) {
    this.#pointers.delete(event.pointerId);
    if (this.#pointers.size < 2) this.#pinch = null;
    this.#held = null;
    this.#ask();
  }

  /** @param {Point} point @param {boolean} isLast */
  #drag(point, isLast, held = this.#held) {
    if (!held) return;
    const [x, y] = this.#placeAt(point);
    const within = (/** @type {number} */ value, /** @type {number} */ axis) =>
      Math.min(this.#centre[axis] + this.#half, Math.max(this.#centre[axis] - this.#half, value));
    this.heard.moved?.([within(x + held.offset[0], 0), within(y + held.offset[1], 1)], isLast);
  }

  /** The centre and the distance of two fingers. */
  #fingers() {
    const [one, other] = [...this.#pointers.values()];
    return { centre: /** @type {Point} */ ([(one[0] + other[0]) / 2, (one[1] + other[1]) / 2]), gap: distance(one, other) };
  }

  #spread() {
    const [before, now] = [this.#pinch, this.#fingers()];
    if (!before) return;
    this.#shift(before.centre, now.centre);
    this.zoom(now.gap / before.gap, now.centre);
    this.#pinch = now;
  }

  /** Moves the view with the pointer. @param {Point} before @param {Point} after */
  #shift(before, after) {
    const unit = (2 * this.#half) / this.#side;
    this.#centre = [this.#centre[0] - unit * (after[0] - before[0]), this.#centre[1] + unit * (after[1] - before[1])];
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault(); // the page must not scroll
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), this.#point(event));
  }

  /** Zooms around a point of the canvas. @param {number} factor @param {Point} [point] default: the middle */
  zoom(factor, point = [this.#side / 2, this.#side / 2]) {
    const [x, y] = this.#placeAt(point);
    const half = Math.min(this.#whole / OUT, Math.max(this.#whole / IN, this.#half / factor));
    const share = half / this.#half;
    this.#centre = [x + (this.#centre[0] - x) * share, y + (this.#centre[1] - y) * share];
    this.#half = half;
    this.#ask();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = WAYS[event.key];
    if (!way && !["+", "-", "0"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!way) return event.key === "0" ? this.reset() : this.zoom(event.key === "+" ? 1.25 : 0.8);
    const { star } = this.#shown;
    if (star && this.heard.moved && (event.shiftKey || this.isPad)) {
      const step = (this.#half / STEPS) * (event.shiftKey ? 5 : 1);
      return this.heard.moved([star[0] + step * way[0], star[1] + step * way[1]], true);
    }
    this.#walk(way);
  }

  /** Goes to the next dot in a direction. Sideways distance counts twice. @param {Point} way */
  #walk([right, up]) {
    const { dots, ring } = this.#shown;
    if (!dots) return;
    const start = this.#keyed >= 0 ? this.#spot(dots, this.#keyed) : ring ? this.at(...ring) : this.at(...this.#centre);
    const [side, best] = [this.#side, { dot: -1, far: Infinity }];
    for (let dot = 0; dot < dots.groups.length; dot++) {
      if (dots.groups[dot] === -1 || dot === this.#keyed) continue;
      const [x, y] = this.#spot(dots, dot);
      if (Math.min(x, y) < 0 || Math.max(x, y) > side) continue;
      const along = (x - start[0]) * right - (y - start[1]) * up;
      const aside = Math.abs((x - start[0]) * up) + Math.abs((y - start[1]) * right);
      if (along > 0.5 && aside <= along && along + 2 * aside < best.far) Object.assign(best, { dot, far: along + 2 * aside });
    }
    if (best.dot < 0) return;
    this.#keyed = best.dot;
    this.heard.over?.(best.dot, this.#spot(dots, best.dot));
    this.#ask();
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.heard.picked?.(best.dot), WAIT);
  }

  /** The position of a dot on the canvas. @param {Dots} dots @param {number} dot */
  #spot({ places }, dot) {
    return this.at(places[2 * dot], places[2 * dot + 1]);
  }

  /** The dot under a point of the canvas. @param {Point} point @returns {number | null} */
  #nearest(point) {
    const { dots } = this.#shown;
    if (!dots) return null;
    const best = { dot: -1, far: REACH };
    for (let dot = 0; dot < dots.groups.length; dot++) {
      const far = dots.groups[dot] === -1 ? Infinity : distance(this.#spot(dots, dot), point);
      if (far < best.far) Object.assign(best, { dot, far });
    }
    return best.dot < 0 ? null : best.dot;
  }

  /** The dots inside a closed path. @param {Point[]} path @returns {number[]} */
  #within(path) {
    const { dots } = this.#shown;
    if (!dots) return [];
    return Array.from(dots.groups, (_, dot) => dot).filter((dot) => {
      const [x, y] = [dots.places[2 * dot], dots.places[2 * dot + 1]];
      let isInside = false;
      path.forEach(([x1, y1], n) => {
        const [x2, y2] = path.at(n - 1) ?? [0, 0];
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) isInside = !isInside;
      });
      return isInside && dots.groups[dot] !== -1;
    });
  }

  /** The position of the star on the canvas, moved inwards if the border would cut the star. @param {Point} place @returns {Point} */
  #inSight(place) {
    const within = (/** @type {number} */ value) => Math.min(Math.max(value, this.#radius), this.#side - this.#radius);
    const [x, y] = this.at(...place);
    return [within(x), within(y)];
  }

  /** The radius of the star, in CSS pixels. */
  get #radius() {
    return Math.max(11, this.#side / 34);
  }

  // Drawing

  /** Requests a drawing. Several requests before the next frame draw only once. */
  #ask() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw() {
    const side = this.#side;
    if (!side) return;
    const { context: pen, ...ink } = startDrawing(this.canvas);
    pen.lineJoin = "round";
    if (this.#shown.field && this.#shown.star) this.#drawField(pen, side, this.#shown.field, this.#shown.star);
    if (this.#shown.dots) this.#drawDots(pen, side, this.#shown.dots);
    this.#drawMeans(pen, side);
    this.#drawWay(pen, ink);
    this.#drawMarks(pen, ink);
    this.#drawNames(pen, side, ink);
  }

  /** @param {CanvasRenderingContext2D} pen @param {number} side @param {Field} field @param {Point} star */
  #drawField(pen, side, { scores, slopes }, star) {
    const field = fieldOf(FIELD, this.#shown.colors.map(rgbOf), (column, row) => {
      const [x, y] = this.#placeAt([((column + 0.5) / FIELD) * side, ((row + 0.5) / FIELD) * side]);
      const [dx, dy] = [x - star[0], y - star[1]];
      const posterior = posteriorOf(scores.map((score, k) => score + dx * slopes[0][k] + dy * slopes[1][k]));
      const top = largest(posterior);
      return [top, 20 + 150 * posterior[top] ** 2];
    });
    pen.drawImage(field, 0, 0, side, side);
  }

  /** Draws each dot as a copy of its colour's disc, which is fast. @param {CanvasRenderingContext2D} pen @param {number} side @param {Dots} dots */
  #drawDots(pen, side, dots) {
    const { colors, lasso } = this.#shown;
    const radius = Math.min(6, (side / 300) * Math.sqrt(this.#whole / this.#half));
    const discs = new Map([...colors.entries(), [-2, GREY]].map(([group, color]) => [group, disc(radius, /** @type {string} */ (color))]));
    const draw = (/** @type {number} */ dot) => {
      const stamp = discs.get(dots.groups[dot]);
      const [x, y] = this.#spot(dots, dot);
      if (stamp && x > -radius && y > -radius && x < side + radius && y < side + radius) {
        pen.drawImage(stamp, x - radius - 1, y - radius - 1, 2 * radius + 2, 2 * radius + 2);
      }
    };
    const isPale = Boolean(lasso?.size);
    pen.globalAlpha = isPale ? 0.12 : dots.groups.length > 1500 ? 0.55 : 0.8;
    for (let dot = 0; dot < dots.groups.length; dot++) draw(dot);
    pen.globalAlpha = 1;
    for (const dot of lasso ?? []) draw(dot);
  }

  /** @param {CanvasRenderingContext2D} pen @param {number} side */
  #drawMeans(pen, side) {
    const { means = [], colors, circles, named } = this.#shown;
    means.forEach((place, k) => {
      const [x, y] = this.at(...place);
      if (circles && (!named || named.includes(k))) {
        circle(pen, x, y, (circles * side) / (2 * this.#half));
        stroke(pen, [colors[k], 1.5, [2, 3]]);
      }
      circle(pen, x, y, !named || named.includes(k) ? 4.5 : 2.5);
      pen.fillStyle = colors[k];
      pen.fill();
      stroke(pen, ["white", 1.5]);
    });
  }

  /**
   * Draws the names of the means.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} side
   * @param {{ ink: string, ground: string, font: string, size: number }} ink
   */
  #drawNames(pen, side, { ink, ground, font, size: least }) {
    const { means = [], names, named, star, title = "" } = this.#shown;
    const size = Math.max(least, side / 36);
    pen.font = `600 ${size}px ${font}`;
    Object.assign(pen, { textAlign: "center", textBaseline: "alphabetic", fillStyle: ink });
    const marked = (named ?? [...names.keys()]).filter((k) => means[k]);
    const wide = 2 * this.#radius;
    const marks = (star ? [this.#inSight(star)] : []).map(([x, y]) => ({ x, y, width: wide, height: wide }));
    const widths = marked.map((k) => pen.measureText(names[k]).width);
    const found = placesOfNames(marked.map((k) => this.at(...means[k])), widths, size, side, marks);
    for (const [n, place] of found.entries()) {
      if (!place) continue;
      line(pen, place.leader);
      stroke(pen, [ground, 3], [ink, 1]);
      Object.assign(pen, { strokeStyle: ground, lineWidth: 4 });
      pen.strokeText(names[marked[n]], place.x, place.y + size / 3);
      pen.fillText(names[marked[n]], place.x, place.y + size / 3);
    }
    pen.textAlign = "left";
    pen.fillText(title, 8, size + 6);
  }

  /** @param {CanvasRenderingContext2D} pen @param {{ ink: string, ground: string }} ink */
  #drawWay(pen, { ink, ground }) {
    const { way, trail = [] } = this.#shown;
    const path = way ? [way.from, way.to] : trail;
    if (path.length < 2) return;
    line(pen, path.map((place) => this.at(...place)));
    stroke(pen, [ground, 4.5], [ink, 2]);
    if (!way?.flip) return;
    circle(pen, ...this.at(...way.flip), 5);
    pen.fillStyle = ground;
    pen.fill();
    stroke(pen, [ink, 1.5]);
  }

  /** @param {CanvasRenderingContext2D} pen @param {{ ink: string, ground: string, accent: string }} ink */
  #drawMarks(pen, { ink, ground, accent }) {
    const { ring, star, home, dots } = this.#shown;
    const keyed = dots && this.#keyed >= 0 && this.#keyed < dots.groups.length ? this.#spot(dots, this.#keyed) : null;
    for (const [at, color] of /** @type {[Point | null, string][]} */ ([[ring ? this.at(...ring) : null, accent], [keyed, ink]])) {
      if (!at) continue;
      circle(pen, ...at, 8);
      stroke(pen, [ground, 5], [color, 3]);
    }
    if (home) {
      circle(pen, ...this.at(...home), 5);
      stroke(pen, [ink, 1.5, [2, 2]]);
    }
    if (star) starAt(pen, ...this.#inSight(star), this.#radius, { accent, ground });
    if (this.#held?.kind !== "lasso") return;
    line(pen, this.#held.path.map((place) => this.at(...place)));
    stroke(pen, [ink, 1.5]);
  }
}

/**
 * Positions each name beside its dot, away from other dots and from marks. A name without room there stands further
 * away, at the end of a line from its dot. If there is no room there either, the name is left out (null).
 * @param {Point[]} dots @param {number[]} widths widths of the names @param {number} size height of the names @param {number} side of the canvas
 * @param {Box[]} marks
 * @returns {(Box & { way: Box[], leader: Point[] } | null)[]} the centres of the names
 */
export function placesOfNames(dots, widths, size, side, marks = []) {
  const taken = [...marks];
  const isFree = (/** @type {Box} */ one, /** @type {Box[]} */ others, /** @type {number} */ gap) => others.every((other) =>
    Math.abs(one.x - other.x) >= (one.width + other.width) / 2 + gap || Math.abs(one.y - other.y) >= (one.height + other.height) / 2 + gap);
  const found = /** @type {ReturnType<typeof placesOfNames>} */ (dots.map(() => null));
  for (const gaps of [[BESIDE], Array.from({ length: 8 }, (_, n) => BESIDE + 0.7 * size * (n + 1))]) {
    for (const [n, [x, y]] of dots.entries()) {
      if (found[n] || Math.min(x, y) < 0 || Math.max(x, y) > side) continue;
      const others = dots.filter((_, at) => at !== n).map(([x, y]) => ({ x, y, width: 9, height: 9 }));
      found[n] = gaps.flatMap((gap) => SIDES.map(([right, down]) => {
        const box = { x: x + right * (widths[n] / 2 + gap), y: y + down * (size / 2 + gap), width: widths[n], height: size };
        const [alongX, alongY] = [right * gap, down * gap];
        const steps = gap > BESIDE ? Math.ceil(gap / 3) : 0;
        const way = Array.from({ length: steps }, (_, at) => ({ x: x + (alongX * at) / steps, y: y + (alongY * at) / steps, width: 3, height: 3 })).slice(3);
        return { ...box, way, leader: steps ? /** @type {Point[]} */ ([[x + 5 * right, y + 5 * down], [x + alongX, y + alongY]]) : [] };
      })).find((one) =>
        Math.abs(one.x - side / 2) < (side - one.width) / 2 && Math.abs(one.y - side / 2) < (side - size) / 2 &&
        isFree(one, others, 9) && isFree(one, taken, 2) && one.way.every((step) => isFree(step, others, 1) && isFree(step, taken, 1))) ?? null;
      if (found[n]) taken.push(found[n], ...found[n].way);
    }
  }
  return found;
}

/** @param {Point} one @param {Point} other */
const distance = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]);

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {number} radius */
function circle(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
}

/** @param {CanvasRenderingContext2D} pen @param {Point[]} path */
function line(pen, path) {
  pen.beginPath();
  path.forEach((point) => pen.lineTo(...point));
}

/** A filled disc with a margin of one pixel. @param {number} radius @param {string} color */
function disc(radius, color) {
  const ratio = window.devicePixelRatio || 1;
  const side = Math.ceil(ratio * (2 * radius + 2));
  const canvas = element("canvas", { width: side, height: side });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  circle(pen, canvas.width / 2, canvas.width / 2, ratio * radius);
  pen.fillStyle = color;
  pen.fill();
  return canvas;
}
