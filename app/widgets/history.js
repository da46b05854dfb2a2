// One entry of the browser's history for each choice. A choice may change several parameters of the URL, and another
// page takes the model along; Streamlit would make an entry of each, and Back would stop at URLs that nobody chose.

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
  // Where Back leads there is an entry already.
  window.addEventListener("popstate", () => {
    isChosen = false;
  });
  marked.pushState = (...entry) => {
    if (isChosen) push(...entry);
    else marked.replaceState(...entry);
    isChosen = false;
  };
}
