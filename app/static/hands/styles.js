// The sliders of style, and a person's own direction: two sets of images, and the sliders of the way between them.

import { OWN, OWN_CLASS } from "./moves.js";
import { signed } from "./words.js";

const MOST = 3; // deviations that a style goes either way
const CATCH = 0.15; // deviations around the middle that catch a finger
/** @type {Record<string, string>} */
const OWN_NAMES = { [OWN]: "all but class", [OWN_CLASS]: "class part" };

/**
 * @typedef {object} Own two sets of images, between whose mean latents a direction leads
 * @property {string} id
 * @property {{ name: string, uri: string }[]} having
 * @property {{ name: string, uri: string }[]} lacking
 * @property {boolean} isInLink
 */

export class Styles {
  /**
   * @param {object} places
   * @param {HTMLElement} places.styles for the sliders of style
   * @param {HTMLElement} places.own for those of the own direction
   * @param {HTMLElement} places.sets for its two sets of images
   * @param {HTMLElement} places.note for a sentence on these
   * @param {object} asks who is asked to do what a person wants
   * @param {(name: string, steps: number, isLast: boolean) => void} asks.set
   * @param {(set: number, at: number) => void} asks.remove an image of a set
   */
  constructor(places, asks) {
    this.places = places;
    this.asks = asks;
  }

  /** @param {string[]} names of the styles that there are */
  makeStyles(names) {
    const styles = names.filter((name) => !(name in OWN_NAMES));
    const [first, rest] = [false, true].map((isPrincipal) => styles.filter((name) => name.startsWith("principal") === isPrincipal));
    const more = document.createElement("details");
    more.append(Object.assign(document.createElement("summary"), { textContent: "Principal directions" }));
    more.append(...rest.map((name) => this.#slider(name)));
    this.places.styles.replaceChildren(...first.map((name) => this.#slider(name)), ...(rest.length ? [more] : []));
  }

  /** The two sets of images, and the sliders of the direction between them once there are both. @param {Own} own */
  makeSets({ having, lacking, isInLink }) {
    this.places.sets.replaceChildren(...[having, lacking].map((every, set) => {
      const line = document.createElement("div");
      line.append(Object.assign(document.createElement("span"), { textContent: set ? "without" : "with" }));
      line.append(...every.map(({ name, uri }, at) => {
        const button = Object.assign(document.createElement("button"), { type: "button", title: `${name}: take it out` });
        button.append(Object.assign(new Image(), { src: uri, alt: name }));
        button.addEventListener("click", () => this.asks.remove(set, at));
        return button;
      }));
      return line;
    }));
    const isWhole = having.length > 0 && lacking.length > 0;
    this.places.note.textContent = !isWhole
      ? "Press “Choose images”, and take some with a thing and some without it."
      : isInLink ? "" : "A link cannot hold these images: they last as long as you stay.";
    this.places.own.replaceChildren(...(isWhole ? [OWN, OWN_CLASS].map((name) => this.#slider(name)) : []));
  }

  /** Brings the sliders to what holds. @param {Record<string, number>} styles deviations by name */
  show(styles) {
    for (const slider of [this.places.styles, this.places.own].flatMap((place) => [...place.querySelectorAll("input")])) {
      const steps = styles[slider.name] ?? 0;
      slider.value = String(steps);
      slider.style.setProperty("--at", `${50 + (50 * Number(slider.value)) / MOST}%`);
      /** @type {HTMLElement} */ (slider.nextElementSibling).textContent = signed(steps, slider.name in OWN_NAMES ? "×" : "σ");
    }
  }

  /** @param {string} name */
  #slider(name) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "range", name, min: -MOST, max: MOST, step: 0.1, value: 0 });
    const set = (/** @type {boolean} */ isLast) => {
      const isCaught = input.matches(":active") && Math.abs(Number(input.value)) < CATCH; // keys go through the middle step by step
      this.asks.set(name, isCaught ? 0 : Number(input.value), isLast);
    };
    input.addEventListener("input", () => set(false));
    input.addEventListener("change", () => set(true));
    input.addEventListener("dblclick", () => {
      input.value = "0";
      set(true);
    });
    const shown = OWN_NAMES[name] ?? name;
    const text = Object.assign(document.createElement("span"), { textContent: shown, title: shown });
    label.append(text, input, document.createElement("output"));
    return label;
  }
}
