"""The files that rows know, a page at a time."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, null, select, tuple_, union_all

from anb.db.session import Database, UnitOfWork
from anb.db.tables import renditions, uploads, videos
from anb.storage.domain import Known

PAGE = 1000

# Each ordered by an index that is there already; keys would have to be sorted.
_TABLES: tuple[tuple[Select[Any], tuple[Any, ...]], ...] = (
    (
        select(videos.c.id, literal(""), videos.c.original_key, videos.c.original_bytes, videos.c.original_sha256),
        (videos.c.id,),
    ),
    (
        select(renditions.c.video_id, renditions.c.kind, renditions.c.key, renditions.c.bytes, renditions.c.sha256),
        (renditions.c.video_id, renditions.c.kind),
    ),
    (
        select(uploads.c.id, literal(""), uploads.c.part_key, uploads.c.received, null()).where(
            uploads.c.state == "open", uploads.c.received > 0
        ),
        (uploads.c.id,),
    ),
)


def pages(database: Database) -> Iterator[list[Known]]:
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
            yield [Known(key, size, sha256) for _, _, key, size, sha256 in rows]


def known(uow: UnitOfWork, keys: Iterable[str]) -> set[str]:
    """Return those of some keys that a row knows."""
    wanted = list(keys)
    columns = (videos.c.original_key, renditions.c.key, uploads.c.part_key)
    return set(uow.execute(union_all(*(select(column).where(column.in_(wanted)) for column in columns))).scalars())
