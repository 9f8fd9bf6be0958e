"""The problems that a comparison of files and rows finds."""

from dataclasses import dataclass
from enum import StrEnum

from anb.ports import Found


class Wrong(StrEnum):
    """What is wrong with a file."""

    UNKNOWN = "unknown"  # no row knows it, and it is too old for a row to appear
    MISSING = "missing"  # a row names it, but it does not exist
    SIZE = "size"  # its size differs from its row
    CHECKSUM = "checksum"  # its SHA-256 differs from its row


@dataclass(frozen=True)
class KnownFile:
    """A file as its row describes it."""

    key: str
    size: int  # bytes
    sha256: str | None  # hex; None for a partial file


@dataclass(frozen=True)
class StorageFinding:
    """One file with a problem."""

    wrong: Wrong
    key: str
    detail: str = ""


def compare(known: KnownFile, found: Found | None) -> StorageFinding | None:
    """Compare a file with its row. A partial file may be longer than its row says, but not shorter."""
    if found is None:
        return StorageFinding(Wrong.MISSING, known.key)
    fits = found.size >= known.size if known.sha256 is None else found.size == known.size
    return None if fits else StorageFinding(Wrong.SIZE, known.key, f"{found.size} bytes; its row says {known.size}")
