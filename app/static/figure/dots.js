// The arrow keys, which go from dot to dot in a figure: an element over the figure that takes the focus.

import { dotsOf, firstPanel } from "./plotly.js";

/**
 * @typedef {import("./plotly.js").Plot} Plot
 * @typedef {import("./plotly.js").Dot} Dot
 */

const WAIT = 400; // ms that a dot stays before it is told
const HINT = "The arrow keys go from dot to dot.";
/** @type {Record<string, [number, number]>} */
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Dots {
  /** @type {number | null} */
  #row = null;
  /** @type {number | null} */
  #given = null;
  /** @type {number | undefined} */
  #waiting;
  /** @type {HTMLElement | undefined} */
  #ring;

  /**
   * @param {HTMLElement} host where it lies
   * @param {() => Plot} plot the figure that is drawn there
   * @param {(row: number) => void} choose called with the dot that was reached
   * @param {(dot: Dot | null) => void} look called with the dot that is ringed
   */
  constructor(host, plot, choose, look) {
    this.plot = plot;
    this.choose = choose;
    this.look = look;
    this.element = document.createElement("div");
    Object.assign(this.element, { className: "figure-dots", tabIndex: 0, role: "application" });
    this.element.setAttribute("aria-label", `Dots of the figure. ${HINT}`);
    this.said = this.element.appendChild(document.createElement("p"));
    this.said.setAttribute("aria-live", "polite");
    this.said.textContent = HINT;
    this.element.addEventListener("keydown", (event) => this.#go(event));
    this.element.addEventListener("focus", () => host.classList.toggle("has-focus", this.element.matches(":focus-visible")));
    this.element.addEventListener("blur", () => {
      host.classList.remove("has-focus");
      this.#mark(null);
    });
    host.append(this.element);
  }

  /** @param {number | null} row `customdata` of the dot from which the keys start */
  startFrom(row) {
    if (row !== this.#given) this.#row = row;
    this.#given = row;
    this.#mark(null);
  }

  /** @param {KeyboardEvent} event */
  #go(event) {
    const way = WAYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const dot = this.#nearest(way);
    if (!dot) return;
    this.#row = dot.row;
    this.said.textContent = String(dot.text).replaceAll("<br>", ", ");
    this.#mark(dot);
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.choose(dot.row), WAIT);
  }

  /**
   * The next dot in a direction; one that lies aside counts as farther.
   * @param {[number, number]} way
   */
  #nearest([right, down]) {
    const [every, { width, height }] = [dotsOf(this.plot()), firstPanel(this.plot())];
    const here = every.find((dot) => dot.row === this.#row) ?? { x: width / 2, y: height / 2 };
    /** @type {Dot | null} */
    let best = null;
    let least = Infinity;
    for (const dot of every) {
      const [x, y] = [dot.x - here.x, dot.y - here.y];
      const [along, aside] = [x * right + y * down, Math.abs(x * down) + Math.abs(y * right)];
      if (along <= 0.5 || aside > along || dot.row === this.#row) continue;
      if (along + 2 * aside < least) [best, least] = [dot, along + 2 * aside];
    }
    return best;
  }

  /** @param {Dot | null} dot that is ringed */
  #mark(dot) {
    this.#ring?.remove();
    this.look(dot);
    if (!dot) return;
    const { left, top } = firstPanel(this.plot());
    this.#ring = document.createElement("div");
    this.#ring.className = "figure-ring";
    Object.assign(this.#ring.style, { left: `${left + dot.x}px`, top: `${top + dot.y}px` });
    this.plot().append(this.#ring);
  }
}
