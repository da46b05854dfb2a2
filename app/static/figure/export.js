// Saves figures as PNG and SVG files, and animations as GIF files. Saved figures are dark on white in every theme
// and have no buttons.
// Plotly draws each figure again as SVG. A title above the figures names what they do not show, such as the model.

import { element } from "./elements.js";
import { figureOf } from "./figure.js";
import { templateOf } from "./layout.js";
import { plotly } from "./plotly.js";
import { filmOf, gifOf, strips, WIDTH } from "./recorder.js";

/**
 * @typedef {import("./plotly.js").Plot} Plot
 * @typedef {"png" | "svg" | "gif"} Kind
 * @typedef {object} Wanted
 * @property {(Plot | HTMLCanvasElement | HTMLElement)[]} plots figures, canvases, and lines of text; the file
 *   keeps their positions on the page
 * @property {string} [title] text above the figures, such as the model's name
 * @property {string} [moving] key of an animated figure, or name of a strip
 * @property {(share: number) => void} [progress] called with the finished share of a GIF
 */

const SCALE = 3; // pixels of a PNG per CSS pixel
const LINE = 26; // height of the title, in CSS pixels
const MARGIN = 8; // space around the figures, in CSS pixels
const SIZE = 15; // font size, in CSS pixels
const NAMESPACE = "http://www.w3.org/2000/svg";
/** An SVG image cannot load fonts, so the list ends with fonts that most computers have. */
const FAMILY = '"Source Sans 3", Helvetica, Arial, sans-serif';
const PRINT = { text: "#1f2733", ground: "#ffffff", line: "#dde2e9", font: FAMILY };

/**
 * Saves figures as one file.
 * @param {Kind} kind
 * @param {Wanted} wanted
 * @returns {Promise<Blob>}
 * @throws {Error} with a sentence for the user, if no figure is visible or the file cannot be made
 */
export async function blobOf(kind, wanted) {
  if (kind === "gif") return recorded(wanted);
  const svg = await figure(wanted);
  return kind === "png" ? pngOf(await canvasOf(svg, SCALE)) : new Blob([textOf(svg)], { type: "image/svg+xml" });
}

/** @param {SVGElement} svg */
const textOf = (svg) => new XMLSerializer().serializeToString(svg);

// The GIF

/** @param {Wanted} wanted */
async function recorded({ moving = "", progress = () => {}, ...wanted }) {
  const strip = strips.get(moving);
  if (strip) return gifOf(filmOf(await strip()), progress);
  const player = figureOf(moving)?.player;
  if (!player) throw new Error("the figure is not in sight: show it and try again");
  const { frame } = player;
  const draw = async (/** @type {number} */ at) => {
    await player.goTo(at);
    return frameOf(wanted);
  };
  try {
    return await gifOf({ count: player.last + 1, milliseconds: player.frames.milliseconds, draw }, progress);
  } finally {
    player.goTo(frame);
  }
}

/** Draws the figures as a frame of a GIF. @param {Wanted} wanted */
export async function frameOf(wanted) {
  const svg = await figure(wanted);
  return canvasOf(svg, Math.max(1, WIDTH / Number(svg.getAttribute("width"))));
}

// The figure

/** Draws all visible figures at their positions on the page, below the title. @param {Wanted} wanted */
async function figure({ plots: all, title }) {
  const plots = all.filter((plot) => plot.getClientRects().length > 0);
  if (!plots.length) throw new Error("the figure is not in sight: show it and try again");
  const scale = plots[0].getBoundingClientRect().width / plots[0].offsetWidth; // in stage mode the page is zoomed
  const boxes = plots.map((plot) => {
    const { left, top } = plot.getBoundingClientRect();
    return { x: left / scale, y: top / scale, width: plot.offsetWidth, height: plot.offsetHeight };
  });
  const [left, top] = [Math.min(...boxes.map((box) => box.x)) - MARGIN, Math.min(...boxes.map((box) => box.y)) - MARGIN];
  const width = Math.ceil(Math.max(...boxes.map((box) => box.x + box.width)) - left + MARGIN);
  const above = title ? LINE : 0;
  const height = Math.ceil(above + Math.max(...boxes.map((box) => box.y + box.height)) - top + MARGIN);

  const svg = node("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  svg.appendChild(node("rect", { width, height, fill: PRINT.ground }));
  if (title) svg.appendChild(words(title, MARGIN, LINE, { fill: PRINT.text, "font-weight": "bold" }));
  for (const [index, plot] of plots.entries()) {
    const { x, y, ...size } = boxes[index];
    const place = { x: x - left, y: above + y - top, ...size };
    if (plot instanceof HTMLCanvasElement) svg.appendChild(node("image", { ...place, href: plot.toDataURL() }));
    else if ("data" in plot) svg.appendChild(await drawn(plot, place));
    else {
      const { backgroundColor: ground, fontSize, textAlign } = getComputedStyle(plot);
      const isMark = ground !== "rgba(0, 0, 0, 0)"; // a text on an image, or a bar
      if (isMark) svg.appendChild(node("rect", { ...place, rx: 4, fill: ground }));
      const [anchor, share] = textAlign === "center" ? ["middle", 1 / 2] : textAlign === "right" ? ["end", 1] : ["start", 0];
      const look = { fill: isMark ? "white" : plot.style.color || PRINT.text, "font-size": fontSize, "text-anchor": anchor };
      svg.appendChild(words(plot.textContent ?? "", place.x + share * place.width, place.y + place.height / 2 + parseFloat(fontSize) / 3, look));
    }
  }
  for (const image of svg.querySelectorAll("image")) image.style.imageRendering = "pixelated"; // as on the page
  return svg;
}

/**
 * Plotly's SVG of a figure.
 * @param {Plot} plot
 * @param {{ x: number, y: number, width: number, height: number }} place
 */
async function drawn(plot, place) {
  const Plotly = await plotly();
  const { data, layout } = structuredClone({ data: plot.data, layout: plot.layout });
  layout.template = templateOf(PRINT);
  const { width, height } = place;
  const text = await Plotly.toImage({ data, layout }, { format: "svg", width, height, imageDataOnly: true });
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  for (const [name, value] of Object.entries(place)) svg.setAttribute(name, String(value));
  return svg;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function node(name, attributes) {
  const made = /** @type {SVGElement} */ (document.createElementNS(NAMESPACE, name));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/**
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {Record<string, string | number>} look more attributes
 */
function words(text, x, y, look) {
  const made = node("text", { x, y, "font-family": FAMILY, "font-size": `${SIZE}px`, ...look });
  made.textContent = text;
  return made;
}

// Pixels

/** @param {SVGElement} svg @param {number} scale */
async function canvasOf(svg, scale) {
  const address = URL.createObjectURL(new Blob([textOf(svg)], { type: "image/svg+xml" }));
  const [width, height] = ["width", "height"].map((side) => Number(svg.getAttribute(side)));
  const canvas = element("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
  const image = element("img", { src: address });
  await image.decode();
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
async function pngOf(canvas) {
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("the figure is too large for a PNG: save it as SVG");
  return blob;
}
