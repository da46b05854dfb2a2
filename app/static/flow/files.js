// Fetches the files of a family, checks their size and CRC-32 against the manifest, and reads their numbers.

/**
 * @typedef {object} Entry a file in the manifest
 * @property {string} file name, which ends in .xz if the file is compressed
 * @property {number} bytes size of the uncompressed file
 * @property {number} crc32 checksum of the uncompressed file
 * @property {number} [packed] size of the compressed file
 */

/** The total size of all requested files and the number of bytes received; `changed` is called after each part. */
export const traffic = { received: 0, total: 0, changed: () => {} };

/**
 * Fetches a file of the manifest. If a cached file is damaged, it is fetched again from the server.
 * @param {URL} folder
 * @param {Entry} entry
 * @param {Promise<unknown>} [before] another download that must finish first
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetched(folder, entry, before) {
  const address = new URL(entry.file, folder);
  for (const cache of /** @type {const} */ (["default", "reload"])) {
    traffic.total += entry.packed ?? entry.bytes;
    await before;
    const sent = await received(address, cache);
    const data = entry.packed === undefined ? sent : await unpacked(sent);
    if (data.byteLength === entry.bytes && crc32(new Uint8Array(data)) === entry.crc32) return data;
  }
  throw new Error(`${entry.file} arrived damaged: load the page again`);
}

/** @param {URL} address @param {RequestCache} cache @returns {Promise<ArrayBuffer>} */
async function received(address, cache) {
  const answer = await fetch(address, { cache });
  if (!answer.ok || !answer.body) throw new Error(`${address.pathname} answers ${answer.status}`);
  const parts = [];
  const reader = answer.body.getReader();
  for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) {
    parts.push(value);
    traffic.received += value.length;
    traffic.changed();
  }
  return new Blob(parts).arrayBuffer();
}

/** Unpacks an xz file. The result is empty if the file is damaged. @param {ArrayBuffer} data */
async function unpacked(data) {
  const { XzReadableStream } = await import(new URL("../vendor/ort/xz.js", import.meta.url).href);
  const stream = new XzReadableStream(new Blob([data]).stream());
  return new Response(stream).arrayBuffer().catch(() => new ArrayBuffer(0));
}

/** @param {ArrayBuffer} data */
export const floatsIn = (data) => new Float32Array(data);

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
 * Reads the float tensors of a safetensors file in single precision.
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
    if (name === "__metadata__" || !(dtype in READERS)) continue; // integers and booleans are not interpolated
    found.set(name, READERS[dtype](data.slice(8 + size + offsets[0], 8 + size + offsets[1])));
  }
  return found;
}

/** @type {Record<string, (data: ArrayBuffer) => Float32Array>} */
const READERS = {
  F16: (data) => Float32Array.from(new Uint16Array(data), (bits) => HALVES[bits]),
  F32: floatsIn,
};

/** All half-precision numbers, indexed by their bits, because some browsers have no Float16Array. */
const HALVES = Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
  const [sign, exponent, mantissa] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + mantissa / 1024) : sign * 2 ** -24 * mantissa;
});
