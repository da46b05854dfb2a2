// The parts of the static site's pages. The app's components draw them. A component loads when a part first needs it.
// The browser updates the parts that depend on γ.

import { element } from "../figure/elements.js";
import { gammaOf } from "../slider/gamma_slider.js";
import { sketch } from "./sketch.js";
import showTiles from "../tiles/tiles.js";

/**
 * @typedef {object} Part the data from app/site/parts.py
 * @property {"html" | "plot" | "tiles" | "plane" | "pad"} kind
 * @property {string} [html]
 * @property {any} [data] data of the component
 * @property {any} [marks] marks of a plane
 * @property {{ kind: string, task: any, gamma: number | "inf" | null } | null} [live] the task for the browser, and the γ of the stored data
 * @property {string} [later] file with more data, which is fetched after the part is shown
 *
 * @typedef {object} Page the page around the parts
 * @property {import("../flow/shared.js").Addresses | null} addresses addresses of the models; null if the site has none
 * @property {(name: string) => Promise<any>} dataOf fetches a file of the data set
 * @property {(name: string, value: any, part: Part) => void} tell called with the user's actions
 * @property {() => import("../live/live.js").Moved} moved returns the slider's position
 */

export const FILES = new URL("../../", import.meta.url); // root folder of the site

/** @type {Record<Part["kind"], (box: HTMLElement, part: Part, page: Page) => unknown>} */
const KINDS = { html: (box, { html = "" }) => (box.innerHTML = html), tiles, plot, plane, pad };

/** @typedef {{ leave: () => void, renew: () => void }} Mounted functions that remove a shown part, and that compute it again */

/**
 * Shows a part.
 * @param {HTMLElement} root
 * @param {Part} part
 * @param {Page} page
 * @returns {Promise<Mounted>}
 */
export async function mount(root, part, page) {
  const box = element("div", { class: `part-${part.kind}` });
  root.append(box);
  const end = await KINDS[part.kind](box, part, page);
  const renew = await followLive(box, part, page);
  return {
    leave: () => {
      box.remove();
      renew(false);
      if (typeof end === "function") end();
    },
    renew: () => renew(true),
  };
}

/** Tells the slider's position to new parts of the page. @param {import("../live/live.js").Moved} moved */
export const announce = (moved) => document.dispatchEvent(new CustomEvent("gamma-moved", { detail: moved }));

/** Explains why the browser cannot compute. @param {string} so the consequence */
export const problemText = (so = "the pictures stay as they are") =>
  typeof WebAssembly === "object"
    ? `The model could not be loaded: ${so}. Check the connection, and try again in a moment.`
    : `This browser cannot run the model, since it has no WebAssembly: ${so}.`;

/** @param {HTMLElement} box @param {Part} part @param {Page} page */
function tiles(box, part, { tell }) {
  box.append(element("div", { class: "tiles" }));
  showTiles({ data: part.data, parentElement: box, setTriggerValue: (name, value) => tell(name, value, part) });
}

/** @param {HTMLElement} box @param {Part} part */
async function plot(box, { data }) {
  const host = element("div", { class: "figure", "data-figure": data.key, style: `height: ${data.height}` });
  box.append(host);
  const picture = sketch(host, data);
  const { Figure } = await import("../figure/figure.js");
  const figure = new Figure(host);
  if (picture) host.append(picture);
  figure.show(data).then(() => picture?.remove());
  return () => figure.remove();
}

/** @param {HTMLElement} box @param {Part} part @param {Page} page */
async function plane(box, part, { dataOf, tell, moved }) {
  const { component, marks } = await import("../plane/component.js");
  box.innerHTML = part.html ?? "";
  const setTriggerValue = (/** @type {string} */ name, /** @type {any} */ value) => tell(name, value, part);
  const end = component({ data: part.data, parentElement: box, setTriggerValue });
  marks({ data: part.marks });
  if (part.later) {
    const later = await dataOf(part.later);
    const { pictures } = later.details ?? {};
    if (pictures) later.details.pictures = { ...pictures, address: new URL(pictures.address, FILES).href };
    component({ data: { ...part.data, ...later }, parentElement: box, setTriggerValue });
  }
  if (moved().gamma !== gammaOf(part.data.gamma)) announce(moved());
  return end;
}

/** @param {HTMLElement} box @param {Part} part @param {Page} page */
async function pad(box, part, { tell }) {
  const { component } = await import("../live/pen.js");
  box.append(element("div", { "data-pad": "" }));
  component({ data: structuredClone(part.data), parentElement: box, setStateValue: (name, value) => tell(name, value, part) });
}

/**
 * Lets a part follow γ. Returns a function that computes the part again (true) or ends it (false).
 * @param {HTMLElement} box
 * @param {Part} part
 * @param {Page} page
 * @returns {Promise<(isOn: boolean) => void>}
 */
async function followLive(box, { data, live }, { addresses, moved }) {
  if (!live || !addresses) return () => {};
  const { component } = await import("../live/live.js");
  box.append(element("p", { "data-live": "", class: "quiet", role: "status" }));
  const given = { figure: data.key, addresses, problem: "", says: problemText(), ...live };
  let end = component({ data: given, parentElement: box });
  if (moved().gamma !== gammaOf(live.gamma)) announce(moved());
  return (isOn) => {
    end();
    if (!isOn) return;
    end = component({ data: given, parentElement: box });
    announce(moved());
  };
}
