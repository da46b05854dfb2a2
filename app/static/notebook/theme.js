// Gives a widget the colours of the notebook around it, light or dark, in any notebook program.

const CLEAR = /^(transparent|rgba\(.*, 0\))$/;

/** The visible background colour of an element: the first colour that is not transparent, from the element outwards. @param {Element} element */
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
 * Gives an element the colours and the font of its parent, as the CSS variables that figures read.
 * @param {HTMLElement} element
 */
function dress(element) {
  const around = element.parentElement ?? element;
  const { color, fontFamily } = getComputedStyle(around);
  const found = { "text-color": color, "background-color": groundOf(around), font: fontFamily };
  for (const [name, value] of Object.entries(found)) element.style.setProperty(`--st-${name}`, value);
}

/**
 * Sets the colours and the font now, and whenever the notebook's theme may have changed.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal ends these updates
 */
export function follow(element, signal) {
  dress(element);
  const soon = () => setTimeout(() => dress(element)); // after the notebook has changed its styles
  const observer = new MutationObserver(soon);
  for (const place of [document.documentElement, document.body]) observer.observe(place, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon, { signal });
  document.head.addEventListener("load", soon, { capture: true, signal }); // a style sheet has loaded
  signal.addEventListener("abort", () => observer.disconnect());
}
