// The static site: views of families of models, which Python has drawn as figures of the app; here they are shown, and
// follow the slider. What a view needs is fetched when it is opened; nothing is asked of a server but files.

import { Figure } from "../figure/figure.js";
import { changesAt, follow } from "../figure/follow.js";
import { decoded } from "../figure/plotly.js";
import { gammaOf } from "../flow/family.js";
import gammaSlider from "../slider/gamma_slider.js";
import showTiles from "../tiles/tiles.js";
import { Course } from "./course.js";
import { element, written } from "../figure/elements.js";
import { Playing } from "./playing.js";
import { TryIt } from "./try_it.js";

/**
 * @typedef {import("../figure/follow.js").Changes} Changes
 * @typedef {import("../figure/follow.js").Place} Place
 *
 * @typedef {object} Picture a figure and what of it follows
 * @property {import("../figure/figure.js").Specification} spec
 * @property {Changes[]} follow γ
 * @property {boolean} [ready] whether these are decoded
 *
 * @typedef {{ html?: string, tiles?: any, view?: string } & Partial<Picture>} Part of a lesson: a figure, HTML, images, or a view's figure
 * @typedef {{ id: string, title: string, text: string, figure: Picture }} View
 *
 * @typedef {object} Family what app/site/pages.py writes
 * @property {string} name
 * @property {string} title
 * @property {Omit<import("../slider/gamma_slider.js").Given, "gamma">} slider
 * @property {import("./try_it.js").Live} live
 * @property {{ id: string, title: string }[]} tabs of the views
 * @property {string[]} lessons their names
 *
 * @typedef {{ views: View[], lessons: import("./course.js").Lesson[] }} Whole what is fetched of a family later
 */

const FILES = new URL("../../", import.meta.url); // of the site

/** A file of the site's data. @param {string} name @returns {Promise<any>} */
async function dataOf(name) {
  const answer = await fetch(new URL(`data/${name}.json`, FILES));
  if (!answer.ok) throw new Error(`data/${name}.json answers ${answer.status}: load the page again`);
  return answer.json();
}

/** @type {Map<string, Promise<Whole>>} by the family's name */
const wholes = new Map();

/** The views and lessons of a family, fetched once. @param {string} name @returns {Promise<Whole>} */
function wholeOf(name) {
  const known = wholes.get(name) ?? dataOf(name);
  wholes.set(name, known);
  known.catch(() => wholes.delete(name)); // to be tried again
  return known;
}

/** @type {Family[]} */
const families = await dataOf("families");
const [COURSE, TRY, PLAY] = ["lessons", "try", "playground"];
/** The lessons by their numbers in old addresses. */
const NUMBERED = ["there-and-back", "bayes", "gamma", "calibration", "unknown", "class-nll", "style"];
const [WIDTH, HEIGHT] = [1000, 640]; // CSS pixels of a window that a full screen is as if it were

const $ = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
const select = /** @type {HTMLSelectElement} */ (document.querySelector("#families select"));

let family = families[0];
let view = "";
let gamma = 1;
/** @type {Place} */
let place = { low: 0, high: 0, share: 0 };
let lesson = 0;
/** @type {Figure[]} */
let shown = [];
/** @type {Course | undefined} */
let course;
/** @type {TryIt | undefined} */
let tryIt;
/** @type {Playing | undefined} */
let playing;
/** What the address says of the playground. @type {import("./playing.js").Link} */
let played = { play: "", painted: "" };

// The address

const viewsOf = (/** @type {Family} */ one) => [
  ...(one.lessons.length ? [{ id: COURSE, title: "Lessons" }] : []),
  { id: TRY, title: "Try it" },
  { id: PLAY, title: "Playground" },
  ...one.tabs,
];

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  family = families.find((one) => one.name === asked.get("data")) ?? families[0];
  const views = viewsOf(family);
  view = (views.find(({ id }) => id === asked.get("view")) ?? views[0]).id;
  played = { play: asked.get("play") ?? "", painted: asked.get("painted") ?? "" };
  const text = asked.get("gamma");
  if (text === "inf") gamma = Infinity;
  else if (text && Number(text) >= 0) gamma = Number(text);
  const name = asked.get("lesson") ?? "";
  lesson = Math.max(0, family.lessons.indexOf(NUMBERED[Number(name)] ?? name));
}

