"""The headers of tus 1.0.0, read and written."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response

from anb.errors import Bilingual
from anb.settings import Settings
from anb.uploads.domain import NotAPiece, Upload, WrongChecksum, WrongTusVersion
from anb.web.problems import InvalidField

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256")
PIECE_TYPE = "application/offset+octet-stream"

_DIGITS = 15  # more than any file has
_NUMBER = Bilingual("Debe ser un número entero, desde {least}.", "Must be a whole number, from {least}.")
_METADATA = Bilingual(
    "Debe ser una lista de «clave valor», el valor en base64.", "Must be a list of “key value”, the value in base64."
)
_CHECKSUM = Bilingual(
    f"Debe ser «algoritmo valor», el valor en base64; sabemos {', '.join(ALGORITHMS)}.",
    f"Must be “algorithm value”, the value in base64; we know {', '.join(ALGORITHMS)}.",
)


def capabilities(settings: Settings) -> dict[str, str]:
    """Say what this server can do."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.upload_max_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def check_version(request: Request) -> None:
    """Refuse another version than ours. Raises WrongTusVersion."""
    if request.headers.get("tus-resumable") != VERSION:
        raise WrongTusVersion


def check_piece(request: Request) -> None:
    """Refuse a body that is no piece. Raises NotAPiece."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != PIECE_TYPE:
        raise NotAPiece


def has_body(request: Request) -> bool:
    """Say whether bytes come along."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def announced(request: Request) -> int:
    """Return how long the body says it is; 0 when it does not say."""
    return int(request.headers.get("content-length", "0"))


def number(request: Request, name: str, least: int = 0) -> int:
    """Read a header that counts bytes. Raises InvalidField."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS) or int(text) < least:
        raise InvalidField({name: Bilingual(_NUMBER.es.format(least=least), _NUMBER.en.format(least=least))})
    return int(text)


def metadata(request: Request) -> dict[str, str]:
    """Read what a client says of its file. Raises InvalidField."""
    found = {}
    try:
        for pair in filter(None, (part.strip() for part in request.headers.get("upload-metadata", "").split(","))):
            key, _, value = pair.partition(" ")
            found[key] = b64decode(value, validate=True).decode()
    except ValueError:
        raise InvalidField({"Upload-Metadata": _METADATA}) from None
    return found


@dataclass(frozen=True)
class Checksum:
    """What a piece must add up to."""

    algorithm: str
    expected: bytes
    sum: Any

    def check(self) -> None:
        """Compare. Raises WrongChecksum."""
        if self.sum.digest() != self.expected:
            raise WrongChecksum(algorithm=self.algorithm)


def checksum(request: Request) -> Checksum | None:
    """Read the checksum of a piece, if it has one. Raises InvalidField."""
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        expected = b64decode(value, validate=True)
    except ValueError:
        expected = b""
    if algorithm not in ALGORITHMS or not expected:
        raise InvalidField({"Upload-Checksum": _CHECKSUM})
    return Checksum(algorithm, expected, hashlib.new(algorithm, usedforsecurity=False))


def place(upload_id: object) -> str:
    """Return an upload's address on this site."""
    return f"/api/uploads/{quote(str(upload_id))}"


def standing(upload: Upload) -> dict[str, str]:
    """Say where an upload stands."""
    headers = {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.bytes),
        "Upload-Metadata": f"title {b64encode(upload.title.encode()).decode()}",
    }
    if upload.job_id is None:
        return headers | {"Upload-Expires": expires(upload)}
    return headers | outcome(upload.job_id, upload.video_id)


def expires(upload: Upload) -> str:
    """Say when an upload is given up, as HTTP writes times."""
    return format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)


def expires_after(seconds: int) -> str:
    """Say when an upload is given up of which something came just now."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def outcome(job_id: object, video_id: object | None) -> dict[str, str]:
    """Say what an upload became: the job to follow, and the video unless it was deleted since."""
    headers = {"Anb-Task-Id": str(job_id), "Link": f'</api/jobs/{job_id}>; rel="monitor"'}
    return headers if video_id is None else headers | {"Anb-Video-Id": str(video_id)}


def stamp(response: Response, headers: Mapping[str, str]) -> Response:
    """Add headers to a response."""
    response.headers.update({**headers, "Tus-Resumable": VERSION})
    return response
