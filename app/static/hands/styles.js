// The sliders of style.

import { element } from "../figure/elements.js";
import { signed } from "./words.js";

const MOST = 3; // deviations that a style goes either way
const CATCH = 0.15; // deviations around the middle that catch a finger

export class Styles {
  /**
   * @param {HTMLElement} place for the sliders
   * @param {(name: string, steps: number, isLast: boolean) => void} set
   */
  constructor(place, set) {
    this.place = place;
    this.set = set;
  }

  /** @param {string[]} names of the styles that there are */
  make(names) {
    const [first, rest] = [false, true].map((isPrincipal) => names.filter((name) => name.startsWith("principal") === isPrincipal));
    const more = element("details", {}, element("summary", {}, "Principal directions"), ...rest.map((name) => this.#slider(name)));
    this.place.replaceChildren(...first.map((name) => this.#slider(name)), ...(rest.length ? [more] : []));
  }

  /** Brings the sliders to what holds. @param {Record<string, number>} styles deviations by name */
  show(styles) {
    for (const slider of this.place.querySelectorAll("input")) {
      const steps = styles[slider.name] ?? 0;
      slider.value = String(steps);
      slider.style.setProperty("--at", `${50 + (50 * Number(slider.value)) / MOST}%`);
      /** @type {HTMLElement} */ (slider.nextElementSibling).textContent = signed(steps);
    }
  }

  /** @param {string} name */
  #slider(name) {
    const input = element("input", { type: "range", name, min: -MOST, max: MOST, step: 0.1, value: 0 });
    const set = (/** @type {boolean} */ isLast) => {
      const isCaught = input.matches(":active") && Math.abs(Number(input.value)) < CATCH; // keys go through the middle step by step
      this.set(name, isCaught ? 0 : Number(input.value), isLast);
    };
    input.addEventListener("input", () => set(false));
    input.addEventListener("change", () => set(true));
    return element("label", {}, element("span", { title: name }, name), input, element("output"));
  }
}
