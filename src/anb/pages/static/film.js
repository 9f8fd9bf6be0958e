// The player: lighter where data is expensive, and a preview of the seek position before its pictures arrive.

import { find } from "./site.js";

const CHOICE = "anb-lighter"; // what this reader chose last

/** Make the player of a page better. Play it at once if the reader has played the clip before it. */
export function begin(isPlayed = false) {
  const film = find(".screen video");
  if (!film) return;
  const lighter = find("[data-lighter]");
  const thumbnails = find("track", film);
  if (lighter) offerLighter(film, lighter);
  if (thumbnails) film.addEventListener("loadedmetadata", () => glimpse(film, thumbnails, find("[data-glimpse]")), { once: true });
  if (isPlayed && !matchMedia("(prefers-reduced-motion: reduce)").matches) film.play().catch(() => {});
}

function offerLighter(film, button) {
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
    const isLight = button.getAttribute("aria-pressed") === "true";
    localStorage.setItem(CHOICE, isLight ? "no" : "yes");
    show(isLight ? button.dataset.whole : button.dataset.lighter);
  });
  const chosen = localStorage.getItem(CHOICE) ?? (navigator.connection?.saveData ? "yes" : "");
  if (chosen) show(chosen === "yes" ? button.dataset.lighter : button.dataset.whole);
}

function glimpse(film, { src, track }, place) {
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
