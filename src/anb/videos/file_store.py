"""The rows of the files that are made from an original."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, Table, delete, func, insert, select

from anb.db.session import UnitOfWork
from anb.db.tables import renditions
from anb.db.tables_posters import poster_files
from anb.media.renditions import POSTERS
from anb.videos.domain import NewRendition

# What is made of the poster goes before the poster.
_TABLES = (poster_files, renditions)


def files_of(video_id: ColumnElement[UUID]) -> list[Label[Any]]:
    """Return columns with the files of a video: key and media type by kind, or null."""
    return [_files_in(table, video_id) for table in _TABLES]


def read_files(values: dict[str, Any]) -> dict[str, list[str]]:
    """Take the columns of `files_of` out of a row, and return all files by kind."""
    return {kind: file for table in _TABLES for kind, file in (values.pop(table.name) or {}).items()}


def _files_in(table: Table, video_id: ColumnElement[UUID]) -> Label[Any]:
    file = func.jsonb_build_array(table.c.key, table.c.media_type)
    files = select(func.jsonb_object_agg(table.c.kind, file)).where(table.c.video_id == video_id)
    return files.scalar_subquery().label(table.name)


def replace(uow: UnitOfWork, video_id: UUID, made: Sequence[NewRendition]) -> list[str]:
    """Store the files of an edit; return the keys of those that they replace."""
    replaced = remove(uow, video_id)
    edit = [_row(video_id, one) | {"seconds": one.seconds} for one in made if one.rendition not in POSTERS]
    uow.execute(insert(renditions), edit)
    if smaller := [_row(video_id, one) for one in made if one.rendition in POSTERS]:
        uow.execute(insert(poster_files), smaller)
    return replaced


def remove(uow: UnitOfWork, video_id: UUID) -> list[str]:
    """Remove the files of a video, and return their keys."""
    return [key for table in _TABLES for key in _remove(uow, table, video_id)]


def _remove(uow: UnitOfWork, table: Table, video_id: UUID) -> list[str]:
    removed = delete(table).where(table.c.video_id == video_id).returning(table.c.key)
    return list(uow.execute(removed).scalars())


def _row(video_id: UUID, new: NewRendition) -> dict[str, Any]:
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
    }
