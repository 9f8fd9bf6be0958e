"""The prober: what a file holds, and why nothing can be read of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

# Number of bytes that show the kind of a file.
HEAD_BYTES = 12


class Prober(Protocol):
    """Probes an untrusted file, in a process of its own."""

    def opens(self, head: bytes) -> bool:
        """Say whether a file that begins with these `HEAD_BYTES` is opened at all; this runs nothing."""

    def prepare(self) -> None:
        """Make the next probe start sooner, because a file is arriving. Harmless when repeated."""

    def probe(self, path: Path, start: float = 0) -> Mapping[str, object]:
        """Return the facts of the container and its first frames, and the picture shown at `start` seconds.

        Raises Unreadable (not a video), CutShort, Outage.
        """


class Unreadable(Exception):
    """The prober found nothing that it may open as a video."""


class CutShort(Unreadable):
    """The end of the file is missing, and with it the index of its pictures."""


class Encrypted(Unreadable):
    """The pictures are encrypted."""


class Undecodable(Unreadable):
    """The file has pictures, but none of them can be decoded."""


class TooHeavy(Unreadable):
    """The probe needs more processor time than any clip may: the file's tables claim more than its bytes hold."""
