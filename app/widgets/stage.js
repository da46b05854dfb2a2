// The button and the shortcut keys of stage mode. The keys work with any focus except in text fields, because lecturers do not watch the focus.

const TEXT = "input:not([type=range]), textarea, select, [contenteditable]";
const PLAYER = { ",": -1, ".": 1 }; // previous and next frame of an animation
const CLICKER = { PageDown: 1, PageUp: -1 }; // keys of a clicker, for the next or the previous model
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 }; // the same as the clicker's keys, unless a picture or a slider other than γ's has the focus
const CLOSE = '[role=dialog] button[aria-label="Close"]';
const OPEN = `[role=dialog], «popover»`; // Escape closes these before it leaves the stage
const [WIDTH, HEIGHT] = [1280, 720]; // the stage is designed for a window of this size in CSS pixels
const CORNERS = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5";
const CROSS = "M6 6L18 18M18 6L6 18";

/** Whether an element needs the arrow keys. On the γ slider, which often has the focus, the arrow keys change the model instead. */
const hasArrows = (target) => target.matches?.("input, canvas, [role=application]") && !target.closest(".gamma");

export default function ({ data, parentElement, setTriggerValue }) {
  const find = (name) => parentElement.querySelector(`[data-${name}]`);
  const [button, help, keys] = [find("stage"), find("help"), find("keys")];
  find("icon").setAttribute("d", data.on ? CROSS : CORNERS);
  button.setAttribute("aria-label", data.on ? "Leave" : "Stage");
  button.title = data.on
    ? "Back to the whole page (key F, or Escape)"
    : "Only the figure and the slider, for a room (key F; on stage, ? lists the keys)";
  help.hidden = !data.on;
  if (!data.on) keys.close();

  // The stage fills the window at any browser zoom and on any projector. Phones have another layout, so the scale
  // does not apply to them.
  const fit = () => {
    const { innerWidth: width, innerHeight: height } = window;
    const scale = data.on && width > height ? Math.min(width / WIDTH, height / HEIGHT) : 1;
    document.documentElement.style.setProperty("--scale", scale);
  };
  const turn = (on) => {
    document.activeElement?.blur(); // closes the tooltip of a button that has the focus
    if (on) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
    setTriggerValue("on", on ? 1 : 0);
  };
  const showKeys = () => (keys.open ? keys.close() : keys.showModal());
  const pressed = {
    f: () => turn(!data.on),
    p: () => document.dispatchEvent(new CustomEvent("play-figure")),
    n: (event) => data.on && setTriggerValue("page", event.shiftKey ? -1 : 1),
    q: () => {
      const close = document.querySelector(CLOSE);
      if (close) close.click();
      else if (data.on) setTriggerValue("code", 1);
    },
    "?": () => data.on && showKeys(),
    escape: () => data.on && !keys.open && !document.querySelector(OPEN) && turn(false),
  };
  const listen = (event) => {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches?.(TEXT)) return;
    const key = event.key.toLowerCase();
    if (pressed[key]) pressed[key](event);
    else if (data.on && PLAYER[key]) document.dispatchEvent(new CustomEvent("step-figure", { detail: PLAYER[key] }));
    else if (data.on && data.clicker === "model") {
      const step = CLICKER[event.key] ?? (hasArrows(target) ? undefined : ARROWS[event.key]);
      if (!step) return;
      event.preventDefault();
      event.stopPropagation(); // otherwise a slider would go the other way, because Page Up increases its value
      document.dispatchEvent(new CustomEvent("step-gamma", { detail: step }));
    }
  };
  // This function runs again after each change, and only the last call may listen.
  button.listening?.abort();
  const listening = new AbortController(); // local, because this call may end after the next call has started
  button.listening = listening;
  const { signal } = listening;
  button.onclick = () => turn(!data.on);
  help.onclick = showKeys;
  document.addEventListener("keydown", listen, { capture: true, signal });
  // If the user leaves full screen with Escape, the stage ends, too.
  const left = () => {
    if (!document.fullscreenElement && data.on) turn(false);
  };
  document.addEventListener("fullscreenchange", left, { signal });
  window.addEventListener("resize", fit, { signal });
  fit();
  return () => listening.abort();
}
