"""The HTTP schemas of a person's rights over their data."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from anb.contest.domain import OwnVote
from anb.privacy.domain import Erasure, Export, Withdrawal


class Withdrawn(BaseModel):
    """The clip was taken back."""

    message: Literal["El video ha sido retirado exitosamente."] = "El video ha sido retirado exitosamente."
    video_id: UUID
    voided_votes: int = Field(description="Votes of the open season that count no more; 0 when it is repeated.")


class VoteListed(BaseModel):
    """One of the caller's votes. Of a clip that is not public any more, title and player are null."""

    video_id: UUID
    title: str | None
    player: str | None
    season: str
    jury: bool = Field(description="Whether it was cast as a juror.")
    cast_at: datetime
    counts: bool = Field(description="false: its clip was withdrawn or taken down before the close of the season.")
    leaf: int | None = Field(
        description="Its entry in the public log of votes, counted from 0; null while the log has none, which is due "
        "at the close."
    )


class ErasureShown(BaseModel):
    """The account will be erased; signing in before `starts_at` cancels it."""

    request_id: UUID
    asked_at: datetime
    starts_at: datetime
    due_at: datetime = Field(description="The account is erased by then.")


class ExportShown(BaseModel):
    """The archive of the caller's data. It is at `/api/me/export/file` once `ready_at` is given, until `expires_at`."""

    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    bytes: int | None


def export_shown(export: Export) -> ExportShown:
    """Show an archive to its owner."""
    return ExportShown(
        asked_at=export.asked_at, ready_at=export.ready_at, expires_at=export.expires_at, bytes=export.bytes
    )


def vote_listed(vote: OwnVote) -> VoteListed:
    """Show a vote to the person who cast it."""
    return VoteListed(
        video_id=vote.video_id,
        title=vote.title,
        player=vote.player,
        season=vote.season,
        jury=vote.jury,
        cast_at=vote.cast_at,
        counts=vote.void_reason is None,
        leaf=vote.leaf,
    )


def erasure_shown(erasure: Erasure) -> ErasureShown:
    """Show a request to erase an account to its owner."""
    return ErasureShown(
        request_id=erasure.id, asked_at=erasure.asked_at, starts_at=erasure.starts_at, due_at=erasure.due_at
    )


def withdrawn(done: Withdrawal) -> Withdrawn:
    """Show a withdrawal."""
    return Withdrawn(video_id=done.video_id, voided_votes=done.voided_votes)
