// The upload page: it checks a file before it is sent, shows its progress, and lists unfinished uploads.

import { complaint, complaintOf } from "./look.js";
import { Pace } from "./pace.js";
import { Pending } from "./pending.js";
import { Sending } from "./resume.js";
import { fill, find, percent, say } from "./site.js";
import { offer } from "./waiting.js";

const form = find("[data-upload]");
const words = JSON.parse(find("[data-words]", form).textContent);
const pending = new Pending(form.dataset.owner);
const [title, file] = [form.elements.title, form.elements.video_file];
const [preview, sending, button, said] = ["video", "[data-sending]", "[data-send]", "[data-say]"].map((one) => find(one, form));
const state = find("[data-state]", sending);
let looked = Promise.resolve(true); // whether the chosen file may be sent
let travelling = null;
let awake = null;

form.noValidate = true; // our message stays next to the field; the browser's would vanish with the next tap

function blame(field, text) {
  const place = document.getElementById(`error-${field.id}`);
  place.textContent = text;
  place.hidden = !text;
  field.closest(".field").classList.toggle("wrong", Boolean(text));
  field.toggleAttribute("aria-invalid", Boolean(text));
  field.setAttribute("aria-describedby", `hint-${field.id}${text ? ` error-${field.id}` : ""}`);
  return !text;
}

/* The chosen file. Messages about an earlier one are removed. */

async function look() {
  const chosen = file.files[0];
  URL.revokeObjectURL(preview.src);
  preview.removeAttribute("src");
  preview.hidden = true;
  find("[data-unseen]", form).hidden = true;
  say(said, "");
  find(".notice.danger[role=alert]")?.remove();
  recognize(chosen);
  const text = await complaint(chosen, words);
  if (chosen !== file.files[0]) return false;
  // Some phones draw the first frame of a clip only if the address names a moment in it.
  if (!text) preview.src = `${URL.createObjectURL(chosen)}#t=0.1`;
  return blame(file, text);
}

/** An unfinished upload continues under the title it began with. */
function recognize(chosen) {
  const before = chosen && pending.find(chosen);
  find("[data-goes-on]", form).hidden = !before;
  if (before) title.value = before.metadata.title;
  if (before) blame(title, "");
  title.readOnly = Boolean(before);
}

function measured() {
  preview.hidden = !preview.videoWidth;
  const text = complaintOf(preview, words);
  looked = looked.then((fits) => fits && blame(file, text));
}

preview.addEventListener("loadedmetadata", measured);
preview.addEventListener("error", () => { find("[data-unseen]", form).hidden = !preview.hasAttribute("src"); });
file.addEventListener("change", () => { looked = look(); });
title.addEventListener("input", () => { if (title.value.trim()) blame(title, ""); });

/* Sending. The bar shows the bytes that the server has acknowledged, not those that were handed to the system. */

// A phone that locks its screen may stop sending, so it stays awake while it sends, if the browser allows it.
async function stayAwake() {
  awake = await navigator.wakeLock?.request("screen").catch(() => null);
  if (!travelling) awake?.release();
}
document.addEventListener("visibilitychange", () => { if (travelling && !document.hidden) stayAwake(); });

function report(pace) {
  let arrived = [0, 0];
  const count = () => { find("[data-amount]", sending).textContent = pace.say(...arrived); };
  return ({ kind, sent, total, found, status, seconds, detail }) => {
    const isWaiting = kind === "waiting";
    find("[data-enter]", sending).hidden = status !== 401;
    sending.classList.toggle("waiting", isWaiting);
    if (isWaiting) {
      pace.rest();
      count();
      state.textContent = waits(status, seconds, detail);
    } else if (kind === "handed") {
      state.textContent = words.checking;
    } else {
      if (found) pace.rest();
      pace.note(sent);
      arrived = [sent, total];
      state.textContent = "";
      find("[data-percent]", sending).textContent = percent.format(sent / total);
      count();
      find("progress", sending).value = (100 * sent) / total;
    }
  };
}

function waits(status, seconds, detail) {
  if (status === 0) return words.no_signal;
  if (status === 401) return words.signed_out;
  return fill(words.waits, { why: detail ?? words.busy, seconds: Math.round(seconds) });
}

function rest(text) {
  travelling = null;
  awake?.release();
  sending.hidden = true;
  button.hidden = false;
  say(said, text);
  if (text) button.focus();
  recognize(file.files[0]);
  waiting.show();
}

function refused({ body }, name) {
  const named = (body.errors ?? []).map((one) => [form.elements[one.field], one.message]).filter(([field]) => field?.id);
  const text = body.detail ?? words.offline;
  rest(named.length ? "" : name ? `${name}: ${text}` : text);
  for (const [field, message] of named) blame(field, message);
  named[0]?.[0].focus();
}

/** Send clips one after another: the one of the form, or unfinished ones. */
async function send(clips) {
  button.hidden = find("[data-pending]").hidden = true;
  sending.hidden = false;
  say(said, "");
  let outcome;
  for (const clip of clips) {
    const pace = new Pace(words);
    const show = report(pace);
    travelling = new Sending({ address: form.dataset.upload, ...clip, pending, report: show });
    stayAwake();
    find("[data-what]", sending).textContent = clip.title;
    show({ kind: "sent", sent: 0, total: clip.file.size });
    find("[data-cancel]", sending).focus();
    outcome = await travelling.run();
    if (outcome.status === 0) return rest(words.cancelled);
    if (outcome.status !== 201) return refused(outcome, clips.length > 1 && clip.title);
  }
  travelling = null;
  location.assign(clips.length > 1 || !outcome.body.video_id ? "/me" : `/videos/${outcome.body.video_id}`);
}

const waiting = offer(find("[data-pending]"), pending, words, send);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const named = blame(title, title.value.trim() ? "" : words.no_name);
  if (!file.files[0]) looked = look();
  const fits = await looked;
  if (travelling) return;
  if (named && fits) send([{ file: file.files[0], title: title.value }]);
  else (named ? file : title).focus();
});
find("[data-cancel]", form).addEventListener("click", () => travelling?.stop());
find("[data-retry]", form).addEventListener("click", () => travelling?.retry());
addEventListener("beforeunload", (event) => { if (travelling) event.preventDefault(); });
if (file.files[0]) looked = look(); // the browser kept the file over a reload
