// Keeps how far a person is in localStorage, and tells the program once what was kept there before.

const KEY = "ibinn-lessons";

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // not what this page wrote, or no storage in this window
  }
}

function write(progress) {
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // A private window may refuse; the address still has the place.
  }
}

function joined(progress, older) {
  const finished = new Set([...(older.finished ?? []), ...progress.finished]);
  return { ...progress, places: { ...older.places, ...progress.places }, finished: [...finished].sort() };
}

export default function ({ data, parentElement, setStateValue }) {
  if (!parentElement.hasAnswered) {
    parentElement.hasAnswered = true;
    const kept = read();
    // An empty answer is one too: the program waits for it.
    setStateValue("kept", kept);
    if (data.progress.last) write(joined(data.progress, kept));
    return;
  }
  if (data.forget) write(data.progress);
  else if (data.progress.last) write(joined(data.progress, read()));
}
