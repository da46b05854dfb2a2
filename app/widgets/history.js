// One entry of the browser's history for each choice. A choice may change several parameters of the URL, and another
// page takes the model along; Streamlit would make an entry of each, and Back would stop at URLs that nobody chose.

const CLOSE = '«close dialog»';

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
  // A dialog has an entry of its own: Back closes it, and the page stays, also if it is the first one.
  let hasDialog = false; // whether one is open
  let isOnTop = false; // whether its entry is the last one
  let isClosed = false; // whether Back is ours, since it was closed otherwise
  let kept = null; // what the URL of that entry has been replaced by
  const replace = marked.replaceState.bind(marked);
  marked.replaceState = (...entry) => {
    kept = isOnTop ? entry : null;
    replace(...entry);
  };
  const look = () => {
    const isOpen = Boolean(document.querySelector(CLOSE));
    if (isOpen === hasDialog) return;
    hasDialog = isOpen;
    if (isOpen) push(marked.state, "", window.location.href);
    else if (isOnTop) marked.back();
    isClosed = !isOpen && isOnTop;
    isOnTop ||= isOpen;
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  // Where Back leads there is an entry already.
  const went = (event) => {
    isChosen = false;
    if (!isOnTop) return;
    isOnTop = false;
    event.stopImmediatePropagation(); // the URL is the same, or is made so
    if (kept) replace(...kept);
    kept = null;
    if (!isClosed) document.querySelector(CLOSE)?.click();
    isClosed = false;
  };
  window.addEventListener("popstate", went, true);
  marked.pushState = (...entry) => {
    if (isChosen && !isOnTop) push(...entry);
    else replace(...entry);
    isChosen = isOnTop = false;
    kept = null;
  };
}
