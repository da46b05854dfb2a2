// The moves of a latent: a sum of named directions, each times an amount (see app/move_text.py).

/** @typedef {Record<string, number>} Moves amounts by the names of directions */

const WAY = "to:";

/** The name of the direction to a class. @param {number} target */
export const wayTo = (target) => `${WAY}${target}`;

/** The class to which a direction leads, or null if it leads to none. @param {string} name */
export const targetOf = (name) => (name.startsWith(WAY) ? Number(name.slice(WAY.length)) : null);

/** Sorts and rounds the moves, and leaves out zeros. @param {Moves} moves @returns {Moves} */
export function plain(moves) {
  const rounded = Object.entries(moves).map(([name, amount]) => /** @type {const} */ ([name, Number(amount.toFixed(3))]));
  return Object.fromEntries(rounded.filter(([, amount]) => amount).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The moves as text. Equal moves give equal texts. @param {Moves} moves */
export const textOf = (moves) => JSON.stringify(plain(moves));
