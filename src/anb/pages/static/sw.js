// The worker behind the pages: without a network it shows one page that says so. It keeps that page and our own files, and
// nothing else: no page that a person opened, no answer of the API. The server puts VERSION, of our files, and EDITION, of
// the page and the files, before this line.

const KEPT = `offline-${EDITION}`;
const PAGE = `/offline${location.search}`; // in the language of the page that registered this worker
const FILES = `/static/${VERSION}/`;
const NEEDED = [PAGE, `${FILES}site.css`, `${FILES}site.js`, `${FILES}mark.svg`];

addEventListener("install", (event) => {
  // Without cookies: as everybody sees it.
  const asked = NEEDED.map((address) => new Request(address, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(asked)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => event.waitUntil(begin()));

async function begin() {
  const old = (await caches.keys()).filter((name) => name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  await registration.navigationPreload?.enable(); // the page is asked for while this worker starts
  await clients.claim();
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (NEEDED.includes(pathname)) event.respondWith(file(request));
  else if (request.mode === "navigate" && !pathname.startsWith("/api/")) event.respondWith(page(event));
});

async function file(request) {
  return (await caches.match(request, { cacheName: KEPT, ignoreVary: true })) ?? fetch(request);
}

async function page({ request, preloadResponse }) {
  try {
    return (await preloadResponse) ?? (await fetch(request));
  } catch {
    return (await caches.match(PAGE, { cacheName: KEPT, ignoreVary: true })) ?? Response.error();
  }
}
