// A TrueType font that goes into a file: which characters it has, and its bytes with no more in them than is needed.

const SET_BY_FILES = ["cmap", "glyf", "loca", "post"]; // tables that `only` writes anew
/** Kerning, ligatures and the like: jsPDF does not know them, so that text is measured without them. */
const SET_BY_NOBODY = ["BASE", "DSIG", "FFTM", "GDEF", "GPOS", "GSUB", "MATH", "STAT", "kern"];
const POST_WITHOUT_NAMES = 0x00030000;
const COMPOSITE = { wide: 1, scaled: 8, more: 32, scaledTwice: 64, matrix: 128 }; // flags of a glyph made of others

export class Font {
  /** @type {Map<string, Uint8Array>} */
  #tables = new Map();
  /** @type {Map<number, number>} glyphs of characters, by their code points */
  #glyphs = new Map();

  /** @param {Uint8Array} bytes of a file whose `loca` is long and whose `cmap` has a table of format 12 */
  constructor(bytes) {
    this.bytes = bytes;
    const view = viewOf(bytes);
    for (let at = 12; at < 12 + 16 * view.getUint16(4); at += 16) {
      const start = view.getUint32(at + 8);
      const name = String.fromCharCode(...bytes.subarray(at, at + 4));
      this.#tables.set(name, bytes.subarray(start, start + view.getUint32(at + 12)));
    }
    this.#readCharacters();
  }

  /** @param {string} character */
  has(character) {
    return this.#glyphs.has(character.codePointAt(0) ?? 0);
  }

  /** The font as jsPDF sets it: each letter as wide as it is alone. */
  plain() {
    return written(new Map([...this.#tables].filter(([name]) => !SET_BY_NOBODY.includes(name))));
  }

  /**
   * The plain font with the characters of a text alone.
   * @param {string} text
   */
  only(text) {
    const codes = [...new Set([...text].map((one) => one.codePointAt(0) ?? 0))].filter((code) => this.#glyphs.has(code));
    codes.sort((a, b) => a - b);
    const kept = [...this.#tables].filter(([name]) => ![...SET_BY_FILES, ...SET_BY_NOBODY].includes(name));
    const post = this.#table("post").slice(0, 32);
    viewOf(post).setUint32(0, POST_WITHOUT_NAMES);
    return written(new Map([...kept, ["post", post], ["cmap", this.#charactersOf(codes)], ...this.#outlinesOf(codes)]));
  }

  /** @param {string} name */
  #table(name) {
    const table = this.#tables.get(name);
    if (!table) throw new Error(`The font has no table ${name}.`);
    return table;
  }

  #readCharacters() {
    const view = viewOf(this.#table("cmap"));
    for (let at = 4; at < 4 + 8 * view.getUint16(2); at += 8) {
      const start = view.getUint32(at + 4);
      if (view.getUint16(start) !== 12) continue;
      for (let group = start + 16; group < start + 16 + 12 * view.getUint32(start + 12); group += 12) {
        const [first, last, glyph] = [0, 4, 8].map((offset) => view.getUint32(group + offset));
        for (let code = first; code <= last; code++) this.#glyphs.set(code, glyph + code - first);
      }
    }
  }

  /**
   * @param {number[]} codes in ascending order
   * @returns {Uint8Array} a `cmap`
   */
  #charactersOf(codes) {
    const view = new DataView(new ArrayBuffer(28 + 12 * codes.length));
    view.setUint16(2, 1); // one table,
    view.setUint16(4, 3); // of Windows,
    view.setUint16(6, 10); // for all of Unicode
    view.setUint32(8, 12);
    view.setUint16(12, 12);
    view.setUint32(16, 16 + 12 * codes.length);
    view.setUint32(24, codes.length);
    codes.forEach((code, index) =>
      [code, code, this.#glyphs.get(code) ?? 0].forEach((value, part) => view.setUint32(28 + 12 * index + 4 * part, value)),
    );
    return new Uint8Array(view.buffer);
  }

  /**
   * @param {number[]} codes
   * @returns {[string, Uint8Array][]} `glyf` and `loca`, in which each glyph has the number that it had
   */
  #outlinesOf(codes) {
    const [glyf, old] = [this.#table("glyf"), viewOf(this.#table("loca"))];
    const outline = (/** @type {number} */ glyph) => glyf.subarray(old.getUint32(4 * glyph), old.getUint32(4 * glyph + 4));
    const wanted = new Set([0, ...codes.map((code) => this.#glyphs.get(code) ?? 0)]);
    for (const glyph of wanted) for (const part of partsOf(outline(glyph))) wanted.add(part);
    const places = new DataView(new ArrayBuffer(old.byteLength));
    /** @type {Uint8Array[]} */
    const outlines = [];
    let size = 0;
    for (let glyph = 0; 4 * glyph < old.byteLength - 4; glyph++) {
      if (wanted.has(glyph)) {
        outlines.push(padded(outline(glyph)));
        size += outlines[outlines.length - 1].length;
      }
      places.setUint32(4 * glyph + 4, size);
    }
    return [
      ["glyf", joined(outlines)],
      ["loca", new Uint8Array(places.buffer)],
    ];
  }
}

/**
 * The glyphs that a glyph is made of.
 * @param {Uint8Array} outline
 * @returns {number[]}
 */
function partsOf(outline) {
  const view = viewOf(outline);
  const parts = [];
  if (!outline.length || view.getInt16(0) >= 0) return [];
  for (let [at, flags] = [10, COMPOSITE.more]; flags & COMPOSITE.more; ) {
    flags = view.getUint16(at);
    parts.push(view.getUint16(at + 2));
    at += flags & COMPOSITE.wide ? 8 : 6;
    if (flags & COMPOSITE.scaled) at += 2;
    else if (flags & COMPOSITE.scaledTwice) at += 4;
    else if (flags & COMPOSITE.matrix) at += 8;
  }
  return parts;
}

/**
 * A font file of these tables.
 * @param {Map<string, Uint8Array>} tables
 */
function written(tables) {
  const names = [...tables.keys()].sort();
  const head = new DataView(new ArrayBuffer(12 + 16 * names.length));
  const power = Math.floor(Math.log2(names.length));
  head.setUint32(0, 0x00010000);
  [names.length, 16 * 2 ** power, power, 16 * (names.length - 2 ** power)].forEach((value, index) =>
    head.setUint16(4 + 2 * index, value),
  );
  const parts = [new Uint8Array(head.buffer)];
  let start = head.byteLength;
  for (const [index, name] of names.entries()) {
    const table = tables.get(name) ?? new Uint8Array();
    const whole = padded(table);
    const at = 12 + 16 * index;
    [...name].forEach((letter, place) => head.setUint8(at + place, letter.charCodeAt(0)));
    [sumOf(whole), start, table.length].forEach((value, place) => head.setUint32(at + 4 + 4 * place, value));
    parts.push(whole);
    start += whole.length;
  }
  return joined(parts);
}

/** @param {Uint8Array} bytes a multiple of four */
function sumOf(bytes) {
  const view = viewOf(bytes);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4) sum = (sum + view.getUint32(at)) >>> 0;
  return sum;
}

/** @param {Uint8Array} bytes */
function padded(bytes) {
  const whole = new Uint8Array(4 * Math.ceil(bytes.length / 4));
  whole.set(bytes);
  return whole;
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes */
function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
