// Live counts: the server says when the public lists changed, and the page gets its numbers again. Without a stream,
// the page asks on its own, less often. Nothing happens while the page is hidden.

import { renew } from "./renew.js";
import { fill, find } from "./site.js";

const EVENTS = "/api/public/events";
const SPREAD = 5000; // ms over which pages spread their requests after a change
const REST = 10000; // ms between two requests, however often something changes
const SLOW = 30000; // ms until another try after a refusal, doubled each time
const SLOWEST = 600000;

let leave = () => {};
begin();

/** Keep the counts of the page, which now shows something else than before, or has just been loaded. */
export function begin() {
  leave();
  const place = find("[data-counts]");
  leave = place && !navigator.connection?.saveData ? keep(place) : () => {};
}

/** Keep the counts of a page, and return what ends it. */
function keep(place) {
  const { dataset } = place;
  const leaving = new AbortController();
  const { signal } = leaving;
  let stream = null;
  let timer = 0;
  let asking = null; // ends the current request
  let asked = -REST;
  let wait = SLOW;
  let shown = dataset.version;
  let wanted = shown; // "" if the server did not say
  let tag = "";
  let paused = false;

  const stop = () => {
    later(null);
    asking?.abort();
    asking = null;
    stream?.close();
    stream = null;
  };
  const start = () => {
    stop();
    if (!document.hidden && !paused) listen();
  };

  function later(act, milliseconds) {
    clearTimeout(timer);
    timer = act && setTimeout(() => { timer = 0; act(); }, milliseconds);
  }

  function slowly(least = 0) {
    const now = Math.max(wait, least) * (0.8 + 0.4 * Math.random());
    wait = Math.min(wait * 2, SLOWEST);
    return now;
  }

  function listen() {
    const own = new EventSource(EVENTS);
    stream = own;
    own.addEventListener("lists", ({ data }) => {
      wanted = JSON.parse(data).version;
      if (wanted === shown) wait = SLOW;
      else if (!timer && !asking) soon();
    });
    own.addEventListener("error", () => {
      if (own !== stream || own.readyState !== EventSource.CLOSED) return; // the browser reconnects on its own
      stream = null; // too many streams, or no server sends one
      wanted = "";
      if (!asking) later(ask, slowly());
    });
  }

  function soon() {
    later(ask, Math.max(asked + REST - performance.now(), 0) + SPREAD * Math.random());
  }

  async function ask() {
    asked = performance.now();
    const version = wanted;
    const question = new AbortController();
    asking = question;
    const answer = await get(version, question.signal);
    if (asking !== question) return; // stopped meanwhile
    asking = null;
    if (answer.isGone) return stop();
    if (!answer.isKnown) return later(ask, slowly(answer.seconds * 1000));
    shown = version;
    if (!stream) return listen();
    wait = SLOW;
    if (wanted !== shown) soon();
  }

  /** Get the counts of a version and show them. Each version has its own address, so that caches can share it. */
  async function get(version, ended) {
    const address = new URL(dataset.counts, location.href);
    if (version) address.searchParams.set("version", version);
    const headers = { Accept: "text/html", "Accept-Language": document.documentElement.lang };
    if (tag) headers["If-None-Match"] = tag;
    try {
      const answer = await fetch(address, { headers, credentials: "omit", cache: "no-store", signal: ended });
      if (answer.ok) {
        show(await answer.text());
        tag = answer.headers.get("ETag") ?? "";
      }
      return {
        isKnown: answer.ok || answer.status === 304,
        isGone: answer.status === 404,
        seconds: Number(answer.headers.get("Retry-After")) || 0,
      };
    } catch {
      return { isKnown: false, isGone: false, seconds: 0 }; // no signal, or stopped
    }
  }

  function show(text) {
    const first = leader();
    for (const part of new DOMParser().parseFromString(text, "text/html").querySelectorAll("[data-part]")) {
      const old = find(`[data-part="${part.dataset.part}"]`);
      if (old) renew(old, part);
    }
    place.hidden = !find('[data-part="counted"]').textContent;
    dataset.counts = find("[data-next]")?.dataset.next ?? dataset.counts; // the first clips have come
    if (first && leader() !== first) find("[data-told]").textContent = fill(dataset.first, { player: leader() });
  }

  offerPause((isPaused) => {
    paused = isPaused;
    start();
  });
  document.addEventListener("visibilitychange", start, { signal });
  addEventListener("pagehide", stop, { signal });
  addEventListener("pageshow", ({ persisted }) => persisted && start(), { signal });
  start();
  return () => {
    leaving.abort();
    stop();
  };
}

function leader() {
  return find('[data-part="standings"] .step-1 h2')?.textContent;
}

function offerPause(tell) {
  const button = find("[data-pause]");
  const words = [button.textContent, button.dataset.resume];
  let isPaused = false;
  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.textContent = words[Number(isPaused)];
    tell(isPaused);
  });
}
