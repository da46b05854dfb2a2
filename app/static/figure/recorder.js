// Records animated GIFs (with the package gifenc) and downloads files.

import { element } from "./elements.js";

/**
 * @typedef {object} Film
 * @property {number} count number of frames
 * @property {number} milliseconds duration of each frame
 * @property {(frame: number) => HTMLCanvasElement | Promise<HTMLCanvasElement>} draw draws a frame; all frames have the same size
 *
 * @typedef {object} Strip small pictures that change together
 * @property {CanvasImageSource[][]} frames the pictures of each frame, from left to right
 * @property {number} width width of a picture
 * @property {number} height
 * @property {string[]} names captions of the pictures; may be empty
 */

export const WIDTH = 1200; // least width of a frame in pixels, enough for a slide
const GAP = 24; // pixels around the pictures of a strip
const LETTERS = 30;
const COLORS = 256;
const STRIP_MS = 250;

/**
 * Functions that make a strip, by the strip's name. Elements that draw pictures add their functions here.
 * @type {Map<string, () => Promise<Strip>>}
 */
export const strips = new Map();

/**
 * Downloads a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const href = URL.createObjectURL(blob);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** Builds a GIF frame by frame. */
export class Recorder {
  /** @param {any} gifenc the package */
  constructor(gifenc) {
    this.gifenc = gifenc;
    this.gif = gifenc.GIFEncoder();
  }

  static async begin() {
    return new Recorder(await import(new URL("../vendor/gifenc.js", import.meta.url).href));
  }

  /** @param {HTMLCanvasElement} canvas @param {number} milliseconds duration of the frame */
  add(canvas, milliseconds) {
    const { width, height } = canvas;
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, width, height);
    const palette = this.gifenc.quantize(data, COLORS);
    this.gif.writeFrame(this.gifenc.applyPalette(data, palette), width, height, { palette, delay: milliseconds });
  }

  /** Returns the file. No frames can be added afterwards. */
  finish() {
    this.gif.finish();
    return new Blob([this.gif.bytes()], { type: "image/gif" });
  }
}

/** @param {Film} film @param {(share: number) => void} progress called with the finished share */
export async function gifOf({ count, milliseconds, draw }, progress) {
  const recorder = await Recorder.begin();
  for (let frame = 0; frame < count; frame += 1) {
    recorder.add(await draw(frame), frame === count - 1 ? 5 * milliseconds : milliseconds);
    progress((frame + 1) / count);
    await new Promise((done) => setTimeout(done)); // the page stays responsive
  }
  return recorder.finish();
}

/** @param {Strip} strip @returns {Film} the frames forwards and then backwards */
export const filmOf = ({ frames, width, height, names }) => ({
  count: 2 * frames.length - 1,
  milliseconds: STRIP_MS,
  draw: (at) => sideBySide(frames[Math.min(at, 2 * frames.length - 2 - at)], width, height, names),
});

/**
 * Draws small pictures side by side on white, enlarged without blurring, with their names below.
 * @param {CanvasImageSource[]} pictures
 * @param {number} width width of a picture
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
