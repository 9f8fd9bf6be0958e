// What a page does better with a script. Without one everything still works, with more clicks.

const locale = document.documentElement.lang === "es" ? "es-CO" : "en";
export const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
export const percent = new Intl.NumberFormat(locale, { style: "percent" });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: "America/Bogota" });
export const find = (selector, within = document) => within.querySelector(selector);
export const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
export const asJson = { headers: { Accept: "application/json" }, cache: "no-store" };

export function say(place, text, kind = "danger") {
  const notice = document.createElement("div");
  notice.className = `notice ${kind}`;
  notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  place.replaceChildren(...(text ? [notice] : []));
}

/* Forms: sent once, passwords that can be seen, the first mistake under the cursor. */

for (const form of document.querySelectorAll("form[data-once]")) {
  const button = find("button.button", form);
  form.addEventListener("submit", () => { button.disabled = true; });
  addEventListener("pageshow", () => { button.disabled = false; });
  for (const input of form.querySelectorAll("input[type=password]")) addReveal(input, form.dataset);
}
find("[aria-invalid]")?.focus();

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

/* A vote: counted where one stands, and the number swishes once. */

function count(ballot, said) {
  const votes = find("[data-votes]", ballot);
  votes.textContent = number.format(Number(votes.dataset.votes) + 1);
  ballot.classList.add("swish");
  settle(ballot, said);
}

function settle(ballot, said) {
  const done = Object.assign(document.createElement("p"), { className: "settled", textContent: said.dataset.voted, tabIndex: -1 });
  find("[data-vote]", ballot).replaceWith(done);
  done.focus();
}

async function vote(form, ballot, said) {
  const button = find("button", form);
  button.disabled = true;
  say(said, "");
  try {
    const answer = await fetch(form.dataset.vote, { ...asJson, method: "POST" });
    if (answer.status === 401) return location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    if (answer.ok) {
      count(ballot, said);
      return say(said, said.dataset.thanks, "success");
    }
    const problem = await answer.json();
    if (problem.code === "already-voted") settle(ballot, said);
    say(said, problem.detail);
  } catch {
    say(said, said.dataset.offline);
  }
  button.disabled = false;
}

const ballot = find("[data-ballot]");
find("[data-vote]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  vote(event.currentTarget, ballot, find("[data-say]", ballot));
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

/* The player: lighter where data are dear, and a glimpse of where one seeks to before its pictures have come. */

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

/* The live state of an edit: asked every second while somebody looks, slower when we cannot be reached. */

const play = find("[data-live]");
if (play?.dataset.live) follow(play);

function follow(place) {
  let timer = 0;
  let asking = false;
  const ask = async () => {
    clearTimeout(timer);
    if (asking) return;
    asking = true;
    const wait = await look(place);
    asking = false;
    if (wait && !document.hidden) timer = setTimeout(ask, wait);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  timer = setTimeout(ask, 500);
}

/** Show where the job stands; returns how long to wait before the next look, in milliseconds, 0 when it is over. */
async function look(place) {
  const said = find("[data-say]", place);
  try {
    const answer = await fetch(place.dataset.live, asJson);
    if (answer.status >= 500) throw new Error(answer.statusText);
    const job = answer.ok ? await answer.json() : {};
    if (!["queued", "running"].includes(job.state)) {
      location.reload(); // the page of what became of it
      return 0;
    }
    show(place, job);
    said.textContent = "";
    return 1000;
  } catch {
    said.textContent = place.dataset.lost;
    return 5000;
  }
}

function show(place, job) {
  const steps = ["received", "queued", "editing", "published"];
  const reached = steps.indexOf(job.state === "queued" ? "queued" : "editing");
  for (const step of place.querySelectorAll("[data-step]")) {
    const at = steps.indexOf(step.dataset.step);
    step.setAttribute("class", at < reached ? "done" : at > reached ? "next" : "now");
    if (step.matches("li") && at === reached) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  find("[data-next-try]", place).textContent = job.next_try_at ? fill(place.dataset.again, {
    time: clock.format(new Date(job.next_try_at)), attempt: job.attempt + 1,
  }) : "";
  find("[data-percent]", place).textContent = reached === 2 ? percent.format(job.progress / 100) : "";
  find("progress", place).value = job.progress;
}
