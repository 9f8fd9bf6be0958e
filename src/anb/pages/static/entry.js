// One chosen clip: what is wrong with it, its title, and where its seconds begin.

import { complaint, complaintOf } from "./look.js";
import { fill, find, number } from "./site.js";
import { Start } from "./start.js";

const MEASURING = 4000; // ms; a browser that has not told length and picture by then is not waited for
const LATEST = 1e6; // seconds; no clip is this long

/** Show what is wrong with a field next to it; "" if nothing is. */
export function blame(field, text) {
  const place = document.getElementById(`error-${field.id}`);
  place.textContent = text;
  place.hidden = !text;
  field.closest(".field").classList.toggle("wrong", Boolean(text));
  field.toggleAttribute("aria-invalid", Boolean(text));
  field.setAttribute("aria-describedby", `hint-${field.id}${text ? ` error-${field.id}` : ""}`);
}

export class Entry {
  file = null;
  looked = Promise.resolve();
  isSurplus = false; // the season takes no such number of clips
  wasRefused = false; // by the server
  #complaint = "";
  #words;
  #pending;
  #changed;
  #preview;
  #start;

  /** `changed` is called when what is wrong with it may have changed. */
  constructor(node, { words, pending, changed, remove }) {
    [this.node, this.#words, this.#pending, this.#changed] = [node, words, pending, changed];
    this.#preview = find("video", node);
    this.title = find("[name=title]", node);
    node.dataset.ready = "";
    this.#start = new Start(find("[data-start]", node), this.#preview, words);
    this.title.addEventListener("input", () => { if (this.title.value.trim()) blame(this.title, ""); });
    find("[data-remove]", node).addEventListener("click", remove);
    this.#preview.addEventListener("error", () => {
      this.#part("unseen").hidden = !this.#preview.hasAttribute("src");
      this.#start.hide();
    });
  }

  /** Why it may not be sent; "" if it may. */
  get wrong() {
    return this.#complaint || (this.isSurplus ? this.#words.surplus : "");
  }

  /** What is sent. */
  get clip() {
    return { file: this.file, title: this.title.value, start: this.#start.seconds, entry: this };
  }

  take(file) {
    this.file = file;
    this.wasRefused = false;
    this.looked = this.#look(file);
  }

  /** Forget the file; the title stays. */
  empty() {
    this.file = null;
    this.#part("about").hidden = true;
    for (const name of ["role", "aria-label"]) this.node.removeAttribute(name);
    this.#clear();
    this.recognize();
  }

  /** Show what is wrong. */
  show() {
    const place = this.#part("wrong");
    if (place.textContent !== this.wrong) place.textContent = this.wrong;
    place.hidden = !this.wrong;
  }

  /** An unfinished upload continues with the title and the start it began with. */
  recognize() {
    const before = this.file && this.#pending.find(this.file);
    this.#part("goes-on").hidden = !before;
    this.title.readOnly = Boolean(before);
    if (before) this.title.value = before.metadata.title;
    if (before) blame(this.title, "");
    if (this.#preview.videoWidth && !this.#complaint) this.#offer(before);
  }

  /** Show what the server refused in a field; false if it is no field of a clip. */
  blame(name, text) {
    const field = find(`[name="${name}"]`, this.node);
    if (field) blame(field, text);
    return Boolean(field);
  }

  async #look(file) {
    this.#clear();
    this.#part("about").hidden = false;
    this.#part("name").textContent = find("[data-remove] .hidden", this.node).textContent = file.name;
    this.#part("size").textContent = fill(this.#words.megabytes, { megabytes: number.format(file.size / 2 ** 20) });
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", file.name);
    this.recognize();
    const text = await complaint(file, this.#words);
    if (file !== this.file) return;
    if (text) this.#judge(text);
    else await this.#measure(file);
  }

  /** Wait for the browser to tell length and picture, but not for long. */
  #measure(file) {
    // Some phones draw the first frame of a clip only if the address names a moment in it.
    this.#preview.src = `${URL.createObjectURL(file)}#t=0.1`;
    return new Promise((done) => {
      setTimeout(done, MEASURING);
      this.#preview.addEventListener("error", done, { once: true });
      this.#preview.onloadedmetadata = this.#preview.ondurationchange = () => {
        if (!this.#preview.readyState) return;
        this.#preview.hidden = !this.#preview.videoWidth;
        if (this.#preview.duration === Infinity) return this.#seekEnd();
        this.#judge(complaintOf(this.#preview, this.#words));
        if (!this.wrong && this.#preview.videoWidth) this.#offer(this.#pending.find(file));
        done();
      };
    });
  }

  /** Browsers record WebM without a length: it is known once the end was looked for. */
  #seekEnd() {
    this.#preview.currentTime = LATEST;
    this.#preview.addEventListener("seeked", () => { this.#preview.currentTime = this.#start.seconds; }, { once: true });
  }

  #offer(before) {
    const kept = before ? Number(before.metadata.start_seconds ?? 0) : undefined;
    if (Number.isFinite(this.#preview.duration)) this.#start.offer(this.#preview.duration, kept);
  }

  #clear() {
    URL.revokeObjectURL(this.#preview.src);
    this.#preview.onloadedmetadata = this.#preview.ondurationchange = null;
    this.#preview.removeAttribute("src");
    this.#preview.load(); // forgets the picture of the file before
    this.#preview.hidden = this.#part("unseen").hidden = true;
    this.#start.hide();
    this.#judge("");
  }

  #judge(text) {
    this.#complaint = text;
    this.#changed();
  }

  #part(name) {
    return find(`[data-${name}]`, this.node);
  }
}
