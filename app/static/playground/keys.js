// The keyboard shortcuts of the playground. They work with any focus except in text fields, because lecturers do not watch the focus.

/** @type {Record<string, number>} keys of a clicker, for the next or the previous lesson */
const CLICKER = { PageDown: 1, PageUp: -1 };
/** @type {Record<string, number>} */
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 };
const TEXT = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]";

/**
 * @param {Record<string, () => void>} keys action of each key
 * @param {(way: number) => void} turn goes to another lesson
 * @param {() => boolean} isOnStage
 * @param {AbortSignal} signal
 */
export function listenToKeys(keys, turn, isOnStage, signal) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches?.(TEXT)) return;
    const hasArrows = target.matches?.("input"); // a slider needs the arrow keys; pictures stop the keys that they use
    const way = isOnStage() && (CLICKER[event.key] ?? (hasArrows ? undefined : ARROWS[event.key]));
    const key = event.key.toLowerCase();
    if (key === " " && target.matches?.("button, input, a, summary")) return;
    if (way) turn(way);
    else if (keys[key]) keys[key]();
    else return;
    event.preventDefault();
  }, { signal });
}
