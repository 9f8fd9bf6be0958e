"""A client's description of its file (`Upload-Metadata`): read for title and start, stored and returned unchanged."""

from base64 import b64decode, b64encode
from pathlib import PurePosixPath
from typing import NamedTuple

from anb.fields import InvalidField, finding
from anb.videos.domain import START_FIELD, TITLE_LENGTH, checked_start, checked_title

HEADER = "Upload-Metadata"
MOST_BYTES = 4096  # of the header


class Described(NamedTuple):
    """A file as its client describes it."""

    title: str
    header: str  # as it arrived
    start: float = 0.0  # second at which the edit starts

    @property
    def what(self) -> tuple[object, ...]:
        """Return the values that identify a description. A start of 0 is left out."""
        return (self.title, *([self.start] if self.start else []))


def read(header: str) -> Described:
    """Read the header; the values of unknown keys are ignored. Raises InvalidField."""
    if len(header) > MOST_BYTES:
        raise InvalidField({HEADER: finding("too_many_bytes", {"most": MOST_BYTES})})
    values = _values(header)
    start = checked_start(_text(values[START_FIELD]) if START_FIELD in values else None)
    title, filename = values.get("title"), values.get("filename")
    if title is None and filename is not None:
        return Described(checked_title(_name(_text(filename))), header, start)
    return Described(checked_title(None if title is None else _text(title)), header, start)


def of_title(title: str) -> str:
    """Write the header for an upload whose own header was not stored."""
    return f"title {b64encode(title.encode()).decode()}"


def _values(header: str) -> dict[str, bytes]:
    found = {}
    try:
        for pair in filter(None, (part.strip() for part in header.split(","))):
            key, _, value = pair.partition(" ")
            found[key.encode("ascii").decode()] = b64decode(value, validate=True)
    except ValueError:  # a value that is not base64, a key that is not ASCII
        raise InvalidField({HEADER: finding("metadata")}) from None
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidField({HEADER: finding("metadata")}) from None


def _name(filename: str) -> str:
    """Return a file's name without folder and extension, cut to the length of a title."""
    return PurePosixPath(filename.replace("\\", "/")).stem[:TITLE_LENGTH]
