// The γ slider, from generative to discriminative. While it moves, the browser updates the measured numbers beside it.
// When the user lets go, the program gets the new γ.

const STEPS = 1000;
const KEY_STEP = 10; // how many of these steps an arrow key moves the slider; farther than SNAP
const SNAP = 0.008; // share of the width within which the slider snaps to a trained model
/** @type {Record<string, number>} */
const WAYS = { PageUp: 1, PageDown: -1 };
/** @type {Record<string, number>} */
const ARROWS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/**
 * @typedef {{ low: number, high: number, share: number }} Bracket a position between two measured values of γ
 * @typedef {{ error: number, bits: number }} Measures
 *
 * @typedef {object} Data the data from app/inference/slider.py, and the current γ
 * @property {number | "inf"} gamma
 * @property {{ gamma: number | "inf", measures?: Measures }[]} ticks the trained models
 * @property {boolean[]} [mixes] for each tick but the last, whether there are models between this tick and the next
 * @property {(Measures & { gamma: number | "inf" })[]} places
 * @property {(Measures & { name: string }) | null} [off] the shown model, if it is not on the slider
 *
 * @typedef {object} Memory the state that the slider keeps between calls
 * @property {(number | string | undefined)[]} waiting values of γ for which the program has not answered yet
 * @property {string} [at] the slider's value when γ is `sent`
 * @property {number | string} [sent]
 * @property {number | string} [given]
 * @property {AbortController} [listening] ends the listeners of the last call
 */

/** γ as a number. JSON has no infinity, so infinity is sent as "inf". @param {number | string | null} value */
export const gammaOf = (value) => (value === "inf" ? Infinity : Number(value));
/** The position of γ on the slider: 0 for γ = 0, 1/2 for γ = 1, and 1 for infinity. @param {number} gamma */
const shareOf = (gamma) => (gamma === Infinity ? 1 : Math.sqrt(gamma) / (1 + Math.sqrt(gamma)));
/** @param {number} share */
const gammaAt = (share) => (share >= 1 ? Infinity : (share / (1 - share)) ** 2);

/** The same text as gamma_text in app/inference/slider.py. @param {number} gamma */
export const gammaText = (gamma) => (gamma === Infinity ? "∞" : String(Number(gamma.toPrecision(gamma >= 10 ? 4 : 3))));
/** As in app/static/moves, from which a script that Streamlit gets as text cannot import. @param {number} value */
const percent = (value) => `${(100 * value).toFixed(1)} %`;

/**
 * The position of γ between two other values, as in ibinn_core.weight_space. It is linear in log γ, but next to 0 it is
 * linear in γ, and next to infinity in 1/γ.
 * @param {number} low @param {number} high @param {number} gamma
 */
function shareBetween(low, high, gamma) {
  if (gamma === low) return 0;
  if (low === 0) return high === Infinity ? gamma / (1 + gamma) : gamma / high;
  if (high === Infinity) return 1 - low / gamma;
  return Math.log(gamma / low) / Math.log(high / low);
}

/**
 * The two values of γ around this value, and the share of the second. Beyond all values, it is the nearest value.
 * @param {{ gamma: number }[]} places in ascending order of γ
 * @param {number} gamma
 * @returns {Bracket}
 */
export function bracketOf(places, gamma) {
  const above = places.findIndex((place) => place.gamma >= gamma);
  const here = above === -1 ? places.length - 1 : above;
  if (above <= 0 || places[above].gamma === gamma) return { low: here, high: here, share: 0 };
  return { low: above - 1, high: above, share: shareBetween(places[above - 1].gamma, places[above].gamma, gamma) };
}

