// The browser's part of the course. It stores the user's progress in localStorage and sends the stored progress to the
// program once. It handles Page Down and Page Up, the keys of a clicker, unless a text field or the γ slider needs them. On
// stage it also handles the arrows. The window with the lecturer's notes sends it keys, and gets the current step.

const KEY = "ibinn-lessons";
const CHANNEL = "ibinn-lessons"; // the same as in notes.js
const CLICKER = { PageDown: 1, PageUp: -1 };
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 };
const USES_ARROWS = "input, :is([role=radiogroup], [role=toolbar]) > :focus-visible"; // a slider, or the answers
const PATIENCE = 4000; // ms to wait for the program's answer to a key press

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // the content is invalid, or this window has no storage
  }
}

function write(progress) {
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // A private window may refuse to store the progress, but the URL still has the step.
  }
}

function joined(progress, older) {
  const finished = new Set([...(older.finished ?? []), ...progress.finished]);
  return { ...progress, places: { ...older.places, ...progress.places }, finished: [...finished].sort() };
}

/**
 * Whether an element needs the key itself: a text field, or the γ slider while the user moves it by keyboard. On stage
 * the slider does not need the key, because keys come from a clicker. (After a drag, the slider has the focus.)
 */
function isInUse(target, isOnStage) {
  if (!(target instanceof Element)) return false;
  if (target.matches("textarea, [contenteditable], input:not([type=range], [type=radio], [type=checkbox])")) return true;
  return !isOnStage && target.matches("[data-slider]:focus-visible"); // the slider of app/models/gamma_slider.py
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  // This function runs again after each change, so the pending key presses are stored on the element.
  const span = parentElement.querySelector("span");
  const memory = (span.memory ??= { waiting: [], sent: null, time: 0 });

  const { lesson, step } = data.place;
  const isOther = memory.place && (memory.place.lesson !== lesson || memory.place.step !== step);
  if (isOther) document.querySelector('«main»')?.scrollTo({ top: 0 });
  memory.place = data.place;

  // Waits for the answer to the last press; otherwise the next press would start from an outdated step.
  const flush = () => {
    const isAnswered = memory.sent !== data.turns || performance.now() - memory.time > PATIENCE;
    if (!data.is_joined || !isAnswered || !memory.waiting.length) return;
    Object.assign(memory, { sent: data.turns, time: performance.now() });
    setTriggerValue("turn", memory.waiting.shift());
  };
  const turn = (direction) => {
    memory.waiting.push(direction);
    flush();
  };
  const listener = (event) => {
    const target = event.composedPath()[0];
    const arrow = data.is_on_stage && !target.matches?.(USES_ARROWS) ? ARROWS[event.key] : undefined;
    const direction = CLICKER[event.key] ?? arrow;
    if (!direction || event.ctrlKey || event.altKey || event.metaKey || isInUse(target, data.is_on_stage)) return;
    event.preventDefault();
    event.stopPropagation(); // otherwise a slider with the focus would move too
    if (!event.repeat) turn(direction);
  };
  memory.listening?.abort(); // only the last call may listen
  const listening = new AbortController(); // local, because this call may end after the next call has started
  memory.listening = listening;
  const { signal } = listening;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data: message }) => message.turn && turn(message.turn);
  channel.postMessage({ place: data.place });
  document.addEventListener("keydown", listener, { capture: true, signal });
  signal.addEventListener("abort", () => channel.close());
  span.dataset.listens = data.is_joined;

  const kept = read();
  if (!data.is_joined) setStateValue("kept", kept); // even if nothing is stored, because the program waits for it
  if (data.progress.last) write(joined(data.progress, kept));
  flush();
  return () => listening.abort();
}
