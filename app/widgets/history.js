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
  // Whether Back is on its way from there, since it was closed otherwise. That takes a while, in which a dialog may come
  // and go and a choice be made: a second Back would leave the page.
  let isLeaving = false;
  let kept = null; // what the URL of that entry has been replaced by, and whether that is a choice
  const replace = marked.replaceState.bind(marked);
  marked.replaceState = (...entry) => {
    kept = isOnTop ? { entry, isChoice: isLeaving && kept?.isChoice } : null;
    replace(...entry);
  };
  const enter = () => {
    push(marked.state, "", window.location.href);
    isOnTop = true;
  };
  const look = () => {
    const isOpen = Boolean(document.querySelector(CLOSE));
    if (isOpen === hasDialog) return;
    hasDialog = isOpen;
    if (isLeaving) return;
    if (isOpen) enter();
    else if (isOnTop) {
      isLeaving = true;
      marked.back();
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  // Where Back leads there is an entry already.
  const went = (event) => {
    isChosen = false;
    if (!isOnTop) return;
    isOnTop = false;
    event.stopImmediatePropagation(); // the URL is the same, or is made so
    if (kept) (kept.isChoice ? push : replace)(...kept.entry);
    kept = null;
    if (!isLeaving) document.querySelector(CLOSE)?.click();
    else if (hasDialog) enter();
    isLeaving = false;
  };
  window.addEventListener("popstate", went, true);
  marked.pushState = (...entry) => {
    if (isChosen && !isOnTop) push(...entry);
    else replace(...entry);
    kept = isLeaving ? { entry, isChoice: isChosen || kept?.isChoice } : null;
    isOnTop = isLeaving;
    isChosen = false;
  };
  look();
}
