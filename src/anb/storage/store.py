"""The files that rows know, a page at a time."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, literal, null, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import insert as upsert

from anb.db.session import Database, UnitOfWork
from anb.db.tables import renditions, uploads, videos
from anb.db.tables_photos import photos
from anb.db.tables_posters import poster_files
from anb.db.tables_privacy import exports
from anb.db.tables_storage import doomed_files
from anb.storage.domain import KnownFile

PAGE = 1000

# Ordered by existing indexes; ordering by key would need a sort.
_TABLES: tuple[tuple[Select[Any], tuple[Any, ...]], ...] = (
    (
        select(
            videos.c.id, literal(""), videos.c.original_key, videos.c.original_bytes, videos.c.original_sha256
        ).where(videos.c.original_removed_at.is_(None)),
        (videos.c.id,),
    ),
    (
        select(renditions.c.video_id, renditions.c.kind, renditions.c.key, renditions.c.bytes, renditions.c.sha256),
        (renditions.c.video_id, renditions.c.kind),
    ),
    (
        select(
            poster_files.c.video_id,
            poster_files.c.kind,
            poster_files.c.key,
            poster_files.c.bytes,
            poster_files.c.sha256,
        ),
        (poster_files.c.video_id, poster_files.c.kind),
    ),
    (
        select(photos.c.account_id, photos.c.side, photos.c.key, photos.c.bytes, photos.c.sha256),
        (photos.c.account_id, photos.c.side),
    ),
    (
        select(uploads.c.id, literal(""), uploads.c.part_key, uploads.c.received, null()).where(
            uploads.c.state == "open", uploads.c.received > 0
        ),
        (uploads.c.id,),
    ),
)


def pages(database: Database) -> Iterator[list[KnownFile]]:
    """Yield every file that a row knows, in pages, each read by a statement of its own."""
    for query, order in _TABLES:
        after: tuple[UUID, str] | None = None
        while True:
            page = query.order_by(*order).limit(PAGE)
            if after is not None:
                page = page.where(tuple_(*order) > tuple_(*after[: len(order)]))
            with database.reading() as uow:
                rows = [tuple(row) for row in uow.execute(page)]
            if not rows:
                break
            after = (rows[-1][0], rows[-1][1])
            yield [KnownFile(key, size, sha256) for _, _, key, size, sha256 in rows]


def known(uow: UnitOfWork, keys: Iterable[str]) -> set[str]:
    """Return those of these keys that a row knows."""
    wanted = list(keys)
    columns = (renditions.c.key, poster_files.c.key, uploads.c.part_key, exports.c.key, photos.c.key)
    named = (
        select(videos.c.original_key).where(videos.c.original_key.in_(wanted), videos.c.original_removed_at.is_(None)),
        *(select(column).where(column.in_(wanted)) for column in columns),
    )
    return set(uow.execute(union_all(*named)).scalars())


def doom(uow: UnitOfWork, keys: Iterable[str], account_id: UUID) -> None:
    """Note files that must be deleted."""
    rows = [{"key": key, "account_id": account_id} for key in keys]
    if rows:
        uow.execute(upsert(doomed_files).values(rows).on_conflict_do_nothing())


def doomed(uow: UnitOfWork, limit: int, account_id: UUID | None) -> list[str]:
    """Return files that must be deleted, the longest known first; with an account, only its own."""
    query = select(doomed_files.c.key).order_by(doomed_files.c.since, doomed_files.c.key).limit(limit)
    if account_id is not None:
        query = query.where(doomed_files.c.account_id == account_id)
    return list(uow.execute(query).scalars())


def count_doomed(uow: UnitOfWork) -> int:
    """Count the files that must be deleted."""
    return int(uow.execute(select(func.count()).select_from(doomed_files)).scalar_one())


def spare(uow: UnitOfWork, keys: Iterable[str]) -> None:
    """Forget files that were deleted."""
    uow.execute(delete(doomed_files).where(doomed_files.c.key.in_(list(keys))))
