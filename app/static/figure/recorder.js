// What moves, as an animated GIF (by the package gifenc), and files as downloads.

import { element } from "./elements.js";

/**
 * @typedef {object} Film
 * @property {number} count of frames
 * @property {number} milliseconds of each
 * @property {(frame: number) => HTMLCanvasElement | Promise<HTMLCanvasElement>} draw all frames have one size
 *
 * @typedef {object} Strip small pictures that change together
 * @property {CanvasImageSource[][]} frames the pictures that stand side by side in each
 * @property {number} width of a picture
 * @property {number} height
 * @property {string[]} names of the pictures of a frame, if they need any
 */

const WIDTH = 1200; // pixels that a frame is wide at least, for a slide
const GAP = 24; // pixels around the pictures of a strip
const LETTERS = 30;
const COLORS = 256;
const STRIP_MS = 250;

/** What makes the strip of an element of the page that draws pictures itself, by a name. @type {Map<string, () => Promise<Strip>>} */
export const strips = new Map();

/**
 * Gives a file to the person, as a download.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const href = URL.createObjectURL(blob);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** How many times larger a frame of so many pixels' width must be. @param {number} width */
export const enlargement = (width) => Math.max(1, WIDTH / width);

/** A GIF to which one frame after another is added. */
export class Recorder {
  /** @param {any} gifenc the package */
  constructor(gifenc) {
    this.gifenc = gifenc;
    this.gif = gifenc.GIFEncoder();
  }

  static async begin() {
    return new Recorder(await import(new URL("../vendor/gifenc.js", import.meta.url).href));
  }

  /** @param {HTMLCanvasElement} canvas @param {number} milliseconds that it is shown */
  add(canvas, milliseconds) {
    const { width, height } = canvas;
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, width, height);
    const palette = this.gifenc.quantize(data, COLORS);
    this.gif.writeFrame(this.gifenc.applyPalette(data, palette), width, height, { palette, delay: milliseconds });
  }

  /** The file; nothing can be added any more. */
  finish() {
    this.gif.finish();
    return new Blob([this.gif.bytes()], { type: "image/gif" });
  }
}

/** @param {Film} film @param {(share: number) => void} progress is told which share is done */
export async function gifOf({ count, milliseconds, draw }, progress) {
  const recorder = await Recorder.begin();
  for (let frame = 0; frame < count; frame += 1) {
    recorder.add(await draw(frame), frame === count - 1 ? 5 * milliseconds : milliseconds);
    progress((frame + 1) / count);
    await new Promise((done) => setTimeout(done)); // the page stays alive
  }
  return recorder.finish();
}

/** @param {Strip} strip @returns {Film} there and back */
export const filmOf = ({ frames, width, height, names }) => ({
  count: 2 * frames.length - 1,
  milliseconds: STRIP_MS,
  draw: (at) => sideBySide(frames[Math.min(at, 2 * frames.length - 2 - at)], width, height, names),
});

/**
 * Small pictures side by side on white, enlarged without blurring, and their names below.
 * @param {CanvasImageSource[]} pictures
 * @param {number} width of a picture
 * @param {number} height
 * @param {string[]} names
 */
function sideBySide(pictures, width, height, names) {
  const times = Math.max(1, Math.ceil((WIDTH / pictures.length - GAP) / width));
  const [across, down] = [times * width, times * height];
  const below = names.length ? LETTERS + GAP : 0;
  const canvas = element("canvas", { width: pictures.length * (across + GAP) + GAP, height: down + 2 * GAP + below });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  Object.assign(pen, { imageSmoothingEnabled: false, fillStyle: "black", font: `${LETTERS}px sans-serif`, textAlign: "center" });
  pictures.forEach((picture, at) => {
    const left = GAP + at * (across + GAP);
    pen.drawImage(picture, left, GAP, across, down);
    pen.fillText(names[at] ?? "", left + across / 2, down + 2 * GAP + LETTERS, across);
  });
  return canvas;
}
