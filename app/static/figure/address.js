// What a person made of a figure stays in the address, as a parameter: a link, a reload and Back show it again.

/** @param {string} name */
export const inAddress = (name) => new URL(window.location.href).searchParams.get(name) ?? "";

/**
 * Keeps a parameter in the address; the program reads it there when it runs next.
 * @param {string} name
 * @param {string} text nothing removes it
 */
export function keepInAddress(name, text) {
  const url = new URL(window.location.href);
  if (text) url.searchParams.set(name, text);
  else url.searchParams.delete(name);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
