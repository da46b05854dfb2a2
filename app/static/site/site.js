// The static site. Python has written the app's lessons and panels as files, which are fetched when a view opens. The
// browser computes everything that depends on γ, a pen, or a photo, so the server only sends files.

import { element, written } from "../figure/elements.js";
import { Course } from "./course.js";
import gammaSlider, { gammaOf } from "../slider/gamma_slider.js";
import { FILES, mount } from "./parts.js";

/**
 * @typedef {import("./parts.js").Part} Part
 *
 * @typedef {object} Family the data from app/site/pages.py
 * @property {string} name
 * @property {string} title
 * @property {boolean} is_live whether the site has the family's models
 * @property {boolean} is_of_digits
 * @property {Omit<import("../slider/gamma_slider.js").Data, "gamma">} slider
 *
 * @typedef {{ view: string, tab: string, data: string, lesson: string, play: string, painted: string, image: string }} Address
 */

const VIEWS = { lessons: "Lessons", playground: "Playground", explore: "Explore", test: "Test an image", results: "Results" };
const OF_DATA = ["explore", "test", "results"]; // the views that show one data set
const TABS = { look: "Look", sample: "Sample", walk: "Walk" };
const UNREACHABLE = "This part could not be loaded. Check the connection, then tap its tab again.";

/** @type {Map<string, Promise<any>>} by name */
const fetched = new Map();

/** A file of the site's data, fetched once. @param {string} name @returns {Promise<any>} */
function dataOf(name) {
  const known = fetched.get(name) ?? read(name);
  fetched.set(name, known);
  known.catch(() => fetched.delete(name)); // so that the next call tries again
  return known;
}

/** @param {string} name @param {RequestCache} [cache] */
async function read(name, cache = "default") {
  const answer = await fetch(new URL(`data/${name}.json`, FILES), { cache });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** @type {{ families: Family[], lessons: Record<string, string>, course: string, start: string }} */
const { families, lessons, course: taught, start: introduction } = await dataOf("site");
const $ = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
const select = /** @type {HTMLSelectElement} */ (document.querySelector("#families select"));

/** @type {Address} */
let here;
let gamma = 1;
/** @type {import("../slider/gamma_slider.js").Bracket} the position of γ between measured values */
let place = { low: 0, high: 0, share: 0 };
/** @type {(() => void)[]} functions that remove the shown parts */
let shown = [];
let turn = 0; // number of views opened so far
let failures = 0; // number of views that could not be opened
/** @type {import("./testing.js").Testing | null} */
let testing = null;

const familyNow = () => /** @type {Family} */ (families.find(({ name }) => name === (here.view === "lessons" ? taught : here.data)));

// The address

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  /** @type {Record<string, string>} */
  const said = { view: "", tab: "", lesson: "", ...Object.fromEntries(asked) };
  const [first] = Object.keys(lessons);
  here = {
    view: Object.hasOwn(VIEWS, said.view) && (first || said.view !== "lessons") ? said.view : first ? "lessons" : "explore",
    tab: Object.hasOwn(TABS, said.tab) ? said.tab : "look",
    data: (families.find(({ name }) => name === said.data) ?? families.find((one) => one.is_of_digits) ?? families[0]).name,
    lesson: Object.hasOwn(lessons, said.lesson) ? said.lesson : first,
    play: said.play ?? "",
    painted: said.painted ?? "",
    image: said.image ?? said.strokes ?? "", // from a link; later addresses do not contain it
  };
  if (gammaOf(said.gamma) >= 0) gamma = gammaOf(said.gamma);
}

