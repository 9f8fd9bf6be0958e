"""Photos as rows: one for each picture."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select

from anb.db.session import UnitOfWork
from anb.db.tables_photos import photos
from anb.photos.domain import Photo, PhotoSide
from anb.ports import Stored


def get(uow: UnitOfWork, account_id: UUID) -> Photo | None:
    """Return a person's photo."""
    return _photo(uow.execute(select(photos).where(photos.c.account_id == account_id)).all())


def add(uow: UnitOfWork, account_id: UUID, files: Iterable[tuple[PhotoSide, Stored]]) -> Photo | None:
    """Add a photo."""
    rows = [
        {"account_id": account_id, "side": side.value, "key": file.key, "bytes": file.size, "sha256": file.sha256}
        for side, file in files
    ]
    return _photo(uow.execute(insert(photos).returning(photos), rows).all())


def remove(uow: UnitOfWork, account_id: UUID) -> list[str]:
    """Remove a person's photo; return the keys of its files."""
    gone = delete(photos).where(photos.c.account_id == account_id).returning(photos.c.key)
    return list(uow.execute(gone).scalars())


def list_owners(uow: UnitOfWork, after: UUID | None, limit: int) -> list[UUID]:
    """Return accounts with a photo after one, in the order of their ids."""
    owners = select(photos.c.account_id).where(photos.c.side == PhotoSide.LARGE.value)
    page = owners.order_by(photos.c.account_id).limit(limit)
    return list(uow.execute(page if after is None else page.where(photos.c.account_id > after)).scalars())


def _photo(rows: Iterable[Row[Any]]) -> Photo | None:
    known = list(rows)
    if not known:
        return None
    files = {PhotoSide(row.side): Stored(row.key, row.bytes, row.sha256) for row in known}
    return Photo(known[0].account_id, files, known[0].added_at)
