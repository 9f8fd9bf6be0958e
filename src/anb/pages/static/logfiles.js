// The files of a season's log, as C2SP describes them: signed notes, bundles of entries, and the tree above the entries.

import { sha256 } from "./sha256.js";

const AHEAD = 6; // downloads at a time
const TRIES = 6;
const WIDTH = 256; // entries of a full bundle
const text = new TextEncoder();

export class Differs extends Error {
  constructor(what, fields = {}) {
    super(what);
    Object.assign(this, { what, fields });
  }
}
export class Unable extends Error {}

export const bytes = (coded) => Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
export const coded = (plain) => btoa(String.fromCharCode(...plain));
export const hashed = (sentence) => sha256(text.encode(sentence));
export const same = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);
export const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
};

export async function fetched(address) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(address, { credentials: "omit" }).catch(() => null);
    if (answer?.ok) return answer;
    const again = !answer || answer.status === 429 || answer.status > 500;
    if (!again || attempt === TRIES) throw new Unable(`${address}: ${answer?.status ?? "no answer"}`);
    const pause = Number(answer?.headers.get("Retry-After")) || attempt;
    await new Promise((go) => { setTimeout(go, pause * 1000); });
  }
}

/* Notes */

export class LogKey {
  constructor(line) {
    const [name, id, key] = line.trim().split("+").reduce((all, part) => (all.length < 3 ? [...all, part] : [...all.slice(0, 2), `${all[2]}+${part}`]), []);
    const raw = bytes(key);
    const found = sha256(joined(text.encode(`${name}\n`), raw)).slice(0, 4);
    if (raw[0] !== 1 || raw.length !== 33 || [...found].map(hex).join("") !== id) throw new Differs("key");
    Object.assign(this, { name, id: found, raw: raw.slice(1) });
  }

  // Return the text of a note, once its signature is found right.
  async open(note) {
    const end = note.lastIndexOf("\n\n");
    const said = note.slice(0, end + 1);
    for (const line of note.slice(end + 2).split("\n")) {
      const [dash, name, signature = ""] = line.split(" ");
      if (dash !== "—" || name !== this.name) continue;
      const signed = bytes(signature);
      if (!same(signed.slice(0, 4), this.id)) continue;
      if (await this.signed(signed.slice(4), text.encode(said))) return said;
    }
    throw new Differs("signature");
  }

  async signed(signature, what) {
    if (!crypto.subtle) throw new Unable("signatures");
    const key = await crypto.subtle.importKey("raw", this.raw, "Ed25519", false, ["verify"]).catch(() => { throw new Unable("signatures"); });
    return crypto.subtle.verify("Ed25519", key, signature, what);
  }
}

export const hex = (byte) => byte.toString(16).padStart(2, "0");

/* Entries */

function path(number, width) {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
  const name = groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/entries/${name}${width < WIDTH ? `.p/${width}` : ""}`;
}

// Yield the entries of a log of this size, bundle by bundle, some downloads ahead.
export async function* bundles(log, size) {
  const waiting = [];
  const count = Math.ceil(size / WIDTH);
  const load = async (number, width) => new Uint8Array(await (await fetched(`${log}/${path(number, width)}`)).arrayBuffer());
  for (let number = 0; number < count || waiting.length;) {
    while (number < count && waiting.length < AHEAD) {
      const loading = load(number, Math.min(WIDTH, size - number * WIDTH));
      loading.catch(() => { /* told where it is awaited */ });
      waiting.push(loading);
      number += 1;
    }
    const bundle = await waiting.shift();
    const entries = [];
    for (let place = 0; place < bundle.length;) {
      const end = place + 2 + bundle[place] * 256 + bundle[place + 1];
      entries.push(bundle.subarray(place + 2, end));
      place = end;
    }
    yield entries;
  }
}

/* The tree (RFC 6962) */

const leaf = Uint8Array.of(0);
const node = Uint8Array.of(1);

export class Tree {
  edge = []; // the full subtrees, the largest first
  size = 0;

  add(entry) {
    let hash = sha256(joined(leaf, entry));
    for (let place = this.size; place % 2; place = Math.floor(place / 2)) hash = sha256(joined(node, this.edge.pop(), hash));
    this.edge.push(hash);
    this.size += 1;
  }

  get root() {
    return this.edge.length ? this.edge.reduceRight((right, left) => sha256(joined(node, left, right))) : sha256(new Uint8Array());
  }
}