/** @param {boolean} isNew whether Back returns to the last view */
function writeAddress(isNew) {
  const { view, tab, data, lesson, play, painted } = here;
  const parts = new URLSearchParams({ view });
  if (view === "lessons") parts.set("lesson", lesson);
  if (view === "explore") parts.set("tab", tab);
  if (view === "playground") for (const [key, said] of Object.entries({ play, painted })) if (said) parts.set(key, said);
  if (OF_DATA.includes(view) && families.length > 1) parts.set("data", data);
  if (view === "explore" || view === "test") parts.set("gamma", gamma === Infinity ? "inf" : String(Number(gamma.toPrecision(4))));
  const url = `#${parts}`;
  if (isNew && url !== location.hash) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

/** Changes the address, adds an entry to the browser's history, and shows the view. @param {Partial<Address>} to */
function go(to) {
  here = { ...here, ...to };
  writeAddress(true);
  return show();
}

// Views

/** A row of links. @param {Record<string, string>} titles @param {string} current @param {"view" | "tab"} kind */
function linksTo(titles, current, kind) {
  return Object.entries(titles).map(([id, title]) => {
    const leave = (/** @type {Event} */ event) => (event.preventDefault(), go({ [kind]: id }));
    const href = kind === "view" ? `#view=${id}` : `#view=explore&tab=${id}`;
    return element("a", { href, "aria-current": id === current ? "page" : "false", onclick: leave }, title);
  });
}

/** Shows the view of the address. */
async function show() {
  const mine = ++turn;
  for (const leave of shown.splice(0)) leave();
  testing = null;
  $("footer").hidden = true;
  const { lessons: _, ...others } = VIEWS;
  $("#tabs").replaceChildren(...linksTo(Object.keys(lessons).length ? VIEWS : others, here.view, "view"));
  $("#families").hidden = families.length < 2 || !OF_DATA.includes(here.view);
  select.value = here.data;
  const root = element("section", { id: here.view });
  $("#view").replaceChildren(root);
  try {
    await OPEN[here.view](root);
  } catch (error) {
    console.info(error); // for developers
    if (mine !== turn) return;
    root.append(element("p", { class: "quiet", role: "status" }, UNREACHABLE));
    // Browsers never fetch a failed module again. At the second failure, the page reloads if the server answers.
    if (++failures > 1 && (await read("site", "reload").catch(() => null))) location.reload();
  }
}

/** @type {Record<string, (root: HTMLElement) => Promise<unknown>>} */
const OPEN = { lessons: showCourse, playground: showPlayground, explore: showPanel, test: showTest, results: showPanel };

/** What a page gives to its parts. @param {import("./parts.js").Page["tell"]} tell @returns {import("./parts.js").Page} */
function pageFor(tell = () => {}) {
  const { name, is_live: isLive } = familyNow();
  const addresses = { family: new URL(`models/${name}/`, FILES).href, runtime: new URL("static/vendor/ort/", FILES).href };
  return { addresses: isLive ? addresses : null, dataOf: (file) => dataOf(`${name}-${file}`), tell, moved: () => ({ gamma, place }) };
}

/**
 * Shows parts one after another, until another view opens.
 * @param {HTMLElement} root
 * @param {Part[]} parts
 * @param {import("./parts.js").Page} page
 */
async function showParts(root, parts, page) {
  for (const part of parts) {
    const { leave } = await mount(root, part, page);
    if (!root.isConnected) return leave();
    shown.push(leave);
  }
}

/** @param {HTMLElement} root */
async function showPanel(root) {
  const isPanel = here.view === "explore";
  const name = isPanel ? here.tab : here.view;
  if (isPanel) showSlider();
  if (isPanel) root.append(element("nav", { "aria-label": "Explore" }, ...linksTo(TABS, here.tab, "tab")));
  if (name === "look" && introduction) root.append(written("p", introduction, { class: "lead" }));
  const page = pageFor();
  const given = await page.dataOf(name);
  if (!root.isConnected) return;
  const panel = await import("./panel.js");
  shown.push(await panel.showPanel(root, given, page));
}

/** @param {HTMLElement} root */
async function showTest(root) {
  showSlider();
  const page = pageFor();
  const { addresses } = page;
  // Start with the model, whose download takes longest. The view shows its errors.
  if (addresses) import("../flow/shared.js").then(({ sharedModel }) => sharedModel(addresses, gamma)).catch(() => {});
  const [given, { Testing }] = await Promise.all([page.dataOf("test"), import("./testing.js")]);
  if (!root.isConnected) return;
  testing = new Testing(root, given, page, here.image);
  here.image = "";
  shown.push(testing.remove.bind(testing));
}

/** @param {HTMLElement} root */
async function showPlayground(root) {
  const [{ html, css, ...given }, { default: playground }] = await Promise.all([
    dataOf("playground"),
    import("../playground/playground.js"),
  ]);
  if (!root.isConnected) return;
  const box = written("div", html);
  root.append(element("style", {}, css), box);
  const presets = given.presets.map((/** @type {any} */ one) => ({ ...one, address: `#view=playground&${one.address.slice(1)}` }));
  const { play, painted } = here;
  const leave = await playground({
    data: { ...given, play, painted, presets },
    parentElement: box,
    setTriggerValue: (/** @type {string} */ _, /** @type {any} */ said) => {
      Object.assign(here, said);
      writeAddress(false);
    },
  });
  shown.push(leave);
}

/** @param {HTMLElement} root */
async function showCourse(root) {
  const lesson = await dataOf(`lesson-${here.lesson}`);
  if (!root.isConnected) return;
  const draw = async (/** @type {HTMLElement} */ stage, /** @type {Part[]} */ parts) => {
    for (const leave of shown.splice(0)) leave();
    const moving = parts.find(({ live }) => live);
    if (moving) {
      gamma = gammaOf(moving.live?.gamma ?? gamma); // the γ of the stored pictures
      showSlider();
    } else $("footer").hidden = true;
    await showParts(stage, parts, pageFor());
  };
  const after = () => dataOf(`lesson-${here.lesson}-after`).catch(() => [{ kind: "html", html: UNREACHABLE }]);
  const course = new Course(lessons, here.lesson, lesson, after, draw, (name) => go({ lesson: name }));
  root.append(course.element);
  const drawn = course.draw();
  if (turn > 1) course.heading.focus();
  await drawn;
}

// The slider

function showSlider() {
  $("footer").hidden = false;
  const host = element("div");
  const shadow = host.attachShadow({ mode: "open" });
  const template = /** @type {HTMLTemplateElement} */ ($("#gamma-slider"));
  const href = new URL("../slider/gamma_slider.css", import.meta.url).href;
  shadow.append(element("link", { rel: "stylesheet", href }), template.content.cloneNode(true));
  $("#slider").replaceChildren(host);
  const { slider } = familyNow();
  const ends = [slider.ticks[0].gamma, slider.ticks[slider.ticks.length - 1].gamma].map(gammaOf);
  const start = Math.min(ends[1], Math.max(ends[0], gamma));
  shadow.addEventListener("gamma", (event) => ({ gamma, place } = /** @type {CustomEvent} */ (event).detail));
  gammaSlider({
    data: { gamma: start === Infinity ? "inf" : start, ...slider },
    parentElement: shadow,
    setTriggerValue: (_, sent) => {
      gamma = gammaOf(/** @type {number | "inf"} */ (sent)); // this call comes before the event
      writeAddress(false);
    },
  });
}

$("#share").onclick = () => {
  $("#with-image").hidden = !testing?.pixels;
  $("#sharing output").textContent = "";
};
$("#link").onclick = () => share("");
$("#with-image").onclick = () => share(`&image=${encodeURIComponent(testing?.pixels ?? "")}`);

/** Shares or copies the address of this view. @param {string} more text to append */
async function share(more) {
  const url = location.href + more;
  const said = $("#sharing output");
  try {
    if (matchMedia("(pointer: coarse)").matches && navigator.share) await navigator.share({ url });
    else {
      await navigator.clipboard.writeText(url);
      said.textContent = "The link is copied.";
    }
  } catch {
    said.textContent = url; // so that the user can copy it
  }
}

document.addEventListener("model-traffic", (event) => {
  const { received, total, isStarting } = /** @type {CustomEvent} */ (event).detail;
  const [bar, text] = /** @type {[HTMLProgressElement, HTMLElement]} */ ([...$("#loading").children]);
  const isThere = received >= total;
  $("#loading").hidden = isThere && !isStarting;
  [bar.max, bar.value] = [total || 1, received];
  if (isThere) bar.removeAttribute("value"); // shows an indeterminate progress bar
  const mega = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
  text.textContent = isThere ? "Starting the model: a few seconds" : `Loading the model (${mega(received)} of ${mega(total)} MB)`;
});

select.append(...families.map(({ name, title }) => element("option", { value: name }, title)));
select.onchange = () => go({ data: select.value });
window.addEventListener("popstate", () => (readAddress(), writeAddress(false), show()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
readAddress();
writeAddress(false);
show();
