// Pictures as an animated GIF (GIF89a): the commonest colours of all of them, and LZW.

const COLORS = 256;
const MOST_CODES = 4096;

/**
 * @param {ImageData[]} frames all of one size
 * @param {number} milliseconds of each; the last one stays five times as long
 * @returns {Blob}
 */
export function gifOf(frames, milliseconds) {
  const { width, height } = frames[0];
  const { colors, indexOf } = palette(frames);
  /** @type {number[]} */
  const out = [];
  const text = (/** @type {string} */ letters) => out.push(...Array.from(letters, (letter) => letter.charCodeAt(0)));
  const word = (/** @type {number} */ number) => out.push(number & 255, number >> 8);
  text("GIF89a");
  word(width);
  word(height);
  out.push(0xf7, 0, 0, ...colors); // 256 colours for all frames
  out.push(0x21, 0xff, 11);
  text("NETSCAPE2.0");
  out.push(3, 1, 0, 0, 0); // again and again
  frames.forEach((frame, at) => {
    out.push(0x21, 0xf9, 4, 0);
    word(Math.round(((at === frames.length - 1 ? 5 : 1) * milliseconds) / 10));
    out.push(0, 0, 0x2c, 0, 0, 0, 0);
    word(width);
    word(height);
    out.push(0, 8);
    const bytes = lzw(indexOf(frame));
    for (let start = 0; start < bytes.length; start += 255) {
      const block = bytes.slice(start, start + 255);
      out.push(block.length, ...block);
    }
    out.push(0);
  });
  out.push(0x3b);
  return new Blob([Uint8Array.from(out)], { type: "image/gif" });
}

/** Colours to four bits each, of which the commonest are kept, and the nearest of these for all. @param {ImageData[]} frames */
function palette(frames) {
  const [counts, sums] = [new Uint32Array(4096), new Float64Array(3 * 4096)];
  const binOf = (/** @type {Uint8ClampedArray} */ data, /** @type {number} */ at) =>
    ((data[at] >> 4) << 8) | ((data[at + 1] >> 4) << 4) | (data[at + 2] >> 4);
  for (const { data } of frames) {
    for (let at = 0; at < data.length; at += 4) {
      const bin = binOf(data, at);
      counts[bin]++;
      for (let part = 0; part < 3; part++) sums[3 * bin + part] += data[at + part];
    }
  }
  const used = Array.from(counts.keys()).filter((bin) => counts[bin]);
  const mean = (/** @type {number} */ bin) => [0, 1, 2].map((part) => Math.round(sums[3 * bin + part] / counts[bin]));
  const kept = used.sort((one, other) => counts[other] - counts[one]).slice(0, COLORS).map(mean);
  const nearest = new Uint8Array(4096);
  for (const bin of used) {
    const [red, green, blue] = mean(bin);
    const far = (/** @type {number[]} */ color) => (color[0] - red) ** 2 + (color[1] - green) ** 2 + (color[2] - blue) ** 2;
    nearest[bin] = kept.reduce((best, color, at) => (far(color) < far(kept[best]) ? at : best), 0);
  }
  const colors = Array.from({ length: COLORS }, (_, at) => kept[at] ?? [0, 0, 0]).flat();
  const indexOf = (/** @type {ImageData} */ { data }) => Uint8Array.from({ length: data.length / 4 }, (_, at) => nearest[binOf(data, 4 * at)]);
  return { colors, indexOf };
}

/** @param {Uint8Array} pixels indices of 256 colours @returns {number[]} */
function lzw(pixels) {
  const [clear, end] = [COLORS, COLORS + 1];
  /** @type {number[]} */
  const bytes = [];
  let [bits, filled, size, next] = [0, 0, 9, end + 1];
  /** @type {Map<number, number>} of a code and the pixel after it */
  let codes = new Map();
  const put = (/** @type {number} */ code) => {
    bits |= code << filled;
    filled += size;
    for (; filled >= 8; filled -= 8) {
      bytes.push(bits & 255);
      bits >>>= 8;
    }
  };
  put(clear);
  let code = pixels[0];
  for (let at = 1; at < pixels.length; at++) {
    const key = code * COLORS + pixels[at];
    const found = codes.get(key);
    if (found !== undefined) {
      code = found;
      continue;
    }
    put(code);
    if (next === MOST_CODES) {
      put(clear);
      [codes, size, next] = [new Map(), 9, end + 1];
    } else {
      if (next === 1 << size) size++;
      codes.set(key, next++);
    }
    code = pixels[at];
  }
  put(code);
  put(end);
  if (filled) bytes.push(bits & 255);
  return bytes;
}
