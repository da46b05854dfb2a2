// How numbers are written.

/** @param {number} share @param {number} [digits] */
export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** Of standard deviations. @param {number} steps */
export const signed = (steps) => (steps ? `${steps > 0 ? "+" : "−"}${Math.abs(steps).toFixed(1)} σ` : "0");

/** Where on the way to a class. @param {number} share of the way to the flip */
export function howFar(share) {
  const [whole, beyond] = [Math.round(100 * share), Math.round(100 * share) - 100];
  if (!beyond) return "at the flip";
  return beyond > 0 ? `${beyond} % past the flip` : whole ? `${whole} % of the way to the flip` : "not yet on the way";
}
