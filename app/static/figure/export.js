// Saves figures for print, as PNG, SVG or PDF: dark on white whatever the theme, without buttons and sliders.
//
// Plotly draws each once more, as SVG, in a font that goes into the file; what stands around them on the page (which
// model, the legend) is written above and below.

import { crc32 } from "../flow/files.js";
import { Font } from "./font.js";

/**
 * @typedef {Record<string, any>} Part a part of a figure, as Plotly's reference has it
 * @typedef {HTMLElement & Part} Plot Plotly's element
 * @typedef {{ ground: string, ink: string, grid: string }} Look colours: of the paper, of text, of an axis' lines
 * @typedef {[character: string, color: string, name: string]} Entry of a legend
 * @typedef {"pdf" | "png" | "svg"} Kind
 * @typedef {object} Wanted
 * @property {(Plot | HTMLImageElement | HTMLCanvasElement)[]} plots where they stand on the page they stand in the file, pictures as well
 * @property {Look} look
 * @property {string} vendor address of the folder of what others wrote, with a slash at its end
 * @property {string} name of the figure, where it has no title
 * @property {string} [title] what the figures do not say themselves, such as the model
 * @property {Entry[]} [legend] of figures whose legend stands beside them on the page
 * @property {any} [Plotly] unless the page has it, or should load it from the vendor's folder
 *
 * @typedef {{ family: string, weight: string, font: Font }} Face
 */

const DPI = 300;
const CSS_DPI = 96; // of the browser's pixels
const LINE = 26; // height of a line above or below the figures, in CSS pixels
const SIZE = 15; // of its letters
const NO_WIDTH = "\u200b"; // a character that takes no place
const LARGEST = 2048; // side of a picture in a PDF, in pixels
const NAMESPACE = "http://www.w3.org/2000/svg";
const LINKED = "http://www.w3.org/1999/xlink";
const MIME = /** @type {const} */ ({ svg: "image/svg+xml", png: "image/png", pdf: "application/pdf" });
/** Names of one word: svg2pdf does not quote them. The second font has the symbols that the first one has not. */
const [LETTERS, SYMBOLS] = ["SourceSans3", "DejaVuSans"];
const FAMILY = `${LETTERS}, "Source Sans 3", ${SYMBOLS}, sans-serif`;
const FILES = [
  { family: LETTERS, weight: "normal", file: "source-sans-3.ttf" },
  { family: LETTERS, weight: "bold", file: "source-sans-3-bold.ttf" },
  { family: SYMBOLS, weight: "100 900", file: "dejavu-sans.ttf" },
];

/** What is wrong, and what to do, in a sentence for a person. */
export class ExportError extends Error {}

/**
 * Figures as one file.
 * @param {Kind} kind
 * @param {Wanted} wanted
 * @returns {Promise<Blob>}
 * @throws {ExportError} if no figure is in sight, or the server lacks what it needs
 */
export async function blobOf(kind, wanted) {
  const faces = await facesFrom(wanted.vendor);
  const svg = await figure(wanted, faces);
  if (kind === "pdf") return pdfOf(svg, wanted, faces);
  svg.prepend(embedded(faces, svg.textContent ?? ""));
  return kind === "png" ? pngOf(svg) : new Blob([textOf(svg)], { type: MIME.svg });
}

/**
 * Gives a file to the person, as a download.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {SVGElement} svg */
const textOf = (svg) => new XMLSerializer().serializeToString(svg);

// What others wrote

/** @type {Map<string, Promise<any>>} */
const fetched = new Map();

/**
 * What is fetched once, and again if it failed.
 * @template T
 * @param {string} address
 * @param {() => Promise<T>} get
 * @returns {Promise<T>}
 */
function once(address, get) {
  const found = fetched.get(address) ?? get();
  fetched.set(address, found);
  found.catch(() => fetched.delete(address));
  return found;
}

/** @param {string} address */
const missing = (address) =>
  new ExportError(`the server did not send ${address.split("/").pop()}: try again, or run "make env" there`);

/**
 * A script that is no module.
 * @param {string} address
 * @param {string} name of what it defines for all
 * @returns {Promise<any>}
 */
const script = (address, name) =>
  once(
    address,
    () =>
      new Promise((resolve, reject) => {
        const element = document.createElement("script");
        element.src = address;
        element.onload = () => resolve(Reflect.get(globalThis, name));
        element.onerror = () => reject(missing(address));
        document.head.append(element);
      }),
  );

/** @param {string} address */
async function bytesOf(address) {
  const answer = await fetch(address).catch(() => undefined);
  if (!answer?.ok) throw missing(address);
  return new Uint8Array(await answer.arrayBuffer());
}

