// Writes numbers as text.

/** @param {number} share @param {number} [digits] */
export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** The text on a bar of a figure: whole percents, written as in Python. @param {number} share */
export const barLabel = (share) => (share >= 0.005 ? `${Math.round(100 * share)}%` : "");

/** A signed number of standard deviations. @param {number} steps */
export const signed = (steps) => (steps ? `${steps > 0 ? "+" : "−"}${Math.abs(steps).toFixed(1)} σ` : "0");

/** A position on the path to a class, in words. @param {number} share share of the path to the flip */
export function howFar(share) {
  const [whole, beyond] = [Math.round(100 * share), Math.round(100 * share) - 100];
  if (!beyond) return "at the flip";
  return beyond > 0 ? `${beyond} % past the flip` : whole ? `${whole} % of the way to the flip` : "at the start";
}
