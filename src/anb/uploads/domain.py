"""What a resumable upload is, whose turn it is to write to it, and what is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from anb.errors import Language, Refusal


class State(StrEnum):
    """Where an upload stands: open → accepted, or refused by the rules."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True)
class Upload:
    """A clip that comes in pieces, and what became of it."""

    id: UUID
    owner_id: UUID
    title: str
    bytes: int  # of the whole
    received: int  # bytes that are durable
    part_key: str
    state: State
    turn: int
    lease_expires_at: datetime | None  # until when its writer is taken to be alive
    expires_at: datetime
    video_id: UUID | None
    job_id: UUID | None
    refusal: dict[str, Any] | None
    is_over: bool  # whether its time is over

    @property
    def is_whole(self) -> bool:
        """Whether every byte has come."""
        return self.received == self.bytes


@dataclass(frozen=True)
class Turn:
    """The right to write to an upload: of all that were given, only the last is good."""

    upload_id: UUID
    number: int
    owner_id: UUID
    title: str
    part_key: str
    offset: int
    bytes: int
    was_left: bool = False  # the writer before never let go: it may still have the file open


class UploadNotFound(Refusal):
    """No upload has this id, or it is somebody else's."""

    status = 404
    code = "upload-not-found"
    es = "Esta subida no existe."
    en = "There is no such upload."


class UploadExpired(Refusal):
    """Nothing of it came for too long, and it was given up."""

    status = 410
    code = "upload-expired"
    es = "Esta subida venció por inactividad. Empieza de nuevo."
    en = "This upload was given up because nothing of it came. Begin again."


class WrongOffset(Refusal):
    """The piece does not begin where the last one ended."""

    status = 409
    code = "wrong-offset"
    es = "Tu envío empieza en el byte {offset}; ya tenemos {received}."
    en = "Your piece begins at byte {offset}; we have {received}."


class UploadBusy(Refusal):
    """Another request writes to this upload right now."""

    status = 423
    code = "upload-busy"
    es = "Otra conexión está enviando esta subida. Inténtalo de nuevo en {seconds} s."
    en = "Another connection is sending this upload. Try again in {seconds} s."

    def __init__(self, until: datetime | None, seconds: float) -> None:
        super().__init__(seconds=seconds)
        self.until = until


class TakenOver(Refusal):
    """Another request has taken this upload over, or it was ended: this one writes nothing more."""

    status = 423
    code = "upload-taken-over"
    es = "Otra conexión continuó esta subida, o alguien la terminó."
    en = "Another connection has gone on with this upload, or it was ended."


class WrongChecksum(Refusal):
    """The piece is not what its checksum says; it was dropped."""

    status = 460
    code = "wrong-checksum"
    es = "El envío llegó alterado: su {algorithm} no coincide. Envíalo de nuevo."
    en = "The piece came altered: its {algorithm} differs. Send it again."


class UploadTooLarge(Refusal):
    """The whole would weigh more than the rules allow, or the piece is more than was announced."""

    status = 413
    code = "upload-too-large"
    es = "La subida pasa de {limit} bytes, el máximo permitido."
    en = "The upload is over {limit} bytes, the most that is allowed."


class TooManyUploads(Refusal):
    """The player has too many uploads open, or too much in them."""

    status = 413
    code = "too-many-uploads"
    es = (
        "Tienes {count} subidas abiertas de {megabytes} MB en total; puedes tener {most} de {most_megabytes} MB. "
        "Termina o cancela alguna."
    )
    en = (
        "You have {count} uploads open of {megabytes} MB in all; you may have {most} of {most_megabytes} MB. "
        "Finish or end one."
    )


class WrongTusVersion(Refusal):
    """The client speaks another version of tus."""

    status = 412
    code = "wrong-tus-version"
    es = "Falta el encabezado Tus-Resumable: 1.0.0, o pide otra versión."
    en = "The header Tus-Resumable: 1.0.0 is missing, or asks for another version."


class NotAPiece(Refusal):
    """The body is not of the type a piece has."""

    status = 415
    code = "not-a-piece"
    es = "Envía los bytes con Content-Type: application/offset+octet-stream."
    en = "Send the bytes with Content-Type: application/offset+octet-stream."


class ClipRefused(Refusal):
    """The clip came whole and broke a rule; this is the refusal that was kept of it."""

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__(**kept["shown"])
        self._kept = kept
        self.code = kept["code"]  # type: ignore[misc]  # one that a row tells
        self.status = kept["status"]  # type: ignore[misc]
        self.shown = tuple(kept["shown"])  # type: ignore[misc]

    def text(self, language: Language) -> str:
        """Return the sentence as it was said first."""
        sentence: str = self._kept[language]
        return sentence


def kept_of(refusal: Refusal) -> dict[str, Any]:
    """Write a refusal down, so that a client that comes back late hears it too."""
    shown = {name: str(refusal.fields[name]) for name in refusal.shown}
    return {
        "code": refusal.code,
        "status": refusal.status,
        "shown": shown,
        "es": refusal.text("es"),
        "en": refusal.text("en"),
    }
