"""Videos as rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, case, delete, func, insert, select, tuple_, update

from anb.db.paging import Listed, Page, cut
from anb.db.session import UnitOfWork
from anb.db.tables import seasons, videos, votes
from anb.errors import Bilingual
from anb.videos.domain import NewVideo, Status, Video

_VOTES = (
    select(func.count())
    .select_from(votes)
    .where(votes.c.video_id == videos.c.id, votes.c.jury.is_(False))
    .scalar_subquery()
    .label("votes")
)
_COLUMNS = (
    videos.c.id,
    videos.c.owner_id,
    videos.c.title,
    videos.c.status,
    videos.c.reason_es,
    videos.c.reason_en,
    videos.c.original_key,
    videos.c.processed_key,
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


def set_processing(uow: UnitOfWork, video_id: UUID) -> str:
    """Say that a worker has begun; return where the original lies."""
    begun = update(videos).where(videos.c.id == video_id).values(status=Status.PROCESSING.value)
    key: str = uow.execute(begun.returning(videos.c.original_key)).scalar_one()
    return key


def set_processed(uow: UnitOfWork, video_id: UUID, key: str, size: int, sha256: str, seconds: float) -> None:
    """Say that the edit is there; public at once unless the open season is moderated."""
    moderated = select(seasons.c.moderated).where(seasons.c.closed_at.is_(None)).scalar_subquery()
    uow.execute(
        update(videos)
        .where(videos.c.id == video_id)
        .values(
            status=Status.PROCESSED.value,
            processed_key=key,
            processed_bytes=size,
            processed_sha256=sha256,
            processed_seconds=seconds,
            processed_at=func.now(),
            published_at=case((func.coalesce(moderated, False), None), else_=func.now()),
        )
    )


def set_failed(uow: UnitOfWork, video_id: UUID, reason: Bilingual) -> None:
    """Say why there will be no edit."""
    uow.execute(
        update(videos)
        .where(videos.c.id == video_id)
        .values(status=Status.FAILED.value, reason_es=reason.es, reason_en=reason.en)
    )


def set_waiting(uow: UnitOfWork, video_id: UUID) -> None:
    """Say that the edit waits for a worker again."""
    uow.execute(update(videos).where(videos.c.id == video_id).values(status=Status.UPLOADED.value))


def remove(uow: UnitOfWork, video_id: UUID) -> None:
    """Remove a video."""
    uow.execute(delete(videos).where(videos.c.id == video_id))


def _video(row: Row[Any]) -> Video:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    es, en = values.pop("reason_es"), values.pop("reason_en")
    reason = Bilingual(es, en) if es is not None else None
    return Video(**{**values, "status": Status(row.status), "reason": reason})
