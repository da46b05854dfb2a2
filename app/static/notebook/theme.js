// The colours of the notebook around a widget, light or dark, whichever program shows it.

const CLEAR = /^(transparent|rgba\(.*, 0\))$/;
const DARK = 128; // light of a ground, 0 to 255, below which letters are light

/** How light a colour is, 0 to 255. @param {string} color as getComputedStyle says it: rgb(…) */
function lightness(color) {
  const [red, green, blue] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

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
  const ground = groundOf(around);
  const isDark = lightness(ground) < DARK;
  const [text, border] = isDark ? ["rgb(227, 232, 239)", "#303845"] : ["rgb(31, 39, 51)", "#dde2e9"];
  const colors = { "text-color": text, "background-color": ground, "border-color": border, "primary-color": "#9560cc" };
  for (const [name, color] of Object.entries(colors)) element.style.setProperty(`--st-${name}`, color);
  element.style.setProperty("--st-font", getComputedStyle(around).fontFamily);
  element.style.colorScheme = isDark ? "dark" : "light";
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
