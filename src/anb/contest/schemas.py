"""The HTTP schemas of the contest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from anb.contest.domain import PublicClip, Rank
from anb.media.renditions import Rendition

# The last part of a file's address: reading the value of an enum takes longer than writing the address.
PROCESSED, LIGHT = Rendition.PROCESSED.value, Rendition.LIGHT.value
POSTER, THUMBNAILS = Rendition.POSTER.value, Rendition.THUMBNAILS.value


# Not a model: each list request makes twenty of these, and models take four times as long.
@dataclass(slots=True)
class ClipListed:
    """A video open to votes."""

    video_id: UUID
    title: str
    player: Annotated[str, Field(description="The player's name.")]
    username: str
    city: str
    votes: Annotated[int, Field(description="Votes of the public.")]
    jury_votes: Annotated[int, Field(description="Votes of the jury, counted apart.")]
    duration_seconds: float
    published_at: datetime
    processed_url: str
    light_url: Annotated[str | None, Field(description="The edit at 640x360, for poor networks.")]
    poster_url: Annotated[str | None, Field(description="A still of the clip, 1280x720 (JPEG).")]
    thumbnails_url: Annotated[
        str | None, Field(description="One small still per second, for seeking (WebVTT that points into a sprite).")
    ]


class Suggested(BaseModel):
    """A player or a title that begins as what was typed."""

    kind: Literal["player", "title"]
    text: str = Field(description="To put into `q`, or to show.")


class Voted(BaseModel):
    """The vote counts."""

    message: Literal["Voto registrado exitosamente."] = "Voto registrado exitosamente."
    promise: str = Field(
        description="The signed promise that the log of votes will have this vote: a note (C2SP signed-note) of four "
        "lines, which are the log, `vote`, the vote's entry in base64, and when it is due. Keep it: it is not stored."
    )
    due: datetime | None = Field(description="When it is due; null: at the close of the season.")
    receipt: str = Field(description="Where the vote's receipt is, once the log has the vote.")


# Not a model either: a page of the ranking has a hundred.
@dataclass(slots=True)
class RankListed:
    """A player's place."""

    position: int
    player_id: UUID
    username: str
    player: Annotated[str, Field(description="The player's name.")]
    city: str
    votes: Annotated[int, Field(description="Votes of the public over all of the player's videos.")]
    jury_votes: Annotated[int, Field(description="Votes of the jury, counted apart.")]
    movement: Annotated[
        int | None, Field(description="Places gained since the day began; null: the player had none then.")
    ]
    player_url: Annotated[str, Field(description="The player's public page, as data.")]


def clip_listed(clip: PublicClip, base: str) -> ClipListed:
    """Show a public video; its files have the same addresses for every client."""
    files, place = clip.renditions, f"{base}/api/videos/{clip.id}/"

    return ClipListed(
        video_id=clip.id,
        title=clip.title,
        player=clip.player,
        username=clip.username,
        city=clip.city,
        votes=clip.votes,
        jury_votes=clip.jury_votes,
        duration_seconds=clip.seconds,
        published_at=clip.published_at,
        processed_url=place + PROCESSED,
        light_url=place + LIGHT if LIGHT in files else None,
        poster_url=place + POSTER if POSTER in files else None,
        thumbnails_url=place + THUMBNAILS if THUMBNAILS in files else None,
    )


def rank_listed(rank: Rank, base: str) -> RankListed:
    """Show a player's place."""
    return RankListed(
        position=rank.position,
        player_id=rank.player_id,
        username=rank.username,
        player=rank.player,
        city=rank.city,
        votes=rank.votes,
        jury_votes=rank.jury_votes,
        movement=rank.movement,
        player_url=f"{base}/api/public/players/{rank.player_id}",
    )
