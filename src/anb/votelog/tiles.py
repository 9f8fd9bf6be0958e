"""The names of a log's files, and receipts, as C2SP's tlog-tiles and tlog-proof describe them."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from anb.votelog.merkle import TILE_WIDTH

PROOF = "c2sp.org/tlog-proof@v1"
_PATH = re.compile(r"(entries|0|[1-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True)
class TileName:
    """A tile of hashes, or of entries if `level` is None; a partial one has less than 256."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The name of its file, below `tile/`."""
        digits = f"{self.index:d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        *rest, last = [digits[place : place + 3] for place in range(0, len(digits), 3)]
        number = "".join(f"x{part}/" for part in rest) + last
        part = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"{'entries' if self.level is None else self.level}/{number}{part}"

    @classmethod
    def parse(cls, path: str) -> "TileName | None":
        """Read what `path` writes; None if no tile has this name."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        level = None if found[1] == "entries" else int(found[1])
        name = cls(level, int(re.sub(r"[x/]", "", found[2])), int(found[3] or TILE_WIDTH))
        return name if name.path == path else None

    @property
    def first(self) -> int:
        """The index, in its level, of the first entry."""
        return self.index * TILE_WIDTH

    def is_in(self, size: int) -> bool:
        """Say whether a tree of `size` leaves has this tile; a partial one also once it became full."""
        return self.first + self.width <= size >> 8 * (self.level or 0)


def receipt(index: int, proof: Sequence[bytes], checkpoint: str, extra: bytes = b"") -> str:
    """Return the proof that the leaf of an index is in the tree of a signed checkpoint."""
    lines = [PROOF, *([f"extra {b64encode(extra).decode()}"] if extra else []), f"index {index}"]
    return "\n".join([*lines, *(b64encode(node).decode() for node in proof), "", checkpoint])
