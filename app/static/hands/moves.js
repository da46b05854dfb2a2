// What a hand has done to a latent: a way to another class, a place in the plane, steps along styles, parts of another
// image. All add up.

/**
 * @typedef {import("./space.js").Point} Point
 * @typedef {object} Moves
 * @property {number | null} target class, if there is one
 * @property {number} alpha how far from the centre of the present class to that of the target
 * @property {Point} shift in the plane
 * @property {Record<string, number>} styles deviations, by the names of the styles
 * @property {[number, number]} graft how much of another image has taken the place of this one's: of the class part, of
 *   everything else
 */

/** @returns {Moves} */
export const still = () => ({ target: null, alpha: 0, shift: [0, 0], styles: {}, graft: [0, 0] });

/** The same for moves that are the same. @param {Moves} moves */
export const textOf = (moves) => JSON.stringify(plain(moves));

/** As Python reads them, without what is zero. @param {Moves} moves */
export function plain({ target, alpha, shift, styles, graft }) {
  const round = (/** @type {number} */ value) => Number(value.toFixed(3));
  const moved = Object.entries(styles).filter(([, steps]) => round(steps)).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    target: target !== null && round(alpha) ? target : null,
    alpha: target === null ? 0 : round(alpha),
    shift: shift.map(round),
    styles: Object.fromEntries(moved.map(([name, steps]) => [name, round(steps)])),
    graft: graft.map(round),
  };
}

/** Which kind of move is shown for moves, unless a person has chosen one (app/move_text.py). @param {Moves} moves */
export function kindOf(moves) {
  const { target, styles, graft } = plain(moves);
  if (graft.some(Boolean)) return "transplant";
  return Object.keys(styles).length && target === null ? "style" : "class";
}
