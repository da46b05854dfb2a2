// The button and the keys of stage mode. The keys are the document's: whoever presents does not look where the focus is.

const TEXT = "input:not([type=range]), textarea, select, [contenteditable]";
const PLAYER = [",", ".", "-", "+", "l"]; // keys of what moves: one frame back and on, slower and faster, loop
const CLICKER = { PageDown: 1, PageUp: -1 }; // on to the next model, whatever has the focus: a clicker cannot see it
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 }; // of a slider too, if it has the focus
const OPEN = "[role=dialog], [data-testid=stPopoverBody]"; // what Escape closes first
const CORNERS = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5";
const HELP = "What moves: P plays, comma and full stop go one frame back and on, - and + change the speed, L loops.";
const CROSS = "M6 6L18 18M18 6L6 18";

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("[data-stage]");
  button.querySelector("[data-icon]").setAttribute("d", data.on ? CROSS : CORNERS);
  button.querySelector("[data-label]").textContent = data.on ? "Leave" : "Stage";
  button.title = data.on ? `Back to the whole page (key F, or Escape). ${HELP}` : "Only the figure and the slider, for a room (key F; P plays what moves)";

  const turn = (on) => {
    if (on) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
    setTriggerValue("on", on ? 1 : 0);
  };
  const listen = (event) => {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches?.(TEXT)) return;
    if (event.key === "f" || event.key === "F") turn(!data.on);
    else if (event.key === "p" || event.key === "P") document.dispatchEvent(new CustomEvent("play-figure"));
    else if (data.on && PLAYER.includes(event.key.toLowerCase())) {
      document.dispatchEvent(new CustomEvent("change-player", { detail: event.key.toLowerCase() }));
    } else if (data.on && event.key === "Escape" && !document.querySelector(OPEN)) turn(false);
    else if (data.on) {
      const step = CLICKER[event.key] ?? (target.matches?.("input") ? undefined : ARROWS[event.key]);
      if (!step) return;
      event.preventDefault();
      event.stopPropagation(); // or a slider would go the other way: there Page Up is more
      document.dispatchEvent(new CustomEvent("step-gamma", { detail: step }));
    }
  };
  // This function runs again with each change, and only the last one listens.
  button.forget?.();
  button.onclick = () => turn(!data.on);
  document.addEventListener("keydown", listen, true);
  // Whoever leaves the full screen with Escape leaves the stage too.
  const left = () => {
    if (!document.fullscreenElement && data.on) turn(false);
  };
  document.addEventListener("fullscreenchange", left);
  button.forget = () => {
    document.removeEventListener("keydown", listen, true);
    document.removeEventListener("fullscreenchange", left);
  };
  return () => button.forget();
}
