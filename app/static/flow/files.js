// Files of a family: fetched once, held against the size and the CRC-32 that the manifest gives, and read as numbers.

/**
 * @typedef {object} Entry of a file in the manifest
 * @property {string} file
 * @property {number} bytes
 * @property {number} crc32
 * @property {string} [from] of weights: the member whose weights these are the differences from (app/site/packed.py)
 */

/**
 * The bytes of a file. It may lie compressed on the server: then it begins as gzip does, unless the browser has been told.
 * @param {URL | string} address
 * @param {RequestCache} [cache]
 * @returns {Promise<ArrayBuffer>}
 */
export async function bytesOf(address, cache = "default") {
  const answer = await fetch(address, { cache });
  if (!answer.ok) throw new Error(`${new URL(address).pathname} answers ${answer.status}`);
  const data = await answer.arrayBuffer();
  const [first, second] = new Uint8Array(data, 0, Math.min(2, data.byteLength));
  if (first !== 0x1f || second !== 0x8b) return data;
  if (typeof DecompressionStream !== "function") throw new Error("this browser is too old to decompress the models");
  const plain = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain).arrayBuffer().catch(() => new ArrayBuffer(0)); // damaged: of another size than any file
}

/**
 * A file that the manifest names. What has come damaged out of a cache is fetched anew.
 * @param {URL} folder
 * @param {Entry} entry
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetched(folder, entry) {
  const address = new URL(entry.file, folder);
  for (const cache of /** @type {const} */ (["default", "reload"])) {
    const data = await bytesOf(address, cache);
    if (data.byteLength === entry.bytes && crc32(new Uint8Array(data)) === entry.crc32) return data;
  }
  throw new Error(`${entry.file} arrived damaged: load the page again`);
}

/**
 * @param {URL} folder
 * @param {Entry} entry
 */
export async function floatsFrom(folder, entry) {
  return new Float32Array(await fetched(folder, entry));
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

/** @param {Uint8Array} data */
export function crc32(data) {
  let found = 0xffffffff;
  for (let at = 0; at < data.length; at++) found = (found >>> 8) ^ TABLE[(found ^ data[at]) & 0xff];
  return ~found >>> 0;
}

/**
 * The tensors of floats in a safetensors file, in single precision.
 * @param {ArrayBuffer} data
 * @param {Map<string, Float32Array> | null} [base] the tensors that those in half precision are the differences from
 * @returns {Map<string, Float32Array>}
 */
export function tensorsIn(data, base = null) {
  const size = Number(new DataView(data).getBigUint64(0, true));
  /** @type {Record<string, { dtype: string, data_offsets: [number, number], bytes?: string }>} */
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 8, size)));
  /** @type {Map<string, Float32Array>} */
  const found = new Map();
  for (const [name, { dtype, data_offsets: offsets }] of Object.entries(header)) {
    if (name === "__metadata__" || !(dtype in READERS)) continue; // whole numbers and flags are never mixed
    const part = data.slice(8 + size + offsets[0], 8 + size + offsets[1]);
    const numbers = header.__metadata__?.bytes === "split" ? whole(part, WIDTHS[dtype]) : part;
    if (base && dtype === "F16") addTo(new Uint16Array(numbers), base.get(name));
    found.set(name, READERS[dtype](numbers));
  }
  return found;
}

/**
 * Numbers out of their bytes, of which the highest of all numbers come first (app/site/packed.py).
 * @param {ArrayBuffer} data
 * @param {number} width bytes of a number
 */
function whole(data, width) {
  const bytes = new Uint8Array(data);
  const found = new Uint8Array(data.byteLength);
  const count = bytes.length / width;
  for (let place = 0; place < width; place++) {
    const start = (width - 1 - place) * count;
    for (let at = 0; at < count; at++) found[at * width + place] = bytes[start + at];
  }
  return found.buffer;
}

/**
 * Turns differences from other numbers in half precision into the numbers: see _differences in app/site/packed.py.
 * @param {Uint16Array} values in place: then the numbers' bits
 * @param {Float32Array | undefined} base
 */
function addTo(values, base) {
  if (base?.length !== values.length) throw new Error("the weights are differences from those of another network");
  const bits = new Uint32Array(base.buffer, base.byteOffset, base.length);
  for (let at = 0; at < values.length; at++) {
    const half = halfOf(bits[at]);
    const count = half & 0x8000 ? half ^ 0xffff : half | 0x8000; // the place in the order of all numbers
    const sum = count + ((values[at] >>> 1) ^ -(values[at] & 1));
    values[at] = sum & 0x8000 ? sum ^ 0x8000 : ~sum;
  }
}

/** The bits in half precision of a number that has been one. @param {number} bits of it in single precision */
function halfOf(bits) {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  if (exponent === 0) return sign;
  if (exponent < 113) return sign | ((mantissa | 0x800000) >>> (126 - exponent));
  return sign | ((exponent === 255 ? 31 : exponent - 112) << 10) | (mantissa >>> 13);
}

/** @type {Record<string, number>} */
const WIDTHS = { F16: 2, F32: 4, F64: 8 };

/** @type {Record<string, (data: ArrayBuffer) => Float32Array>} */
const READERS = {
  F16: (data) => halves(new Uint16Array(data)),
  F32: (data) => new Float32Array(data),
  F64: (data) => Float32Array.from(new Float64Array(data)),
};

/**
 * Half precision to single precision: by the bits, as not every browser has a Float16Array.
 * @param {Uint16Array} values
 */
function halves(values) {
  const bits = new Uint32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    const exponent = (value >>> 10) & 0x1f;
    const sign = (value & 0x8000) << 16;
    if (exponent) bits[at] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | ((value & 0x3ff) << 13);
    else if (value & 0x3ff) bits[at] = sign | subnormal(value & 0x3ff);
    else bits[at] = sign;
  }
  return new Float32Array(bits.buffer);
}

/** @param {number} mantissa below the smallest normal number of half precision */
function subnormal(mantissa) {
  SINGLE[0] = mantissa * 2 ** -24;
  return SINGLE_BITS[0];
}
const SINGLE = new Float32Array(1);
const SINGLE_BITS = new Uint32Array(SINGLE.buffer);