/**
 * The fonts, by which Plotly and svg2pdf measure on the page from now on what they will be in the file.
 * @param {string} vendor
 * @returns {Promise<Face[]>}
 */
const facesFrom = (vendor) =>
  Promise.all(
    FILES.map(({ family, weight, file }) =>
      once(vendor + file, async () => {
        const font = new Font(await bytesOf(vendor + file));
        document.fonts.add(await new FontFace(family, font.plain(), { weight }).load());
        return { family, weight, font };
      }),
    ),
  );

/**
 * A style sheet with what a text needs of the fonts.
 * @param {Face[]} faces
 * @param {string} text
 */
function embedded(faces, text) {
  const rules = faces.map(({ family, weight, font }) => {
    const source = `data:font/ttf;base64,${base64Of(font.only(text))}`;
    return `@font-face { font-family: ${family}; font-weight: ${weight}; src: url(${source}); }`;
  });
  const style = node("style", {});
  style.textContent = rules.join("\n");
  return style;
}

/** @param {Uint8Array} bytes */
function base64Of(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

// The figure

/**
 * All figures where they stand on the page, with the title above and the legend below.
 * @param {Wanted} wanted
 * @param {Face[]} faces
 */
async function figure(wanted, faces) {
  const plots = wanted.plots.filter((plot) => plot.getClientRects().length > 0);
  if (!plots.length) throw new ExportError("the figure is not in sight: show it and try again");
  const scale = plots[0].getBoundingClientRect().width / plots[0].offsetWidth; // on stage the page is zoomed
  const boxes = plots.map((plot) => {
    const { left, top } = plot.getBoundingClientRect();
    return { x: left / scale, y: top / scale, width: plot.offsetWidth, height: plot.offsetHeight };
  });
  const [left, top] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const width = Math.ceil(Math.max(...boxes.map((box) => box.x + box.width)) - left);
  const title = [wanted.title, ...plots.map((plot) => stateOf(/** @type {Plot} */ (plot)))].filter(Boolean).join(" · ");
  const above = title ? LINE : 0;
  const height = Math.ceil(above + Math.max(...boxes.map((box) => box.y + box.height)) - top);

  const svg = node("svg", { width, height });
  const ground = svg.appendChild(node("rect", { width, height, fill: wanted.look.ground }));
  if (title) svg.appendChild(words(title, 8, LINE - 8, wanted.look.ink, "bold"));
  for (const [index, plot] of plots.entries()) {
    const { x, y, ...size } = boxes[index];
    const place = { x: x - left, y: above + y - top, ...size };
    const source = plot instanceof HTMLImageElement ? plot.currentSrc : plot instanceof HTMLCanvasElement && plot.toDataURL();
    svg.appendChild(source ? node("image", { ...place, href: source }) : await drawn(/** @type {Plot} */ (plot), place, wanted));
  }
  const whole = height + legend(svg, wanted, width, height);
  for (const element of [svg, ground]) element.setAttribute("height", String(whole));
  svg.setAttribute("viewBox", `0 0 ${width} ${whole}`);
  await Promise.all([...svg.querySelectorAll("image")].map(inline));
  separateSymbols(svg, faces);
  return svg;
}

/**
 * What a figure that moves shows now, if only its slider says it, which is no part of the file.
 * @param {Plot} plot
 */
function stateOf(plot) {
  const slider = plot.layout?.sliders?.[0];
  return slider && slider.currentvalue?.visible !== false ? (slider.steps?.[slider.active ?? 0]?.label ?? "") : "";
}

/**
 * Plotly's SVG of a figure.
 * @param {Plot} plot
 * @param {{ x: number, y: number, width: number, height: number }} place
 * @param {Wanted} wanted
 */
async function drawn(plot, place, { look, vendor, Plotly = Reflect.get(globalThis, "Plotly") }) {
  const library = Plotly ?? (await script(`${vendor}plotly.min.js`, "Plotly"));
  const { updatemenus, sliders, ...layout } = copied(plot.layout);
  if (layout.template?.layout) layout.template.layout = recolored(layout.template.layout, look);
  Object.assign(layout, { paper_bgcolor: look.ground, plot_bgcolor: look.ground });
  layout.font = { ...layout.font, family: FAMILY };
  const data = copied(plot.data);
  for (const trace of data) if (trace.type === "scattergl") trace.type = "scatter"; // WebGL's dots would be one picture
  const { width, height } = place;
  const text = await library.toImage({ data, layout }, { format: "svg", width, height, imageDataOnly: true });
  const svg = new DOMParser().parseFromString(text, MIME.svg).documentElement;
  for (const [name, value] of Object.entries(place)) svg.setAttribute(name, String(value));
  return svg;
}

/**
 * A part of a figure that Plotly may change without changing the page's, in the font of the file. Lists of numbers are
 * the same: Plotly only reads them.
 * @param {any} part
 * @returns {any}
 */
function copied(part) {
  if (Array.isArray(part)) return typeof part[0] === "object" ? part.map(copied) : part;
  if (part?.constructor !== Object) return part;
  const entries = Object.entries(part);
  return Object.fromEntries(entries.map(([key, value]) => [key, key === "family" ? FAMILY : copied(value)]));
}

/**
 * A template's layout with the colours of print in the place of the theme's.
 * @param {Part} part
 * @param {Look} look
 * @returns {Part}
 */
function recolored(part, look, parent = "") {
  const colorOf = (/** @type {string} */ key) => {
    if (key.endsWith("bgcolor")) return look.ground;
    if (["gridcolor", "zerolinecolor", "tickcolor"].includes(key)) return look.grid;
    return key === "color" && /font$|^title$/.test(parent) ? look.ink : undefined;
  };
  const entries = Object.entries(part).map(([key, value]) => [
    key,
    value?.constructor === Object ? recolored(value, look, key) : (colorOf(key) ?? value),
  ]);
  return Object.fromEntries(entries);
}

/**
 * Writes the legend, lines of coloured characters and names, below `top`.
 * @param {SVGElement} svg
 * @param {Wanted} wanted
 * @param {number} width
 * @param {number} top
 * @returns {number} its height
 */
function legend(svg, { legend: entries = [], look }, width, top) {
  if (!entries.length) return 0;
  let [x, y] = [8, top + LINE - 8];
  for (const [character, color, name] of entries) {
    const wide = 36 + widthOf(name);
    if (x > 8 && x + wide > width) [x, y] = [8, y + LINE];
    svg.appendChild(words(character, x, y, color));
    svg.appendChild(words(name, x + 18, y, look.ink));
    x += wide;
  }
  return y - top + 12;
}

/**
 * How wide a name of the legend is, in CSS pixels.
 * @param {string} text
 */
function widthOf(text) {
  const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  pen.font = `${SIZE}px ${FAMILY}`;
  return pen.measureText(text).width;
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
 * @param {string} fill
 */
function words(text, x, y, fill, weight = "normal") {
  const made = node("text", { x, y, fill, "font-family": FAMILY, "font-size": `${SIZE}px`, "font-weight": weight });
  made.textContent = text;
  return made;
}

/** @param {SVGImageElement} image */
const sourceOf = (image) => image.getAttribute("href") ?? image.getAttributeNS(LINKED, "href") ?? "";

/**
 * @param {SVGImageElement} image
 * @param {string} source
 */
function setSource(image, source) {
  image.removeAttributeNS(LINKED, "href");
  image.setAttribute("href", source);
}

/**
 * Puts the bytes of a picture in the place of its address, and keeps it as sharp as it is on the page.
 * @param {SVGImageElement} image
 */
async function inline(image) {
  const source = sourceOf(image);
  image.style.imageRendering = "pixelated";
  if (source.startsWith("data:")) return setSource(image, source);
  const answer = await fetch(source).catch(() => undefined);
  if (!answer?.ok) throw missing(source);
  const blob = await answer.blob();
  setSource(image, `data:${blob.type};base64,${base64Of(new Uint8Array(await blob.arrayBuffer()))}`);
}

/**
 * Gives each run of symbols that the first font lacks to the second: programs differ in what they do by themselves.
 * @param {SVGElement} svg
 * @param {Face[]} faces
 */
function separateSymbols(svg, faces) {
  const fontOf = (/** @type {string} */ family) => faces.find((face) => face.family === family)?.font;
  const isSymbol = (/** @type {string} */ one) => !fontOf(LETTERS)?.has(one) && Boolean(fontOf(SYMBOLS)?.has(one));
  for (const element of svg.querySelectorAll("text, tspan")) {
    for (const child of element.childNodes) {
      if (!(child instanceof Text) || ![...child.data].some(isSymbol)) continue;
      /** @type {{ text: string, symbols: boolean }[]} */
      const runs = [];
      for (const one of child.data) {
        const symbols = isSymbol(one);
        const last = runs[runs.length - 1];
        if (last?.symbols === symbols) last.text += one;
        else runs.push({ text: one, symbols });
      }
      const parts = runs.map(({ text, symbols }) => {
        if (!symbols) return text;
        const made = node("tspan", { class: SYMBOLS, style: `font-family: ${SYMBOLS}, "DejaVu Sans", sans-serif` });
        made.textContent = text;
        return made;
      });
      child.replaceWith(...parts);
    }
  }
}

// PDF

/**
 * @param {SVGElement} svg
 * @param {Wanted} wanted
 * @param {Face[]} faces
 * @returns {Promise<Blob>}
 */
async function pdfOf(svg, { vendor, title, name }, faces) {
  const { jsPDF } = await script(`${vendor}jspdf.umd.min.js`, "jspdf");
  const { svg2pdf } = await script(`${vendor}svg2pdf.umd.min.js`, "svg2pdf"); // which looks for the other one
  const points = 72 / CSS_DPI;
  const [width, height] = ["width", "height"].map((key) => points * Number(svg.getAttribute(key)));
  const orientation = width > height ? "landscape" : "portrait";
  const pdf = new jsPDF({ unit: "pt", format: [width, height], orientation, compress: true, putOnlyUsedFonts: true });
  pdf.setProperties({ title: title || name, creator: "IB-INN Explorer" });
  const hasSymbols = svg.querySelector(`.${SYMBOLS}`);
  for (const { family, weight, font } of faces) {
    if (family === SYMBOLS && !hasSymbols) continue; // it is large
    const file = `${family}-${weight}.ttf`;
    pdf.addFileToVFS(file, base64Of(font.bytes));
    const weights = family === SYMBOLS ? ["normal", "bold"] : [weight];
    for (const one of weights) for (const style of ["normal", "italic"]) pdf.addFont(file, family, style, one);
  }
  const place = document.body.appendChild(document.createElement("div"));
  place.style.cssText = "position: absolute; left: -99999px; top: 0";
  place.appendChild(svg);
  try {
    await Promise.all([...svg.querySelectorAll("image")].map(enlarge));
    plainText(svg);
    await svg2pdf(svg, pdf, { x: 0, y: 0, width, height });
  } finally {
    place.remove();
  }
  return pdf.output("blob");
}

/**
 * Brings text into the form that svg2pdf knows: sizes in pixels, two weights.
 * @param {SVGElement} svg
 */
function plainText(svg) {
  for (const element of /** @type {NodeListOf<SVGElement>} */ (svg.querySelectorAll("text, tspan"))) {
    // It moves only what has letters of its own.
    if (element.hasAttribute("dy") && !(element.firstChild instanceof Text)) element.prepend(NO_WIDTH);
    const { fontSize, fontWeight } = getComputedStyle(element);
    element.style.fontSize = fontSize;
    element.style.fontWeight = Number(fontWeight) >= 600 ? "bold" : "normal";
    element.style.fontVariant = "normal";
    element.setAttributeNS("http://www.w3.org/XML/1998/namespace", "xml:space", "preserve");
  }
}

/**
 * Repeats the pixels of a picture that is shown larger than it is: programs that show a PDF would blur it.
 * @param {SVGImageElement} image
 */
async function enlarge(image) {
  const loaded = new Image();
  loaded.src = sourceOf(image);
  await loaded.decode();
  const { naturalWidth: width, naturalHeight: height } = loaded;
  const shown = (image.getBoundingClientRect().width * DPI) / CSS_DPI;
  const times = Math.min(Math.ceil(shown / width), Math.floor(LARGEST / Math.max(width, height)));
  if (times < 2) return;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: times * width, height: times * height });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.imageSmoothingEnabled = false;
  pen.drawImage(loaded, 0, 0, canvas.width, canvas.height);
  setSource(image, canvas.toDataURL(MIME.png));
}

