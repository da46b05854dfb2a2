// What each model of the playground is trained for: its objective, and its slider of γ.

import { finder } from "../figure/elements.js";
import gammaSlider, { gammaText } from "../slider/gamma_slider.js";

/** @typedef {import("./link.js").Aim} Aim */

const CLASS_NLL = 1 / 2; // γ = 1/dim, which has the same minimum
const TICKS = [0, 0.1, 1, 10, "inf"];
/** What the playground's slider of γ does not show: the rest stands beside its pictures. */
const SLIDER_CSS = `
.what, .numbers { display: none; }
.layout { display: block; }
@container (max-width: 190px) { .way > span { display: none; } }`;

/** The controls of one model's aim. */
export class AimControls {
  #isShowing = false; // and so nobody has moved the slider

  /**
   * @param {HTMLElement} place
   * @param {{ html: string, css: string }} slider of γ
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

  /** Brings the controls to what holds. @param {Aim} aim */
  show({ objective, gamma }) {
    this.place.classList.toggle("off", objective !== "ib");
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.objective === objective));
    this.text.textContent = aimText({ objective, gamma });
    this.#isShowing = true;
    const shown = objective === "ib" ? gamma : CLASS_NLL;
    this.forget = gammaSlider({
      data: { gamma: shown === Infinity ? "inf" : shown, ticks: TICKS.map((tick) => ({ gamma: /** @type {any} */ (tick), name: "" })), places: [] },
      parentElement: this.slider,
      setTriggerValue: () => {},
    });
    this.#isShowing = false;
  }
}

/** @param {Aim} aim */
export const aimText = ({ objective, gamma }) => (objective === "ib" ? `γ = ${gammaText(gamma)}` : "class-NLL: γ = 1/2");
