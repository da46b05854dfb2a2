// A strip of pictures along the path of an image to a class. A click on a picture moves the image there.

import { element } from "../figure/elements.js";
import { largest } from "../flow/mixture.js";
import { pictureOf } from "../live/range.js";
import { paint } from "./picture.js";
import { row } from "./space.js";
import { percent } from "./words.js";

export const TILES = 9; // number of pictures; the middle picture is at the flip

/** The positions of the pictures, as shares of the path to the flip (or between the class centres if nothing flips). */
export const SHARES = Array.from({ length: TILES }, (_, at) => (2 * at) / (TILES - 1));

/**
 * @param {HTMLElement} place
 * @param {import("./move.js").Data} given
 * @param {object} found
 * @param {Float32Array} found.images one image for each share, (TILES, C, H, W)
 * @param {ArrayLike<number>[]} found.posteriors (TILES, K)
 * @param {boolean} found.flips whether the class is the likeliest anywhere on the path
 * @param {(share: number) => void} found.chosen called with the share of a clicked picture
 */
export function drawStrip(place, { classes, colors, picture: { shape } }, { images, posteriors, flips, chosen }) {
  place.replaceChildren(...SHARES.map((share, at) => {
    const top = largest(posteriors[at]);
    const title = `${share} × ${flips ? "the way to the flip" : "the way between the centres"}: ${classes[top]}, ${percent(posteriors[at][top])}`;
    const tile = newTile("button", { type: "button", title, "aria-label": title, onclick: () => chosen(share) });
    paintTile(tile, row(images, at, shape[0] * shape[1] * shape[2]), shape, { name: classes[top], color: colors[top], isFlip: flips && share === 1 });
    return tile;
  }));
}

/** Creates an empty picture of the strip. @param {"button" | "div"} kind @param {Record<string, any>} [attributes] */
export const newTile = (kind, attributes) => element(kind, attributes, element("canvas", { class: "saved" }), element("span", { class: "saved" }));

/**
 * Fills a picture of the strip.
 * @param {HTMLElement} tile
 * @param {ArrayLike<number>} image (C, H, W)
 * @param {[number, number, number]} shape
 * @param {{ name: string, color: string, isFlip: boolean }} taken the predicted class, and whether the picture is at the flip
 */
export function paintTile(tile, image, shape, { name, color, isFlip }) {
  const { image: picture, mark } = pictureOf(image, shape);
  paint(/** @type {HTMLCanvasElement} */ (tile.querySelector("canvas")), picture);
  /** @type {HTMLElement} */ (tile.querySelector("span")).textContent = `${isFlip ? "flip" : name} ${mark}`;
  tile.classList.toggle("flip", isFlip);
  tile.style.setProperty("--class", color);
}
