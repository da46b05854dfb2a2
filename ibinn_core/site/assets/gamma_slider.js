// One slider from generative to discriminative. While it moves, the weights of the two losses and the measured numbers
// move with it, here in the browser; when it is let go, its γ goes to the program, and on the way too if that is asked for.

const STEPS = 1000;
const KEY_STEP = 10; // of them, by an arrow key: more than SNAP
const SOON = 250; // ms between two γ that go to the program on the way
const SNAP = 0.008; // share of the width within which the slider catches a trained model

const gammaOf = (value) => (value === "inf" ? Infinity : Number(value));
const nameOf = (gamma) => (gamma === Infinity ? "inf" : gamma);
// Where γ lies on the slider: 0 at γ = 0, a half at γ = 1, 1 at infinity.
const shareOf = (gamma) => (gamma === Infinity ? 1 : Math.sqrt(gamma) / (1 + Math.sqrt(gamma)));
const gammaAt = (share) => (share >= 1 ? Infinity : (share / (1 - share)) ** 2);

const short = (gamma) => (gamma === Infinity ? "∞" : String(Number(gamma.toPrecision(4))));
const percent = (value, digits) => `${(100 * value).toFixed(digits)} %`;

/** Between two numbers of γ as ibinn_core.weight_space mixes: evenly in log γ, at 0 in γ, at infinity in 1/γ. */
function between(low, high, gamma) {
  if (gamma === low) return 0;
  if (low === 0) return high === Infinity ? gamma / (1 + gamma) : gamma / high;
  if (high === Infinity) return 1 - low / gamma;
  return Math.log(gamma / low) / Math.log(high / low);
}

/** Which two measured places γ lies between, and the share of the second. */
function placeOf(places, gamma) {
  const above = places.findIndex((place) => place.gamma >= gamma);
  const here = above === -1 ? places.length - 1 : above;
  if (above <= 0 || places[above].gamma === gamma) return { low: here, high: here, share: 0 };
  return { low: above - 1, high: above, share: between(places[above - 1].gamma, places[above].gamma, gamma) };
}

