// A player's clips: the list follows the edits of those that are waiting.

import { follow } from "./follow.js";
import { renew } from "./renew.js";
import { find } from "./site.js";

const REST = 2000; // milliseconds between two requests, doubled while there is no answer
const LONGEST_WAIT = 60000;

const list = find("[data-clips]");
const known = new Map(); // the last state of each job that was followed, by its address
let timer = 0;
let asked = -REST;
let wait = REST;

if (list) watch();

function watch() {
  for (const { dataset } of list.querySelectorAll("[data-job]")) {
    const { job, state } = dataset;
    if (known.has(job)) continue;
    known.set(job, state);
    follow(job, {
      show(now) {
        if (now.state === known.get(job)) return;
        known.set(job, now.state);
        soon();
      },
      over: soon,
    });
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(load, Math.max(asked + REST - performance.now(), 0));
}

async function load() {
  asked = performance.now();
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (answer.redirected) return; // signed out meanwhile: the page stays as it is
    const made = answer.ok && find("[data-clips]", new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (made) {
      if (!renew(list, made)) list.addEventListener("focusout", soon, { once: true });
      wait = REST;
      return watch();
    }
  } catch { /* no signal */ }
  wait = Math.min(wait * 2, LONGEST_WAIT);
  timer = setTimeout(load, wait);
}
