// What a hand has done to a latent: a way to another class, a place in the plane, steps along styles, parts of another
// image, noise. All add up.

import { onTop } from "./space.js";

/**
 * @typedef {import("./space.js").Point} Point
 * @typedef {import("./space.js").Small} Small
 * @typedef {object} Moves
 * @property {number | null} target class, if there is one
 * @property {number} alpha how far from the centre of the present class to that of the target
 * @property {Point} shift in the plane
 * @property {Record<string, number>} styles deviations, by the names of the styles
 * @property {[number, number]} graft how much of another image has taken the place of this one's: of the class part, of
 *   everything else
 * @property {Around} around where around the image's latent
 *
 * @typedef {object} Around
 * @property {number} radius of the noise, in standard deviations
 * @property {string} path "straight", "shell" or "average"
 * @property {number} draw which of the draws
 * @property {number} seed of all draws
 */

/** What stands among the styles for a direction of a person's own (app/move_text.py). */
export const OWN = "own direction";
export const OWN_CLASS = "own class part";

/** @returns {Moves} */
export const still = () => ({
  target: null, alpha: 0, shift: [0, 0], styles: {}, graft: [0, 0],
  around: { radius: 0, path: "shell", draw: 0, seed: 0 },
});

/** @param {Moves} one @param {Moves} other */
export const areSame = (one, other) => JSON.stringify(plain(one)) === JSON.stringify(plain(other));

/** As Python reads them, without what is zero. @param {Moves} moves */
export function plain({ target, alpha, shift, styles, graft, around }) {
  const round = (/** @type {number} */ value) => Number(value.toFixed(3));
  const moved = Object.entries(styles).filter(([, steps]) => round(steps)).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    target: target !== null && round(alpha) ? target : null,
    alpha: target === null ? 0 : round(alpha),
    shift: shift.map(round),
    styles: Object.fromEntries(moved.map(([name, steps]) => [name, round(steps)])),
    graft: graft.map(round),
    around: round(around.radius) ? { ...around, radius: round(around.radius) } : still().around,
  };
}

/** How far a path goes of the straight one: f of ibinn_core.exploration.around. @param {string} path @param {number} radius */
export function factorOf(path, radius) {
  return path === "shell" ? 1 / Math.hypot(1, radius) : path === "average" ? 1 / (1 + radius) : 1;
}

/**
 * What a place around the image adds to what is linear in the latent, of which the noise's part and the image's are known.
 * @param {Small["around"]} known
 * @param {Around} around
 * @param {(of: { slopes: number[], step: Point }) => number} part
 */
function addedAround(known, { radius, path, draw, seed }, part) {
  if (!radius || known?.seed !== seed) return 0;
  const factor = factorOf(path, radius);
  return (factor - 1) * part(known.offset) + factor * radius * part(known.noise[draw]);
}

/** Which kind of move is shown for moves, unless a person has chosen one (app/move_text.py). @param {Moves} moves */
export function kindOf(moves) {
  const { target, styles, graft, around } = plain(moves);
  if (graft.some(Boolean)) return "transplant";
  if (OWN in styles || OWN_CLASS in styles) return "own";
  if (around.radius) return "around";
  return Object.keys(styles).length && target === null ? "style" : "class";
}

/**
 * The scores after the moves, but for what is the same for all classes: styles change none but the class part of a
 * direction of a person's own, nor does everything but the class part of another image.
 * @param {Small} small
 * @param {number} from class that the image is of
 * @param {Moves} moves
 */
export function scoresAfter(small, from, { target, alpha, shift, graft, styles, around }) {
  const steps = styles[OWN_CLASS] ?? 0;
  const other = small.other?.scores ?? small.scores;
  const slopes = target === null ? null : slopesOf(small, from, target);
  return Float64Array.from(small.scores, (score, k) =>
    score + shift[0] * small.slopes[0][k] + shift[1] * small.slopes[1][k] + (slopes ? alpha * slopes[k] : 0) +
    graft[0] * (other[k] - score) + (small.own ? steps * small.own.slopes[k] : 0) +
    addedAround(small.around, around, ({ slopes }) => slopes[k]),
  );
}

/** @param {Small} small @param {number} from @param {number} target */
export function slopesOf(small, from, target) {
  return small.pulls[target].map((pull, k) => pull - small.pulls[from][k]);
}

/**
 * Where the target is on top on the way to it, from where the other moves lead; alpha is α*.
 * @param {Small} small
 * @param {number} from
 * @param {number} target
 * @param {Moves} moves
 */
export function onTopOf(small, from, target, moves) {
  return onTop(scoresAfter(small, from, { ...moves, alpha: 0 }), slopesOf(small, from, target), target);
}

/**
 * Where the latent lies in the plane after the moves.
 * @param {Small} small
 * @param {number} from
 * @param {Moves} moves
 * @returns {Point}
 */
export function placeAfter(small, from, { target, alpha, shift, graft, styles, around }) {
  const steps = styles[OWN_CLASS] ?? 0;
  const other = small.other?.star ?? small.star;
  const way = (/** @type {number} */ axis) =>
    (target === null ? 0 : alpha * (small.centres[target][axis] - small.centres[from][axis])) +
    graft[0] * (other[axis] - small.star[axis]) + (small.own ? steps * small.own.step[axis] : 0) +
    addedAround(small.around, around, ({ step }) => step[axis]);
  return [small.star[0] + shift[0] + way(0), small.star[1] + shift[1] + way(1)];
}
