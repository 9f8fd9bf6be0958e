"""Verifies the count of a season from outside: downloads its log of votes, checks every leaf, and counts again.

    python3 verify.py --log https://SITE/api/public/log/SEASON
    python3 verify.py --results https://SITE/api/public/seasons/SEASON/results.json

It needs Python 3.11 and the package `cryptography`, and shares no code with the site: read it, then run it. It ends
with 0 if all is well, with 1 and the first difference in words, or with 2 if it could not find out.

The log is a Merkle tree (RFC 6962). Its files have the formats of C2SP: https://c2sp.org/tlog-tiles, tlog-checkpoint,
tlog-proof and signed-note. docs/packages/votelog.md of the site's source lists the leaves.
"""

import argparse
import hashlib
import json
import sys
import threading
import time
import unicodedata
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from struct import Struct
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

sha256 = hashlib.sha256
WIDTH = 256  # entries of a full bundle
AHEAD, TRIES, PATIENCE = 8, 8, 30  # downloads at a time, attempts and seconds for each
RANKING_TRIES, SHARED_SECONDS = 3, 2
PROOF = "c2sp.org/tlog-proof@v1"
NEVER_LOGGED = 2**64 - 1
AT_THE_CLOSE = "close"  # when a promise is due whose season has no set close
LARGE_CLIP = 2_000_000  # votes
OPENED, MOVED, RESTORED, HIDDEN, WITHDRAWN, VOTE, VOID, VOTE_RESTORED, CLOSED = range(1, 10)
PARTS = 256  # of the votes, by the last byte of the clip
A_PUBLIC_VOTE = bytes([VOTE, 0])
STRIDE = 40  # bytes of a vote in a bundle: its length (2), kind, jury, minute (4), clip (16) and pseudonym (16)
FULL_OF_VOTES = WIDTH * STRIDE
RESULTS = "anb-results/1"
HASHED_VOTES = Struct(">" + WIDTH * "x39s")  # a bundle at once, which is faster than vote by vote
KEPT_VOTES = Struct(">" + WIDTH * "40s")
KEPT = Struct(">16s16sQ")  # what is kept of a vote: its clip, its pseudonym and its index
CLIP_AND_RECORD = Struct(">16s24s")
RECORD = Struct(">16sQ")  # the same without the clip
PSEUDONYM = Struct(">16s8x")
SHAPES = {  # after the kind; a city follows the first two
    OPENED: Struct(">xI16s16s"), MOVED: Struct(">xI16s"), RESTORED: Struct(">xI16s"), HIDDEN: Struct(">xI16s"),
    WITHDRAWN: Struct(">xI16sB"), VOTE: Struct(">xBI16s16s"), VOID: Struct(">xIQ16s16sB"),
    VOTE_RESTORED: Struct(">xIQ16s16s"), CLOSED: Struct(">xIQ"),
}  # fmt: skip


class CountDiffers(Exception):
    """Something that the site published is not what follows from its log."""


class CannotVerify(Exception):
    """The log or the ranking could not be read, so nothing is known."""


def differs(text: str) -> NoReturn:
    """Stop at the first difference."""
    raise CountDiffers(text)


# ---------------------------------------------------------------- signatures


@dataclass(frozen=True)
class LogKey:
    """A verifier key, `name+id+key`."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "LogKey":
        """Read a verifier key."""
        try:
            name, identity, encoded = text.strip().split("+", 2)
            raw = b64decode(encoded, validate=True)
        except ValueError:
            differs(f"{text!r} is not a verifier key")
        key = cls(name, sha256(name.encode() + b"\n" + raw).digest()[:4], raw[1:])
        if raw[:1] != b"\x01" or len(raw) != 33 or identity != key.id.hex():  # noqa: PLR2004 - Ed25519, and its key
            differs(f"{text!r} is not a verifier key of Ed25519")
        return key


def opened(note: str, keys: Sequence[LogKey], what: str) -> str:
    """Return the text of a signed note, once a signature of one of the keys is found right."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        dash, name, encoded, *_ = [*line.split(" "), "", ""]
        try:
            raw = b64decode(encoded, validate=True)
        except ValueError:
            differs(f"{what} has a signature that is not base64")
        for key in keys:
            if (dash, name, raw[:4]) == ("—", key.name, key.id):
                try:
                    Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], text.encode())
                except InvalidSignature:
                    differs(f"{what} has a wrong signature of {key.name}")
                return text
    differs(f"{what} is not signed by {' or '.join(key.name for key in keys)}")


@dataclass(frozen=True)
class SignedHead:
    """What a checkpoint says: the log has this many leaves, with this root above them."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def read(cls, note: str, key: LogKey, what: str) -> "SignedHead":
        """Read a checkpoint that the log's key signed."""
        origin, size, encoded, *_ = [*opened(note, [key], what).split("\n"), "", ""]
        try:
            head = cls(origin, int(size), b64decode(encoded, validate=True))
        except ValueError:
            differs(f"{what} is not a checkpoint")
        return head if origin == key.name else differs(f"{what} is of the log {origin!r}, not of {key.name!r}")


# ---------------------------------------------------------------- the tree


