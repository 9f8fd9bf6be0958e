"""What stands in PostgreSQL and on the disk, fetched by plain SQL and plain reading: nothing of the product is used."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import namedtuple_row

from chaos import clips
from chaos.journal import Entry


class Video(NamedTuple):
    """A row of videos."""

    id: str
    status: str
    reason: str | None
    original_key: str
    original_sha256: str
    public: bool


class Job(NamedTuple):
    """A row of jobs."""

    id: str
    video_id: str | None
    state: str
    spent: int  # tries that ended by a fault of ours, or by a death of the worker, whichever are more
    over: bool


class Rendition(NamedTuple):
    """A row of renditions."""

    video_id: str
    kind: str
    key: str
    sha256: str


class Vote(NamedTuple):
    """A row of votes, by the voter's e-mail."""

    email: str
    video_id: str


@dataclass(frozen=True)
class Evidence:
    """All there is to judge by."""

    journal: Sequence[Entry]
    faults: Sequence[tuple[float, float]]  # when something was broken, from the blow until it was mended
    videos: Mapping[str, Video]
    jobs: Mapping[str, Job]
    renditions: Sequence[Rendition]
    votes: Sequence[Vote]
    files: Mapping[str, str]  # SHA-256 by key
    codes: Mapping[str, int | str]  # the number in the pictures by key, or why there is none
    shown_votes: Mapping[str, int]  # by video, as the public list says
    attempts: int  # that may be spent on one job


def gather(url: str, share: Path) -> dict[str, Any]:
    """Return what database and disk say, under the names that `Evidence` has for it."""
    with psycopg.connect(url, row_factory=namedtuple_row) as database:
        videos = [
            Video(*row)
            for row in database.execute(
                "SELECT id::text, status, reason_es, original_key, original_sha256, published_at IS NOT NULL"
                " FROM videos"
            )
        ]
        jobs = [
            Job(*row)
            for row in database.execute(
                "SELECT id::text, video_id::text, state, greatest(faults, deaths), finished_at IS NOT NULL FROM jobs"
            )
        ]
        renditions = [
            Rendition(*row) for row in database.execute("SELECT video_id::text, kind, key, sha256 FROM renditions")
        ]
        votes = [
            Vote(*row)
            for row in database.execute(
                "SELECT users.email, votes.video_id::text FROM votes JOIN users ON users.id = votes.voter_id"
            )
        ]
    paths = {str(path.relative_to(share)): path for path in share.rglob("*") if path.is_file()}
    edits = [one.key for one in renditions if one.kind == "processed" and one.key in paths]
    return {
        "videos": {video.id: video for video in videos},
        "jobs": {job.id: job for job in jobs},
        "renditions": renditions,
        "votes": votes,
        "files": {key: hashlib.sha256(path.read_bytes()).hexdigest() for key, path in paths.items()},
        "codes": {key: _code(paths[key]) for key in edits},
    }


def _code(path: Path) -> int | str:
    try:
        return clips.read(path)
    except clips.Unreadable as error:
        return str(error)
