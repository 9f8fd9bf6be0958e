"""Videos, who may see which of their files, and the refusals."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from anb.errors import Refusal
from anb.fields import InvalidField, finding
from anb.jobs.domain import Claim
from anb.media.renditions import Rendition
from anb.ports import Stored
from anb.sentences import KeptSentence, Sentence
from anb.settings import MIB
from anb.text import clean, is_blank, is_readable
from anb.videos.admission import (
    SameFileAgain,
    TooManyClips,
    TooManyToday,
    TooManyWaiting,
    TooMuchStored,
    UploadsClosed,
    UploadsNotOpenYet,
)
from anb.videos.verdict import ClipState, Verdict

TITLE_LENGTH = 120
START_FIELD = "start_seconds"
# Seconds as programs write numbers: only ASCII digits, and no sign.
SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,2})?")
MOST_START_SECONDS = 1_000_000.0  # no clip is this long; `media.rules` decides what a clip allows
# What the owner reads when the edit is missing and the clip is not the cause.
OUR_FAULT = Sentence("failed.our-fault")
CANCELLED = Sentence("failed.cancelled")


class Status(StrEnum):
    """The state of a video: uploaded → processing → processed or failed."""

    UPLOADED = "uploaded"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"


@dataclass(frozen=True)
class File:
    """A file of a video."""

    key: str  # its path below the media root
    media_type: str


@dataclass(frozen=True)
class Video:
    """A player's clip: its files, its state, its votes."""

    id: UUID
    owner_id: UUID
    title: str
    status: Status
    reason: KeptSentence | None
    files: Mapping[Rendition, File]
    duration_seconds: float  # of the original
    uploaded_at: datetime
    processed_at: datetime | None
    published_at: datetime | None
    same_as_id: UUID | None = None  # the owner's earlier video of the same file
    start_seconds: float = 0.0  # of the original, at which its edit starts
    first_published_at: datetime | None = None  # stays when the video is hidden or withdrawn
    withdrawn_at: datetime | None = None
    consent_lost: str | None = None  # the ConsentLoss, if a consent that it needs was taken back
    season_id: UUID | None = None  # None until a season opens
    votes: int = 0
    refused_at: datetime | None = None
    taken_down_at: datetime | None = None  # then `withdrawn_at` is the same
    verdict: Verdict | None = None  # of organizers who refused it or took it down

    @property
    def clip_state(self) -> ClipState:
        """Its state for organizers."""
        if self.withdrawn_at is not None:
            return ClipState.WITHDRAWN if self.taken_down_at is None else ClipState.TAKEN_DOWN
        if self.status is not Status.PROCESSED:
            return ClipState.FAILED if self.status is Status.FAILED else ClipState.UNEDITED
        if self.is_public:
            return ClipState.PUBLIC
        if self.was_public:
            return ClipState.HIDDEN
        return ClipState.WAITING if self.refused_at is None else ClipState.REFUSED

    @property
    def was_public(self) -> bool:
        """Whether everyone could ever watch it."""
        return self.first_published_at is not None

    @property
    def is_public(self) -> bool:
        """Whether everyone may watch it and vote for it."""
        return self.published_at is not None

    def shows(self, rendition: Rendition) -> bool:
        """Whether everyone may see a file of it."""
        return self.is_public and rendition is not Rendition.ORIGINAL


@dataclass(frozen=True)
class NewVideo:
    """A clip that was received, judged and stored."""

    owner_id: UUID
    title: str
    original_key: str
    original_bytes: int
    original_sha256: str
    duration_seconds: float
    start_seconds: float
    same_as_id: UUID | None = None
    season_id: UUID | None = None


@dataclass(frozen=True)
class QuotaUsage:
    """How much of its quotas an account uses."""

    waiting: int  # clips without an edit
    waiting_bytes: int
    bytes: int  # of all originals


@dataclass(frozen=True)
class NewRendition:
    """A rendition that is complete and durable on the share. It has no row yet."""

    rendition: Rendition
    stored: Stored
    media_type: str
    recipe: int  # version of the recipe that made it
    width: int | None
    height: int | None
    seconds: float | None


@dataclass(frozen=True)
class Viewer:
    """A person who asks to see a video, in no role. Without an `id` they are not signed in."""

    id: UUID | None = None


def may_watch(video: Video, rendition: Rendition, viewer: Viewer) -> bool:
    """Say whether a viewer may see a file without a role: published edits are for everyone, the rest for the owner."""
    return video.shows(rendition) or viewer.id == video.owner_id


def checked_title(text: str | None) -> str:
    """Return the title of a clip with its blanks normalized. Raises InvalidField."""
    if text is None:
        raise InvalidField({"title": finding("missing")})
    title = clean(text)
    if is_blank(title):
        raise InvalidField({"title": finding("blank")})
    if len(title) > TITLE_LENGTH:
        raise InvalidField({"title": finding("too_many_letters", {"most": TITLE_LENGTH})})
    if not is_readable(title):
        raise InvalidField({"title": finding("characters")})
    return title


def checked_start(text: str | None) -> float:
    """Return the second at which the edit is to start; 0 if none was given. Raises InvalidField."""
    if text is None or not text.strip():
        return 0.0
    seconds = float(text.strip()) if SECONDS.fullmatch(text.strip()) else math.inf
    if seconds > MOST_START_SECONDS:
        raise InvalidField({START_FIELD: finding("seconds")})
    return seconds


class Begun(NamedTuple):
    """A claimed job, and the original and start of its edit."""

    claim: Claim
    original_key: str
    start: float  # in seconds


class VideoNotFound(Refusal):
    """The video does not exist, or is hidden from you."""

    status = 404
    code = "video-not-found"


class NotYourVideo(Refusal):
    """The video belongs to another person."""

    status = 403
    code = "not-your-video"


class OpenToVotes(Refusal):
    """The video is or was open to votes, so it cannot be deleted."""

    code = "open-to-votes"


class NeverPublic(Refusal):
    """The video was never open to votes: its owner can delete it, and there is nothing to withdraw."""

    code = "never-public"


class NoRoom(Refusal):
    """The share is nearly full. The body was not read."""

    status = 507
    code = "no-room"


class IncompleteUpload(Refusal):
    """The request is not a complete multipart form with a `video_file` and a `title`."""

    code = "incomplete-upload"


class TooManyBytes(Refusal):
    """The file is larger than the rules allow."""

    code = "too-many-bytes"

    @classmethod
    def of(cls, found: int | None, most: int) -> "TooManyBytes":
        """Make the refusal for a size, rounded up so that it exceeds the limit. None: the size is unknown."""
        limit = most // MIB
        if found is None:
            return cls(found=Sentence("amount.more_megabytes", {"megabytes": limit}), limit=limit)
        megabytes = math.ceil(found / MIB * 10) / 10
        return cls(found=Sentence("amount.megabytes", {"megabytes": megabytes}), limit=limit)


QUOTAS = (TooManyWaiting, TooManyToday, TooMuchStored, UploadsNotOpenYet, UploadsClosed, TooManyClips, SameFileAgain)
