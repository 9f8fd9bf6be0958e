// One upload that survives lost connections. tus-js-client speaks tus; this decides chunk sizes, and when to retry.

import { Upload } from "./tus.js";

const [FIRST, LEAST, MOST] = [128 * 1024, 64 * 1024, 16 * 1024 * 1024]; // bytes of a chunk
const FITTING = 3000; // ms that a chunk should take: people are shown what was acknowledged
const SILENCE = 60_000; // ms without progress after which a request is given up; a stall of 35 s is not enough
const SLEPT = 10_000; // ms: if a tick is this late, the phone was asleep and its connections are gone
const WAITS = [0, 1, 2, 4, 8, 15, 30]; // seconds before each new try, while nothing gets through

/** An answer that is not a success; status 0: no answer. */
class Answer extends Error {
  constructor(status, method = "", response = null) {
    super(`HTTP ${status}`);
    Object.assign(this, { status, method, body: {} });
    try { this.body = JSON.parse(response.getBody()); } catch { /* a HEAD, or a proxy's answer */ }
    this.seconds = secondsOf(response?.getHeader("Retry-After"));
  }

  // The upload is not at fault if the connection was lost, another one writes, or a server is down, busy or broken; nor
  // if the answer is not from our server, but from a proxy or a network that wants a sign-in first.
  get passes() {
    if (this.status === 0 || [401, 404, 408, 409, 410, 423, 425, 429, 460].includes(this.status) || this.status >= 500) return true;
    return this.method !== "HEAD" && this.status !== 413 && !this.body.code;
  }
}

function secondsOf(header) {
  if (!header) return null;
  const seconds = Number.isNaN(Number(header)) ? (Date.parse(header) - Date.now()) / 1000 : Number(header);
  return Math.min(Math.max(seconds || 0, 1), 600);
}

const anyWord = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");

export class Sending {
  #tus;
  #pending;
  #report;
  #end;
  #wake = () => {};
  #stopped = false;
  #flying = false; // a request is under way
  #tries = 0;
  #acknowledged = 0;
  #creation = anyWord(); // so that repeating a creation whose answer was lost does not create a second upload
  #began = 0; // the chunk that is under way
  #sign = Date.now(); // of life
  #tick = Date.now();

