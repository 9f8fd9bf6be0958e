"""Resumable uploads, the right to write to them, and the refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from anb.errors import Refusal
from anb.sentences import KeptSentence, Language, Sentence


class State(StrEnum):
    """The state of an upload: open → accepted, or refused by the rules."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True)
class Upload:
    """A clip that is sent in chunks, and what it became."""

    id: UUID
    owner_id: UUID
    title: str
    metadata: str | None  # as its client sent it
    bytes: int  # of the whole file
    received: int  # bytes that are durable
    part_key: str
    state: State
    turn: int
    lease_expires_at: datetime | None  # until then its writer counts as alive
    expires_at: datetime
    video_id: UUID | None
    job_id: UUID | None
    refusal: dict[str, Any] | None
    start_seconds: float  # of the clip, at which its edit starts
    is_over: bool  # whether it has expired
    is_written: bool  # whether a live writer holds the write lock

    @property
    def is_whole(self) -> bool:
        """Whether every byte was received."""
        return self.received == self.bytes


@dataclass(frozen=True)
class Wanted:
    """An upload that a client asks to open."""

    owner_id: UUID
    title: str
    bytes: int
    metadata: str | None
    origin: str | None  # keyed hash of the network it comes from
    start_seconds: float  # of the clip, at which its edit starts


@dataclass(frozen=True)
class WriteLock:
    """The right to write to an upload: of all locks given, only the last is valid."""

    upload_id: UUID
    number: int
    owner_id: UUID
    title: str
    part_key: str
    offset: int
    bytes: int
    origin: str | None
    start_seconds: float
    was_left: bool  # the previous writer never released it and may still have the file open


class UploadNotFound(Refusal):
    """The upload does not exist, or belongs to another person."""

    status = 404
    code = "upload-not-found"


class UploadExpired(Refusal):
    """No bytes arrived for too long, and the upload was given up."""

    status = 410
    code = "upload-expired"


class WrongOffset(Refusal):
    """The chunk does not begin where the last one ended."""

    status = 409
    code = "wrong-offset"


class UploadBusy(Refusal):
    """Another request is writing to this upload."""

    status = 423
    code = "upload-busy"
    retry_after = 1

    def __init__(self, until: datetime | None, seconds: float) -> None:
        super().__init__(seconds=seconds)
        self.until = until


class TakenOver(Refusal):
    """Another request has taken this upload over, or it was ended. This request writes nothing more."""

    status = 423
    code = "upload-taken-over"


class WrongChecksum(Refusal):
    """The chunk does not match its checksum and was dropped."""

    status = 460
    code = "wrong-checksum"


class UploadTooLarge(Refusal):
    """The file would be larger than the rules allow, or the chunk is longer than announced."""

    status = 413
    code = "upload-too-large"


class VideoGone(Refusal):
    """The upload was complete and accepted, and its video was deleted later."""

    status = 410
    code = "upload-video-deleted"


class ConcatenationUnsupported(Refusal):
    """The client wants to send parts of one file as separate uploads."""

    status = 501
    code = "concatenation-unsupported"


class TooManyUploads(Refusal):
    """The player has too many open uploads, or too many bytes in them."""

    status = 429
    code = "too-many-uploads"
    retry_after = 60


class WrongTusVersion(Refusal):
    """The client speaks another version of tus."""

    status = 412
    code = "wrong-tus-version"


class NotAChunk(Refusal):
    """The body does not have the media type of a chunk."""

    status = 415
    code = "not-a-piece"  # clients know it by this name: codes never change


class ClipRefused(Refusal):
    """The complete clip broke a rule. This repeats the refusal that was stored."""

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__(**kept["shown"])
        self._kept = kept
        self.code = kept["code"]  # type: ignore[misc]  # read from a row
        self.status = kept["status"]  # type: ignore[misc]
        self.shown = tuple(kept["shown"])  # type: ignore[misc]

    def text(self, language: Language) -> str:
        """Return the sentence; if an earlier version stored no key, as it was first written."""
        sentence = Sentence.read(self._kept) if "key" in self._kept else None
        return KeptSentence({"es": self._kept["es"], "en": self._kept["en"]}, sentence).text(language)


def kept_of(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal as JSON for a row, so that a client that returns late gets it too."""
    shown = {name: str(refusal.fields[name]) for name in refusal.shown}
    return {
        "code": refusal.code,
        "status": refusal.status,
        "shown": shown,
        "es": refusal.text("es"),  # the previous version of the code reads up to here
        "en": refusal.text("en"),
        **refusal.sentence.written(),
    }
