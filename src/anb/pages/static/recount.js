// Counts the votes of a season again, in the reader's own browser: a worker, so that the page stays usable.
//
// It does what verify.py does with signed results: it downloads the log of votes, checks signatures and hashes, counts each
// leaf, and compares places, ties, winners and names. Like every script of a site, it comes from the site itself.

import { Differs, LogKey, Tree, Unable, bundles, bytes, coded, fetched, hashed, hex, joined, same } from "./logfiles.js";
import { sha256 } from "./sha256.js";

const [OPENED, MOVED, RESTORED, HIDDEN, WITHDRAWN, VOTE, VOID, VOTE_RESTORED, CLOSED] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const FIXED = { [OPENED]: 37, [MOVED]: 21, [RESTORED]: 21, [HIDDEN]: 21, [WITHDRAWN]: 22, [VOTE]: 38, [VOID]: 46, [VOTE_RESTORED]: 45, [CLOSED]: 13 };
const NEVER = 2n ** 64n - 1n; // the index of a vote that never had a leaf
const EVERY = 20_000; // leaves between two messages
const text = new TextEncoder();
const plain = new TextDecoder("utf-8", { fatal: true });
const HEX = Array.from({ length: 256 }, (_, byte) => hex(byte));

const id = (entry, from) => {
  let whole = "";
  for (let place = from; place < from + 16; place += 1) whole += HEX[entry[place]];
  return whole;
};
const uuid = (whole) => whole.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
const number = (entry, from) => new DataView(entry.buffer, entry.byteOffset).getBigUint64(from);

// Whether two spellings are one city, as the site sees it.
const folded = (city) => city.toUpperCase().toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").trim().split(/\s+/).join(" ");

const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
};

class Clip {
  // By pseudonym, the index of the vote: those of the public, and those of the jury.
  votes = new Map();
  jury = new Map();
  voided = new Set(); // indexes
  open = true;
  withdrawn = false;

  constructor(player, first) {
    Object.assign(this, { player, first });
  }

  counted(votes) {
    let [sum, last] = [0, -1];
    for (const index of votes.values()) if (!this.voided.has(index)) [sum, last] = [sum + 1, Math.max(last, index)];
    return [sum, last];
  }
}

class Count {
  clips = new Map();
  cities = new Map(); // by player
  votes = 0;
  closed = null; // the index of the last close, and its second

  add(index, entry) {
    const kind = entry[0];
    const rest = entry.length - (FIXED[kind] ?? Infinity);
    if (rest < 0 || (rest > 0 && kind !== OPENED && kind !== MOVED)) throw new Differs("leaf", { index });
    if (kind === VOTE) this.vote(index, entry);
    else if (kind === VOID || kind === VOTE_RESTORED) this.undo(index, kind, entry);
    else if (kind === OPENED) this.open(index, entry);
    else if (kind === MOVED) this.cities.set(id(entry, 5), plain.decode(entry.subarray(21)));
    else if (kind === CLOSED) this.closed = { index, at: Number(number(entry, 5)) };
    else this.change(index, kind, entry);
  }

  clip(index, name) {
    const found = this.clips.get(name);
    if (!found) throw new Differs("leaf", { index });
    return found;
  }

  vote(index, entry) {
    const [clip, who] = [this.clip(index, id(entry, 6)), id(entry, 22)];
    if (entry[1] > 1) throw new Differs("leaf", { index });
    if (clip.votes.has(who) || clip.jury.has(who)) throw new Differs("twice", { index });
    (entry[1] ? clip.jury : clip.votes).set(who, index);
    this.votes += 1;
  }

  undo(index, kind, entry) {
    const [clip, who, of] = [this.clip(index, id(entry, 13)), id(entry, 29), number(entry, 5)];
    if (of === NEVER) {
      if (kind !== VOID || clip.votes.has(who) || clip.jury.has(who)) throw new Differs("leaf", { index });
      return;
    }
    const vote = clip.votes.get(who) ?? clip.jury.get(who);
    if (BigInt(vote ?? -1) !== of || clip.voided.has(vote) !== (kind === VOTE_RESTORED)) throw new Differs("leaf", { index });
    if (kind === VOID) clip.voided.add(vote);
    else clip.voided.delete(vote);
  }

  open(index, entry) {
    const [name, player] = [id(entry, 5), id(entry, 21)];
    if (this.clips.has(name)) throw new Differs("leaf", { index });
    this.clips.set(name, new Clip(player, index));
    this.cities.set(player, plain.decode(entry.subarray(37)));
  }

  change(index, kind, entry) {
    const clip = this.clip(index, id(entry, 5));
    if (clip.withdrawn || (kind !== WITHDRAWN && clip.open === (kind === RESTORED))) throw new Differs("leaf", { index });
    clip.open = kind === RESTORED;
    clip.withdrawn = kind === WITHDRAWN;
  }