// PNG

/** @param {SVGElement} svg */
async function pngOf(svg) {
  const drawing = new Image();
  drawing.src = URL.createObjectURL(new Blob([textOf(svg)], { type: MIME.svg }));
  await drawing.decode();
  URL.revokeObjectURL(drawing.src);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round((drawing.width * DPI) / CSS_DPI);
  canvas.height = Math.round((drawing.height * DPI) / CSS_DPI);
  canvas.getContext("2d")?.drawImage(drawing, 0, 0, canvas.width, canvas.height);
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, MIME.png));
  if (!blob) throw new ExportError("the figure is too large for a picture: save it as PDF or SVG");
  return withResolution(new Uint8Array(await blob.arrayBuffer()));
}

/**
 * A PNG that says how many dots an inch it has: the browser's does not.
 * @param {Uint8Array<ArrayBuffer>} png
 */
function withResolution(png) {
  const chunk = new DataView(new ArrayBuffer(21));
  chunk.setUint32(0, 9);
  [..."pHYs"].forEach((letter, index) => chunk.setUint8(4 + index, letter.charCodeAt(0)));
  for (const offset of [8, 12]) chunk.setUint32(offset, Math.round(DPI / 0.0254)); // per metre
  chunk.setUint8(16, 1);
  chunk.setUint32(17, crc32(new Uint8Array(chunk.buffer, 4, 13)));
  const HEADER = 33; // the signature and the first chunk
  return new Blob([png.slice(0, HEADER), chunk, png.slice(HEADER)], { type: MIME.png });
}
