// The way of an image to a class as a strip of pictures, each a button that goes there.

import { largest } from "../flow/mixture.js";
import { imageData, paint } from "./picture.js";
import { row } from "./space.js";
import { percent } from "./words.js";

export const TILES = 9; // the middle one is at the flip

/** Where on the way there are pictures: shares of that to the flip or, where nothing flips, of that between the centres. */
export const SHARES = Array.from({ length: TILES }, (_, at) => (2 * at) / (TILES - 1));

/**
 * @param {HTMLElement} place
 * @param {object} given
 * @param {Float32Array} given.images one for each share, (TILES, C, H, W)
 * @param {[number, number, number]} given.shape of an image, (C, H, W)
 * @param {ArrayLike<number>[]} given.posteriors (TILES, K)
 * @param {boolean} given.flips whether the class is on top anywhere on the way
 * @param {string[]} given.classes
 * @param {string[]} given.colors
 * @param {(share: number) => void} given.chosen
 */
export function drawStrip(place, { images, shape, posteriors, flips, classes, colors, chosen }) {
  place.replaceChildren(...SHARES.map((share, at) => {
    const tile = Object.assign(document.createElement("button"), { type: "button" });
    const canvas = tile.appendChild(Object.assign(document.createElement("canvas"), { className: "saved" }));
    paint(canvas, imageData(row(images, at, shape[0] * shape[1] * shape[2]), shape));
    const top = largest(posteriors[at]);
    const isFlip = flips && share === 1;
    tile.appendChild(document.createElement("span")).textContent = isFlip ? "flip" : classes[top];
    tile.classList.toggle("flip", isFlip);
    tile.style.setProperty("--class", colors[top]);
    tile.title = `${share} × ${flips ? "the way to the flip" : "the way between the centres"}: ${classes[top]}, ${percent(posteriors[at][top])}`;
    tile.setAttribute("aria-label", tile.title);
    tile.addEventListener("click", () => chosen(share));
    return tile;
  }));
}
