"""What a look at the share finds wrong."""

from dataclasses import dataclass
from enum import StrEnum

from anb.ports import Found


class Wrong(StrEnum):
    """What is wrong with a file."""

    UNKNOWN = "unknown"  # no row knows it, and it is old enough that none is about to
    MISSING = "missing"  # a row knows it, and it is not there
    SIZE = "size"  # it has not the bytes its row says
    CHECKSUM = "checksum"  # its SHA-256 is not what its row says


@dataclass(frozen=True)
class Known:
    """A file as a row knows it."""

    key: str
    size: int  # bytes
    sha256: str | None  # hex; None while it still arrives


@dataclass(frozen=True)
class Finding:
    """One file that is not as it should be."""

    wrong: Wrong
    key: str
    detail: str = ""


def compare(known: Known, found: Found | None) -> Finding | None:
    """Hold a file against its row. One that still arrives may be longer than its row says, never shorter."""
    if found is None:
        return Finding(Wrong.MISSING, known.key)
    fits = found.size >= known.size if known.sha256 is None else found.size == known.size
    return None if fits else Finding(Wrong.SIZE, known.key, f"{found.size} bytes; its row says {known.size}")
