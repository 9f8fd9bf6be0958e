"""Held votes as organizers see them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from anb.fraud.doubts import Doubt


@dataclass(frozen=True, kw_only=True)
class VoteFilter:
    """Which held votes are wanted; what is None does not choose."""

    video_id: UUID | None = None
    cluster_id: UUID | None = None
    doubt: Doubt | None = None
    up_to: int | None = None  # the newest vote that was seen: later ones were not reviewed

    def values(self) -> dict[str, Any]:
        """Return the parameters of a statement."""
        return {**asdict(self), "doubt": None if self.doubt is None else self.doubt.value}


@dataclass(frozen=True, kw_only=True)
class HeldClip:
    """A clip with held votes, and what their release would change."""

    video_id: UUID
    title: str
    username: str  # of the player
    city: str
    votes: int  # held, of the public
    newest: int  # the newest of them
    reasons: Mapping[Doubt, int]
    counted: int  # votes of the clip that count
    player_votes: int  # of the player, over all clips
    place: int  # of the player in the country; void votes change nothing
    place_released: int  # if these votes counted too


@dataclass(frozen=True, kw_only=True)
class HeldVote:
    """A held vote."""

    vote_id: int
    voter_id: UUID
    username: str
    cast_at: datetime
    reasons: tuple[Doubt, ...]
