// The sliders of directions, for each kind of move that has some.

import { element } from "../figure/elements.js";
import { percent, signed } from "./words.js";

const CATCH = 0.05; // of a half of a slider around its middle, which catches a finger

/**
 * @typedef {object} Direction of app/inference/directions.py
 * @property {string} name
 * @property {string | null} vector base64 of float32 (D)
 * @property {"class" | "style" | null} part of the way to the other image, without a vector
 * @property {number} low
 * @property {number} high
 * @property {number} step
 * @property {"σ" | "%"} unit
 * @property {string} group
 *
 * @typedef {{ key: string, title: string, shows: "way" | "rows" | null, sliders: Direction[] }} Kind of moves; the way to a
 *   class is shown under this model or under several
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
   * Shows the sliders of a kind, where they are now.
   * @param {string} kind
   * @param {import("./moves.js").Moves} moves
   * @param {boolean} hasOther whether there is another image, to which some lead
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
      // Keys go through the middle step by step.
      const isCaught = low < 0 && input.matches(":active") && Math.abs(Number(input.value)) < CATCH * high;
      this.set(name, isCaught ? 0 : Number(input.value), isLast);
    };
    const [oninput, onchange] = [() => set(false), () => set(true)];
    const input = element("input", { type: "range", name, min: low, max: high, step, value: 0, style, oninput, onchange });
    return element("label", {}, element("span", { title: name }, name), input, element("output"));
  }
}
