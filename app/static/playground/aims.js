// The controls for the aim of each model: its objective and its γ.

import { finder } from "../figure/elements.js";
import gammaSlider, { gammaText } from "../slider/gamma_slider.js";

/** @typedef {import("./link.js").Aim} Aim */

const CLASS_NLL = 1 / 2; // the γ = 1/dim at which the IB loss has the same minimum as class-NLL
const TICKS = [0, 0.1, 1, 10, "inf"];
/** Hides the parts of the γ slider that the playground shows elsewhere. */
const SLIDER_CSS = `
.what, .numbers { display: none; }
.layout { display: block; overflow-x: clip; }
@container (max-width: 190px) { .way > span { display: none; } }`;

/** The controls of one model's aim. */
export class AimControls {
  #isShowing = false; // whether an event of the slider comes from `show` and not from the user

  /**
   * @param {HTMLElement} place
   * @param {{ html: string, css: string }} slider the γ slider
   * @param {(aim: Partial<Aim>) => void} choose
   */
  constructor(place, slider, choose) {
    this.place = place;
    this.buttons = /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-objective]"));
    for (const button of this.buttons) button.onclick = () => choose({ objective: /** @type {any} */ (button.dataset.objective) });
    const find = finder(place);
    this.text = find("gamma-now");
    this.slider = find("gamma-host").attachShadow({ mode: "open" });
    this.slider.innerHTML = `<style>${slider.css}${SLIDER_CSS}</style>${slider.html}`;
    this.slider.addEventListener("gamma", (/** @type {CustomEvent} */ event) => this.#isShowing || choose({ objective: "ib", gamma: event.detail.gamma }));
  }

  /** Updates the controls. @param {Aim} aim */
  show({ objective, gamma }) {
    this.place.classList.toggle("off", objective !== "ib");
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.objective === objective));
    this.text.textContent = aimText({ objective, gamma });
    this.#isShowing = true;
    const shown = objective === "ib" ? gamma : CLASS_NLL;
    this.forget = gammaSlider({
      data: { gamma: shown === Infinity ? "inf" : shown, ticks: TICKS.map((tick) => ({ gamma: /** @type {any} */ (tick) })), places: [] },
      parentElement: this.slider,
      setTriggerValue: () => {},
    });
    this.#isShowing = false;
  }
}

/** @param {Aim} aim */
export const aimText = ({ objective, gamma }) => (objective === "ib" ? `γ = ${gammaText(gamma)}` : "class-NLL: γ = 1/2");