  /** `report` gets { kind: "sent", sent, total, found } (found there, not sent just now), { kind: "handed" } and { kind: "waiting", status, seconds, detail }. */
  constructor({ address, file, title, start, pending, report }) {
    this.#pending = pending;
    this.#report = report;
    this.#tus = new Upload(file, {
      endpoint: new URL(address, location.href).href,
      metadata: { title, filename: file.name, ...(start && { start_seconds: String(start) }) },
      chunkSize: FIRST,
      retryDelays: null,
      urlStorage: pending,
      fingerprint: async () => pending.key(file),
      removeFingerprintOnSuccess: true,
      onBeforeRequest: (request) => this.#before(request),
      onAfterResponse: (request, response) => this.#after(request, response),
      onUploadUrlAvailable: () => { this.#tus.url = new URL(new URL(this.#tus.url).pathname, location.href).href; },
      onProgress: (handed, total) => this.#handed(handed, total),
      onChunkComplete: (size) => this.#fit(size * FITTING / Math.max(Date.now() - this.#began, 1), 2 * size),
      onSuccess: ({ lastResponse }) => this.#finish({ status: 201, body: { video_id: lastResponse.getHeader("Anb-Video-Id") } }),
      onError: (error) => this.#failed(error.causingError instanceof Answer ? error.causingError : new Answer(0)),
    });
    const before = pending.find(file);
    if (before) this.#tus.resumeFromPreviousUpload(before);
  }

  /** Resolves to { status, body }, the answer that one request with the whole file would get; status 0: cancelled. */
  run() {
    const watch = setInterval(() => this.#watch(), 1000);
    return new Promise((end) => { this.#end = end; this.#start(); }).finally(() => clearInterval(watch));
  }

  /** Try again now, for example after a sign-in. */
  retry() {
    this.#wake();
  }

  /** Cancel at a person's wish; the received bytes are dropped. */
  stop() {
    this.#stopped = true;
    this.#tus.abort();
    this.#wake();
    this.#pending.drop(this.#tus.file);
    this.#finish({ status: 0, body: {} });
  }

  #start() {
    this.#flying = true;
    this.#sign = this.#tick = Date.now();
    this.#tus.start();
  }

  #finish(outcome) {
    this.#flying = false;
    this.#end(outcome);
  }

  #before(request) {
    this.#sign = this.#began = Date.now();
    request.setHeader("Accept", "application/json");
    if (request.getMethod() === "POST") request.setHeader("Idempotency-Key", this.#creation);
  }

  // An error thrown here reaches onError, and the upload keeps its address. tus-js-client alone would forget it at any
  // 4xx of a HEAD, and start again at a 5xx; only 404 and 410 are left to it, because then it is right.
  #after(request, response) {
    this.#sign = Date.now();
    const [status, method] = [response.getStatus(), request.getMethod()];
    if (method === "HEAD" && [404, 410].includes(status)) {
      this.#creation = anyWord();
      this.#acknowledged = 0;
    } else if (status < 200 || status > 299) {
      throw new Answer(status, method, response);
    } else if (response.getHeader("Upload-Offset") != null && method !== "POST") {
      this.#sent(Number(response.getHeader("Upload-Offset")), method === "HEAD");
    }
  }

  #sent(offset, found) {
    if (offset > this.#acknowledged) this.#tries = 0;
    this.#acknowledged = offset;
    this.#report({ kind: "sent", sent: offset, total: this.#tus.file.size, found });
  }

  #handed(handed, total) {
    this.#sign = Date.now();
    if (handed === total && this.#acknowledged < total) this.#report({ kind: "handed" });
  }

  #fit(bytes, most) {
    this.#tus.options.chunkSize = Math.round(Math.min(Math.max(Math.min(bytes, most), LEAST), MOST));
  }

  // A silent connection may be dead: a phone slept, or changed its network.
  #watch() {
    const [now, before] = [Date.now(), this.#tick];
    this.#tick = now;
    const silent = now - this.#sign;
    if (!this.#flying || (silent < SILENCE && !(now - before > SLEPT && silent > SLEPT))) return;
    this.#tus.abort();
    this.#failed(new Answer(0));
  }

  async #failed(answer) {
    this.#flying = false;
    if (!answer.status) this.#fit(this.#tus.options.chunkSize / 4, MOST);
    if (answer.method === "HEAD" && !answer.passes) await this.#ask(answer); // refused by the rules, while we were away
    if (this.#stopped) return;
    const gone = [404, 410].includes(answer.status) && answer.method === "POST";
    if (!answer.passes || gone) {
      this.#pending.forget(this.#tus.file);
      return this.#finish(answer);
    }
    await this.#rest(answer);
    if (!this.#stopped) this.#start();
  }

  async #ask(answer) {
    const told = await fetch(this.#tus.url, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
    if (told) Object.assign(answer, { status: told.status, method: "GET", body: await told.json().catch(() => ({})) });
    else answer.status = 0;
  }

  // Wait for the next try: as long as the server asks, else longer each time. The wait ends early if something changes:
  // the signal is back, the page is visible again, the person signed in.
  #rest({ status, seconds, body }) {
    const out = status === 401 || (status === 0 && !navigator.onLine);
    const wait = seconds ?? (out ? WAITS.at(-1) : WAITS[Math.min(this.#tries++, WAITS.length - 1)]);
    if (wait || out) this.#report({ kind: "waiting", status, seconds: wait, detail: body.detail });
    const held = new AbortController();
    return new Promise((go) => {
      this.#wake = go;
      setTimeout(go, 1000 * wait * (1 + Math.random() / 5));
      if (seconds !== null) return;
      const back = () => { if (!document.hidden) go(); };
      for (const [target, event] of [[window, "online"], [window, "focus"], [document, "visibilitychange"]]) {
        target.addEventListener(event, back, { signal: held.signal });
      }
    }).finally(() => held.abort());
  }
}
