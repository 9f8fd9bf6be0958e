"""Videos as rows."""

import mimetypes
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, case, delete, exists, func, insert, select, tuple_, update

from anb.db.paging import Listed, Page, cut
from anb.db.session import UnitOfWork
from anb.db.tables import jobs, renditions, seasons, videos, votes
from anb.errors import Bilingual
from anb.media.renditions import Rendition
from anb.videos.domain import File, NewRendition, NewVideo, SameFile, Status, Video

_VOTES = (
    select(func.count())
    .select_from(votes)
    .where(votes.c.video_id == videos.c.id, votes.c.jury.is_(False))
    .scalar_subquery()
    .label("votes")
)
_MADE = (
    select(func.jsonb_object_agg(renditions.c.kind, func.jsonb_build_array(renditions.c.key, renditions.c.media_type)))
    .where(renditions.c.video_id == videos.c.id)
    .scalar_subquery()
    .label("made")
)
_NOT_MADE = videos.c.status != Status.PROCESSED.value
_COLUMNS = (
    videos.c.id,
    videos.c.owner_id,
    videos.c.title,
    videos.c.status,
    videos.c.reason_es,
    videos.c.reason_en,
    videos.c.original_key,
    _MADE,
    videos.c.duration_seconds,
    videos.c.uploaded_at,
    videos.c.processed_at,
    videos.c.published_at,
    _VOTES,
)

# Built once: every request for a file begins with it.
_ONE = select(*_COLUMNS).where(videos.c.id == bindparam("wanted"))
_ONE_LOCKED = _ONE.with_for_update(of=videos)


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
        )
        .returning(videos.c.id)
    ).one()
    video_id: UUID = row.id
    return video_id


def get(uow: UnitOfWork, video_id: UUID, *, lock: bool = False) -> Video | None:
    """Return a video by id; with `lock`, nobody changes it until this transaction ends."""
    row = uow.execute(_ONE_LOCKED if lock else _ONE, {"wanted": video_id}).one_or_none()
    return None if row is None else _video(row)


def refuse_same(uow: UnitOfWork, new: NewVideo) -> None:
    """Tell a player who sends a file again which video it is. Raises SameFile; not where that one failed."""
    same = (videos.c.owner_id == new.owner_id) & (videos.c.original_sha256 == new.original_sha256)
    alive = videos.c.status != Status.FAILED.value
    row = uow.execute(select(videos.c.id, videos.c.title).where(same, alive).limit(1)).one_or_none()
    if row is not None:
        raise SameFile(video_id=row.id, title=row.title)


def list_own(uow: UnitOfWork, owner_id: UUID, page: Page) -> Listed[Video]:
    """Return somebody's videos, newest first."""
    mine = videos.c.owner_id == owner_id
    query = select(*_COLUMNS).where(mine).order_by(videos.c.id.desc())
    after = page.key(UUID)
    if after is not None:
        query = query.where(tuple_(videos.c.id) < tuple_(after[0]))
    rows = [_video(row) for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))]
    total = uow.execute(select(func.count()).select_from(videos).where(mine)).scalar_one()
    return cut(rows, total, page, lambda video: (video.id,))


def list_edited(uow: UnitOfWork, older_than: int | None) -> Sequence[tuple[UUID, UUID]]:
    """Return the edited videos and their owners, oldest first, of a recipe before `older_than`; none at work now."""
    at_work = exists().where(jobs.c.video_id == videos.c.id, jobs.c.state.in_(["queued", "running"]))
    edit = (renditions.c.video_id == videos.c.id) & (renditions.c.kind == Rendition.PROCESSED.value)
    query = select(videos.c.id, videos.c.owner_id).join(renditions, edit).where(~at_work).order_by(videos.c.id)
    if older_than is not None:
        query = query.where(renditions.c.recipe < older_than)
    return [(row.id, row.owner_id) for row in uow.execute(query)]


def set_processing(uow: UnitOfWork, video_id: UUID) -> str:
    """Say that a worker has begun, unless there is an edit already; return where the original lies."""
    status = case((_NOT_MADE, Status.PROCESSING.value), else_=videos.c.status)
    begun = update(videos).where(videos.c.id == video_id).values(status=status)
    key: str = uow.execute(begun.returning(videos.c.original_key)).scalar_one()
    return key


def set_processed(uow: UnitOfWork, video_id: UUID, made: Sequence[NewRendition]) -> list[str]:
    """Put an edit with all its renditions in its place; return the keys of the one that was there before.

    The first is public at once unless the open season is moderated; a later one changes nothing of that.
    """
    moderated = select(seasons.c.moderated).where(seasons.c.closed_at.is_(None)).scalar_subquery()
    at_first = case((func.coalesce(moderated, False), None), else_=func.now())
    uow.execute(
        update(videos)
        .where(videos.c.id == video_id)
        .values(
            status=Status.PROCESSED.value,
            processed_at=func.now(),
            published_at=case((_NOT_MADE, at_first), else_=videos.c.published_at),
        )
    )
    before = delete(renditions).where(renditions.c.video_id == video_id).returning(renditions.c.key)
    replaced = list(uow.execute(before).scalars())
    uow.execute(insert(renditions), [_rendition(video_id, one) for one in made])
    return replaced


def set_failed(uow: UnitOfWork, video_id: UUID, reason: Bilingual) -> None:
    """Say why there will be no edit; one that is there already stays."""
    uow.execute(
        update(videos)
        .where(videos.c.id == video_id, _NOT_MADE)
        .values(status=Status.FAILED.value, reason_es=reason.es, reason_en=reason.en)
    )


def set_waiting(uow: UnitOfWork, video_id: UUID) -> None:
    """Say that the edit waits for a worker again; one that is there already stays."""
    waiting = {"status": Status.UPLOADED.value, "reason_es": None, "reason_en": None}
    uow.execute(update(videos).where(videos.c.id == video_id, _NOT_MADE).values(**waiting))


def remove(uow: UnitOfWork, video_id: UUID) -> None:
    """Remove a video."""
    uow.execute(delete(videos).where(videos.c.id == video_id))


def _rendition(video_id: UUID, new: NewRendition) -> dict[str, Any]:
    return {
        "video_id": video_id,
        "kind": new.rendition.value,
        "key": new.stored.key,
        "bytes": new.stored.size,
        "sha256": new.stored.sha256,
        "media_type": new.media_type,
        "recipe": new.recipe,
        "width": new.width,
        "height": new.height,
        "seconds": new.seconds,
    }


def _video(row: Row[Any]) -> Video:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    es, en = values.pop("reason_es"), values.pop("reason_en")
    reason = Bilingual(es, en) if es is not None else None
    original, made = values.pop("original_key"), values.pop("made") or {}
    files = {Rendition(kind): File(*file) for kind, file in made.items()}
    files[Rendition.ORIGINAL] = File(original, mimetypes.guess_type(original)[0] or "application/octet-stream")
    return Video(**{**values, "status": Status(row.status), "reason": reason, "files": files})
