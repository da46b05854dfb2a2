// Repairs what Streamlit does in the browser, once for all pages.

const CLOSE = '«close dialog»';

export default function () {
  if (document.isRepaired) return;
  document.isRepaired = true;
  document.addEventListener("click", clicked, true);
  shortenHistory();
}

// In a narrow window, Streamlit shows the pages in a menu, but closes the menu only if the browser says that it runs on
// a phone. A popover is at the page's end, but the keyboard's focus stays on its button. Clicks by key have no detail.
function clicked({ target, detail }) {
  if (target.closest?.('«menu link»')) setTimeout(() => document.querySelector('«close menu»')?.click());
  if (!detail && target.closest?.('«popover button»')) {
    setTimeout(() => {
      const popover = document.querySelector('«popover»');
      popover?.setAttribute("tabindex", "-1"); // so that it can take the focus
      popover?.focus();
    });
  }
}

// Makes one entry in the browser's history for each choice of the user. A choice may change several parameters of the
// URL. Streamlit would make an entry for each of them, and Back would stop at URLs that the user never chose.
function shortenHistory() {
  const marked = window.history;
  const push = marked.pushState.bind(marked);
  let isChosen = false; // whether the user did something after the last entry
  const note = () => (isChosen = true);
  for (const name of ["pointerdown", "pointerup", "keydown", "change"]) window.addEventListener(name, note, true);
  // A dialog has a separate entry, so that Back closes the dialog and does not leave the page.
  let hasDialog = false; // whether a dialog is open
  let isOnTop = false; // whether the dialog's entry is the last one
  // Whether the script is going back from this entry, because the user closed the dialog without Back. Going back takes
  // time, and other dialogs and choices may come meanwhile. A second Back would then leave the page.
  let isLeaving = false;
  let kept = null; // the URL that has replaced the URL of the dialog's entry, and whether the user chose it
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
  // After Back, the page's next URL already has an entry.
  const went = (event) => {
    isChosen = false;
    if (!isOnTop) return;
    isOnTop = false;
    event.stopImmediatePropagation(); // the URL stays the same
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
