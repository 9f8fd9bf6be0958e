// The upload page: it checks files before they are sent, sends them one after another, and lists unfinished uploads.

import { Chosen } from "./chosen.js";
import { open } from "./court.js";
import { Pending } from "./pending.js";
import { showing } from "./report.js";
import { Sending } from "./resume.js";
import { fill, find, say } from "./site.js";
import { offer } from "./waiting.js";

const form = find("[data-upload]");
const words = JSON.parse(find("[data-words]", form).textContent);
const pending = new Pending(form.dataset.owner);
const [court, entries, sending, button, said] = ["[data-court]", "[data-entries]", "[data-sending]", "[data-send]", "[data-say]"]
  .map((one) => find(one, form));
let travelling = null;
let awake = null;

form.noValidate = true; // our message stays next to the field; the browser's would vanish with the next tap

const chosen = new Chosen(form, find("#video_file", court), { words, pending, left: Number(form.dataset.left ?? Infinity) });
open(court, (files) => {
  say(said, ""); // messages about earlier files
  find(".notice.danger[role=alert]")?.remove();
  chosen.add(files);
});

/* Sending. A phone that locks its screen may stop, so it stays awake meanwhile, if the browser allows it. */

async function stayAwake() {
  awake = await navigator.wakeLock?.request("screen").catch(() => null);
  if (!travelling) awake?.release();
}
document.addEventListener("visibilitychange", () => { if (travelling && !document.hidden) stayAwake(); });

function begin() {
  button.hidden = find("[data-pending]").hidden = true;
  sending.hidden = false;
  court.inert = entries.inert = true;
  say(said, "");
}

function rest(text) {
  travelling = null;
  awake?.release();
  sending.hidden = true;
  button.hidden = false;
  court.inert = entries.inert = false;
  say(said, text);
  if (text) button.focus();
  chosen.recognize();
  waiting.show();
}

/** Show what the server refused: in the fields that it names, or return it as a text. */
function refusal({ title, entry }, { status, body }, isOne) {
  const left = (body.errors ?? []).filter(({ field, message }) => !entry?.blame(field, message));
  if (body.errors?.length && !left.length) return "";
  if (entry) entry.wasRefused = status === 400; // otherwise the file is not at fault
  const text = body.detail ?? words.offline;
  return isOne ? text : `${title}: ${text}`;
}

/** Send clips one after another: those of the form, or unfinished ones. One that is refused does not stop the others. */
async function send(clips) {
  begin();
  const told = [];
  let arrived = 0;
  let last = null; // the answer to the last clip that arrived
  for (const [at, clip] of clips.entries()) {
    const name = clips.length > 1 ? fill(words.which, { n: at + 1, total: clips.length, title: clip.title }) : clip.title;
    travelling = new Sending({ address: form.dataset.upload, ...clip, pending, report: showing(sending, name, clip.file.size, words) });
    stayAwake();
    find("[data-cancel]", sending).focus();
    const outcome = await travelling.run();
    if (outcome.status === 0) {
      told.push(words.cancelled);
      break;
    }
    if (outcome.status === 201) {
      [last, arrived] = [outcome, arrived + 1];
      if (clip.entry) chosen.remove(clip.entry);
    } else {
      told.push(refusal(clip, outcome, clips.length === 1));
    }
  }
  if (arrived === clips.length && !chosen.clips.length) {
    travelling = null;
    return location.assign(arrived > 1 || !last.body.video_id ? "/me" : `/videos/${last.body.video_id}`);
  }
  if (arrived) told.unshift(fill(words.some, { n: arrived, total: clips.length }));
  rest(told.filter(Boolean).join(" "));
  find("[aria-invalid]", form)?.focus();
}

const waiting = offer(find("[data-pending]"), pending, words, send);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const wrong = await chosen.check();
  if (travelling) return;
  if (wrong) wrong.focus();
  else send(chosen.clips);
});
find("[data-cancel]", form).addEventListener("click", () => travelling?.stop());
find("[data-retry]", form).addEventListener("click", () => travelling?.retry());
addEventListener("beforeunload", (event) => { if (travelling) event.preventDefault(); });
