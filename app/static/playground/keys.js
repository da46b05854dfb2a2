// The keys of the playground, which are the document's: a lecturer does not watch the focus.

/** @type {Record<string, number>} on stage, to the next lesson or back */
const CLICKER = { PageDown: 1, PageUp: -1 };
/** @type {Record<string, number>} */
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 };
const TEXT = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]";

/**
 * @param {Record<string, () => void>} keys what each does
 * @param {(way: number) => void} turn to another lesson
 * @param {() => boolean} isOnStage
 * @param {AbortSignal} signal
 */
export function listenToKeys(keys, turn, isOnStage, signal) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches?.(TEXT)) return;
    const hasArrows = target.matches?.("input"); // a slider's own; those on a picture do not come here
    const way = isOnStage() && (CLICKER[event.key] ?? (hasArrows ? undefined : ARROWS[event.key]));
    const key = event.key.toLowerCase();
    if (key === " " && target.matches?.("button, input, a, summary")) return;
    if (way) turn(way);
    else if (keys[key]) keys[key]();
    else return;
    event.preventDefault();
  }, { signal });
}
