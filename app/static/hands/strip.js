// The way of an image to a class as a strip of pictures, each a button that goes there.

import { element } from "../figure/elements.js";
import { largest } from "../flow/mixture.js";
import { imageData, paint } from "./picture.js";
import { row } from "./space.js";
import { percent } from "./words.js";

export const TILES = 9; // the middle one is at the flip

/** Where on the way there are pictures: shares of that to the flip or, where nothing flips, of that between the centres. */
export const SHARES = Array.from({ length: TILES }, (_, at) => (2 * at) / (TILES - 1));

/**
 * @param {HTMLElement} place
 * @param {import("./move.js").Given} given
 * @param {object} found
 * @param {Float32Array} found.images one for each share, (TILES, C, H, W)
 * @param {ArrayLike<number>[]} found.posteriors (TILES, K)
 * @param {boolean} found.flips whether the class is on top anywhere on the way
 * @param {(share: number) => void} found.chosen
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

/** A picture on the way, still empty. @param {"button" | "div"} kind @param {Record<string, any>} [attributes] */
export const newTile = (kind, attributes) => element(kind, attributes, element("canvas", { class: "saved" }), element("span"));

/**
 * Fills it.
 * @param {HTMLElement} tile
 * @param {ArrayLike<number>} image (C, H, W)
 * @param {[number, number, number]} shape of it
 * @param {{ name: string, color: string, isFlip: boolean }} taken the class that it is taken for, and whether it is at the flip
 */
export function paintTile(tile, image, shape, { name, color, isFlip }) {
  paint(/** @type {HTMLCanvasElement} */ (tile.querySelector("canvas")), imageData(image, shape));
  /** @type {HTMLElement} */ (tile.querySelector("span")).textContent = isFlip ? "flip" : name;
  tile.classList.toggle("flip", isFlip);
  tile.style.setProperty("--class", color);
}
