// Files of a family: fetched once, held against the size and the CRC-32 that the manifest gives, and read as numbers.

/**
 * @typedef {object} Entry of a file in the manifest
 * @property {string} file
 * @property {number} bytes
 * @property {number} crc32
 */

/**
 * A file that the manifest names. What has come damaged out of a cache is fetched anew.
 * @param {URL} folder
 * @param {Entry} entry
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetched(folder, entry) {
  const address = new URL(entry.file, folder);
  for (const cache of /** @type {const} */ (["default", "reload"])) {
    const answer = await fetch(address, { cache });
    if (!answer.ok) throw new Error(`${address.pathname} answers ${answer.status}`);
    const data = await answer.arrayBuffer();
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
 * @returns {Map<string, Float32Array>}
 */
export function tensorsIn(data) {
  const size = Number(new DataView(data).getBigUint64(0, true));
  /** @type {Record<string, { dtype: string, data_offsets: [number, number] }>} */
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 8, size)));
  /** @type {Map<string, Float32Array>} */
  const found = new Map();
  for (const [name, { dtype, data_offsets: offsets }] of Object.entries(header)) {
    if (name === "__metadata__" || !(dtype in READERS)) continue; // whole numbers and flags are never mixed
    found.set(name, READERS[dtype](data.slice(8 + size + offsets[0], 8 + size + offsets[1])));
  }
  return found;
}

/** @type {Record<string, (data: ArrayBuffer) => Float32Array>} */
const READERS = {
  F16: (data) => Float32Array.from(new Uint16Array(data), (bits) => HALVES[bits]),
  F32: (data) => new Float32Array(data),
};

/** Each number of half precision by its bits, as not every browser has a Float16Array. */
const HALVES = Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
  const [sign, exponent, mantissa] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + mantissa / 1024) : sign * 2 ** -24 * mantissa;
});