/** @param {boolean} isNew whether Back leads to what was shown before */
function writeAddress(isNew) {
  const parts = new URLSearchParams({ view, gamma: gamma === Infinity ? "inf" : String(Number(gamma.toPrecision(4))) });
  if (families.length > 1) parts.set("data", family.name);
  if (view === PLAY) for (const [key, said] of Object.entries(played)) if (said) parts.set(key, said);
  if (view === COURSE && lesson) parts.set("lesson", family.lessons[lesson]);
  const url = `#${parts}`;
  if (isNew && url !== location.hash) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

/**
 * Goes to a view, of this or another family: a step that Back undoes.
 * @param {string} id
 * @param {Family} [of]
 */
function go(id, of = family) {
  [view, family] = [id, of];
  if (!viewsOf(family).some((one) => one.id === id)) view = viewsOf(family)[0].id;
  writeAddress(true);
  readAddress();
  show();
}

// Views

/** Shows what the address says. */
async function show() {
  for (const figure of shown) figure.remove();
  shown = [];
  tryIt?.remove();
  playing?.remove();
  tryIt = playing = undefined;
  select.value = family.name;
  $("#tabs").replaceChildren(
    ...viewsOf(family).map(({ id, title }) => {
      const leave = (/** @type {Event} */ event) => (event.preventDefault(), go(id));
      return element("a", { href: `#view=${id}`, "aria-current": id === view ? "page" : "false", onclick: leave }, title);
    }),
  );
  $("#tabs [aria-current=page]").scrollIntoView({ block: "nearest", inline: "center" });
  const root = element("section", { id: view });
  $("#view").replaceChildren(root);
  showSlider();
  if (view === TRY) {
    tryIt = new TryIt(FILES, family.name, family.live, gamma);
    root.append(tryIt.element);
    return;
  }
  if (view === PLAY) {
    $("#slider").hidden = true;
    playing = new Playing(dataOf("playground"), played, (said) => {
      played = said;
      writeAddress(false);
    });
    root.append(playing.element);
    return;
  }
  try {
    const whole = await wholeOf(family.name);
    if (!root.isConnected) return; // another view was opened meanwhile
    const found = whole.views.find((one) => one.id === view);
    if (found) showView(root, found);
    else showCourse(root, whole);
  } catch (error) {
    root.append(element("p", { class: "quiet", role: "status" }, `${error instanceof Error ? error.message : error}.`));
  }
}

/**
 * @param {HTMLElement} root
 * @param {View} given
 */
function showView(root, { title, text, figure }) {
  root.setAttribute("aria-label", title);
  const box = element("div", { class: "figures" });
  root.append(element("p", { class: "lead" }, text), box);
  mount(box, figure);
}

/** @param {HTMLElement} root @param {Whole} whole */
function showCourse(root, { views, lessons }) {
  const draw = (/** @type {HTMLElement} */ stage, /** @type {Part[]} */ parts) => {
    for (const figure of shown) figure.remove();
    shown = [];
    const isMoving = parts.some((part) => part.view);
    $("#slider").hidden = !isMoving;
    stage.classList.toggle("filling", isMoving);
    for (const part of parts) {
      if (part.html) stage.append(written("div", part.html));
      else if (part.tiles) {
        const box = element("div", {}, element("div", { class: "tiles" }));
        stage.append(box);
        showTiles({ data: part.tiles, parentElement: box, setTriggerValue: () => {} });
      }
      else {
        const given = part.view ? views.find((one) => one.id === part.view)?.figure : part;
        mount(stage, /** @type {Picture} */ (given));
      }
    }
  };
  course = new Course(lessons, draw, (number) => {
    lesson = number;
    go(COURSE);
  });
  root.append(course.element);
  course.draw(lesson);
}

/**
 * Draws a figure.
 * @param {HTMLElement} root
 * @param {Picture} picture
 */
function mount(root, picture) {
  const host = element("div", { "data-figure": picture.spec.key });
  const box = element("div", { class: "picture" }, host);
  root.append(box);
  if (!picture.ready) {
    decoded(picture.follow);
    picture.ready = true;
  }
  const figure = new Figure(host, () => {});
  const { key } = picture.spec;
  shown.push(figure);
  figure.show(picture.spec);
  follow(key, picture.follow);
  figure.update(changesAt(key, place) ?? {});
}

// The slider, and the full screen

function showSlider() {
  const host = element("div");
  const shadow = host.attachShadow({ mode: "open" });
  const template = /** @type {HTMLTemplateElement} */ ($("#gamma-slider"));
  shadow.append(element("link", { rel: "stylesheet", href: new URL("../slider/gamma_slider.css", import.meta.url).href }), template.content.cloneNode(true));
  $("#slider").hidden = false;
  $("#slider").replaceChildren(host);
  const gammas = family.slider.ticks.map((tick) => gammaOf(tick.gamma));
  const start = Math.min(gammas[gammas.length - 1], Math.max(gammas[0], gamma));
  shadow.addEventListener("gamma", (event) => {
    ({ gamma, place } = /** @type {CustomEvent} */ (event).detail);
    tryIt?.move(gamma);
  });
  gammaSlider({
    data: { gamma: start === Infinity ? "inf" : start, ...family.slider },
    parentElement: shadow,
    setTriggerValue: (/** @type {string} */ _, /** @type {number | string} */ chosen) => {
      gamma = gammaOf(chosen);
      writeAddress(false);
    },
  });
}

function toggleStage() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.();
}

