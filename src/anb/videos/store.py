"""The rows of videos."""

import mimetypes
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, case, func, insert, literal_column, null, select, tuple_, update

from anb.db.paging import Listed, Page, cut
from anb.db.session import UnitOfWork
from anb.db.tables import renditions, videos
from anb.db.tables_votelog import clip_tallies
from anb.media.renditions import Rendition
from anb.sentences import KeptSentence, Sentence
from anb.videos import file_store
from anb.videos.domain import File, NewRendition, NewVideo, QuotaUsage, Status, Video
from anb.videos.verdict import RefusalReason, Verdict

_TALLY = select(clip_tallies.c.votes).where(clip_tallies.c.video_id == videos.c.id).scalar_subquery()
_VOTES = func.coalesce(_TALLY, literal_column("0")).label("votes")
_NOT_MADE = videos.c.status != Status.PROCESSED.value
COLUMNS = (
    videos.c.id,
    videos.c.owner_id,
    videos.c.season_id,
    videos.c.title,
    videos.c.status,
    videos.c.reason_es,
    videos.c.reason_en,
    videos.c.reason,
    videos.c.original_key,
    *file_store.files_of(videos.c.id),
    videos.c.duration_seconds,
    videos.c.uploaded_at,
    videos.c.processed_at,
    videos.c.published_at,
    videos.c.same_as_id,
    videos.c.start_seconds,
    videos.c.first_published_at,
    videos.c.withdrawn_at,
    videos.c.consent_lost,
    videos.c.original_removed_at,
    videos.c.refused_at,
    videos.c.taken_down_at,
    videos.c.verdict_reason,
    videos.c.verdict_text,
    _VOTES,
)
_HAS_ORIGINAL = videos.c.original_removed_at.is_(None)
_KEPT = videos.c.withdrawn_at.is_(None)
_SHOWN = _KEPT | videos.c.taken_down_at.is_not(None)  # a player learns why an organizer took a clip down

# Built once: every request for a file runs it first.
_ONE = select(*COLUMNS).where(videos.c.id == bindparam("wanted"))
_ONE_LOCKED = _ONE.with_for_update(of=videos)
# The lock of a foreign key: the insert of a vote takes it anyway.


def has_public(uow: UnitOfWork, owner: UUID) -> bool:
    """Say whether a player has a video that is open to votes."""
    shown = select(videos.c.id).where(videos.c.owner_id == owner, videos.c.published_at.is_not(None))
    return uow.execute(shown.limit(1)).first() is not None


def add(uow: UnitOfWork, new: NewVideo) -> UUID:
    """Add a video that waits for its edit."""
    row = uow.execute(
        insert(videos)
        .values(
            owner_id=new.owner_id,
            title=new.title,
            original_key=new.original_key,
            original_bytes=new.original_bytes,
            original_sha256=new.original_sha256,
            duration_seconds=new.duration_seconds,
            start_seconds=new.start_seconds,
            same_as_id=new.same_as_id,
            season_id=new.season_id,
        )
        .returning(videos.c.id)
    ).one()
    video_id: UUID = row.id
    return video_id


def get(uow: UnitOfWork, video_id: UUID, *, lock: bool = False) -> Video | None:
    """Return a video by id; with `lock`, no other transaction changes it until this one ends."""
    row = uow.execute(_ONE_LOCKED if lock else _ONE, {"wanted": video_id}).one_or_none()
    return None if row is None else read_video(row)


def get_owner(uow: UnitOfWork, video_id: UUID) -> UUID | None:
    """Return the owner of a video."""
    owner: UUID | None = uow.execute(select(videos.c.owner_id).where(videos.c.id == video_id)).scalar_one_or_none()
    return owner


def find_same(uow: UnitOfWork, owner_id: UUID, sha256: str) -> UUID | None:
    """Return a player's first video of the very same file that did not fail and was not withdrawn."""
    same = (videos.c.owner_id == owner_id) & (videos.c.original_sha256 == sha256)
    alive = (videos.c.status != Status.FAILED.value) & _KEPT
    found: UUID | None = uow.execute(select(videos.c.id).where(same, alive).order_by(videos.c.id).limit(1)).scalar()
    return found


def weigh(uow: UnitOfWork, owner_id: UUID) -> QuotaUsage:
    """Return how much of its quotas an account uses."""
    waits = videos.c.status.in_([Status.UPLOADED.value, Status.PROCESSING.value])
    weight = func.sum(videos.c.original_bytes)
    counted = select(
        func.count().filter(waits), func.coalesce(weight.filter(waits), 0), func.coalesce(weight, 0)
    ).where(videos.c.owner_id == owner_id, _HAS_ORIGINAL)
    waiting, waiting_bytes, all_bytes = tuple(uow.execute(counted).one())
    return QuotaUsage(waiting, int(waiting_bytes), int(all_bytes))