  // The players in the order of the ranking: most votes, then who had them first.
  standings() {
    const players = new Map();
    for (const clip of this.clips.values()) {
      if (!clip.open) continue;
      const known = players.get(clip.player) ?? { player: clip.player, votes: 0, jury: 0, last: -1, first: Infinity };
      const [[votes, last], [jury]] = [clip.counted(clip.votes), clip.counted(clip.jury)];
      players.set(clip.player, {
        ...known, votes: known.votes + votes, jury: known.jury + jury, last: Math.max(known.last, last), first: Math.min(known.first, clip.first),
      });
    }
    const found = [...players.values()].map((each) => ({ ...each, reached: each.last < 0 ? each.first : each.last }));
    return found.sort((one, other) => other.votes - one.votes || one.reached - other.reached || (one.player < other.player ? -1 : 1));
  }
}

// What the places must say by the count.
function places(count, winners) {
  const rows = count.standings().map((row) => ({ ...row, city: count.cities.get(row.player) }));
  const alike = (key) => rows.reduce((sums, row) => sums.set(key(row), (sums.get(key(row)) ?? 0) + 1), new Map());
  const [byVotes, byCity, inCity] = [alike((row) => row.votes), alike((row) => `${row.votes} ${folded(row.city)}`), new Map()];
  return rows.map((row, place) => {
    const city = folded(row.city);
    inCity.set(city, (inCity.get(city) ?? 0) + 1);
    return {
      position: place + 1, player_id: uuid(row.player), city: row.city, city_position: inCity.get(city), votes: row.votes,
      jury_votes: row.jury, reached_index: row.reached, tied: byVotes.get(row.votes) > 1,
      city_tied: byCity.get(`${row.votes} ${city}`) > 1, winner: inCity.get(city) <= winners && row.votes > 0,
    };
  });
}

function comparePlaces(stated, count, winners) {
  const counted = places(count, winners);
  counted.forEach((row, place) => {
    const wrong = Object.keys(row).find((name) => stated[place]?.[name] !== row[name]);
    if (wrong) throw new Differs("place", { position: place + 1, field: wrong, stated: stated[place]?.[wrong], counted: row[wrong] });
  });
  if (stated.length > counted.length) throw new Differs("place", { position: counted.length + 1, field: "player_id", stated: stated[counted.length].player_id });
}

function checkNames(names, stated) {
  const bound = new Map(stated.map((place) => [place.player_id, place.name_commitment]));
  for (const one of names) {
    const salt = Uint8Array.from(one.salt.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const said = sha256(joined(salt, text.encode(canonical({ name: one.name, username: one.username }))));
    if ([...said].map(hex).join("") !== bound.get(one.player_id)) throw new Differs("name", { name: one.name });
    bound.delete(one.player_id);
  }
}

async function check({ results, log }) {
  const { results: said, note, names } = await (await fetched(results)).json();
  const keys = (await (await fetched(`${log}/key`)).text()).trim().split("\n");
  const key = new LogKey(keys.find((line) => !line.split("+")[0].endsWith("/promises")));
  const lines = [said.log.origin, `results ${said.version}`, said.log.size, said.log.root, coded(hashed(canonical(said))), ""];
  if (said.log.origin !== key.name || await key.open(note) !== lines.join("\n")) throw new Differs("signature");
  const [origin, size, root] = (await key.open(await (await fetched(`${log}/checkpoint`)).text())).split("\n");
  if (origin !== key.name || Number(size) < said.log.size) throw new Differs("shortened");
  const count = await replay(log, Number(size), bytes(root), said);
  checkNames(names, said.places);
  return { leaves: Number(size), votes: count.votes, places: said.places.length };
}

async function replay(log, size, root, said) {
  const [tree, count] = [new Tree(), new Count()];
  for await (const entries of bundles(log, size)) {
    for (const entry of entries) {
      count.add(tree.size, entry);
      tree.add(entry);
      if (tree.size === said.log.size) atResults(tree, count, said);
      if (tree.size % EVERY === 0) postMessage({ read: tree.size, size });
    }
  }
  if (tree.size !== size || !same(tree.root, root)) throw new Differs("root");
  return count;
}

function atResults(tree, count, said) {
  if (!same(tree.root, bytes(said.log.root))) throw new Differs("root");
  if (count.closed?.index !== said.log.size - 1 || count.closed.at !== Math.floor(Date.parse(said.closed_at) / 1000)) throw new Differs("closed");
  comparePlaces(said.places, count, said.winners_per_city);
}

onmessage = async ({ data }) => {
  try {
    postMessage({ checked: await check(data) });
  } catch (error) {
    if (error instanceof Differs) postMessage({ differs: error.what, fields: error.fields });
    else if (error instanceof Unable) postMessage({ unable: error.message });
    else throw error;
  }
};
