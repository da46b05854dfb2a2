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

/** The scripts of a family's views. @param {string} name of the family */
export const filesOf = (name) => ["plotly.min.js", `data/${name}.views.js`];

/** @type {Map<string, Promise<void>>} */
const scripts = new Map();

/** Runs a script of the site, once. @param {string} name */
export function scriptRun(name) {
  const known = scripts.get(name);
  if (known) return known;
  const run = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = addressed(name);
    script.onload = () => resolve(undefined);
    script.onerror = () => {
      scripts.delete(name);
      reject(new Error(`${name} could not be loaded: this view needs the network the first time`));
    };
    document.head.append(script);
  });
  scripts.set(name, /** @type {Promise<void>} */ (run));
  return /** @type {Promise<void>} */ (run);
}
