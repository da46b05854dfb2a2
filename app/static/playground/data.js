// Data sets in the plane: a curve or a cloud for each class, with Gaussian noise. The noise equals torch.randn, and the
// positions along the curves are evenly spaced, so a few lines of Python make the same points.

import { normal } from "../flow/noise.js";

const TURN = 2 * Math.PI;

/**
 * The position of a point before the noise.
 * @type {Record<string, (share: number, k: number, classes: number, drawn: number) => [number, number]>} from the
 *   position along the curve (0 to 1), the class, the number of classes, and a standard normal number
 */
const PLACES = {
  // Half circles that open downwards and upwards alternately.
  moons(share, k, classes) {
    const [angle, scale] = [(TURN / 2) * share, 4.8 / (classes + 1)];
    const side = k % 2 ? -1 : 1;
    return [scale * (k + Math.cos(angle) - (classes - 1) / 2), scale * side * (Math.sin(angle) - 0.25)];
  },
  circles(share, k, classes) {
    return polar((2.6 * (k + 1)) / classes, TURN * share);
  },
  // Curved arms from the centre.
  pinwheel(share, k, classes, drawn) {
    const radius = 1.6 + 0.5 * drawn;
    return polar(radius, TURN * (k / classes + 0.12 * radius));
  },
  blobs(share, k, classes) {
    return polar(1.8, TURN * (k / classes + 0.125));
  },
  spiral(share, k, classes) {
    return polar(0.3 + 2.4 * share, TURN * (k / classes + 0.9 * share));
  },
};
export const DATA = Object.keys(PLACES);

/** @param {number} radius @param {number} angle @returns {[number, number]} */
function polar(radius, angle) {
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/**
 * Makes the points of a data set, within about [-3, 3]. Point n has class n mod K.
 * @param {object} given
 * @param {string} given.kind a name in DATA
 * @param {number} given.classes K, 2 to 5
 * @param {number} given.count N, at least 8
 * @param {number} given.noise standard deviation in both directions; for blobs, three times this value is used
 * @param {number} given.seed an integer from 0 to 2³² - 1
 * @returns {{ points: Float64Array, labels: Uint8Array }} (N, 2), (N)
 */
export function made({ kind, classes, count, noise, seed }) {
  const drawn = normal(3 * count, seed); // two numbers for the noise, and one for the position
  const points = new Float64Array(2 * count);
  const labels = Uint8Array.from({ length: count }, (_, n) => n % classes);
  const each = count / classes;
  const deviation = kind === "blobs" ? 3 * noise : noise;
  for (let n = 0; n < count; n++) {
    const share = (Math.floor(n / classes) + 0.5) / each;
    const [x, y] = PLACES[kind](share, labels[n], classes, drawn[2 * count + n]);
    points[2 * n] = x + deviation * drawn[2 * n];
    points[2 * n + 1] = y + deviation * drawn[2 * n + 1];
  }
  return { points, labels };
}