def parent(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node."""
    return sha256(b"\x01" + left + right).digest()


def append(edge: list[bytes], size: int, nodes: Sequence[bytes]) -> None:
    """Add nodes of one height to the full subtrees at the tree's edge; `size` counts in nodes of that height."""
    for node in nodes:
        place = size
        while place & 1:
            node, place = parent(edge.pop(), node), place >> 1  # noqa: PLW2901 - it climbs
        edge.append(node)
        size += 1


def root_of(edge: Sequence[bytes]) -> bytes:
    """Return the root above the tree's edge."""
    if not edge:
        return sha256(b"").digest()
    node = edge[-1]
    for left in edge[-2::-1]:
        node = parent(left, node)
    return node


def tile_hash(nodes: list[bytes]) -> bytes:
    """Return the hash above the leaves of a full bundle."""
    while len(nodes) > 1:
        pairs = iter(nodes)
        nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return nodes[0]


def path_root(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """Return the root that an inclusion proof leads to (RFC 9162, 2.1.3.2), or None."""
    first, last, node = index, size - 1, leaf
    for sibling in path:
        if last <= 0:
            return None
        if first & 1 or first == last:
            node = parent(sibling, node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = parent(node, sibling)
        first, last = first >> 1, last >> 1
    return node if last == 0 else None


# ---------------------------------------------------------------- the count


def grouped(votes: bytearray) -> dict[bytes, bytearray]:
    """Return the records of each clip, in the order of the log."""
    found: dict[bytes, bytearray] = defaultdict(bytearray)
    for name, record in CLIP_AND_RECORD.iter_unpack(votes):
        found[name] += record
    return found


def distinct(votes: bytearray) -> int:
    """Return how many pseudonyms differ; in parts if there are many: a set of ten million takes a gigabyte.

    They are random, so nearly always their first halves differ already, and numbers are compared sooner than bytes.
    """
    if len(votes) <= LARGE_CLIP * RECORD.size:
        halves = memoryview(votes).cast("Q")[:: RECORD.size // 8].tolist()
        return len(halves) if len(set(halves)) == len(halves) else len(set(PSEUDONYM.iter_unpack(votes)))
    return sum(len({who for (who,) in PSEUDONYM.iter_unpack(votes) if who[0] % 16 == part}) for part in range(16))


def counting(votes: bytearray, voided: set[int]) -> tuple[int, int]:
    """Return how many votes of a clip are not void, and the index of the last of them, or -1."""
    if voided:
        left = [index for _, index in RECORD.iter_unpack(votes) if index not in voided]
        return len(left), left[-1] if left else -1
    return len(votes) // RECORD.size, int.from_bytes(votes[-8:], "big") if votes else -1


@dataclass(slots=True)
class CountedClip:
    """A clip, and as of the last `settle`, its votes that count."""

    player: bytes
    first: int  # index of the leaf that opened it
    open: bool = True
    withdrawn: bool = False
    votes: int = 0
    jury: int = 0
    last: int = -1  # index of the last vote of the public that counts


@dataclass
class PlayerSums:
    """A player's sums over their open clips."""

    player: bytes
    votes: int = 0
    jury: int = 0
    last: int = -1  # index of the last vote that counts
    first: int = NEVER_LOGGED  # index of the first opening

    @property
    def place(self) -> tuple[int, int, bytes]:
        """The order of the ranking: most votes, then who had them first."""
        return -self.votes, self.first if self.last < 0 else self.last, self.player


@dataclass
class SeasonCount:
    """All clips and players of a season, counted leaf by leaf.

    Votes are only put aside, in parts, and `settle` counts them part by part. To look up each vote's clip at once takes
    twice as long, since 200,000 clips do not fit into the caches of a processor.
    """

    clips: dict[bytes, CountedClip] = field(default_factory=dict)
    public: list[bytearray] = field(default_factory=lambda: [bytearray() for _ in range(PARTS)])
    jury: list[bytearray] = field(default_factory=lambda: [bytearray() for _ in range(PARTS)])
    cities: dict[bytes, str] = field(default_factory=dict)  # by player
    voided: dict[bytes, set[int]] = field(default_factory=dict)  # indexes of void votes, by clip
    never_logged: dict[bytes, dict[bytes, int]] = field(default_factory=dict)  # the leaf, by clip and pseudonym
    voids: int = 0
    closed: int | None = None  # index of the leaf that closed the season last
    closed_at: int = 0  # what it says: seconds since 1970

    def add_votes(self, first: int, bundle: bytes) -> None:
        """Count a full bundle of votes alone, which most bundles are.

        The eight bytes after a pseudonym, where the next vote begins, are made its index.
        """
        raw = bytearray(bundle[8:] + bytes(8))
        for place, byte in enumerate(first.to_bytes(8, "big")[:7]):
            raw[32 + place :: STRIDE] = bytes([byte]) * WIDTH
        raw[39::STRIDE] = bytes(range(WIDTH))
        juries, lasts = bundle[3::STRIDE], bundle[23::STRIDE]
        if any(juries):
            parts = list(map(self.part, range(first, first + WIDTH), juries, lasts))
        else:
            parts = [self.public[last] for last in lasts]
        for part, vote in zip(parts, KEPT_VOTES.unpack(raw), strict=True):
            part += vote  # noqa: PLW2901 - in place, and faster than to call its method

    def add_all(self, first: int, entries: list[bytes]) -> list[bytes]:
        """Count leaves of any kind, and return their hashes."""
        for index, entry in enumerate(entries, first):
            if entry[:2] == A_PUBLIC_VOTE and len(entry) == SHAPES[VOTE].size:
                self.public[entry[21]].extend(entry[6:] + index.to_bytes(8, "big"))  # what `add` does, sooner
            else:
                self.add(index, entry)
        return [sha256(b"\0" + entry).digest() for entry in entries]

    def add(self, index: int, entry: bytes) -> None:
        """Count a leaf of any kind."""
        kind = entry[0] if entry else 0
        shape = SHAPES.get(kind)
        rest = len(entry) - shape.size if shape else -1
        if shape is None or rest < 0 or (rest and kind not in {OPENED, MOVED}):
            differs(f"leaf {index} is not a leaf: {entry.hex()}")
        fields = shape.unpack_from(entry)
        if (kind == VOID and not 1 <= fields[-1] <= 3) or (kind == WITHDRAWN and not 1 <= fields[-1] <= 2):  # noqa: PLR2004
            differs(f"leaf {index} is not a leaf, since its class is {fields[-1]}")
        if kind == VOTE:
            self.vote(index, *fields)
        elif kind in {VOID, VOTE_RESTORED}:
            self.undo(index, kind, *fields[1:4])
        elif kind in {OPENED, MOVED}:
            self.place(index, kind, fields, entry[shape.size :])
        elif kind == CLOSED:
            self.closed, self.closed_at = index, fields[-1]
        else:
            self.change(index, kind, fields[1])

    def clip(self, index: int, name: bytes) -> CountedClip:
        """Return the clip that a leaf is about."""
        found = self.clips.get(name)
        return found or differs(f"leaf {index} is about the clip {UUID(bytes=name)}, which was never opened")

    def vote(self, index: int, jury: int, _minute: int, name: bytes, who: bytes) -> None:
        """Put a vote aside."""
        self.part(index, jury, name[-1]).extend(KEPT.pack(name, who, index))

    def part(self, index: int, jury: int, last: int) -> bytearray:
        """Return the part of the votes to which that of a leaf belongs, by the last byte of its clip."""
        if jury > 1:
            differs(f"leaf {index} is a vote of neither the public nor the jury")
        return (self.jury if jury else self.public)[last]

    def undo(self, index: int, kind: int, vote: int, name: bytes, who: bytes) -> None:
        """Void a vote, or restore one that is void."""
        self.clip(index, name)
        self.voids += 1 if kind == VOID else -1
        if vote == NEVER_LOGGED and kind == VOID:
            self.never_logged.setdefault(name, {})[who] = index
            return
        voided, wrong = self.voided.setdefault(name, set()), ""
        if not self.has_vote(vote, name, who):
            wrong = "which is not there"
        elif (vote in voided) is (kind == VOID):
            wrong = "a second time"
        if wrong:
            differs(f"leaf {index} voids or restores the vote at index {vote}, {wrong}")
        voided ^= {vote}

    def has_vote(self, index: int, name: bytes, who: bytes) -> bool:
        """Say whether the leaf of an index is the vote of this pseudonym for this clip."""
        for votes in (self.public[name[-1]], self.jury[name[-1]]):
            places = range(0, len(votes), STRIDE)
            place = bisect_left(places, index, key=lambda at: KEPT.unpack_from(votes, at)[2])
            if place < len(places) and KEPT.unpack_from(votes, places[place]) == (name, who, index):
                return True
        return False

    def find(self, name: bytes, who: bytes) -> Iterator[int]:
        """Return the indexes of the votes of a pseudonym for a clip."""
        votes = self.public[name[-1]] + self.jury[name[-1]]
        return (index for of, one, index in KEPT.iter_unpack(votes) if (of, one) == (name, who))

    def place(self, index: int, kind: int, fields: tuple[Any, ...], city: bytes) -> None:
        """Open a clip, or note where its player competes."""
        try:
            self.cities[fields[-1]] = city.decode()
        except UnicodeDecodeError:
            differs(f"leaf {index} names a city that is not UTF-8")
        if kind == OPENED:
            if fields[1] in self.clips:
                differs(f"leaf {index} opens the clip {UUID(bytes=fields[1])} a second time")
            self.clips[fields[1]] = CountedClip(fields[2], index)

    def change(self, index: int, kind: int, name: bytes) -> None:
        """Hide, restore or withdraw a clip."""
        clip = self.clip(index, name)
        if clip.withdrawn or (kind != WITHDRAWN and clip.open is (kind == RESTORED)):
            what = "withdrawn" if clip.withdrawn else "open" if clip.open else "hidden"
            differs(f"leaf {index} changes the clip {UUID(bytes=name)}, which is {what} already")
        clip.open, clip.withdrawn = kind == RESTORED, kind == WITHDRAWN

    def settle(self) -> None:
        """Count the votes of each clip."""
        for public, jury in zip(map(grouped, self.public), map(grouped, self.jury), strict=True):
            for name in public | jury:
                self.settle_clip(name, public.get(name, bytearray()), jury.get(name, bytearray()))

    def settle_clip(self, name: bytes, public: bytearray, jury: bytearray) -> None:
        """Count the votes of a clip, and check that it was opened before and that a pseudonym has one of them."""
        clip, votes = self.clips.get(name), public + jury if jury else public
        first = min(int.from_bytes(some[16:24], "big") for some in (public, jury) if some)
        if clip is None or first < clip.first:
            differs(f"leaf {first} is about the clip {UUID(bytes=name)}, which was never opened")
        if distinct(votes) != len(votes) // RECORD.size:
            (twice,) = next(who for who, times in Counter(PSEUDONYM.iter_unpack(votes)).items() if times > 1)
            first, second, *_ = sorted(index for who, index in RECORD.iter_unpack(votes) if who == twice)
            differs(f"leaves {first} and {second} are two votes of one pseudonym for the clip {UUID(bytes=name)}")
        if missing := self.never_logged.get(name):
            for who, index in RECORD.iter_unpack(votes):
                if index < (void := missing.get(who, 0)):
                    differs(f"leaf {void} voids a vote as one that was never logged, but it is at index {index}")
        voided = self.voided.get(name, set())
        (clip.votes, clip.last), (clip.jury, _) = counting(public, voided), counting(jury, voided)

    def standings(self) -> list[PlayerSums]:
        """Return the ranking of the country."""
        found: dict[bytes, PlayerSums] = {}
        for clip in self.clips.values():
            if clip.open:
                sums = found.setdefault(clip.player, PlayerSums(clip.player))
                sums.votes, sums.jury = sums.votes + clip.votes, sums.jury + clip.jury
                sums.first, sums.last = min(sums.first, clip.first), max(sums.last, clip.last)
        return sorted(found.values(), key=lambda sums: sums.place)


def split(bundle: bytes) -> list[bytes]:
    """Return the entries of a bundle."""
    entries, place = [], 0
    while place + 1 < len(bundle):
        end = place + 2 + (bundle[place] << 8) + bundle[place + 1]
        entries.append(bundle[place + 2 : end])
        place = end
    return entries if place == len(bundle) else differs("a bundle of entries is cut off")


def has_only_votes(bundle: bytes) -> bool:
    """Say whether a bundle is full, and each of its entries has the length and the kind of a vote."""
    lengths = bundle[0::STRIDE] + bundle[1::STRIDE] == bytes(WIDTH) + b"\x26" * WIDTH
    return len(bundle) == FULL_OF_VOTES and lengths and bundle[2::STRIDE] == bytes([VOTE]) * WIDTH


NO_STOPS: Mapping[int, Callable[[SeasonCount], object]] = {}


def count_up_to(
    count: SeasonCount, first: int, entries: list[bytes], stops: Mapping[int, Callable[[SeasonCount], object]]
) -> list[bytes]:
    """Count the entries of a bundle with stops between them, and return their hashes."""
    nodes: list[bytes] = []
    for stop, look in stops.items():
        nodes += count.add_all(first + len(nodes), entries[len(nodes) : stop - first])
        if first + len(nodes) == stop:
            count.settle()
            look(count)
    return nodes + count.add_all(first + len(nodes), entries[len(nodes) :])


def hashes_of_votes(bundle: bytes) -> list[bytes]:
    """Return the hashes of a bundle of votes: the zero before each takes the place of its length."""
    raw = bytearray(bundle)
    raw[1::STRIDE] = bytes(WIDTH)
    return [sha256(entry).digest() for entry in HASHED_VOTES.unpack(raw)]


def replay(
    bundles: Iterable[bytes],
    size: int,
    sizes: Iterable[int] = (),
    stops: Mapping[int, Callable[[SeasonCount], object]] = NO_STOPS,
) -> tuple[SeasonCount, dict[int, bytes]]:
    """Count all leaves, and return also the roots that the tree had at some sizes and has at the end.

    `stops` look at the count as it was when the log had their size.
    """
    wanted = sorted({*sizes, size})
    roots = {0: root_of([])}
    count, edge, first = SeasonCount(), [], 0  # type: tuple[SeasonCount, list[bytes], int]
    for bundle in bundles:
        inside = [stop for stop in sorted(stops) if first < stop <= first + WIDTH]
        if inside:
            nodes = count_up_to(count, first, split(bundle), {stop: stops[stop] for stop in inside})
        elif has_only_votes(bundle):
            nodes = hashes_of_votes(bundle)
            count.add_votes(first, bundle)
        else:
            nodes = count.add_all(first, split(bundle))
        if len(nodes) != min(WIDTH, size - first):
            differs(f"the bundle of leaf {first} has {len(nodes)} entries, not {min(WIDTH, size - first)}")
        for stop in wanted[bisect_left(wanted, first + 1) : bisect_left(wanted, first + len(nodes) + 1)]:
            partial: list[bytes] = []
            append(partial, 0, nodes[: stop - first])
            roots[stop] = root_of([*edge, *partial])
        if len(nodes) == WIDTH:
            append(edge, first // WIDTH, [tile_hash(nodes)])
        first += len(nodes)
    if first != size:
        differs(f"the log has {first} leaves, and its checkpoint says {size}")
    count.settle()
    return count, roots


# ---------------------------------------------------------------- the site


class LogSite:
    """A site's log over HTTP, with a connection for each thread; or a folder with the same files."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._parts, self._own = urlsplit(self.url), threading.local()
        self._opened: list[HTTPConnection] = []

    def close(self) -> None:
        """Close all connections."""
        for connection in self._opened:
            connection.close()

    def get(self, path: str) -> bytes:
        """Return a file of the log."""
        if not self._parts.scheme:
            try:
                return Path(self.url, path).read_bytes()
            except OSError as error:
                raise CannotVerify(f"{path} cannot be read: {error}") from error
        return self.ask(f"{self._parts.path}/{path}")[0]

    def ask(self, target: str) -> tuple[bytes, str]:
        """Return what the site answers to a request, and its Link header; wait where it asks to."""
        last = ""
        for attempt in range(TRIES):
            try:
                answer, body = self._answer(target)
            except (OSError, HTTPException) as error:
                self._own.connection, last, pause = None, repr(error), float(2**attempt)
            else:
                if answer.status == 200:  # noqa: PLR2004
                    return body, answer.headers.get("Link", "")
                last, pause = f"{answer.status} {answer.reason}", float(answer.headers.get("Retry-After", "0"))
                if answer.status not in {429, 502, 503, 504}:
                    break
            time.sleep(min(max(pause, 1), PATIENCE))
        raise CannotVerify(f"{target} cannot be read: {last}")

    def _answer(self, target: str) -> tuple[HTTPResponse, bytes]:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
            connection = self._own.connection = kind(self._parts.netloc, timeout=PATIENCE)
            self._opened.append(connection)
        connection.request("GET", target, headers={"User-Agent": "verify.py", "Accept": "*/*"})
        answer = connection.getresponse()
        return answer, answer.read()

    def ranking(self, city: str | None = None) -> Iterator[dict[str, Any]]:
        """Return the published ranking of the country, or of a city."""
        place, _, season = self._parts.path.rpartition("/log/")
        target = f"{place}/rankings?season={season}&limit=100" + (f"&city={quote(city)}" if city else "")
        while target:
            body, link = self.ask(target)
            yield from json.loads(body)
            target = link.partition("<")[2].partition(">")[0] if 'rel="next"' in link else ""


class LogMirror:
    """The bundles of a log, each downloaded once and kept in a folder."""

    def __init__(self, site: LogSite, folder: Path) -> None:
        self._site, self._folder = site, folder

    def bundles(self, size: int) -> Iterator[bytes]:
        """Return all bundles in order, some downloads ahead."""
        paths = [_path(number, WIDTH) for number in range(size // WIDTH)]
        paths += [_path(size // WIDTH, size % WIDTH)] if size % WIDTH else []
        with ThreadPoolExecutor(AHEAD) as pool:
            waiting: list[Future[bytes]] = []
            for path in paths:
                kept = self._folder / path
                if kept.exists() and not waiting:
                    yield kept.read_bytes()
                    continue
                waiting.append(pool.submit(self._fetch, path, kept))
                if len(waiting) >= AHEAD:
                    yield waiting.pop(0).result()
            for rest in waiting:
                yield rest.result()

    def _fetch(self, path: str, kept: Path) -> bytes:
        if kept.exists():
            return kept.read_bytes()
        body = self._site.get(path)
        if ".p/" not in path:  # a partial one is soon replaced
            keep(kept, body)
        return body


def _path(number: int, width: int) -> str:
    """Return the path of a bundle of entries."""
    digits = f"{number:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    return (
        "tile/entries/"
        + "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        + (f".p/{width}" if width < WIDTH else "")
    )


def keep(path: Path, body: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_bytes(body)
    new.replace(path)


# ---------------------------------------------------------------- what was promised, proved and published


@dataclass(frozen=True)
class ProvedLeaf:
    """A receipt: the leaf of an index, and the path from it to a checkpoint's root."""

    index: int
    entry: bytes
    path: list[bytes]
    head: SignedHead

    @classmethod
    def read(cls, text: str, key: LogKey, what: str) -> "ProvedLeaf":
        """Read a receipt (C2SP tlog-proof) whose extra data is the entry."""
        proof, _, note = text.partition("\n\n")
        first, *lines = proof.split("\n")
        try:
            extra, index = lines[0].removeprefix("extra "), int(lines[1].removeprefix("index "))
            path = [b64decode(line, validate=True) for line in lines[2:]]
            entry = b64decode(extra, validate=True)
        except (ValueError, IndexError):
            differs(f"{what} is not a receipt")
        if first != PROOF or not lines[0].startswith("extra ") or not lines[1].startswith("index "):
            differs(f"{what} is not a receipt")
        return cls(index, entry, path, SignedHead.read(note, key, f"the checkpoint of {what}"))

    def check(self, what: str) -> None:
        """Check that the path leads from the leaf to the root."""
        leaf = sha256(b"\0" + self.entry).digest()
        if not 0 <= self.index < self.head.size or self.head.root != path_root(
            self.index, self.head.size, leaf, self.path
        ):
            differs(f"{what} does not prove that leaf {self.index} is in the log of {self.head.size} leaves")


def check_promise(note: str, keys: Sequence[LogKey], origin: str, count: SeasonCount, what: str) -> str:
    """Check that the log kept a promise, and return how."""
    promised, kind, encoded, due, *_ = [*opened(note, keys, what).split("\n"), "", "", ""]
    if promised != origin or kind != "vote":
        differs(f"{what} is not the promise of a vote in the log {origin!r}")
    _, _, name, who = SHAPES[VOTE].unpack_from(b64decode(encoded))
    if (index := next(count.find(name, who), None)) is not None:
        return f"{what}: leaf {index}" + (", which is void now" if index in count.voided.get(name, ()) else "")
    if who in count.never_logged.get(name, ()):
        return f"{what}: void, before it was counted"
    if count.closed is None and (due == AT_THE_CLOSE or time.time() < int(due)):
        when = "the close" if due == AT_THE_CLOSE else time.strftime("%F %T UTC", time.gmtime(int(due)))
        return f"{what}: not in the log yet; it is due at {when}"
    differs(f"{what} was broken: the vote is not in the log, counted or void")


def fold(city: str) -> str:
    """Reduce the name of a city for comparison, as the site does."""
    letters = unicodedata.normalize("NFKD", city.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def compare(count: SeasonCount, site: LogSite) -> int:
    """Compare the published ranking, of the country and of each city, with the count; return how many rows it has."""
    standings = count.standings()
    by_city: dict[str, list[PlayerSums]] = {}
    for sums in standings:
        by_city.setdefault(fold(count.cities[sums.player]), []).append(sums)
    compare_rows(count, standings, site.ranking(), "of the country")
    for city, ranked in by_city.items():
        compare_rows(count, ranked, site.ranking(city), f"of {city}")
    return len(standings)


def compare_rows(count: SeasonCount, ranked: Sequence[PlayerSums], rows: Iterable[dict[str, Any]], whose: str) -> None:
    """Compare one published list with what was counted."""
    place = 0
    for place, row in enumerate(rows, 1):
        if place > len(ranked):
            differs(f"the ranking {whose} has a place {place}, and the log {len(ranked)} players")
        sums = ranked[place - 1]
        found = {
            "position": place,
            "player_id": str(UUID(bytes=sums.player)),
            "votes": sums.votes,
            "jury_votes": sums.jury,
            "city": count.cities[sums.player],
        }
        for name, value in found.items():
            if row.get(name) != value:
                differs(f"place {place} of the ranking {whose}: {name} is {row.get(name)!r}, and by the log {value!r}")
    if place < len(ranked):
        differs(f"the ranking {whose} ends after place {place}, and the log has {len(ranked)} players")


# ---------------------------------------------------------------- the signed results


def canonical(value: object) -> bytes:
    """Write JSON in the one form that is hashed: keys in order, no spaces, letters unescaped, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass
class StatedResults:
    """The results of a season as they were signed, and what the log says at the size that they name."""

    statement: dict[str, Any]
    note: str
    names: list[dict[str, Any]]
    is_superseded: bool
    head: SignedHead
    counted: list[dict[str, Any]] | None = None

    @classmethod
    def read(cls, body: bytes) -> "StatedResults":
        """Read results.json."""
        try:
            whole = json.loads(body)
            found, log = whole["results"], whole["results"]["log"]
            head = SignedHead(log["origin"], int(log["size"]), b64decode(log["root"], validate=True))
            datetime.fromisoformat(found["closed_at"])
            made = cls(found, whole["note"], list(whole["names"]), bool(whole["superseded"]), head)
            is_whole = isinstance(whole["note"], str) and found["winners_per_city"] > 0 and head.size > 0
            if found["format"] != RESULTS or not is_whole:
                differs(f"the results are not of the form {RESULTS}")
            made.sorted_places()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            differs(f"the results are not of the form {RESULTS}: {error!r}")
        return made

    def sorted_places(self) -> list[dict[str, Any]]:
        """Return what the stated places follow from: each player's count, in the order of the ranking."""
        names = ("player_id", "city", "votes", "jury_votes", "reached_index")
        rows = [{name: place[name] for name in names} for place in self.statement["places"]]
        return sorted(rows, key=lambda row: (-row["votes"], row["reached_index"], UUID(row["player_id"]).bytes))

    def check_note(self, key: LogKey) -> None:
        """Check that the key signed this statement, over this state of the log."""
        said, log = self.statement, self.statement["log"]
        digest = b64encode(sha256(canonical(said)).digest()).decode()
        lines = [log["origin"], f"results {said['version']}", str(log["size"]), log["root"], digest, ""]
        if opened(self.note, [key], "the note of the results").split("\n") != lines:
            differs("the results were changed: their note signs others")
        if self.head.origin != key.name:
            differs(f"the results are of the log {self.head.origin!r}, not of {key.name!r}")

    def check_names(self) -> int:
        """Check each name against what was signed for its player; return how many names there are."""
        bound = {place["player_id"]: place["name_commitment"] for place in self.statement["places"]}
        for one in self.names:
            who = one.get("player_id")
            named = {"name": one.get("name"), "username": one.get("username")}
            if sha256(bytes.fromhex(one.get("salt", "")) + canonical(named)).hexdigest() != bound.pop(who, None):
                differs(f"the name {one.get('name')!r} is not the one that was signed for the player {who}")
        return len(self.names)

    def look(self, count: SeasonCount) -> None:
        """Keep what the log says at the size of the results."""
        ends = datetime.fromisoformat(self.statement["closed_at"])
        if count.closed != self.head.size - 1 or count.closed_at != int(ends.timestamp()):
            differs(
                f"the log has no close of {ends} as its leaf {self.head.size - 1}, over which the results were signed"
            )
        self.counted = [
            {
                "player_id": str(UUID(bytes=sums.player)), "city": count.cities[sums.player], "votes": sums.votes,
                "jury_votes": sums.jury, "reached_index": sums.place[1],
            }
            for sums in count.standings()
        ]  # fmt: skip

    def check_places(self) -> int:
        """Check places, ties and winners against the log, or if it was not read, against the counts that are stated."""
        most = self.statement["winners_per_city"]
        rows = self.sorted_places() if self.counted is None else self.counted
        alike = Counter(row["votes"] for row in rows)
        alike_in_city = Counter((fold(row["city"]), row["votes"]) for row in rows)
        in_city: Counter[str] = Counter()
        stated = self.statement["places"]
        for position, row in enumerate(rows, 1):
            city = fold(row["city"])
            in_city[city] += 1
            follows = row | {
                "position": position, "city_position": in_city[city], "tied": alike[row["votes"]] > 1,
                "city_tied": alike_in_city[city, row["votes"]] > 1,
                "winner": in_city[city] <= most and row["votes"] > 0,
            }  # fmt: skip
            place = stated[position - 1] if position <= len(stated) else {}
            for name, value in follows.items():
                if place.get(name) != value:
                    differs(
                        f"place {position} of the results: {name} is {place.get(name)!r}, and by the count {value!r}"
                    )
        if len(stated) > len(rows):
            differs(f"the results have {len(stated)} places, and the log {len(rows)} players")
        return sum(place["winner"] for place in stated)


def log_of(results: str) -> str | None:
    """Return the address of the log that belongs to results on a site; None for a file."""
    site, between, rest = results.partition("/seasons/")
    return f"{site}/log/{rest.partition('/')[0]}" if urlsplit(results).scheme and between else None


def read_results(place: str) -> StatedResults:
    """Read results from a site or a file."""
    parts = urlsplit(place)
    if parts.scheme not in {"http", "https"}:
        return StatedResults.read(Path(place).read_bytes())
    with closing(LogSite(place)) as site:
        return StatedResults.read(site.ask(parts.path + (f"?{parts.query}" if parts.query else ""))[0])


def check_results(found: StatedResults, key: LogKey, say: Callable[[str], object]) -> None:
    """Check results, after the log was counted if it was."""
    found.check_note(key)
    names, winners, said = found.check_names(), found.check_places(), found.statement
    say(f"Results of {said['season']}, version {said['version']}: {len(said['places'])} places, {winners} winners.")
    say(f"The signature is right, and {names} names are those that were signed; the others were erased since.")
    if found.counted is None:
        say("Places, ties and winners follow from the stated votes. The log was not read: name it with --log.")
    else:
        say(f"Votes, places, ties and winners are what the first {found.head.size} leaves of the log say.")
    if found.is_superseded:
        say("The season was reopened after them: they are not its last results.")


# ---------------------------------------------------------------- one run


@dataclass
class Verification:
    """One run: where from, which key, and what was seen before."""

    site: LogSite
    folder: Path
    key: LogKey
    seen: Sequence[str]
    receipts: Sequence[str]
    results: StatedResults | None = None

    def count(self) -> tuple[str, SignedHead, SeasonCount, int]:
        """Check the log and count it; return its checkpoint, as a note and as read, and how many others it fits."""
        heads = [(what, SignedHead.read(note, self.key, what)) for what, note in self._others()]
        proofs = {name: ProvedLeaf.read(Path(name).read_text("utf-8"), self.key, name) for name in self.receipts}
        heads += [(f"the checkpoint of {name}", proof.head) for name, proof in proofs.items()]
        known = len(heads)
        heads += [("the state of the log that the results name", self.results.head)] if self.results else []
        note = self.site.get("checkpoint").decode()
        head = SignedHead.read(note, self.key, "the checkpoint")
        for what, other in heads:
            if other.size > head.size:
                differs(f"{what} has {other.size} leaves, and the log now only {head.size}: it was shortened or forked")
        bundles = LogMirror(self.site, self.folder).bundles(head.size)
        stops = {self.results.head.size: self.results.look} if self.results else NO_STOPS
        count, roots = replay(bundles, head.size, [other.size for _, other in heads], stops)
        if roots[head.size] != head.root:
            differs(f"the {head.size} leaves do not have the root that the checkpoint signs")
        for what, other in heads:
            if roots[other.size] != other.root:
                differs(f"{what} was signed for other leaves than the first {other.size} of this log: it was forked")
        for name, proof in proofs.items():
            proof.check(name)
        keep(self.folder / "checkpoint", note.encode())
        return note, head, count, known

    def _others(self) -> Iterator[tuple[str, str]]:
        """Return earlier checkpoints: those that the site keeps, those that you saw, that of the last run."""
        for kept in json.loads(self.site.get("checkpoints")):
            yield f"the checkpoint of {kept['at']} that the site keeps", kept["note"]
        for name in self.seen:
            yield name, Path(name).read_text("utf-8")
        if (last := self.folder / "checkpoint").exists():
            yield "the checkpoint of the last run", last.read_text("utf-8")

    def compare(self, note: str, count: SeasonCount) -> int | None:
        """Compare the ranking with the count; None if the log has grown meanwhile, so that they may differ."""
        for pause in (SHARED_SECONDS, 0):  # caches may hold the ranking this long
            try:
                return compare(count, self.site)
            except CountDiffers:
                time.sleep(pause)
                if self.site.get("checkpoint").decode() != note:
                    return None
                if not pause:
                    raise
        return None


def read_keys(site: LogSite, folder: Path, given: str | None) -> tuple[LogKey, list[LogKey]]:
    """Return the log's key, which is that of the last run or the given one, and those of promises."""
    keys = [LogKey.parse(line) for line in site.get("key").decode().splitlines()]
    logs = [key for key in keys if not key.name.endswith("/promises")]
    pinned = folder / "key"
    before = given or (pinned.read_text("utf-8") if pinned.exists() else "")
    if len(logs) != 1 or (before and LogKey.parse(before) != logs[0]):
        differs(f"the site names another key of the log than {before.strip() or 'one'}")
    if not pinned.exists():
        keep(pinned, next(line for line in site.get("key").splitlines() if LogKey.parse(line.decode()) == logs[0]))
    return logs[0], [key for key in keys if key not in logs]


def verify(options: argparse.Namespace, say: Callable[[str], object] = print) -> None:
    """Verify all that was asked for. Raises CountDiffers, CannotVerify."""
    results = read_results(options.results) if options.results else None
    if options.log is None and results is not None:
        check_results(results, LogKey.parse(options.key), say)
        return
    with closing(LogSite(options.log)) as site:
        _verify(options, site, results, say)


def _verify(
    options: argparse.Namespace, site: LogSite, results: StatedResults | None, say: Callable[[str], object]
) -> None:
    folder = Path(options.folder or "log-" + quote(options.log, safe=""))
    key, promisers = read_keys(site, folder, options.key)
    if results is not None:
        results.check_note(key)  # before the log is downloaded
    run = Verification(site, folder, key, options.seen, options.receipt, results)
    for _ in range(1 if options.no_ranking else RANKING_TRIES):
        note, head, count, others = run.count()
        rows = None if options.no_ranking else run.compare(note, count)
        if rows is not None:
            break
    votes, jury = (sum(map(len, parts)) // STRIDE for parts in (count.public, count.jury))
    say(f"{head.origin}: {head.size} leaves, {len(count.clips)} clips, {votes} votes of the public and")
    say(f"{jury} of the jury, {count.voids} of them void. All signatures and hashes are right, and {others} earlier")
    say("checkpoints and receipts are of this log.")
    if results is not None:
        check_results(results, key, say)
    for name in options.promise:
        say(check_promise(Path(name).read_text("utf-8"), promisers, head.origin, count, name))
    if options.no_ranking:
        say("The published ranking was not compared.")
    elif rows is None:
        raise CannotVerify("votes come in faster than the ranking can be read: compare it again later, or at the close")
    else:
        say(f"The published ranking of {rows} players, of the country and of each city, is what the log says.")


def parse(arguments: Sequence[str] | None, program: str | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(program, description="Verify the count of a season from outside.")
    add = parser.add_argument
    add("--log", metavar="URL", help="https://SITE/api/public/log/SEASON, or a folder with the same files")
    add(
        "--results",
        metavar="FILE_OR_URL",
        help="the signed results: https://SITE/api/public/seasons/SEASON/results.json, or a file with them; without"
        " --log, those of a site are checked against its log, and a file by --key alone",
    )
    add("--folder", help="where to keep what was downloaded, so that the next run fetches only what is new")
    add("--key", help="the log's verifier key, if you have it from elsewhere than the site")
    add("--seen", action="append", default=[], metavar="FILE", help="a checkpoint that you or others saw before")
    add("--receipt", action="append", default=[], metavar="FILE", help="a receipt of a vote")
    add("--promise", action="append", default=[], metavar="FILE", help="the promise that answered a vote")
    add("--no-ranking", action="store_true", help="check the log alone, not the published ranking")
    options = parser.parse_args(arguments)
    if options.log is None and options.results:
        options.log = log_of(options.results)
    if options.log is None and not (options.results and options.key):
        parser.error("name a log with --log, or results with --results and, if they are a file, --log or --key")
    return options


def main(arguments: Sequence[str] | None = None, program: str | None = None) -> int:
    """Verify, and return the exit code."""
    try:
        verify(parse(arguments, program))
    except CountDiffers as difference:
        sys.stderr.write(f"DIFFERS: {difference}.\n")
        return 1
    except (CannotVerify, OSError) as problem:
        sys.stderr.write(f"Could not verify: {problem}.\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
