// What each model of the playground is trained for: its objective, its slider of γ, and whether it is frozen.

import gammaSlider from "../slider/gamma_slider.js";
import { badge, make, NAMES } from "./elements.js";
import { shares } from "./objective.js";

/** @typedef {import("./link.js").Aim} Aim */

const TICKS = [0, 0.1, 1, 10, "inf"];
/** The slider of γ as it stands beside the playground's pictures, where there is less room. */
const SLIDER_CSS = `
.what, .numbers { display: none; }
.layout { display: block !important; }
.ends { display: var(--ends, flex); }
.ticks button::after {
  content: attr(data-short); position: absolute; top: -1px; left: calc(50% + 4px);
  font: 0.68rem/0.75rem var(--st-font, sans-serif); color: var(--st-text-color, inherit);
}
.ticks button:last-child::after { left: auto; right: calc(50% + 4px); }
@container (max-width: 420px) {
  .ends { flex-wrap: nowrap; gap: 0.3rem; font-size: 0.8rem; }
  .ends small { display: none; }
}
@container (max-width: 190px) { .ends { display: none; } }`;
export const CLASS_NLL = "Class-NLL is this loss with γ = 1/dim: 1/2 here, as a point has two numbers.";
/** @type {Record<Aim["objective"], { name: string, title: string }>} */
const OBJECTIVES = {
  ib: { name: "IB", title: "The loss L_X + γ L_Y: L_X in nats a dimension, L_Y the cross-entropy in nats" },
  "class-nll": { name: "class-NLL", title: "The likelihood given the class. " + CLASS_NLL },
};

export class Aims {
  /** @type {Aim[]} */ #aims = [];

  /**
   * @param {HTMLElement} place
   * @param {object} asks who is asked to do what a person wants
   * @param {(at: number, aim: Partial<Aim>) => void} asks.aim
   * @param {(at: number) => void} asks.freeze
   */
  constructor(place, asks) {
    this.place = place;
    this.asks = asks;
  }

  /**
   * Controls for each model, in the place of those before.
   * @param {Aim[]} aims
   * @param {{ html: string, css: string }} slider of γ
   * @param {string[]} colors of models
   */
  make(aims, slider, colors) {
    this.#aims = aims;
    this.place.replaceChildren(...aims.map(({ gamma }, at) => {
      const choices = Object.entries(OBJECTIVES).map(([objective, { name, title }]) => {
        const button = make("button", { type: "button", "data-objective": objective, title }, name);
        button.addEventListener("click", () => this.asks.aim(at, { objective: /** @type {Aim["objective"]} */ (objective) }));
        return button;
      });
      const freeze = make("button", { type: "button", "data-freeze": at, title: "This model stays as it is while the other one trains" }, "Freeze");
      freeze.addEventListener("click", () => this.asks.freeze(at));
      const title = make("h5", {}, ...badge(at, aims.length, colors), make("span", { "data-gamma-now": "" }));
      const left = make("div", {}, title, make("div", { class: "play-choices" }, ...choices, ...(aims.length > 1 ? [freeze] : [])));
      const label = aims.length > 1 ? `Model ${NAMES[at]}` : "Objective";
      return make("div", { class: "play-aim", role: "group", "aria-label": label }, left, this.#slider(at, gamma, slider));
    }));
  }

  /** @param {number} at @param {number} gamma @param {{ html: string, css: string }} slider */
  #slider(at, gamma, slider) {
    const host = make("div", { "data-gamma-host": "" });
    const shadow = host.attachShadow({ mode: "open" });
    shadow.innerHTML = `<style>${slider.css}${SLIDER_CSS}</style>${slider.html}`;
    shadow.addEventListener("gamma", (event) => {
      this.asks.aim(at, { gamma: /** @type {CustomEvent} */ (event).detail.gamma });
      showShares(shadow, this.#aims[at]); // the slider has just written its own
    });
    gammaSlider({
      data: { gamma: gamma === Infinity ? "inf" : gamma, ticks: TICKS.map((tick) => ({ gamma: /** @type {any} */ (tick), name: "" })), places: [] },
      parentElement: shadow,
      setTriggerValue: () => {},
    });
    return host;
  }

  /** Brings the controls to what holds. @param {Aim[]} aims @param {boolean[]} areFrozen */
  show(aims, areFrozen) {
    this.#aims = aims;
    const places = /** @type {NodeListOf<HTMLElement>} */ (this.place.querySelectorAll(".play-aim"));
    places.forEach((place, at) => {
      const aim = aims[at];
      if (!aim) return;
      place.classList.toggle("off", aim.objective !== "ib");
      for (const button of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-objective]"))) {
        button.setAttribute("aria-pressed", String(button.dataset.objective === aim.objective));
      }
      const { shadowRoot } = /** @type {HTMLElement} */ (place.querySelector("[data-gamma-host]"));
      if (shadowRoot) showShares(shadowRoot, aim);
      place.querySelector("[data-freeze]")?.setAttribute("aria-pressed", String(areFrozen[at]));
      /** @type {HTMLElement} */ (place.querySelector("[data-gamma-now]")).textContent = aimText(aim);
    });
  }
}

/** @param {Aim} aim */
export function aimText({ objective, gamma }) {
  if (objective !== "ib") return "class-NLL: γ = 1/2";
  return `γ = ${gamma === Infinity ? "∞" : Number(gamma.toPrecision(3))}`;
}

/** What L_X and L_Y weigh, on the bars of γ's slider, which knows no class-NLL. @param {ShadowRoot} slider @param {Aim} aim */
function showShares(slider, { objective, gamma }) {
  const [ofX, ofY] = shares(objective, gamma);
  const part = (2 * ofX) / (2 * ofX + ofY); // ofX weighs a whole point, of two dimensions
  const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
  const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (slider.querySelector(`[data-${name}]`));
  find("bars").style.setProperty("--lx", String(part));
  find("lx-weight").textContent = percent(part);
  find("ly-weight").textContent = percent(1 - part);
}
