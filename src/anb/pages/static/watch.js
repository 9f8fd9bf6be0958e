// A clip's page: vote, share, and go on to the next clip, all without loading the page again.

import { begin as count } from "./counts.js";
import { begin as play } from "./film.js";
import { find, say } from "./site.js";

const SWIPE = 60; // pixels sideways
const EDGE = 24; // pixels from the sides of the window, where browsers go back and forward on their own
const OUTSIDE = "a, button, input, textarea, select, summary, video";
const asPage = { headers: { Accept: "text/html" }, cache: "no-store" };
const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

let shown = here();
let steps = 0; // pages that were begun, and perhaps left before they came
play();
offerShare();

function here() {
  return location.pathname + location.search;
}

/* The next clip: its page is fetched and put into the place of this one. */

async function go(address, isNew) {
  const step = ++steps;
  const isPlayed = Boolean(find(".screen video")?.played.length);
  find("[data-onward]")?.setAttribute("aria-busy", "true");
  let page = null;
  try {
    page = await parse(await fetch(address, asPage));
  } catch { /* no signal: said below */ }
  if (step !== steps) return;
  find("[data-onward]")?.removeAttribute("aria-busy");
  if (!page) return say(find("[data-say]"), find("[data-turn]").dataset.offline);
  if (!find("[data-watch]", page)) return location.replace(address); // the clip is gone, or the session
  if (isNew) history.pushState({ watched: (history.state?.watched ?? 0) + 1 }, "", address);
  shown = here();
  document.title = page.title;
  find(".languages [name=next]").value = shown;
  find("[data-watch]").replaceWith(find("[data-watch]", page));
  scrollTo(0, 0);
  const title = find("[data-watch] h1");
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  count();
  play(isPlayed);
  offerShare();
}

const onward = () => {
  const link = find("[data-onward]");
  if (link) go(link.href, true);
};
const back = () => history.state?.watched && history.back();

addEventListener("popstate", () => {
  if (here() !== shown) go(location.href, false);
});
document.addEventListener("click", (event) => {
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!isPlain || !event.target.closest("[data-onward]")) return;
  event.preventDefault();
  onward();
});
document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, video")) return;
  if (event.key === "ArrowRight") onward();
  if (event.key === "ArrowLeft") back();
});

let touch = null;
document.addEventListener("touchstart", ({ touches, target }) => {
  const [{ clientX, clientY }] = touches;
  const isOurs = touches.length === 1 && !target.closest(OUTSIDE) && (window.visualViewport?.scale ?? 1) === 1;
  touch = isOurs && clientX > EDGE && clientX < innerWidth - EDGE ? { clientX, clientY } : null;
}, { passive: true });
document.addEventListener("touchend", ({ changedTouches }) => {
  if (!touch) return;
  const [{ clientX, clientY }] = changedTouches;
  const [across, down] = [clientX - touch.clientX, clientY - touch.clientY];
  touch = null;
  if (Math.abs(across) < SWIPE || Math.abs(down) > Math.abs(across) / 2) return;
  if (across < 0) onward();
  else back();
});

/* A vote: sent as its form would be. The page in the answer shows the result; the count is the server's. */

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-vote]")) return;
  event.preventDefault();
  vote(event.target, find("[data-turn]"));
});

const solve = async (challenge) => (await import("./challenge.js")).solve(JSON.parse(challenge));

async function vote(form, turn, challenge = form.dataset.challenge) {
  const button = find("button", form);
  button.disabled = true;
  say(find("[data-say]", turn), "");
  let text = turn.dataset.offline;
  try {
    const body = new URLSearchParams(new FormData(form));
    if (challenge) {
      say(find("[data-say]", turn), turn.dataset.solving, "info");
      body.set("altcha", await solve(challenge).catch(() => "")); // unsolved: the answer says what it needs
    }
    const answer = await fetch(form.action, { ...asPage, method: "POST", body });
    if (new URL(answer.url).pathname === "/login") return location.assign(answer.url);
    const page = await parse(answer);
    const asked = find("[data-challenge]", page);
    if (asked && !challenge) return vote(form, turn, asked.dataset.challenge);
    if (find("[data-turn]", page)) return settle(page);
    text = find("main p", page)?.textContent ?? text;
  } catch { /* no signal: said below */ }
  button.disabled = false;
  say(find("[data-say]", turn), text);
  turn.scrollIntoView({ block: "nearest" });
}

// A vote that was pressed before signing in, and needs a challenge: it goes on.
const pressed = find("form[data-challenge]");
if (pressed) vote(pressed, find("[data-turn]"));

/** Put the answer into the button's place, and animate the number if it changed. */
function settle(page) {
  const before = find("[data-votes]").textContent;
  for (const part of ['[data-part="count"]', "[data-turn]", '[data-part="counted"]']) find(part).replaceWith(find(part, page));
  const ballot = find("[data-ballot]");
  ballot.classList.toggle("swish", find("[data-votes]", ballot).textContent !== before);
  const answer = find(".notice, .settled", ballot);
  if (!answer) return;
  answer.tabIndex = -1;
  answer.focus({ preventScroll: true });
  find("[data-turn]").scrollIntoView({ block: "nearest" });
}

/* Share: the system's sheet, or a copied link. */

function offerShare() {
  const share = find("[data-share]");
  if (!share || !(navigator.share || navigator.clipboard)) return;
  share.hidden = false;
  share.addEventListener("click", async () => {
    const url = location.origin + location.pathname;
    if (navigator.share) return navigator.share({ title: document.title, url }).catch(() => {}); // the sheet was closed
    await navigator.clipboard.writeText(url);
    find("span", share).textContent = share.dataset.copied;
  });
}
