// The clips that were chosen and not sent yet. There is always a place for one, so that a title can be typed first.

import { blame, Entry } from "./entry.js";
import { fill, find } from "./site.js";

export class Chosen {
  #entries = [];
  #blank;
  #made = 0;
  #place;
  #file;
  #button;
  #shared;
  #left;

  /** `file` is the field in which clips are chosen, `left` how many the season still takes. */
  constructor(form, file, { words, pending, left }) {
    [this.#place, this.#file, this.#button, this.#left] = [find("[data-entries]", form), file, find("[data-send]", form), left];
    this.#shared = { words, pending, changed: () => this.#settle() };
    const first = find("[data-entry]", this.#place);
    this.#blank = first.cloneNode(true);
    this.#entries.push(this.#entry(first));
  }

  get clips() {
    return this.#entries.filter((entry) => entry.file).map((entry) => entry.clip);
  }

  /** Add files: first in the places of clips that cannot be sent, whose titles stay. */
  add(files) {
    const key = (file) => this.#shared.pending.key(file);
    const free = this.#entries.filter((entry) => !entry.file || entry.wrong || entry.wasRefused);
    const known = new Set(this.#entries.filter((entry) => !free.includes(entry)).map((entry) => key(entry.file)));
    for (const file of files) {
      if (known.has(key(file))) continue;
      known.add(key(file));
      (free.shift() ?? this.#grow()).take(file);
    }
    this.#settle();
  }

  /** Take a clip away; the last one leaves its title. */
  remove(entry) {
    this.#file.value = ""; // so that the same file can be chosen again
    entry.empty();
    if (this.#entries.length > 1) {
      entry.node.remove();
      this.#entries.splice(this.#entries.indexOf(entry), 1);
    }
    this.#settle();
  }

  /** Return the field that keeps the clips from being sent; null if they may be. */
  async check() {
    await Promise.all(this.#entries.map((entry) => entry.looked));
    const { words } = this.#shared;
    const taken = this.#entries.filter((entry) => entry.file);
    blame(this.#file, taken.length ? "" : words.no_file);
    this.#settle();
    for (const { title } of this.#entries) blame(title, title.value.trim() ? "" : words.no_name);
    if (!taken.length || taken.some((entry) => entry.wrong)) return this.#file;
    return this.#entries.find(({ title }) => !title.value.trim())?.title ?? null;
  }

  /** Look again for unfinished uploads of these files. */
  recognize() {
    for (const entry of this.#entries) entry.recognize();
  }

  #grow() {
    const node = this.#blank.cloneNode(true);
    this.#made += 1;
    for (const part of node.querySelectorAll("[id], [for], [aria-describedby]")) {
      for (const name of ["id", "for", "aria-describedby"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.split(" ").map((one) => `${one}-${this.#made}`).join(" "));
      }
    }
    this.#place.append(node);
    const entry = this.#entry(node);
    entry.title.value = "";
    this.#entries.push(entry);
    return entry;
  }

  #entry(node) {
    const entry = new Entry(node, { ...this.#shared, remove: () => {
      this.remove(entry);
      this.#file.focus();
    } });
    return entry;
  }

  /** Mark the clips that are too many for the season, show what is wrong, and count. */
  #settle() {
    const { words } = this.#shared;
    const taken = this.#entries.filter((entry) => entry.file);
    for (const [at, entry] of taken.entries()) entry.isSurplus = at >= this.#left;
    for (const entry of this.#entries) entry.show();
    const wrong = taken.filter((entry) => entry.wrong).map((entry) => find("[data-wrong]", entry.node).id);
    if (taken.length) blame(this.#file, "");
    this.#file.toggleAttribute("aria-invalid", wrong.length > 0);
    if (wrong.length) this.#file.setAttribute("aria-describedby", ["hint-video_file", ...wrong].join(" "));
    this.#button.textContent = taken.length > 1 ? fill(words.send_all, { n: taken.length }) : words.send;
  }
}
