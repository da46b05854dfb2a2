// The service worker of the site: it keeps what was fetched, so that the page works without the network once it has been
// opened. A new version of the site has a new worker, which throws away what the one before has kept.

const worker = /** @type {any} */ (self); // whose types are those of a page here
const VERSION = "<!-- version -->";
const SHELL = ["<!-- shell -->"]; // what the page is made of
const NAME = `ibinn-${new URL(worker.registration.scope).pathname}`;
const CACHE = `${NAME}-${VERSION}`;

worker.addEventListener("install", (/** @type {any} */ event) => {
  worker.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)));
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  const forget = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(NAME) && name !== CACHE).map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(forget());
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(worker.registration.scope)) return;
  event.respondWith(request.mode === "navigate" ? newest(request) : kept(request));
});

// What a page wants to have without the network too, one file after another.
worker.addEventListener("message", (/** @type {any} */ event) => {
  const keep = async () => {
    for (const address of event.data.keep ?? []) await kept(new Request(address)).catch(() => {});
  };
  event.waitUntil(keep());
});

/** The page: as it is on the server, or, without the network, as it was. @param {Request} request */
async function newest(request) {
  const cache = await caches.open(CACHE);
  try {
    return await fetch(request);
  } catch (error) {
    const found = await cache.match("./");
    if (found) return found;
    throw error;
  }
}

/** All else: what has been fetched already, unless it is asked for anew. @param {Request} request */
async function kept(request) {
  const cache = await caches.open(CACHE);
  const found = request.cache === "reload" ? undefined : await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.status === 200) await cache.put(request, answer.clone()).catch(() => {}); // a full disk is no harm
  return answer;
}
