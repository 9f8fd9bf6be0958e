"""What a video is, who may see which of its files, and what is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anb.errors import Bilingual, Refusal


class Status(StrEnum):
    """Where a video stands: uploaded → processing → processed or failed."""

    UPLOADED = "uploaded"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"


class Rendition(StrEnum):
    """One of a video's files."""

    ORIGINAL = "original"
    PROCESSED = "processed"


@dataclass(frozen=True)
class Video:
    """A player's clip and what became of it."""

    id: UUID
    owner_id: UUID
    title: str
    status: Status
    reason: Bilingual | None
    original_key: str
    processed_key: str | None
    duration_seconds: float
    uploaded_at: datetime
    processed_at: datetime | None
    published_at: datetime | None
    votes: int = 0

    @property
    def is_public(self) -> bool:
        """Whether everybody may watch it and vote for it."""
        return self.published_at is not None

    def key(self, rendition: Rendition) -> str | None:
        """Where a file of it lies on the share."""
        return self.original_key if rendition is Rendition.ORIGINAL else self.processed_key


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
class Viewer:
    """Somebody who wants to see something; nobody in particular when there is no id."""

    id: UUID | None = None
    organizer: bool = False


def may_watch(video: Video, rendition: Rendition, viewer: Viewer) -> bool:
    """Say who may see a file: a published edit is everybody's, the rest the owner's and the organizers'."""
    if rendition is Rendition.PROCESSED and video.is_public:
        return True
    return viewer.organizer or viewer.id == video.owner_id


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
