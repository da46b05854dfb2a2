// One entry of the browser's history for each choice. A choice may change several parameters of the URL, and another
// page takes the model along; Streamlit would make an entry of each, and Back would stop at URLs that nobody chose.

const CLOSE = '[data-testid="stDialog"] button[aria-label="Close"]';

export default function () {
  const marked = window.history;
  if (marked.isShortened) return;
  marked.isShortened = true;
  const push = marked.pushState.bind(marked);
  let isChosen = false; // whether a person did something since the last entry
  const note = () => {
    isChosen = true;
  };
  for (const name of ["pointerdown", "pointerup", "keydown", "change"]) window.addEventListener(name, note, true);
  // Where Back leads there is an entry already. A dialog is closed by it, and the page stays.
  let isReturning = false; // from where Back had led, so that the page hears of neither
  const went = (event) => {
    isChosen = false;
    const close = document.querySelector(CLOSE);
    if (!close && !isReturning) return;
    event.stopImmediatePropagation();
    if (!isReturning) {
      close.click();
      marked.forward();
    }
    isReturning = !isReturning;
  };
  window.addEventListener("popstate", went, true);
  marked.pushState = (...entry) => {
    if (isChosen) push(...entry);
    else marked.replaceState(...entry);
    isChosen = false;
  };
}
