// More clips: the next pages of the list come below this one near its end, and come again on the way back.
// The link to the next page stays: for the keyboard, for a saver of data, and to reach what is below the list.

import { fill, find } from "./site.js";

const AHEAD = "0px 0px 600px"; // how near the end is
const ALONE = 3; // pages that come without a press of the link
const MOST = 10; // pages that come again on the way back
const REST = 200; // ms without scrolling, after which the place is remembered

const list = find(".clips .cards");
const nav = find(".clips .onward");
const link = nav && find("[rel=next]", nav);
const status = find("[data-more]");
const clipOf = (card) => new URL(find("a", card).href).pathname;

let added = 0; // pages
let alone = 0;
let timer = 0;

/** Add the next page, and return its cards; null without one. */
async function add() {
  if (!link?.isConnected || list.ariaBusy === "true") return null;
  list.ariaBusy = "true";
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!find(".clips .cards", page)) return null; // a refusal, or nothing more
    const shown = new Set([...list.children].map(clipOf));
    const cards = [...page.querySelectorAll(".clips .cards > li")].filter((card) => !shown.has(clipOf(card)));
    list.append(...cards);
    const next = find(".clips [rel=next]", page);
    if (next) link.href = next.href;
    else link.remove();
    added += 1;
    history.scrollRestoration = "manual"; // the browser would restore the place before the cards are there
    return cards;
  } catch {
    return null; // no signal: the link is still there
  } finally {
    list.ariaBusy = "false";
  }
}

const tell = (cards) => { status.textContent = fill(status.dataset.more, { count: cards.length }); };

/* Near the end, and by the link. */

const watcher = new IntersectionObserver(async ([{ isIntersecting }]) => {
  if (!isIntersecting || alone >= ALONE || !link.isConnected) return;
  alone += 1;
  const cards = await add();
  if (!cards) return watcher.disconnect(); // not again without a press
  tell(cards);
  remember();
  watch();
}, { rootMargin: AHEAD });

function watch() {
  watcher.disconnect();
  if (!navigator.connection?.saveData) watcher.observe(nav); // and tells at once whether the end is near
}

async function press(event) {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const cards = await add();
  if (!cards) return location.assign(link.href);
  tell(cards);
  find("a", cards[0] ?? list.lastElementChild).focus({ preventScroll: true });
  alone = 0;
  remember();
  watch();
}

/* The way back: how many pages there were, and where the first visible card stood. */

function remember() {
  clearTimeout(timer);
  if (!added) return;
  const card = [...list.children].find((each) => each.getBoundingClientRect().bottom > 0);
  const place = card && { clip: clipOf(card), top: card.getBoundingClientRect().top };
  history.replaceState({ ...history.state, list: { pages: added, place } }, "");
}

async function comeBack({ pages, place }) {
  const moved = new AbortController();
  for (const act of ["wheel", "touchstart", "keydown"]) addEventListener(act, () => moved.abort(), { signal: moved.signal });
  for (let page = 0; page < Math.min(pages, MOST); page++) if (!(await add())) break;
  const card = [...list.children].find((each) => clipOf(each) === place?.clip);
  if (card && !moved.signal.aborted) scrollBy(0, card.getBoundingClientRect().top - place.top);
  moved.abort();
}

if (link) {
  const { list: known } = history.state ?? {};
  link.addEventListener("click", press);
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(remember, REST);
  }, { passive: true });
  list.addEventListener("click", remember);
  if (known) await comeBack(known);
  watch();
}
