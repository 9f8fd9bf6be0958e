"""The headers of tus 1.0.0, read and written."""

import hashlib
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request

from anb.fields import InvalidField, finding
from anb.resumable import metadata
from anb.resumable.domain import ConcatenationUnsupported, NotAChunk, Upload, WrongChecksum, WrongTusVersion
from anb.settings import Settings

PATH = "/api/uploads"
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256")
CHUNK_TYPE = "application/offset+octet-stream"

_DIGITS = 15  # more than the size of any file has


def capabilities(settings: Settings) -> dict[str, str]:
    """Say what this server supports."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.upload_max_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def check_version(request: Request) -> None:
    """Refuse any other version of tus. Raises WrongTusVersion."""
    if request.headers.get("tus-resumable") != VERSION:
        raise WrongTusVersion


def check_chunk(request: Request) -> None:
    """Refuse a body that is not a chunk. Raises NotAChunk."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != CHUNK_TYPE:
        raise NotAChunk


def check_concatenation(request: Request) -> None:
    """Refuse an upload that joins other uploads. Raises ConcatenationUnsupported."""
    if "upload-concat" in request.headers:
        raise ConcatenationUnsupported


def has_body(request: Request) -> bool:
    """Say whether a request has a body."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def number(request: Request, name: str, least: int = 0) -> int:
    """Read a header that counts bytes. Raises InvalidField."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS) or int(text) < least:
        raise InvalidField({name: finding("number_from", {"least": least})})
    return int(text)


@dataclass(frozen=True)
class Checksum:
    """The checksum that a chunk must have."""

    algorithm: str
    expected: bytes
    sum: Any

    def check(self) -> None:
        """Compare the sums. Raises WrongChecksum."""
        if self.sum.digest() != self.expected:
            raise WrongChecksum(algorithm=self.algorithm)


def checksum(request: Request) -> Checksum | None:
    """Read the checksum of a chunk, if it has one. Raises InvalidField."""
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        expected = b64decode(value, validate=True)
    except ValueError:
        expected = b""
    if algorithm not in ALGORITHMS or not expected:
        raise InvalidField({"Upload-Checksum": finding("checksum", {"algorithms": ", ".join(ALGORITHMS)})})
    return Checksum(algorithm, expected, hashlib.new(algorithm, usedforsecurity=False))


def place(upload_id: object, settings: Settings) -> str:
    """Return an upload's address: absolute if the site's own is known, for clients that need one."""
    site = "" if settings.public_url is None else str(settings.public_url).rstrip("/")
    return f"{site}{PATH}/{quote(str(upload_id))}"


def standing(upload: Upload) -> dict[str, str]:
    """Return the headers that describe the state of an upload."""
    headers = {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.bytes),
        metadata.HEADER: upload.metadata or metadata.of_title(upload.title),
    }
    if upload.job_id is None:
        return headers | {"Upload-Expires": expires(upload)}
    return headers | outcome(upload.job_id, upload.video_id)


def expires(upload: Upload) -> str:
    """Return when an upload expires, as an HTTP date."""
    return format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)


def expires_after(seconds: int) -> str:
    """Return when an upload expires that received bytes just now, as an HTTP date."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def outcome(job_id: object, video_id: object, same_as: object | None = None) -> dict[str, str]:
    """Return the headers of an accepted upload: its job, its video, and the earlier video of the very same file."""
    headers = {"Anb-Task-Id": str(job_id), "Anb-Video-Id": str(video_id)}
    headers["Link"] = f'</api/jobs/{job_id}>; rel="monitor"'
    return headers if same_as is None else headers | {"Anb-Same-As": str(same_as)}
