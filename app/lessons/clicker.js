// Page Down and Page Up, the keys of a clicker. They turn the lesson's steps wherever the focus is, but for the slider of
// γ that is being worked by keyboard and for text that is being written: there they have a meaning of their own.

const DIRECTIONS = { PageDown: 1, PageUp: -1 };

function isInUse(target) {
  if (!(target instanceof Element)) return false;
  if (target.matches("textarea, [contenteditable], input:not([type=range], [type=radio], [type=checkbox])")) return true;
  return target.matches("[data-slider]:focus-visible"); // of app/models/gamma_slider.py
}

export default function ({ parentElement, setTriggerValue }) {
  const turn = (event) => {
    const direction = DIRECTIONS[event.key];
    if (!direction || event.ctrlKey || event.altKey || event.metaKey || isInUse(event.composedPath()[0])) return;
    event.preventDefault();
    event.stopPropagation(); // or a slider that has the focus would move too
    if (!event.repeat) setTriggerValue("turn", direction);
  };
  // The function runs again with every answer of the program; only the latest may listen.
  if (parentElement.turn) document.removeEventListener("keydown", parentElement.turn, true);
  parentElement.turn = turn;
  document.addEventListener("keydown", turn, true);
  return () => document.removeEventListener("keydown", parentElement.turn, true);
}
