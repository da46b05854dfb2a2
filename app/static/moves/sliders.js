// The sliders for each kind of moves.

import { element } from "../figure/elements.js";
import { percent, signed } from "./words.js";

const CATCH = 0.05; // a slider snaps to zero if its value is below this share of its largest value

/**
 * @typedef {object} Direction a direction of app/inference/directions.py
 * @property {string} name
 * @property {string | null} vector base64 of float32 (D)
 * @property {"class" | "style" | null} part part of the direction to the other image, if there is no vector
 * @property {number} low
 * @property {number} high
 * @property {number} step
 * @property {"σ" | "%"} unit
 * @property {string} group
 *
 * @typedef {{ key: string, title: string, shows: "way" | "rows" | null, sliders: Direction[] }} Kind a kind of
 *   moves; `shows` says whether the path to a class is shown for one model ("way") or for several ("rows")
 */

export class Sliders {
  /**
   * @param {HTMLElement} place
   * @param {(name: string, amount: number, isLast: boolean) => void} set
   */
  constructor(place, set) {
    this.place = place;
    this.set = set;
    /** @type {Map<string, Direction>} by name */
    this.directions = new Map();
  }

  /** @param {Kind[]} kinds */
  make(kinds) {
    this.directions = new Map(kinds.flatMap(({ sliders }) => sliders).map((one) => [one.name, one]));
    const panels = kinds.filter(({ sliders }) => sliders.length).map(({ key, title, sliders }) => {
      const groups = [...new Set(sliders.map(({ group }) => group))].map((group) => {
        const rows = sliders.filter((one) => one.group === group).map((one) => this.#slider(one));
        return group ? [element("details", {}, element("summary", {}, group), ...rows)] : rows;
      });
      return element("div", { "data-panel": key, class: "move-sliders", role: "group", "aria-label": title }, ...groups.flat());
    });
    this.place.replaceChildren(...panels);
  }

  /**
   * Shows the sliders of a kind with their current amounts.
   * @param {string} kind
   * @param {import("./moves.js").Moves} moves
   * @param {boolean} hasOther whether there is another image, which some sliders need
   */
  show(kind, moves, hasOther) {
    for (const panel of /** @type {any} */ (this.place.children)) panel.hidden = panel.dataset.panel !== kind;
    for (const slider of this.place.querySelectorAll("input")) {
      const { low, high, unit, vector } = /** @type {Direction} */ (this.directions.get(slider.name));
      const amount = moves[slider.name] ?? 0;
      slider.value = String(amount);
      slider.disabled = !vector && !hasOther;
      slider.style.setProperty("--at", `${(100 * (Number(slider.value) - low)) / (high - low)}%`);
      /** @type {HTMLElement} */ (slider.nextElementSibling).textContent = unit === "%" ? percent(amount, 0) : signed(amount);
    }
  }

  /** @param {Direction} direction */
  #slider({ name, low, high, step }) {
    const style = `--zero: ${(-100 * low) / (high - low)}%`;
    const set = (/** @type {boolean} */ isLast) => {
      // Only a pointer snaps to zero, so that keys can take small steps around zero.
      const isCaught = low < 0 && input.matches(":active") && Math.abs(Number(input.value)) < CATCH * high;
      this.set(name, isCaught ? 0 : Number(input.value), isLast);
    };
    const [oninput, onchange] = [() => set(false), () => set(true)];
    const input = element("input", { type: "range", name, min: low, max: high, step, value: 0, style, oninput, onchange });
    return element("label", {}, element("span", { title: name }, name), input, element("output"));
  }
}
