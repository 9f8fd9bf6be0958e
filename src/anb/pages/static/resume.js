// A clip that survives cuts (tus 1.0.0): it goes on where the server has it, also after the page was closed.

const TUS = { "Tus-Resumable": "1.0.0", Accept: "application/json" };
const WAITS = [0, 1, 2, 4, 8, 15, 30]; // seconds before each new try, as long as nothing gets through

class Ended extends Error {
  constructor(status, body = {}) {
    super(String(status));
    Object.assign(this, { status, body });
  }
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// What a browser keeps of an upload under way; private windows may keep nothing, which only costs the resuming.
const memory = {
  get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
  set: (key, place) => { try { place ? localStorage.setItem(key, place) : localStorage.removeItem(key); } catch { /* as above */ } },
};

export class Upload {
  #request = null;
  #stopped = false;
  #place;
  #key;

  constructor(address, file, title, watch) {
    Object.assign(this, { address, file, title, watch });
    this.#key = `anb-upload:${file.name}:${file.size}:${file.lastModified}:${title}`;
    this.#place = memory.get(this.#key);
  }

  // Resolves to { status, body } as one request for it all would have been answered; status 0: it did not get through.
  async send() {
    let [tries, furthest] = [0, -1];
    while (!this.#stopped) {
      try {
        const offset = await this.#offset();
        if (offset > furthest) [tries, furthest] = [0, offset];
        await this.#piece(offset);
      } catch (ended) {
        if (!(ended instanceof Ended)) throw ended;
        if (ended.status) return this.#end(ended);
      }
      if (!this.#stopped && (await this.#rest(tries)) && ++tries === WAITS.length) return { status: 0, body: {} };
    }
    return { status: 0, body: {} };
  }

  // Called off by a person: what came of it is dropped.
  stop() {
    this.#stopped = true;
    this.#request?.abort();
    if (this.#place) fetch(this.#place, { method: "DELETE", headers: TUS }).catch(() => {}); // else it expires
    this.#remember(null);
  }

  // Where the server has got to; a new upload begins at 0.
  async #offset() {
    if (this.#place) {
      const seen = await this.#ask("HEAD", this.#place);
      if (seen.status === 200) return this.#where(seen);
      if (seen.status === 400) throw await this.#told(); // refused by the rules, while we were away
      if (seen.status !== 404 && seen.status !== 410) throw this.#judge(seen);
      this.#remember(null);
    }
    const metadata = { "Upload-Length": this.file.size, "Upload-Metadata": `title ${base64(this.title)}` };
    const made = await this.#ask("POST", this.address, metadata);
    if (made.status !== 201) throw this.#judge(made);
    this.#remember(made.getResponseHeader("Location"));
    return 0;
  }

  async #told() {
    const told = await this.#ask("GET", this.#place);
    return this.#judge(told);
  }

  async #piece(offset) {
    const headers = { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
    const answer = await this.#ask("PATCH", this.#place, headers, this.file.slice(offset), (sent) => {
      this.watch(Math.min(offset + sent, this.file.size), this.file.size);
    });
    if (answer.status !== 204) throw this.#judge(answer);
    this.#where(answer);
  }

  // An accepted clip ends it; so a lost answer to the last piece is heard at the next HEAD.
  #where(answer) {
    const video = answer.getResponseHeader("Anb-Video-Id");
    if (video) throw new Ended(201, { video_id: video });
    return Number(answer.getResponseHeader("Upload-Offset"));
  }

  // What is worth another try is no end: another connection writes (423), our offset is old (409), a server is away (5xx).
  #judge(answer) {
    const passes = [409, 423, 460, 502, 503, 504].includes(answer.status);
    return new Ended(passes ? 0 : answer.status, answer.response ?? {});
  }

  #end({ status, body }) {
    if (status !== 401) this.#remember(null); // who signs in again goes on
    return { status, body };
  }

  #remember(place) {
    this.#place = place;
    memory.set(this.#key, place);
  }

  #ask(method, place, headers = {}, body = null, watch = null) {
    return new Promise((answer, fail) => {
      const request = new XMLHttpRequest();
      request.open(method, place);
      request.responseType = "json";
      for (const [name, value] of Object.entries({ ...TUS, ...headers })) request.setRequestHeader(name, value);
      if (watch) request.upload.addEventListener("progress", (event) => watch(event.loaded));
      request.addEventListener("load", () => answer(request));
      for (const cut of ["error", "abort", "timeout"]) request.addEventListener(cut, () => fail(new Ended(0)));
      this.#request = request;
      request.send(body);
    });
  }

  // Wait for the next try, less long once the phone says that it is back.
  #rest(tries) {
    return new Promise((go) => {
      const wait = setTimeout(() => go(true), 1000 * WAITS[tries]);
      addEventListener("online", () => { clearTimeout(wait); go(true); }, { once: true });
    });
  }
}
