// Unfinished uploads as this browser stores them, by file and account. tus-js-client stores them through it. A private
// window may store nothing; uploads then cannot be resumed.

const json = { headers: { Accept: "application/json", "Tus-Resumable": "1.0.0" }, cache: "no-store" };

export class Pending {
  #mine;

  constructor(owner) {
    this.#mine = `anb-pending:${owner}:`;
  }

  /** A file is recognized by name, size and date: browsers tell no more without reading the whole file. */
  key(file) {
    return `${this.#mine}${file.size}:${file.lastModified}:${file.name}`;
  }

  find(file) {
    return this.#read(this.key(file));
  }

  /** Return every unfinished upload, oldest first. */
  all() {
    const found = this.#keys().filter((key) => key.startsWith(this.#mine)).map((key) => this.#read(key));
    return found.filter(Boolean).sort((one, other) => Date.parse(one.creationTime) - Date.parse(other.creationTime));
  }

  forget(file) {
    this.#remove(this.key(file));
  }

  /** End an upload here and at the server; if the server cannot be reached, the upload expires there. */
  drop(file) {
    const entry = this.find(file);
    if (entry) this.dropEntry(entry);
  }

  dropEntry({ uploadUrl, urlStorageKey }) {
    fetch(uploadUrl, { ...json, method: "DELETE", keepalive: true }).catch(() => {});
    this.#remove(urlStorageKey);
  }

  /** Ask the server about one: { received, refused, video }; null: no answer; undefined: the upload no longer exists. */
  async look({ uploadUrl, urlStorageKey }) {
    const answer = await fetch(uploadUrl, json).catch(() => null);
    const body = await answer?.json().catch(() => ({}));
    if (answer?.ok && !body.video_id) return { received: body.received };
    if (!answer?.ok && ![400, 404, 410].includes(answer?.status)) return null;
    this.#remove(urlStorageKey);
    if (answer.ok) return { video: body.video_id };
    return answer.status === 400 ? { refused: body.detail } : undefined;
  }

  /* The storage interface of tus-js-client. */

  async findAllUploads() { return this.all(); }
  async findUploadsByFingerprint(key) { return [this.#read(key)].filter(Boolean); }
  async removeUpload(key) { this.#remove(key); }
  async addUpload(key, upload) {
    try { localStorage.setItem(key, JSON.stringify(upload)); } catch { /* full, or not allowed */ }
    return key;
  }

  #keys() {
    try { return Object.keys(localStorage); } catch { return []; }
  }

  #read(key) {
    try {
      const upload = JSON.parse(localStorage.getItem(key));
      return upload && { ...upload, urlStorageKey: key };
    } catch {
      return null;
    }
  }

  #remove(key) {
    try { localStorage.removeItem(key); } catch { /* as above */ }
  }
}
