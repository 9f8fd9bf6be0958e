"""Reads PostgreSQL, the disk and nginx's log after a cell, with plain SQL and file access, without our own code."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psycopg

from verify.network.cells import NetworkCell

SETTLE_SECONDS = 120.0  # within which a stored edit gets its row, on a busy machine


class StoredVideo(NamedTuple):
    """A row of videos, and the state of its original on the disk."""

    id: str
    sha256: str | None  # of the file; None if it is missing


class UploadRow(NamedTuple):
    """A row of uploads."""

    state: str
    received: int


class ClientResponse(NamedTuple):
    """An answer as its client received it."""

    method: str
    status: int
    offset: int | None
    kind: str
    detail: str


@dataclass(frozen=True)
class CellEvidence:
    """All the evidence to judge a cell."""

    cell: NetworkCell
    sha256: str  # of the sent file, or of the file to fetch
    size: int
    outcome: str  # whole, told, gave up, hung: as the client saw it
    seconds: float
    struck: bool  # whether the network fault happened
    passed: int  # bytes on the wire in the clip's direction, including repetitions
    connections: int
    fetched: str | None = None
    answers: Sequence[ClientResponse] = ()
    failures: Sequence[str] = ()
    videos: Sequence[StoredVideo] = ()
    uploads: Sequence[UploadRow] = ()
    logged: Sequence[int] = ()  # the status of each of its requests, in nginx's log


@dataclass(frozen=True)
class Remains:
    """What the platform holds after every cell."""

    unknown_files: Sequence[str] = ()  # without a row
    crashes: Sequence[str] = ()  # lines of the application's log about an exception
    notes: Mapping[str, str] = field(default_factory=dict)


def rows(url: str, email: str, media: Path) -> tuple[list[StoredVideo], list[UploadRow]]:
    """Return an account's videos and uploads."""
    with psycopg.connect(url, autocommit=True) as database:
        videos = database.execute(
            "SELECT videos.id::text, original_key FROM videos JOIN users ON users.id = owner_id WHERE email = %s",
            [email],
        ).fetchall()
        uploads = database.execute(
            "SELECT state, received FROM uploads JOIN users ON users.id = owner_id WHERE email = %s", [email]
        ).fetchall()
    return [StoredVideo(id_, _sum(media / key)) for id_, key in videos], [UploadRow(*row) for row in uploads]


def logged(paths: Iterable[Path]) -> dict[str, list[int]]:
    """Return the statuses that nginx logged, by user agent.

    Leave out a 500 that nginx made on its own: it logs one if a client that expected "100 Continue" is gone
    before the answer. If the client had received it, it would be among the client's answers.
    """
    found: dict[str, list[int]] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            entry = json.loads(line)
            if entry["status"] != 500 or entry["upstream_seconds"] not in {"", "-"}:
                found.setdefault(entry["agent"], []).append(int(entry["status"]))
    return found


def remains(url: str, media: Path, logs: Iterable[Path]) -> Remains:
    """Return unknown files on the disk and exceptions in the logs."""
    with psycopg.connect(url, autocommit=True) as database:

        def unknown() -> set[str]:
            files = {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}
            known = database.execute(
                "SELECT original_key FROM videos UNION SELECT key FROM renditions UNION SELECT key FROM poster_files"
                " UNION SELECT part_key FROM uploads"
            )
            return files - {key for (key,) in known}

        files = lasting(unknown)
    lines = [line for log in logs for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    crashes = [line for line in lines if "Traceback" in line or "web.request.failed" in line]
    return Remains(sorted(files), crashes)


def lasting(unknown: Callable[[], set[str]], seconds: float = SETTLE_SECONDS, pause: float = 1) -> set[str]:
    """Return the files of a first look that get no row: the worker stores the files of a running edit before its row.

    Files that appear later are left out: they belong to running edits too.
    """
    left, until = unknown(), time.monotonic() + seconds
    while left and time.monotonic() < until:
        time.sleep(pause)
        left &= unknown()
    return left


def _sum(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