/**
 * The slider as a Streamlit component, which is called again after each change.
 * @param {object} given
 * @param {Data} given.data
 * @param {ParentNode & EventTarget} given.parentElement gets an event "gamma" for each value while the slider moves
 * @param {(name: string, gamma: number | string) => void} given.setTriggerValue
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (parentElement.querySelector(`[data-${name}]`));
  const slider = /** @type {HTMLInputElement & { memory?: Memory }} */ (find("slider"));
  const ticks = data.ticks.map((tick) => ({ ...tick, gamma: gammaOf(tick.gamma) }));
  const places = data.places.map((place) => ({ ...place, gamma: gammaOf(place.gamma) }));
  const [least, most] = [ticks[0].gamma, ticks[ticks.length - 1].gamma];
  const bounds = [shareOf(least), shareOf(most)];
  const toValue = (/** @type {number} */ gamma) => ((shareOf(gamma) - bounds[0]) / (bounds[1] - bounds[0])) * STEPS;
  /** @type {Memory} */
  const memory = (slider.memory ??= { waiting: [] });

  // A model that is not on the slider is shown until the user moves the slider.
  let off = data.off ?? null;

  const gammaNow = () => {
    if (slider.value === memory.at) return gammaOf(memory.sent ?? 0); // γ may lie between two steps
    const share = bounds[0] + (Number(slider.value) / STEPS) * (bounds[1] - bounds[0]);
    const tick = ticks.find((candidate) => Math.abs(shareOf(candidate.gamma) - share) < SNAP * (bounds[1] - bounds[0]));
    if (tick) return tick.gamma;
    const above = ticks.findIndex((candidate) => shareOf(candidate.gamma) > share);
    if (above > 0 && data.mixes?.[above - 1] === false) {
      const [low, high] = [ticks[above - 1].gamma, ticks[above].gamma];
      return share - shareOf(low) < shareOf(high) - share ? low : high;
    }
    return Math.min(most, Math.max(least, Number(gammaAt(share).toPrecision(3))));
  };
  const show = () => {
    const gamma = gammaNow();
    const tick = ticks.find((candidate) => candidate.gamma === gamma);
    const place = bracketOf(places, gamma);
    const mixed = (/** @type {keyof Measures} */ name) =>
      (1 - place.share) * places[place.low][name] + place.share * places[place.high][name];
    const numbers = off ?? (places.length ? { error: mixed("error"), bits: mixed("bits") } : tick?.measures);
    find("gamma").textContent = off ? off.name : `γ = ${gammaText(gamma)}`;
    find("why").hidden = gamma > 0 || Boolean(off); // why the error is high
    find("layout").classList.toggle("off", Boolean(off));
    const texts = numbers ? { error: percent(numbers.error), bits: numbers.bits.toFixed(2) } : { error: "–", bits: "–" };
    find("error").textContent = texts.error;
    find("bits").textContent = texts.bits;
    slider.setAttribute(
      "aria-valuetext",
      `gamma ${gamma === Infinity ? "infinity" : gammaText(gamma)}, error ${texts.error}, ${texts.bits} bits per dimension`,
    );
    const shown = { detail: { gamma, place } };
    parentElement.dispatchEvent(new CustomEvent("gamma", shown));
    return shown;
  };
  const move = () => {
    off = null;
    memory.at = undefined;
    document.dispatchEvent(new CustomEvent("gamma-moved", show())); // to figures that the browser updates
  };
  const send = () => {
    const gamma = gammaNow() === Infinity ? "inf" : gammaNow();
    if (gamma === memory.sent && !data.off) return;
    memory.sent = gamma;
    memory.waiting.push(gamma);
    setTriggerValue("gamma", gamma);
  };
  const jump = (/** @type {number} */ direction) => {
    const here = Number(slider.value);
    const values = ticks.map((tick) => toValue(tick.gamma));
    const next = direction > 0 ? values.find((value) => value > here + 1) : values.findLast((value) => value < here - 1);
    if (next !== undefined) goTo(next);
  };
  const goTo = (/** @type {number} */ value) => {
    slider.value = String(value);
    send(); // first, because drawing takes longer
    move();
  };

  // The program usually returns a value that was sent before, and the slider may have moved since then. Only another
  // value is the program's choice, so only such a value moves the slider.
  const answered = memory.waiting.lastIndexOf(data.gamma);
  memory.waiting.splice(0, answered);
  if (memory.given !== data.gamma && answered < 0 && !slider.matches(":active")) {
    slider.value = String(toValue(gammaOf(data.gamma)));
    Object.assign(memory, { waiting: [], sent: data.gamma, at: slider.value });
  }
  memory.given = data.gamma;
  find("ticks").replaceChildren(
    ...ticks.map((tick) => {
      const textContent = gammaText(tick.gamma);
      const title = `γ = ${textContent}`;
      const onclick = () => goTo(toValue(tick.gamma));
      // The ticks are not in the tab order, because Page Up and Page Down on the slider reach them.
      const mark = Object.assign(document.createElement("button"), { title, textContent, ariaLabel: title, tabIndex: -1, onclick });
      mark.style.left = `${toValue(tick.gamma) / (STEPS / 100)}%`;
      return mark;
    }),
  );
  // This function runs again after each change, and only the last call may listen.
  memory.listening?.abort();
  const listening = new AbortController(); // local, because this call may end after the next call has started
  memory.listening = listening;
  const { signal } = listening;
  // Figures that follow γ ask for γ, because the slider may have moved before they were loaded.
  const answer = () => document.dispatchEvent(new CustomEvent(slider.matches(":active") ? "gamma-moved" : "gamma-change", show()));
  document.addEventListener("gamma-asked", answer, { signal });
  document.addEventListener("step-gamma", (event) => jump(/** @type {CustomEvent} */ (event).detail), { signal });
  // A vertical swipe scrolls the page, but the slider has already jumped to the finger. The browser then cancels the
  // touch, and the slider goes back.
  slider.onpointerdown = () => {
    const { value } = slider;
    const { sent, at } = memory;
    slider.onpointercancel = () => {
      slider.value = value;
      off = data.off ?? null;
      memory.at = memory.sent === sent ? at : undefined;
      document.dispatchEvent(new CustomEvent("gamma-moved", show()));
      if (memory.sent !== sent) send();
    };
  };
  // Lets figures load the model before the slider moves.
  find("layout").onpointerenter = slider.onfocus = () => document.dispatchEvent(new CustomEvent("gamma-near"));
  slider.oninput = move;
  slider.onchange = () => {
    send();
    if (ticks.some((tick) => tick.gamma === gammaNow())) slider.value = String(toValue(gammaNow())); // snaps to the trained model
  };
  slider.onkeydown = (event) => {
    const direction = WAYS[event.key];
    // The browser's steps for arrow keys are too small: the slider would snap back to the trained model.
    const step = ARROWS[event.key];
    if (!direction && !step) return;
    event.preventDefault();
    const before = gammaNow();
    if (step) slider.value = String(Number(slider.value) + step * KEY_STEP);
    if (step && gammaNow() !== before) goTo(Number(slider.value));
    else jump(direction ?? step); // an arrow key also jumps if there is no model in between
  };
  show();
  return () => listening.abort();
}
