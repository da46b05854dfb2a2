// What a hand has done to a latent: amounts of named directions, which all add up (app/move_text.py).

/** @typedef {Record<string, number>} Moves amounts, by the names of directions */

/** The directions of the plane. */
export const PLANE = /** @type {const} */ (["x", "y"]);
const WAY = "to:";

/** The direction to a class. @param {number} target */
export const wayTo = (target) => `${WAY}${target}`;

/** The class that a direction leads to; nothing for another direction. @param {string} name */
export const targetOf = (name) => (name.startsWith(WAY) ? Number(name.slice(WAY.length)) : null);

/** In one order, rounded, without what is zero. @param {Moves} moves @returns {Moves} */
export function plain(moves) {
  const rounded = Object.entries(moves).map(([name, amount]) => /** @type {const} */ ([name, Number(amount.toFixed(3))]));
  return Object.fromEntries(rounded.filter(([, amount]) => amount).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same for moves that are the same. @param {Moves} moves */
export const textOf = (moves) => JSON.stringify(plain(moves));
