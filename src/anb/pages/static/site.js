// What pages do better with a script. Without it everything works, with more clicks.

const { locale } = document.body.dataset;
export const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
export const percent = new Intl.NumberFormat(locale, { style: "percent" });
export const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: "America/Bogota" });
export const find = (selector, within = document) => within.querySelector(selector);
export const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
export const asJson = { headers: { Accept: "application/json" }, cache: "no-store" };

export function say(place, text, kind = "danger") {
  const notice = document.createElement("div");
  notice.className = `notice ${kind}`;
  notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  place.replaceChildren(...(text ? [notice] : []));
}

/* Forms: sent once, passwords that can be shown, the first mistake focused. */

for (const form of document.querySelectorAll("form[data-once]")) {
  const button = find("button", form);
  form.addEventListener("submit", () => { button.disabled = true; });
  addEventListener("pageshow", () => { button.disabled = false; });
  for (const input of form.querySelectorAll("input[type=password]")) addReveal(input, form.dataset);
}
(find("[aria-invalid]") ?? find(".notice.danger"))?.focus();

/* A guardian is asked for when the year of birth is a minor's. The server asks too. */

const guardian = find("[data-guardian]");
if (guardian) {
  const year = find("[name=birth_year]", guardian.form);
  const follow = () => {
    const asks = year.value ? Number(year.value) >= Number(guardian.dataset.guardian) : Boolean(find("[aria-invalid]", guardian));
    guardian.hidden = guardian.disabled = !asks;
    for (const input of guardian.elements) input.required = asks;
  };
  year.addEventListener("input", follow);
  addEventListener("pageshow", follow); // a browser that goes back fills the field in again
  follow();
}

function addReveal(input, words) {
  const row = Object.assign(document.createElement("div"), { className: "secret" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: words.show });
  button.setAttribute("aria-controls", input.id);
  input.replaceWith(row);
  row.append(input, button);
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? words.hide : words.show;
    button.setAttribute("aria-pressed", String(shown));
  });
}

/* A vote: sent as its form would be. The page in the answer shows the result; the count is the server's. */

async function vote(form, turn) {
  const button = find("button", form);
  button.disabled = true;
  say(find("[data-say]", turn), "");
  let text = turn.dataset.offline;
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" }, cache: "no-store",
    });
    if (new URL(answer.url).pathname === "/login") return location.assign(answer.url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (find("[data-turn]", page)) return settle(page, answer.ok && turn.dataset.thanks);
    text = find("main p", page)?.textContent ?? text;
  } catch { /* no signal: said below */ }
  button.disabled = false;
  say(find("[data-say]", turn), text);
  turn.scrollIntoView({ block: "nearest" });
}

/** Replace the button with the answer, and animate the number if it changed. */
function settle(page, thanks) {
  const before = find("[data-votes]").textContent;
  for (const part of ['[data-part="count"]', "[data-turn]", '[data-part="counted"]']) find(part).replaceWith(find(part, page));
  const ballot = find("[data-ballot]");
  ballot.classList.toggle("swish", find("[data-votes]", ballot).textContent !== before);
  const done = find(".notice, .settled", ballot);
  if (!done) return;
  if (thanks) done.lastChild.data = thanks;
  done.tabIndex = -1;
  done.focus();
}

find("[data-vote]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  vote(event.currentTarget, find("[data-turn]"));
});

const share = find("[data-share]");
if (share && (navigator.share || navigator.clipboard)) {
  share.hidden = false;
  share.addEventListener("click", async () => {
    const url = location.origin + location.pathname;
    if (navigator.share) return navigator.share({ title: document.title, url }).catch(() => {}); // the sheet was closed
    await navigator.clipboard.writeText(url);
    find("span", share).textContent = share.dataset.copied;
  });
}

/* The player: lighter where data is expensive, and a preview of the seek position before its pictures arrive. */

const film = find(".screen video");
if (film) {
  const lighter = find("[data-lighter]");
  const thumbnails = find("track", film);
  if (lighter) offerLighter(lighter);
  if (thumbnails) film.addEventListener("loadedmetadata", () => glimpse(thumbnails, find("[data-glimpse]")), { once: true });
}

function offerLighter(button) {
  const tell = () => button.setAttribute("aria-pressed", String(film.currentSrc.endsWith(button.dataset.lighter)));
  const show = (src) => {
    const { currentTime, paused } = film;
    film.src = src;
    film.currentTime = currentTime;
    if (!paused) film.play();
  };
  film.addEventListener("loadstart", tell);
  tell();
  button.hidden = false;
  button.addEventListener("click", () => {
    show(button.getAttribute("aria-pressed") === "true" ? button.dataset.whole : button.dataset.lighter);
  });
  if (navigator.connection?.saveData) show(button.dataset.lighter);
}

function glimpse({ src, track }, place) {
  let leaving = 0;
  track.mode = "hidden"; // read, but not shown by the browser
  film.addEventListener("seeking", () => {
    const now = film.currentTime;
    const cue = [...(track.cues ?? [])].find(({ startTime, endTime }) => startTime <= now && now < endTime);
    if (!cue) return;
    const sheet = new URL(cue.text, src);
    const [left, top, width, height] = sheet.hash.replace("#xywh=", "").split(",");
    sheet.hash = "";
    Object.assign(place.style, { width: `${width}px`, height: `${height}px`, background: `url("${sheet}") -${left}px -${top}px` });
    place.hidden = false;
    clearTimeout(leaving);
  });
  film.addEventListener("seeked", () => {
    clearTimeout(leaving);
    leaving = setTimeout(() => { place.hidden = true; }, 600);
  });
}
