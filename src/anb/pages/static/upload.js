// The upload: a look at the file before it travels, a true progress bar while it does.

import { Upload } from "./resume.js";
import { fill, find, number, percent, say } from "./site.js";

const form = find("[data-upload]");
const words = JSON.parse(find("[data-words]", form).textContent);
const [title, file] = [form.elements.title, form.elements.video_file];
const [preview, sending, button, said] = ["video", "[data-sending]", "[data-send]", "[data-say]"].map((one) => find(one, form));
const SLACK = 0.3; // seconds; browsers measure a little differently, so what is that close the server judges
let travelling = null;
let awake = null;

form.noValidate = true; // our words stand beside the field; the browser's would be gone with the next tap

function blame(field, text) {
  const place = document.getElementById(`error-${field.id}`);
  place.textContent = text;
  place.hidden = !text;
  field.closest(".field").classList.toggle("wrong", Boolean(text));
  field.toggleAttribute("aria-invalid", Boolean(text));
  field.setAttribute("aria-describedby", `hint-${field.id}${text ? ` error-${field.id}` : ""}`);
  return !text;
}

function complaint(chosen) {
  if (!chosen) return words.no_file;
  if (chosen.size > words.most_bytes) return words.too_many_bytes;
  const { duration, videoWidth, videoHeight } = preview;
  if (!preview.dataset.known || !Number.isFinite(duration) || !videoWidth) return ""; // this browser cannot tell
  if (duration < words.least_seconds - SLACK) return fill(words.too_short, { seconds: number.format(duration) });
  if (duration > words.most_seconds + SLACK) return fill(words.too_long, { seconds: number.format(duration) });
  const size = { width: videoWidth, height: videoHeight };
  if (Math.min(videoWidth, videoHeight) < words.least_side) return fill(words.too_small, size);
  if (Math.max(videoWidth, videoHeight) > words.most_side) return fill(words.too_wide, size);
  return "";
}

function look() {
  const chosen = file.files[0];
  URL.revokeObjectURL(preview.src);
  delete preview.dataset.known;
  preview.hidden = true;
  // Some phones draw no first frame of a clip unless they are asked for a moment in it.
  if (blame(file, complaint(chosen))) preview.src = `${URL.createObjectURL(chosen)}#t=0.1`;
}

preview.addEventListener("loadedmetadata", () => {
  preview.dataset.known = "yes";
  preview.hidden = !preview.videoWidth;
  blame(file, complaint(file.files[0]));
});
file.addEventListener("change", look);
title.addEventListener("input", () => { if (title.value.trim()) blame(title, ""); });

function move(sent, total) {
  const mega = (bytes) => number.format(bytes / 1048576);
  find("[data-percent]", sending).textContent = percent.format(sent / total);
  find("[data-amount]", sending).textContent = sent < total ? fill(words.of, { sent: mega(sent), total: mega(total) }) : words.checking;
  find("progress", sending).value = (100 * sent) / total;
}

// A phone that locks its screen may stop sending: where the browser lets us, it stays awake as long as it sends.
async function stayAwake() {
  awake = await navigator.wakeLock?.request("screen").catch(() => null);
  if (!travelling) awake?.release();
}

function arrived() {
  travelling = null;
  awake?.release();
}

function rest(text) {
  arrived();
  sending.hidden = true;
  button.hidden = false;
  say(said, text);
  if (text) button.focus();
}

function answered({ status, body }) {
  if (!travelling) return; // called off
  if (status === 201) {
    arrived();
    return location.assign(`/videos/${body.video_id}`);
  }
  if (status === 401) return rest(words.entrance);
  const named = (body.errors ?? []).map((one) => [form.elements[one.field], one.message]).filter(([field]) => field);
  rest(named.length ? "" : (body.detail ?? words.offline));
  for (const [field, message] of named) blame(field, message);
  named[0]?.[0].focus();
}

function send() {
  travelling = new Upload(form.dataset.upload, file.files[0], title.value, move);
  stayAwake();
  say(said, "");
  button.hidden = true;
  sending.hidden = false;
  move(0, file.files[0].size);
  find("[data-cancel]", sending).focus();
  travelling.send().then(answered);
}

function callOff() {
  travelling?.stop();
  rest(words.cancelled);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const named = blame(title, title.value.trim() ? "" : words.no_name);
  const fits = blame(file, complaint(file.files[0]));
  if (named && fits) send();
  else (named ? file : title).focus();
});
find("[data-cancel]", form).addEventListener("click", callOff);
addEventListener("beforeunload", (event) => { if (travelling) event.preventDefault(); });
if (file.files[0]) look(); // the browser kept it over a reload