/** The measures there, interpolated. */
function measuresAt(places, { low, high, share }) {
  const mix = (name) => (1 - share) * places[low][name] + share * places[high][name];
  return { error: mix("error"), bits: mix("bits"), calibration: mix("calibration") };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const find = (name) => parentElement.querySelector(`[data-${name}]`);
  const slider = find("slider");
  const ticks = data.ticks.map((tick) => ({ ...tick, gamma: gammaOf(tick.gamma) }));
  const places = data.places.map((place) => ({ ...place, gamma: gammaOf(place.gamma) }));
  const [least, most] = [ticks[0].gamma, ticks[ticks.length - 1].gamma];
  const bounds = [shareOf(least), shareOf(most)];
  // Between some neighbours there may be no model: whether there is one after each tick but the last.
  const mixes = data.mixes ?? ticks.slice(1).map(() => true);
  const toValue = (gamma) => ((shareOf(gamma) - bounds[0]) / (bounds[1] - bounds[0])) * STEPS;
  const memory = (slider.memory ??= { told: [] });

  // A model without a γ may have taken the slider's place, until somebody moves it again.
  let off = data.off ?? null;

  const gammaNow = () => {
    if (slider.value === memory.at) return gammaOf(memory.sent); // which may lie between two steps
    const share = bounds[0] + (slider.value / STEPS) * (bounds[1] - bounds[0]);
    const tick = ticks.find((candidate) => Math.abs(shareOf(candidate.gamma) - share) < SNAP * (bounds[1] - bounds[0]));
    if (tick) return tick.gamma;
    const above = ticks.findIndex((candidate) => shareOf(candidate.gamma) > share);
    if (above > 0 && !mixes[above - 1]) {
      const [low, high] = [ticks[above - 1].gamma, ticks[above].gamma];
      return share - shareOf(low) < shareOf(high) - share ? low : high;
    }
    return Math.min(most, Math.max(least, Number(gammaAt(share).toPrecision(3))));
  };
  const show = () => {
    const gamma = gammaNow();
    const weight = gamma === Infinity ? 1 : gamma / (1 + gamma);
    const tick = ticks.find((candidate) => candidate.gamma === gamma);
    const place = placeOf(places, gamma);
    const numbers = off ?? (places.length ? measuresAt(places, place) : (tick?.measures ?? null));
    const title = off ? off.name : `γ = ${short(gamma)}`;
    const name = off ? "not on the slider" : tick ? tick.name : "between two trained models";
    find("gamma").textContent = title;
    find("name").textContent = name === title ? "" : name;
    find("layout").classList.toggle("off", Boolean(off));
    find("bars").style.setProperty("--lx", 1 - weight);
    find("lx-weight").textContent = percent(1 - weight, weight > 0.9 && weight < 1 ? 1 : 0);
    find("ly-weight").textContent = percent(weight, weight < 0.1 && weight > 0 ? 1 : 0);
    const texts = numbers
      ? { error: percent(numbers.error, 1), bits: numbers.bits.toFixed(2), calibration: percent(numbers.calibration, 1) }
      : { error: "–", bits: "–", calibration: "–" };
    for (const [name, text] of Object.entries(texts)) find(name).textContent = text;
    slider.setAttribute(
      "aria-valuetext",
      `gamma ${gamma === Infinity ? "infinity" : short(gamma)}, error ${texts.error}, ${texts.bits} bits per dimension`,
    );
    // For pictures that move along while a person drags.
    const shown = { detail: { gamma, place } };
    parentElement.dispatchEvent(new CustomEvent("gamma", shown));
    return shown;
  };
  const move = () => {
    off = null;
    memory.at = undefined;
    document.dispatchEvent(new CustomEvent("gamma-moved", show())); // to figures that follow before the program does
    if (data.is_live) {
      memory.soon ??= setTimeout(() => {
        memory.soon = undefined;
        memory.send();
      }, SOON);
    }
  };
  const send = () => {
    const gamma = nameOf(gammaNow());
    if (gamma === memory.sent && !data.off) return;
    memory.sent = gamma;
    memory.told.push(gamma);
    setTriggerValue("gamma", gamma);
  };
  memory.send = send;
  const jump = (direction) => {
    const here = Number(slider.value);
    const values = ticks.map((tick) => toValue(tick.gamma));
    const next = direction > 0 ? values.find((value) => value > here + 1) : values.findLast((value) => value < here - 1);
    if (next === undefined) return;
    goTo(next);
  };
  const goTo = (value) => {
    slider.value = value;
    move();
    send();
  };

  // What comes back is mostly what was sent, maybe some time ago; only another value was chosen by the program, and moves
  // the slider.
  const answered = memory.told.lastIndexOf(data.gamma);
  memory.told.splice(0, answered);
  if (memory.given !== data.gamma && answered < 0 && !slider.matches(":active")) {
    slider.value = toValue(gammaOf(data.gamma));
    Object.assign(memory, { told: [], sent: data.gamma, at: slider.value });
  }
  memory.given = data.gamma;
  const marks = find("ticks");
  marks.replaceChildren(
    ...ticks.map((tick) => {
      const mark = document.createElement("button");
      mark.style.left = `${toValue(tick.gamma) / (STEPS / 100)}%`;
      mark.title = `${tick.name}: γ = ${short(tick.gamma)}`;
      mark.setAttribute("aria-label", mark.title);
      mark.tabIndex = -1; // the keys Page Up and Page Down of the slider go from tick to tick
      mark.onclick = () => goTo(toValue(tick.gamma));
      return mark;
    }),
  );
  // By the keys of a page on stage. This function runs again with each change, and only the last one listens.
  document.removeEventListener("step-gamma", memory.stepped);
  memory.stepped = (event) => jump(event.detail);
  document.addEventListener("step-gamma", memory.stepped);
  slider.oninput = move;
  slider.onchange = () => {
    send();
    if (ticks.some((tick) => tick.gamma === gammaNow())) slider.value = toValue(gammaNow()); // which has caught it
  };
  slider.onkeydown = (event) => {
    const direction = { PageUp: 1, PageDown: -1 }[event.key];
    // One of the slider's own small steps from a trained model would be caught by it again.
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!direction && !step) return;
    event.preventDefault();
    const before = gammaNow();
    if (step) slider.value = Number(slider.value) + step * KEY_STEP;
    if (step && gammaNow() !== before) goTo(slider.value);
    else jump(direction ?? step); // also where there is no model in between
  };
  show();
  return () => document.removeEventListener("step-gamma", memory.stepped);
}
