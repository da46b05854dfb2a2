// The colours of the notebook around a widget, light or dark, whichever program shows it.

const CLEAR = /^(transparent|rgba\(.*, 0\))$/;

/** The colour behind an element: the first that is none of glass. @param {Element} element */
function groundOf(element) {
  /** @type {Element | null} */
  let here = element;
  while (here) {
    const { backgroundColor } = getComputedStyle(here);
    if (backgroundColor.startsWith("rgb") && !CLEAR.test(backgroundColor)) return backgroundColor;
    const root = here.getRootNode();
    here = here.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
  }
  return getComputedStyle(element).colorScheme.includes("dark") ? "rgb(18, 22, 28)" : "rgb(255, 255, 255)";
}

/**
 * Gives an element the colours of what is around it, by the names that our figures look for.
 * @param {HTMLElement} element
 */
function dress(element) {
  const around = element.parentElement ?? element;
  const { color, fontFamily } = getComputedStyle(around);
  const found = { "text-color": color, "background-color": groundOf(around), font: fontFamily };
  for (const [name, value] of Object.entries(found)) element.style.setProperty(`--st-${name}`, value);
}

/**
 * The same, and again whenever the notebook's theme may have changed.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal until when
 */
export function follow(element, signal) {
  dress(element);
  const soon = () => setTimeout(() => dress(element)); // when the notebook's style sheets are there
  const observer = new MutationObserver(soon);
  for (const place of [document.documentElement, document.body]) observer.observe(place, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon, { signal });
  document.head.addEventListener("load", soon, { capture: true, signal }); // of another style sheet
  signal.addEventListener("abort", () => observer.disconnect());
}
