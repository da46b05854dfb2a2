// Converts a handwritten digit to an image like those of MNIST. app/images/handwriting.py makes exactly the same image.

/** @typedef {[number, number][]} Stroke points (x, y) from 0 to 1; y increases downwards */

export const SIDE = 28; // side of an image in pixels
export const PEN = 2.6; // width of a line in pixels
const BOX = 20; // side of the square in the middle that a digit fills, in pixels
const FINE = 8; // lines are drawn at 8 times the size and then averaged, so that they are smooth
const LARGE = SIDE * FINE;
const LARGEST_ENLARGEMENT = 3; // a limit for small drawings, so that a dot stays a dot

/**
 * Draws strokes as an 8-bit image, bright on black, (28 · 28). The digit fits a square of 20 pixels, and its centre of
 * mass is in the middle of the image.
 * @param {Stroke[]} strokes
 */
export function digit(strokes) {
  const lines = strokes.filter((stroke) => stroke.length);
  if (!lines.length) return new Uint8Array(SIDE * SIDE);
  const ends = [0, 1].map((axis) => {
    const values = lines.flatMap((line) => line.map((point) => point[axis]));
    return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [1, 0]);
  });
  const extent = (BOX - PEN) / Math.max(...ends.map(([low, high]) => high - low), 1 / LARGEST_ENLARGEMENT);
  const fitted = lines.map((line) =>
    line.map((point) => point.map((value, axis) => (value - (ends[axis][0] + ends[axis][1]) / 2) * extent + SIDE / 2)),
  );
  const offset = centreOfMass(drawn(fitted)).map((place) => SIDE / 2 - place);
  return small(drawn(fitted.map((line) => line.map((point) => point.map((value, axis) => value + offset[axis])))));
}

/** Draws lines on the enlarged canvas, with 1 for ink. @param {number[][][]} lines coordinates in pixels of the small image */
function drawn(lines) {
  const canvas = new Uint8Array(LARGE * LARGE);
  for (const line of lines) {
    const corners = line.map((point) => point.map((value) => value * FINE));
    corners.forEach((start, at) => ink(canvas, start, corners[at + 1] ?? start, (PEN * FINE) / 2));
  }
  return canvas;
}

/**
 * Inks all pixels whose centre is at most `reach` away from a line segment.
 * @param {Uint8Array} canvas
 * @param {number[]} start
 * @param {number[]} end
 * @param {number} reach
 */
function ink(canvas, start, end, reach) {
  const [low, high] = [Math.floor, Math.ceil].map((round, side) =>
    start.map((value, axis) => {
      const edge = side ? Math.max(value, end[axis]) + reach : Math.min(value, end[axis]) - reach;
      return Math.min(LARGE, Math.max(0, round(edge)));
    }),
  );
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const length = dx * dx + dy * dy;
  for (let row = low[1]; row < high[1]; row++) {
    const y = row + 0.5 - start[1];
    for (let column = low[0]; column < high[0]; column++) {
      const x = column + 0.5 - start[0];
      const share = length ? Math.min(1, Math.max(0, (x * dx + y * dy) / length)) : 0;
      const across = x - share * dx;
      const down = y - share * dy;
      if (across * across + down * down <= reach * reach) canvas[row * LARGE + column] = 1;
    }
  }
}

/** The share of ink in each pixel of the image, from 0 to 255. @param {Uint8Array} canvas */
function small(canvas) {
  const inked = new Uint32Array(SIDE * SIDE);
  canvas.forEach((value, at) => {
    inked[Math.floor(at / LARGE / FINE) * SIDE + Math.floor((at % LARGE) / FINE)] += value;
  });
  return Uint8Array.from(inked, (count) => Math.floor((count * 255) / FINE ** 2 + 0.5));
}

/** The centre of mass (x, y) in pixels of the image. @param {Uint8Array} canvas */
function centreOfMass(canvas) {
  let [x, y, mass] = [0, 0, 0];
  canvas.forEach((value, at) => {
    if (!value) return;
    x += ((at % LARGE) + 0.5) / FINE;
    y += (Math.floor(at / LARGE) + 0.5) / FINE;
    mass += 1;
  });
  return [x / mass, y / mass];
}
