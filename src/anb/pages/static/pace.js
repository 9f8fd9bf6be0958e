// The progress of an upload, in words: how much has arrived, how fast, and how long the rest will take.

import { fill, number } from "./site.js";

const WINDOW = 20_000; // ms; long enough to be steady, short enough to notice another network
const KILO = 1024;
const mega = (bytes) => number.format(bytes / KILO / KILO);

export class Pace {
  #arrived = []; // [when, bytes]

  constructor(words) {
    this.words = words;
  }

  /** Note how many bytes the server has acknowledged; `rest` keeps a wait out of the speed. */
  note(bytes, now = performance.now()) {
    this.#arrived.push([now, bytes]);
    while (this.#arrived.length > 2 && now - this.#arrived[0][0] > WINDOW) this.#arrived.shift();
  }

  rest() {
    this.#arrived = [];
  }

  /** "12,4 de 48 MB · 310 kB/s · faltan unos 2 min"; without speed and time while those are guesses. */
  say(bytes, total) {
    const parts = [fill(this.words.of, { sent: mega(bytes), total: mega(total) })];
    const speed = this.#speed();
    if (speed) parts.push(this.#perSecond(speed), this.#left((total - bytes) / speed));
    return parts.join(" · ");
  }

  #speed() {
    const [first, last] = [this.#arrived[0], this.#arrived.at(-1)];
    if (this.#arrived.length < 3 || last[0] - first[0] < 1000) return 0;
    return (last[1] - first[1]) / ((last[0] - first[0]) / 1000);
  }

  #perSecond(speed) {
    if (speed >= KILO * KILO) return `${mega(speed)} MB/s`;
    return `${number.format(Math.round(speed / KILO))} kB/s`;
  }

  #left(seconds) {
    if (seconds < 90) return fill(this.words.left_seconds, { n: Math.max(5, Math.ceil(seconds / 5) * 5) });
    return fill(this.words.left_minutes, { n: number.format(Math.ceil(seconds / 60)) });
  }
}
