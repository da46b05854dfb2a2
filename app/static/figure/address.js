// What a person made of a figure stays in the address, as a parameter: a link, a reload and Back show it again.

const NAMES = ["frame"]; // which the program does not know until a page is loaded with them

/** @param {string} name */
export const inAddress = (name) => new URL(window.location.href).searchParams.get(name) ?? "";

const { history } = window;
const isFirst = !Reflect.has(history, "kept"); // of this tab, into which an update may have brought another module

/** What the address has of these. @type {Record<string, string>} */
const kept = isFirst ? {} : Reflect.get(history, "kept");
const read = () => NAMES.forEach((name) => (kept[name] = inAddress(name)));

/**
 * An address of this page with what it has of these; that of another page as it is.
 * @param {string | URL | null | undefined} address
 */
function completed(address) {
  const url = new URL(address ?? window.location.href, window.location.href);
  if (url.pathname !== window.location.pathname) return url;
  for (const name of NAMES) {
    if (kept[name]) url.searchParams.set(name, kept[name]);
    else url.searchParams.delete(name);
  }
  return url;
}

// Streamlit writes the address as the program knows it, and would drop them.
if (isFirst) {
  Reflect.set(history, "kept", kept);
  const [push, replace] = [history.pushState.bind(history), history.replaceState.bind(history)];
  history.replaceState = (state, title, address) => {
    replace(state, title, completed(address));
    read();
  };
  history.pushState = (state, title, address) => {
    const asked = new URL(address ?? window.location.href, window.location.href);
    const url = completed(asked);
    // Who asks for the very address that is there wants another entry: a dialog, which Back closes.
    const isKnown = url.href === window.location.href && asked.href !== url.href;
    (isKnown ? replace : push)(state, title, url);
    read();
  };
  window.addEventListener("popstate", read, true);
  read();
}

/**
 * Keeps a parameter in the address.
 * @param {string} name
 * @param {string} text nothing removes it
 */
export function keepInAddress(name, text) {
  if (text === kept[name]) return;
  kept[name] = text;
  history.replaceState(history.state, "", window.location.href);
}
