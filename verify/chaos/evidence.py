"""Reads the state of PostgreSQL and the disk with plain SQL and file access, without the product's code."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from verify.chaos.journal import JournalEntry
from verify.chaos.mail_sink import DeliveredMail
from verify.kit import numbered_clips


class VideoRow(NamedTuple):
    """A row of videos."""

    id: str
    status: str
    reason: str | None
    original_key: str
    original_sha256: str
    public: bool
    state: str = ""  # what organizers decided: refused, taken down; else hidden, if it is not public any more


class JobRow(NamedTuple):
    """A row of jobs."""

    id: str
    video_id: str | None
    state: str
    spent: int  # attempts that ended by a platform failure or by a death of the worker, whichever are more
    over: bool


class RenditionRow(NamedTuple):
    """A row of renditions."""

    video_id: str
    kind: str
    key: str
    sha256: str


class Vote(NamedTuple):
    """A row of votes, by the voter's e-mail."""

    email: str
    video_id: str
    counts: bool = True  # neither void nor held


class MailRow(NamedTuple):
    """A row of mails, which the Message-ID names."""

    id: str
    state: str
    failure: str | None


@dataclass(frozen=True)
class ChaosEvidence:
    """All the evidence to judge."""

    journal: Sequence[JournalEntry]
    faults: Sequence[tuple[float, float]]  # when something was broken, from the fault to the recovery
    videos: Mapping[str, VideoRow]
    jobs: Mapping[str, JobRow]
    renditions: Sequence[RenditionRow]
    votes: Sequence[Vote]
    files: Mapping[str, str]  # SHA-256 by key
    codes: Mapping[str, int | str]  # the number in the pictures by key, or why it is missing
    shown_votes: Mapping[str, int]  # by video, as in the public list
    attempts: int  # allowed for one job
    delivered: Sequence[DeliveredMail] = ()
    mails: Sequence[MailRow] = ()
    count_differs: Sequence[str] = ()  # what rows, tallies, log and results say differently, seen inside and outside
    open_parts: Collection[str] = ()  # keys of resumable uploads that can still continue


VIDEOS = """
SELECT id::text, status, reason_es, original_key, original_sha256, published_at IS NOT NULL,
    CASE WHEN taken_down_at IS NOT NULL THEN 'taken down' WHEN refused_at IS NOT NULL THEN 'refused'
    WHEN published_at IS NULL AND first_published_at IS NOT NULL THEN 'hidden' ELSE '' END
FROM videos
"""
JOBS = "SELECT id::text, video_id::text, state, greatest(faults, deaths), finished_at IS NOT NULL FROM jobs"
RENDITIONS = """
SELECT video_id::text, kind, key, sha256 FROM renditions
UNION ALL SELECT video_id::text, kind, key, sha256 FROM poster_files
"""
VOTES = """
SELECT users.email, votes.video_id::text, voided_at IS NULL AND held_votes.vote_id IS NULL
FROM votes JOIN users ON users.id = votes.voter_id LEFT JOIN held_votes ON held_votes.vote_id = votes.id
"""
MAILS = "SELECT id::text, state, failure FROM mails"
PARTS = "SELECT part_key FROM uploads WHERE state = 'open'"


def gather(url: str, share: Path) -> dict[str, Any]:
    """Return the state of database and disk, by field name of `ChaosEvidence`."""
    with psycopg.connect(url) as database:
        videos = [VideoRow(*row) for row in database.execute(VIDEOS)]
        jobs = [JobRow(*row) for row in database.execute(JOBS)]
        renditions = [RenditionRow(*row) for row in database.execute(RENDITIONS)]
        votes = [Vote(*row) for row in database.execute(VOTES)]
        mails = [MailRow(*row) for row in database.execute(MAILS)]
        parts = [row[0] for row in database.execute(PARTS)]
    paths = {str(path.relative_to(share)): path for path in share.rglob("*") if path.is_file()}
    edits = [one.key for one in renditions if one.kind == "processed" and one.key in paths]
    return {
        "videos": {video.id: video for video in videos},
        "jobs": {job.id: job for job in jobs},
        "renditions": renditions,
        "votes": votes,
        "mails": mails,
        "open_parts": parts,
        "files": {key: hashlib.sha256(path.read_bytes()).hexdigest() for key, path in paths.items()},
        "codes": {key: _code(paths[key]) for key in edits},
    }


def _code(path: Path) -> int | str:
    try:
        return numbered_clips.read(path)
    except numbered_clips.NumberUnreadable as error:
        return str(error)
