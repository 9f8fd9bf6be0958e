"""Removing videos: delete those that were never public, withdraw the others, delete old originals, erase rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy import delete as delete_from

from anb.db.session import UnitOfWork
from anb.db.tables import videos
from anb.jobs import removal as jobs
from anb.jobs import service as work
from anb.mail.domain import MailKind
from anb.media.renditions import Rendition
from anb.ports import Ports
from anb.storage import service as storage
from anb.videos import file_store, mails, store
from anb.videos.domain import NeverPublic, NotYourVideo, OpenToVotes, Status, Video, VideoNotFound
from anb.videos.verdict import ClipState, Verdict


@dataclass(frozen=True)
class ClipKept:
    """All that is kept of a clip, for its owner."""

    id: UUID
    title: str
    status: Status
    original_key: str | None  # None once the file is deleted
    bytes: int  # of the original
    duration_seconds: float
    start_seconds: float
    uploaded_at: datetime
    first_published_at: datetime | None
    withdrawn_at: datetime | None
    taken_down_at: datetime | None
    refused_at: datetime | None
    verdict_reason: str | None  # why organizers refused it or took it down
    verdict_text: str | None


def delete(
    uow: UnitOfWork, ports: Ports, video_id: UUID, caller: UUID, *, who: str = "its owner, who deleted the video"
) -> None:
    """Delete a video that was never open to votes, with its files, and stop its job; `who` is for its timeline.

    Raises VideoNotFound, NotYourVideo, OpenToVotes.
    """
    video = _take(uow, video_id, caller, who)
    if video.was_public:
        raise OpenToVotes
    uow.execute(delete_from(videos).where(videos.c.id == video_id))
    _drop(uow, ports, video)


def withdraw(uow: UnitOfWork, ports: Ports, video_id: UUID, caller: UUID) -> bool:
    """Hide a video that is or was public for good, remove its files, and stop its job.

    Its row stays: votes name it, and it must never become deletable. Return False if it was withdrawn before.

    Raises VideoNotFound, NotYourVideo, NeverPublic.
    """
    video = _take(uow, video_id, caller, "its owner, who withdrew the video")
    if not video.was_public:
        raise NeverPublic
    if video.withdrawn_at is not None:
        return False
    _remove(uow, ports, video)
    return True


def take_down(uow: UnitOfWork, ports: Ports, video_id: UUID, verdict: Verdict) -> bool:
    """Take a video out of the contest for good, public or not, remove its files, stop its job, and tell its owner why.

    Its row stays, as that of a withdrawn one. Return False if it was taken down before. Raises VideoNotFound.
    """
    work.cancel_of(uow, video_id, "an organizer, who took the video down")
    video = store.get(uow, video_id, lock=True)
    if video is None or video.clip_state is ClipState.WITHDRAWN:
        raise VideoNotFound
    if video.taken_down_at is not None:
        return False
    why = {"verdict_reason": verdict.reason.value, "verdict_text": verdict.text}
    _remove(uow, ports, video, {"taken_down_at": func.now(), "refused_at": None, **why})
    mails.tell_verdict(uow, MailKind.VIDEO_TAKEN_DOWN, video, verdict)
    return True


def _remove(uow: UnitOfWork, ports: Ports, video: Video, values: Mapping[str, object] | None = None) -> None:
    """Hide a locked video for good, and remove its files."""
    hidden = {"published_at": None, "withdrawn_at": func.now(), "original_removed_at": func.now()}
    uow.execute(update(videos).where(videos.c.id == video.id).values(**hidden, **(values or {})))
    file_store.remove(uow, video.id)
    jobs.detach(uow, video.id)
    _drop(uow, ports, video)


def list_of(uow: UnitOfWork, owner: UUID) -> list[tuple[UUID, bool]]:
    """Return a person's videos that still hold something of theirs, and whether each was ever public."""
    held = (videos.c.owner_id == owner) & (videos.c.original_sha256 != "")
    query = select(videos.c.id, videos.c.first_published_at).where(held).order_by(videos.c.id)
    return [(row.id, row.first_published_at is not None) for row in uow.execute(query)]


def list_kept(uow: UnitOfWork, owner: UUID) -> list[ClipKept]:
    """Return everything that is kept of a person's clips, withdrawn ones included, oldest first."""
    kept = case((videos.c.original_removed_at.is_(None), videos.c.original_key))
    names = ("id", "title", "duration_seconds", "start_seconds", "uploaded_at", "first_published_at", "withdrawn_at",
             "taken_down_at", "refused_at", "verdict_reason", "verdict_text")  # fmt: skip
    columns = [videos.c[name] for name in names]
    query = select(*columns, videos.c.status, kept.label("original_key"), videos.c.original_bytes.label("bytes"))
    rows = uow.execute(query.where(videos.c.owner_id == owner).order_by(videos.c.id))
    return [ClipKept(**{**row._mapping, "status": Status(row.status)}) for row in rows]  # noqa: SLF001 - public


def erase(uow: UnitOfWork, video_id: UUID) -> None:
    """Remove what is personal from the row of a withdrawn video; its id stays, because votes name it."""
    said = {"title": "", "original_sha256": "", "verdict_text": case((videos.c.verdict_text.is_not(None), ""))}
    uow.execute(update(videos).where(videos.c.id == video_id).values(**said))


def has_any(uow: UnitOfWork, owner: UUID) -> bool:
    """Say whether a person has a video, withdrawn ones included."""
    return uow.execute(select(videos.c.id).where(videos.c.owner_id == owner).limit(1)).first() is not None


def list_old_originals(uow: UnitOfWork, before: datetime) -> list[UUID]:
    """Return videos uploaded before a moment whose original is there and waits for no first edit, oldest first."""
    ended = videos.c.status.in_([Status.PROCESSED.value, Status.FAILED.value])
    old = (videos.c.uploaded_at < before, videos.c.original_removed_at.is_(None), ended)
    return list(uow.execute(select(videos.c.id).where(*old).order_by(videos.c.uploaded_at)).scalars())


def remove_original(uow: UnitOfWork, ports: Ports, video_id: UUID) -> bool:
    """Delete the original of a video, and stop a new edit of it; its edit stays, and cannot be made again.

    False when it was gone already.
    """
    work.cancel_of(uow, video_id, "the end of the time that originals are kept")
    video = store.get(uow, video_id, lock=True)
    if video is None or Rendition.ORIGINAL not in video.files:
        return False
    uow.execute(update(videos).where(videos.c.id == video_id).values(original_removed_at=func.now()))
    storage.doom(uow, ports, [video.files[Rendition.ORIGINAL].key], video.owner_id)
    return True


def _take(uow: UnitOfWork, video_id: UUID, caller: UUID, who: str) -> Video:
    """Stop the job of a video and lock both, or raise the refusal, which rolls the cancelling back."""
    work.cancel_of(uow, video_id, who)  # jobs before videos, the order in which workers lock them
    video = store.get(uow, video_id, lock=True)
    if video is None:
        raise VideoNotFound
    if video.owner_id != caller:
        raise NotYourVideo
    return video


def _drop(uow: UnitOfWork, ports: Ports, video: Video) -> None:
    storage.doom(uow, ports, [file.key for file in video.files.values()], video.owner_id)
