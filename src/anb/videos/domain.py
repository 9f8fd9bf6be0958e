"""What a video is, who may see which of its files, and what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anb.errors import Bilingual, Refusal
from anb.media.renditions import Rendition
from anb.ports import Stored
from anb.web.problems import MESSAGES, InvalidField

TITLE_LENGTH = 120


class Status(StrEnum):
    """Where a video stands: uploaded → processing → processed or failed."""

    UPLOADED = "uploaded"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"


@dataclass(frozen=True)
class File:
    """A file of a video."""

    key: str  # where it lies on the share
    media_type: str


@dataclass(frozen=True)
class Video:
    """A player's clip and what became of it."""

    id: UUID
    owner_id: UUID
    title: str
    status: Status
    reason: Bilingual | None
    files: Mapping[Rendition, File]
    duration_seconds: float  # of the original
    uploaded_at: datetime
    processed_at: datetime | None
    published_at: datetime | None
    votes: int = 0

    @property
    def is_public(self) -> bool:
        """Whether everybody may watch it and vote for it."""
        return self.published_at is not None

    def shows(self, rendition: Rendition) -> bool:
        """Whether a file of it is everybody's."""
        return self.is_public and rendition is not Rendition.ORIGINAL


@dataclass(frozen=True)
class NewVideo:
    """A clip that was received, judged and kept."""

    owner_id: UUID
    title: str
    original_key: str
    original_bytes: int
    original_sha256: str
    duration_seconds: float


@dataclass(frozen=True)
class NewRendition:
    """A rendition that is whole and durable on the share, and that no row knows yet."""

    rendition: Rendition
    stored: Stored
    media_type: str
    recipe: int  # version of the recipe it was made by
    width: int | None
    height: int | None
    seconds: float | None


@dataclass(frozen=True)
class Viewer:
    """Somebody who wants to see something; nobody in particular when there is no id."""

    id: UUID | None = None
    organizer: bool = False


def may_watch(video: Video, rendition: Rendition, viewer: Viewer) -> bool:
    """Say who may see a file: what was made and published is everybody's, the rest the owner's and the organizers'."""
    return video.shows(rendition) or viewer.organizer or viewer.id == video.owner_id


def checked_title(text: str | None) -> str:
    """Return the title that somebody gives their clip, its blanks in order. Raises InvalidField."""
    title = " ".join((text or "").split())
    if text is None:
        raise InvalidField({"title": MESSAGES["missing"]})
    if not title or not title.isprintable():
        raise InvalidField({"title": MESSAGES["blank"]})
    if len(title) > TITLE_LENGTH:
        most = Bilingual(f"Demasiado largo: máximo {TITLE_LENGTH}.", f"At most {TITLE_LENGTH} letters.")
        raise InvalidField({"title": most})
    return title


class VideoNotFound(Refusal):
    """No video has this id, or it is not there for you."""

    status = 404
    code = "video-not-found"
    es = "Este video no existe."
    en = "There is no such video."


class NotYourVideo(Refusal):
    """The video is somebody else's."""

    status = 403
    code = "not-your-video"
    es = "Este video es de otra persona."
    en = "This video is somebody else's."


class OpenToVotes(Refusal):
    """The video is public and people vote for it: it stays."""

    code = "open-to-votes"
    es = "Este video ya está abierto a votación y no se puede eliminar."
    en = "This video is open to votes already and cannot be deleted."


class SameFile(Refusal):
    """The player has sent this very file before."""

    code = "same-file"
    es = "Este archivo ya lo subiste: es tu video «{title}»."
    en = "You have uploaded this file before: it is your video “{title}”."
    shown = ("video_id",)


class NoRoom(Refusal):
    """The share is nearly full; nothing was read."""

    status = 507
    code = "no-room"
    es = "En este momento no podemos recibir más videos. Inténtalo más tarde."
    en = "We cannot take more videos right now. Try again later."


class IncompleteUpload(Refusal):
    """The request is no complete multipart form with a `video_file` and a `title`."""

    code = "incomplete-upload"
    es = "La subida llegó incompleta o no es un formulario válido. Inténtalo de nuevo."
    en = "The upload came incomplete or is no valid form. Try again."


class TooManyBytes(Refusal):
    """The file is larger than the rules allow."""

    code = "too-many-bytes"
    es = "Tu archivo pasa de {limit} MB, el máximo permitido."
    en = "Your file is over {limit} MB, the most that is allowed."