/** A full screen shows a small window, all of it larger: letters for a room. */
function fitStage() {
  const isOn = Boolean(document.fullscreenElement);
  const scale = isOn ? Math.max(1, Math.min(innerWidth / WIDTH, innerHeight / HEIGHT)) : 1;
  document.body.classList.toggle("stage", isOn);
  $("#stage").setAttribute("aria-pressed", String(isOn));
  $("#view").classList.toggle("st-key-stage-figure", isOn); // by which figures know that they are on a stage
  const { style } = document.documentElement;
  style.setProperty("--scale", String(scale));
  if (isOn) style.setProperty("--screen", `${innerHeight / scale}px`);
  else style.removeProperty("--screen");
  document.body.style.zoom = String(scale);
  document.dispatchEvent(new CustomEvent("stage-scaled"));
}

/** @param {KeyboardEvent} event */
function press(event) {
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("select")) return;
  const direction = { PageDown: 1, PageUp: -1 }[event.key];
  if (event.key.toLowerCase() === "f") toggleStage();
  else if (direction && !target.matches("input")) {
    event.preventDefault();
    if (view === COURSE) course?.turn(direction);
    else document.dispatchEvent(new CustomEvent("step-gamma", { detail: direction }));
  }
}

if (!families.length) {
  $("#view").append(element("p", {}, "No family of models lies beside this page: copy the whole folder of the site."));
} else {
  select.append(...families.map(({ name, title }) => element("option", { value: name }, title)));
  select.onchange = () => go(view, families.find((one) => one.name === select.value));
  $("#families").hidden = families.length < 2;
  $("#stage").onclick = toggleStage;
  document.addEventListener("fullscreenchange", fitStage);
  window.addEventListener("resize", () => document.fullscreenElement && fitStage());
  document.addEventListener("keydown", press);
  window.addEventListener("popstate", () => (readAddress(), show()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  readAddress();
  writeAddress(false);
  show();
}