def list_own(uow: UnitOfWork, owner_id: UUID, page: Page) -> Listed[Video]:
    """Return a player's videos, newest first, without those that the player withdrew."""
    mine = (videos.c.owner_id == owner_id) & _SHOWN
    query = select(*COLUMNS).where(mine).order_by(videos.c.id.desc())
    after = page.key(UUID)
    if after is not None:
        query = query.where(tuple_(videos.c.id) < tuple_(after[0]))
    rows = [read_video(row) for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))]
    total = uow.execute(select(func.count()).select_from(videos).where(mine)).scalar_one()
    return cut(rows, total, page, lambda video: (video.id,))


def list_edited(uow: UnitOfWork, older_than: int | None) -> Sequence[tuple[UUID, UUID]]:
    """Return edited videos whose original is kept, and their owners, oldest first.

    With `older_than`, only those of an earlier recipe.
    """
    edit = (renditions.c.video_id == videos.c.id) & (renditions.c.kind == Rendition.PROCESSED.value)
    query = select(videos.c.id, videos.c.owner_id).join(renditions, edit).where(_HAS_ORIGINAL).order_by(videos.c.id)
    if older_than is not None:
        query = query.where(renditions.c.recipe < older_than)
    return [(row.id, row.owner_id) for row in uow.execute(query)]


def set_processing(uow: UnitOfWork, video_id: UUID) -> tuple[str, float] | None:
    """Mark a video without an edit as being processed; return the key of its original, and its start.

    None when its original was removed.
    """
    status = case((_NOT_MADE, Status.PROCESSING.value), else_=videos.c.status)
    begun = update(videos).where(videos.c.id == video_id, _HAS_ORIGINAL).values(status=status)
    row = uow.execute(begun.returning(videos.c.original_key, videos.c.start_seconds)).one_or_none()
    return None if row is None else (row.original_key, row.start_seconds)


def set_processed(uow: UnitOfWork, video_id: UUID, made: Sequence[NewRendition], *, open_to_votes: bool) -> list[str]:
    """Store an edit with all its renditions; return the keys of the renditions it replaces.

    With `open_to_votes`, a first edit is published at once; a later one does not change that.
    """
    at_first = func.now() if open_to_votes else null()
    uow.execute(
        update(videos)
        .where(videos.c.id == video_id)
        .values(
            status=Status.PROCESSED.value,
            processed_at=func.now(),
            published_at=case((_NOT_MADE, at_first), else_=videos.c.published_at),
        )
    )
    return file_store.replace(uow, video_id, made)


def find_unmade(uow: UnitOfWork, video_id: UUID) -> tuple[UUID, str] | None:
    """Return owner and title of a video that has no edit yet; None once it has one."""
    row = uow.execute(select(videos.c.owner_id, videos.c.title).where(videos.c.id == video_id, _NOT_MADE)).one_or_none()
    return None if row is None else (row.owner_id, row.title)


def set_failed(uow: UnitOfWork, video_id: UUID, reason: Sentence) -> None:
    """Store why a video will have no edit; an existing edit stays."""
    said = {language: reason.text(language) for language in ("es", "en")}  # for the previous version of the code
    uow.execute(
        update(videos)
        .where(videos.c.id == video_id, _NOT_MADE)
        .values(
            status=Status.FAILED.value,
            reason_es=said["es"],
            reason_en=said["en"],
            reason=reason.written() | {"es": said["es"]},
        )
    )


def set_waiting(uow: UnitOfWork, video_id: UUID) -> None:
    """Mark a video as waiting for a worker again; an existing edit stays."""
    waiting = update(videos).where(videos.c.id == video_id, _NOT_MADE)
    uow.execute(waiting.values(status=Status.UPLOADED.value, reason_es=None, reason_en=None, reason=None))


def read_video(row: Row[Any]) -> Video:
    """Read a row of COLUMNS."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    reason = _reason(values.pop("reason_es"), values.pop("reason_en"), values.pop("reason"))
    original, made = values.pop("original_key"), file_store.read_files(values)
    files = {Rendition(kind): File(*file) for kind, file in made.items()}
    if values.pop("original_removed_at") is None:
        files[Rendition.ORIGINAL] = File(original, mimetypes.guess_type(original)[0] or "application/octet-stream")
    why, words = values.pop("verdict_reason"), values.pop("verdict_text")
    verdict = Verdict(RefusalReason(why), words) if why else None
    return Video(**{**values, "status": Status(row.status), "reason": reason, "files": files, "verdict": verdict})


def _reason(es: str | None, en: str | None, kept: dict[str, Any] | None) -> KeptSentence | None:
    """Read why a video has no edit. The previous version of the code writes only two sentences, and leaves `kept`."""
    if es is None:
        return None
    return KeptSentence({"es": es, "en": en or es}, Sentence.read(kept) if kept and kept["es"] == es else None)
