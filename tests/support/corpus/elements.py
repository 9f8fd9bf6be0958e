"""Changes elements of a WebM or Matroska after it was written; defines what each change means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from support.hostile.tree import TRACK, VIDEO, Node, element, read

_CROPS = {"left": b"\x54\xcc", "top": b"\x54\xbb", "right": b"\x54\xdd", "bottom": b"\x54\xaa"}
LAST_OF_DVCC = 7  # higher profiles have a record of another name
_DISPLAY = {b"\x54\xb0", b"\x54\xba"}  # DisplayWidth, DisplayHeight


class ElementChange(Protocol):
    """A change to the elements of a file; its repr identifies it in the cache."""

    def make(self, root: Node) -> None:
        """Apply the change."""


@dataclass(frozen=True)
class PixelCrop:
    """Hides pixels on each side: left, top, right, bottom."""

    sides: tuple[int, int, int, int]

    def make(self, root: Node) -> None:
        """Write the crop of the first track; its displayed size is then the remaining part."""
        video = root.one(VIDEO)
        video.children = [child for child in video.children if child.name not in _DISPLAY]
        for name, pixels in zip(_CROPS.values(), self.sides, strict=True):
            video.children.append(Node(name, pixels.to_bytes(2, "big")))


@dataclass(frozen=True)
class DolbyVision:
    """Declares a Dolby Vision profile and its compatibility (0: Dolby only), as players read it in Matroska."""

    profile: int
    others: int

    def make(self, root: Node) -> None:
        """Write the record of block additions; blocks get none."""
        record = bytes([1, 0, self.profile << 1, 6 << 3 | 0b101, self.others << 4]) + bytes(19)
        kind = b"dvcC" if self.profile <= LAST_OF_DVCC else b"dvvC"
        root.one(TRACK).children.append(Node(b"\x41\xe4", element(b"\x41\xe7", kind) + element(b"\x41\xed", record)))


def changed(data: bytes, changes: Sequence[ElementChange]) -> bytes:
    """Return a file with its elements changed. This invalidates its seek index, which players do not need to begin."""
    root, form = read(data)
    for change in changes:
        change.make(root)
    return root.write(form)
