// Two images and what they become when they exchange what says the class: a square of four, each a button.

import { imageData, paint } from "./picture.js";

/** How much of the other image each corner has: of the class part, of everything else. @type {[number, number][]} */
export const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]];

/**
 * @param {HTMLElement} place
 * @param {object} given
 * @param {ArrayLike<number>[] | null} given.images in the order of CORNERS; without them there is nothing to see yet
 * @param {[number, number, number]} given.shape of an image, (C, H, W)
 * @param {string[]} given.names what both images are taken for
 * @param {[number, number]} given.at where the hand is now
 * @param {(graft: [number, number]) => void} given.chosen
 */
export function drawCorners(place, { images, shape, names, at, chosen }) {
  if (!place.children.length) {
    const heading = (/** @type {string} */ name) => {
      const text = document.createElement("span");
      text.dataset.heading = name;
      return text;
    };
    const corner = (/** @type {number} */ which) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(document.createElement("canvas"));
      button.dataset.corner = String(which);
      return button;
    };
    place.append(
      document.createElement("span"), heading("rest0"), heading("rest1"),
      heading("class0"), corner(0), corner(1), heading("class1"), corner(2), corner(3),
    );
  }
  for (const text of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-heading]"))) {
    const name = names[Number(text.dataset.heading?.at(-1))];
    text.textContent = `${text.dataset.heading?.startsWith("rest") ? "all else" : "class"} ${name}`;
  }
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (place.querySelectorAll("button"))) {
    const which = Number(button.dataset.corner);
    const [ofClass, ofRest] = CORNERS[which];
    button.title = `The class part of ${said(names, ofClass)}, everything else of ${said(names, ofRest)}`;
    button.setAttribute("aria-label", button.title);
    button.setAttribute("aria-pressed", String(at[0] === ofClass && at[1] === ofRest));
    button.onclick = () => chosen([ofClass, ofRest]);
    if (images) paint(/** @type {HTMLCanvasElement} */ (button.firstElementChild), imageData(images[which], shape));
  }
}

/** @param {string[]} names @param {number} which */
const said = (names, which) => `${which ? "the other image" : "this image"} (${names[which]})`;
