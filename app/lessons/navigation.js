// What the browser does for the course. It keeps how far a person is in localStorage and tells the program once what was
// kept there before. It listens to Page Down and Page Up, the keys of a clicker, wherever the focus is, and on stage to
// the arrows and to the window of the lecturer's notes, which it tells where the lesson is. Another step is shown from its
// beginning.

const KEY = "ibinn-lessons";
const CHANNEL = "ibinn-lessons"; // as notes.js has it
const CLICKER = { PageDown: 1, PageUp: -1 };
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 }; // of a slider too, if it has the focus
const PATIENCE = 4000; // ms after which a press that the program has not answered is given up

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // not what this page wrote, or no storage in this window
  }
}

function write(progress) {
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // A private window may refuse; the address still has the place.
  }
}

function joined(progress, older) {
  const finished = new Set([...(older.finished ?? []), ...progress.finished]);
  return { ...progress, places: { ...older.places, ...progress.places }, finished: [...finished].sort() };
}

/**
 * Whether a key has a meaning of its own there: in text, and on the slider of γ that is being worked by keyboard; but on
 * stage the slider has been dragged, and the key is a clicker's.
 */
function isInUse(target, isOnStage) {
  if (!(target instanceof Element)) return false;
  if (target.matches("textarea, [contenteditable], input:not([type=range], [type=radio], [type=checkbox])")) return true;
  return !isOnStage && target.matches("[data-slider]:focus-visible"); // of app/models/gamma_slider.py
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  // The function runs again with every answer of the program; what it waits for must outlive that.
  const span = parentElement.querySelector("span");
  const memory = (span.memory ??= { waiting: [], sent: null, time: 0 });

  const { lesson, step } = data.place;
  const isOther = memory.place && (memory.place.lesson !== lesson || memory.place.step !== step);
  if (isOther) document.querySelector('«main»')?.scrollTo({ top: 0 });
  memory.place = data.place;

  // A press that is sent before the last one is answered would start from a place that is no longer the person's.
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
    const arrow = data.is_on_stage && !target.matches?.("input") ? ARROWS[event.key] : undefined;
    const direction = CLICKER[event.key] ?? arrow;
    if (!direction || event.ctrlKey || event.altKey || event.metaKey || isInUse(target, data.is_on_stage)) return;
    event.preventDefault();
    event.stopPropagation(); // or a slider that has the focus would move too
    if (!event.repeat) turn(direction);
  };
  memory.listening?.abort(); // only the latest may listen
  const listening = new AbortController(); // of this call, which may end after the next one has come
  memory.listening = listening;
  const { signal } = listening;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data: message }) => {
    if (message.turn && data.is_on_stage) turn(message.turn);
  };
  channel.postMessage({ place: data.place });
  document.addEventListener("keydown", listener, { capture: true, signal });
  signal.addEventListener("abort", () => channel.close());
  span.dataset.listens = data.is_joined;

  const kept = read();
  if (!data.is_joined) setStateValue("kept", kept); // an empty answer is one too: the program waits for it
  if (data.progress.last) write(joined(data.progress, kept));
  flush();
  return () => listening.abort();
}
