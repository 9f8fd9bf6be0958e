"""The order in which a list shows clips, and what it leaves out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b, sha256
from typing import ClassVar
from uuid import UUID

from anb.accounts.domain import fold
from anb.contest.domain import Season
from anb.db.paging import InvalidPage, Page
from anb.errors import Refusal
from anb.media.renditions import Rendition, made_by

DRAW_BITS = 24  # of a clip's place in every shuffle
BLOCK = 128  # clips of a block, at least; up to twice as many


class ListOrder(StrEnum):
    """The orders of the public list."""

    NEWEST = "newest"
    VOTES = "votes"
    SHUFFLE = "shuffle"


class InvalidList(Refusal):
    """The list cannot be ordered and filtered in this way."""

    code: ClassVar[str] = "invalid-list"


@dataclass(frozen=True)
class ShownClip:
    """The clip that a player is shown by."""

    id: UUID
    recipe: int

    @property
    def renditions(self) -> frozenset[Rendition]:
        """The renditions of the video."""
        return made_by(self.recipe)


@dataclass(frozen=True, kw_only=True)
class WantedClips:
    """What a reader wants to see of the public clips."""

    season: Season | None = None  # None: the one that lists show by default
    city_key: str | None = None
    words: str = ""  # of a title or a player's name; each is the beginning of a word
    order: ListOrder = ListOrder.NEWEST
    seed: str = ""  # of the shuffle


def is_searchable(words: str) -> bool:
    """Say whether words have a letter or digit by which clips can be found."""
    return any(letter.isalnum() for letter in fold(words))


def check_search(wanted: WantedClips) -> None:
    """Check that words can be looked up as this list asks. Raises InvalidList."""
    if wanted.order is ListOrder.SHUFFLE:
        raise InvalidList(value="q + order=shuffle")
    if not is_searchable(wanted.words):
        raise InvalidList(value=f"q={wanted.words}")


def check_shuffle(wanted: WantedClips, page: Page) -> None:
    """Check that a shuffle has a seed, and continues by cursor. Raises InvalidList, InvalidPage."""
    if not wanted.seed:
        raise InvalidList(value="order=shuffle, seed=")
    if page.skip:
        raise InvalidPage(value="page + order=shuffle")


@dataclass(frozen=True)
class Shuffle:
    """An order of all clips that a seed decides.

    Clips are in 2^bits blocks, by their draw. The seed decides the order of the blocks, and the order of the clips in
    each. So a page is read from one block or two, however many clips there are.
    """

    seed: str
    bits: int

    @classmethod
    def of(cls, seed: str, clips: int) -> "Shuffle":
        """Return the shuffle of a number of clips."""
        return cls(seed, min(max((clips // BLOCK).bit_length() - 1, 0), DRAW_BITS))

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return 1 << self.bits

    def block(self, step: int) -> tuple[int, int]:
        """Return the lowest draw of the block that is shown at a step, and that of the block above it."""
        factor, first = self._numbers()
        block, width = (first + factor * step) % self.blocks, DRAW_BITS - self.bits
        return block << width, (block + 1) << width

    def step(self, draw: int) -> int:
        """Return the step at which the block of a draw is shown."""
        factor, first = self._numbers()
        block = draw >> (DRAW_BITS - self.bits)
        return (block - first) * pow(factor, -1, self.blocks) % self.blocks

    def _numbers(self) -> tuple[int, int]:
        """Return the odd factor and the first block, by which each step has a block of its own."""
        digest = sha256(self.seed.encode()).digest()
        return int.from_bytes(digest[:4]) | 1, int.from_bytes(digest[4:8])

    def place(self, video_id: UUID) -> bytes:
        """Return the place of a clip within its block."""
        return blake2b(video_id.bytes, key=sha256(self.seed.encode()).digest(), digest_size=16).digest()

    def arranged(self, block: Iterable[UUID]) -> list[UUID]:
        """Return the clips of a block in their order."""
        return sorted(block, key=self.place)
