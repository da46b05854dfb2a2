// What the site's service worker does for a page: it keeps what was fetched. Without one, as on a host that is reached by
// plain http, all works but without the network.

const version = () => document.documentElement.dataset.version ?? "";
const PATIENCE = 4000; // ms for which a page waits for the worker, so that what comes next goes through it

/** @type {Promise<void> | undefined} */
let ready;

/** The address of a file of this version of the site. @param {string} name */
export const addressed = (name) => `${name}?${version()}`;

/** Until the worker of this version is there, or it has become clear that there is none. */
export function workerReady() {
  ready ??= start().catch(() => {});
  return ready;
}

async function start() {
  const { serviceWorker } = navigator;
  if (!serviceWorker || !location.protocol.startsWith("http")) return;
  const address = new URL(addressed("sw.js"), document.baseURI).href;
  const isThere = () => serviceWorker.controller?.scriptURL === address;
  const changed = new Promise((resolve) => {
    serviceWorker.addEventListener("controllerchange", () => isThere() && resolve(null));
    setTimeout(resolve, PATIENCE);
  });
  await serviceWorker.register(address);
  if (!isThere()) await changed;
}

/** Has files kept that a person may want without the network, one after another. @param {string[]} names */
export function keep(names) {
  const { connection, serviceWorker } = /** @type {any} */ (navigator);
  if (connection?.saveData) return;
  serviceWorker?.controller?.postMessage({ keep: names.map((name) => new URL(name, document.baseURI).href) });
}

/** The packed scripts of a family's views. @param {string} name of the family */
export const filesOf = (name) => ["plotly.packed.js", `data/${name}.views.packed.js`];

/** @type {Map<string, Promise<void>>} */
const scripts = new Map();
/** What packed scripts have brought, by their names. @type {Record<string, string>} */
const packed = Reflect.get(globalThis, "packed");

/**
 * Runs a packed script of the site, once: one that is gzip, its bytes as letters in a script that works from a disk too,
 * where no page may read a file (app/site/packed.py).
 * @param {string} name
 */
export function scriptRun(name) {
  const known = scripts.get(name);
  if (known) return known;
  const run = unpackedAndRun(name).catch((error) => {
    scripts.delete(name);
    throw error;
  });
  scripts.set(name, run);
  return run;
}

const LETTERS = "windows-1252"; // where another letter stands for each of the 256 bytes

/** @param {string} name */
async function unpackedAndRun(name) {
  if (!("DecompressionStream" in globalThis)) throw new Error("this browser is too old for the pictures of this page: use a newer one");
  const problem = `${name} could not be loaded: this view needs the network the first time`;
  if (location.protocol.startsWith("http")) await addedAs(LETTERS, await fetchedAs(name, problem), problem);
  else await added(addressed(name), problem);
  const script = await unpacked(packed[name]).catch(() => Promise.reject(new Error(`${name} arrived damaged: load the page again`)));
  delete packed[name];
  await addedAs("utf-8", script, `${name} cannot be run by this browser`);
}

/** A file of the site. A server may say in which letters its scripts are, and be wrong for this one. @param {string} name @param {string} problem */
async function fetchedAs(name, problem) {
  const answer = await fetch(addressed(name)).catch(() => null);
  if (!answer?.ok) throw new Error(problem);
  return answer.arrayBuffer();
}

/** A script out of the letters that stand for the bytes of gzip, which has a check sum. @param {string} text */
async function unpacked(text) {
  const bytesOf = new Uint8Array(2 ** 16);
  const letters = new TextDecoder(LETTERS).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte));
  for (let byte = 0; byte < 256; byte++) bytesOf[letters.charCodeAt(byte)] = byte;
  const bytes = Uint8Array.from({ length: text.length }, (_, at) => bytesOf[text.charCodeAt(at)]);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/**
 * Runs a script that is here already.
 * @param {string} letters in which it is written
 * @param {ArrayBuffer} script
 * @param {string} problem said if it cannot be run
 */
async function addedAs(letters, script, problem) {
  const address = URL.createObjectURL(new Blob([script], { type: `text/javascript; charset=${letters}` }));
  await added(address, problem, letters).finally(() => URL.revokeObjectURL(address));
}

/**
 * Runs a script.
 * @param {string} address
 * @param {string} problem said if it cannot be loaded
 * @param {string} letters in which it is written, if the server does not say
 * @returns {Promise<void>}
 */
function added(address, problem, letters = LETTERS) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.charset = letters;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(problem));
    document.head.append(script);
  });
}
