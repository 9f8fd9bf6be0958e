"""A season's log as files, made by our own leaves, tree and notes, for verifiers to read and tests to change."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from anb.votelog import domain, merkle
from anb.votelog.domain import Leaf
from anb.votelog.merkle import TILE_WIDTH
from anb.votelog.notes import Checkpoint, NoteSigner
from anb.votelog.tiles import TileName, receipt

ORIGIN = "anb.example/log/2026"
SIGNER = NoteSigner(ORIGIN, b"l" * 32)
PROMISER = NoteSigner(f"{ORIGIN}/promises", b"p" * 32)
MINUTE = 29_000_000
PLAYERS = [UUID(int=number) for number in range(1, 4)]
CLIPS = [UUID(int=number << 64 | number % 3) for number in range(1, 5)]  # the last two are of one player


def voter(number: int) -> UUID:
    return UUID(int=number << 96)


def vote(clip: int, who: int, *, jury: bool = False) -> Leaf:
    return domain.VoteLogged(jury, MINUTE + who, CLIPS[clip], voter(who))


def bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries one after the other, each with its length before it, as C2SP's tlog-tiles wants them."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def season(votes: int = 600) -> list[Leaf]:
    """Return leaves of every kind: four clips of three players, of which one is hidden and one withdrawn."""
    leaves: list[Leaf] = [
        domain.ClipOpened(MINUTE, clip, PLAYERS[min(number, 2)], "Bogotá" if number else "Cali")
        for number, clip in enumerate(CLIPS)
    ]
    leaves += [vote(who % 4, who, jury=who % 50 == 0) for who in range(1, votes + 1)]
    return [
        *leaves,
        domain.VoteVoided(MINUTE, 5, CLIPS[2], voter(2), domain.VoidClass.FRAUD),
        domain.VoteVoided(MINUTE, 6, CLIPS[3], voter(3), domain.VoidClass.UNDER_REVIEW),
        domain.VoteRestored(MINUTE, 6, CLIPS[3], voter(3)),
        domain.VoteVoided(MINUTE, domain.NEVER_LOGGED, CLIPS[0], voter(9000), domain.VoidClass.OTHER),
        domain.PlayerMoved(MINUTE, PLAYERS[1], "Pasto"),
        domain.ClipHidden(MINUTE, CLIPS[1]),
        domain.ClipRestored(MINUTE, CLIPS[1]),
        domain.ClipHidden(MINUTE, CLIPS[3]),
        domain.ClipWithdrawn(MINUTE, CLIPS[0], domain.WithdrawalClass.PLAYER),
        domain.CountClosed(MINUTE + 9, 60 * (MINUTE + 9)),
    ]


@dataclass
class PublishedLog:
    """The entries of a log, and the notes that its site would serve."""

    entries: list[bytes]
    signer: NoteSigner = SIGNER
    kept: list[int] = field(default_factory=list)  # sizes of the checkpoints that the site keeps

    @classmethod
    def of(cls, leaves: Sequence[Leaf], kept: Sequence[int] = ()) -> "PublishedLog":
        return cls([domain.encode(leaf) for leaf in leaves], kept=list(kept))

    def hashes(self, size: int | None = None) -> list[bytes]:
        return [merkle.leaf_hash(entry) for entry in self.entries[:size]]

    def checkpoint(self, size: int | None = None) -> str:
        grown = merkle.grow(0, (), self.hashes(size))
        return self.signer.sign(Checkpoint(ORIGIN, grown.size, merkle.root(grown.edge)).text)

    def receipt(self, index: int, size: int | None = None) -> str:
        rows = {0: self.hashes(size)}
        grown = merkle.grow(0, (), rows[0])
        for tile in grown.tiles:
            rows.setdefault(tile.level, []).append(tile.hash)
        spans = [rows[span.level][span.first : span.past] for span in merkle.proof_spans(index, grown.size)]
        proof = merkle.inclusion_proof(index, grown.size, grown.edge, spans)
        return receipt(index, proof, self.checkpoint(size), self.entries[index])

    def files(self) -> dict[str, bytes]:
        """Return every file of the log by its path."""
        notes = [{"size": size, "at": "2026-11-29T00:00:00Z", "note": self.checkpoint(size)} for size in self.kept]
        made = {
            "key": f"{SIGNER.verifier}\n{PROMISER.verifier}\n".encode(),
            "checkpoint": self.checkpoint().encode(),
            "checkpoints": json.dumps(notes).encode(),
        }
        for first in range(0, len(self.entries), TILE_WIDTH):
            part = self.entries[first : first + TILE_WIDTH]
            made[f"tile/{TileName(None, first // TILE_WIDTH, len(part)).path}"] = bundle(part)
        return made

    def write(self, folder: Path) -> Path:
        """Write the files, as a site that anyone can copy has them."""
        for path, body in self.files().items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(body)
        return folder
