// Where the seconds of a clip that its edit shows begin: a slider, with the picture of that moment. Without a script it
// is a field for a number; a clip that this browser cannot show begins at its beginning.

import { fill, find, number } from "./site.js";

const STEP = 0.5; // seconds of an arrow key

export class Start {
  #place;
  #preview;
  #words;
  #input;
  #length = 0;

  constructor(place, preview, words) {
    [this.#place, this.#preview, this.#words, this.#input] = [place, preview, words, find("input", place)];
    Object.assign(this.#input, { type: "range", step: STEP });
    find("[data-span]", place).hidden = false;
    this.#input.addEventListener("input", () => this.#seek());
    find("[data-play]", place).addEventListener("click", () => this.#play());
    preview.addEventListener("timeupdate", () => {
      if (!preview.paused && preview.currentTime >= this.#end) this.#seek();
    });
    this.hide();
  }

  /** The second that was chosen; 0 where there is nothing to choose. */
  get seconds() {
    return this.#place.hidden ? 0 : Number(this.#input.value);
  }

  get #end() {
    return Math.min(this.seconds + this.#words.edit_seconds, this.#length);
  }

  hide() {
    this.#place.hidden = true;
  }

  /** Let a person choose within a clip that is longer than an edit. `kept` is the start of an upload that goes on. */
  offer(length, kept) {
    const most = Math.floor((length - this.#words.edit_seconds) / STEP) * STEP;
    this.#place.hidden = most <= 0;
    if (most <= 0) return;
    this.#length = length;
    Object.assign(this.#input, { max: most, disabled: kept !== undefined });
    if (kept !== undefined) this.#input.value = kept;
    this.#say();
    if (this.seconds) this.#seek();
  }

  #seek() {
    this.#preview.pause();
    this.#preview.currentTime = this.seconds;
    this.#say();
  }

  #say() {
    const [start, end] = [this.seconds, this.#end].map((each) => number.format(each));
    const text = fill(this.#words.span, { start, end });
    find("output", this.#place).textContent = text;
    this.#input.setAttribute("aria-valuetext", text);
  }

  #play() {
    if (!this.#preview.paused) return this.#seek();
    this.#preview.currentTime = this.seconds;
    this.#preview.play().catch(() => { /* the clip cannot be shown */ });
  }
}
