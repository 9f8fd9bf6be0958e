"""The schemas of the review of votes, over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from anb.fraud.doubts import Doubt
from anb.moderation.schemas import Why
from anb.moderation.votes_domain import HeldClip, HeldVote, VoteFilter
from anb.sentences import Language

ReviewReason = Annotated[Why, StringConstraints(min_length=1)]


class DoubtShown(BaseModel):
    """A reason why votes are held."""

    kind: Doubt
    text: str = Field(description="The reason in words.")
    votes: int = Field(description="Held votes that have this reason; a vote may have several.")


class HeldClipShown(BaseModel):
    """A clip with held votes, and what their release would change. To void them changes nothing."""

    video_id: UUID
    title: str
    username: str = Field(description="Of the player.")
    city: str
    held: int = Field(description="Held votes of the public.")
    newest: int = Field(description="The newest of them: send it as `up_to`, so that later ones are left alone.")
    reasons: list[DoubtShown]
    votes: int = Field(description="Votes of the clip that count.")
    player_votes: int = Field(description="Of the player, over all clips.")
    place: int = Field(description="Of the player in the country, by votes.")
    place_released: int = Field(description="The place if these votes counted too.")


class HeldVoteShown(BaseModel):
    """A held vote and its account."""

    vote_id: int
    account_id: UUID
    username: str
    cast_at: datetime
    reasons: list[Doubt]


class VotesReviewed(BaseModel):
    """Which held votes were reviewed; each field narrows the choice."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"up_to": 4711, "reason": "Una clase de un colegio"}]})

    up_to: int = Field(ge=0, le=2**63 - 1, description="The newest vote that was seen.")
    video_id: UUID | None = Field(None, description="Only those for this clip.")
    cluster_id: UUID | None = Field(None, description="Only those of this cluster's accounts.")
    doubt: Doubt | None = Field(None, description="Only those that have this reason.")
    reason: ReviewReason = Field(description="Why, for the audit trail.")

    def wanted(self) -> VoteFilter:
        """Return the filter."""
        return VoteFilter(video_id=self.video_id, cluster_id=self.cluster_id, doubt=self.doubt, up_to=self.up_to)


class ClusterVotesVoided(BaseModel):
    """The votes of a cluster are fraud."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"grew_at": "2026-11-28T13:05:00Z", "reason": "x"}]})

    grew_at: datetime = Field(description="That of the cluster as it was shown: later evidence was not reviewed.")
    reason: ReviewReason = Field(description="Why, for the audit trail.")


class ClusterVotesRestored(BaseModel):
    """The votes of a cluster are honest after all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Era un colegio"}]})

    reason: ReviewReason = Field(description="Why, for the audit trail.")


class VotesSettled(BaseModel):
    """How many votes an act settled."""

    votes: int = Field(description="0 when it is repeated.")


def held_clip(clip: HeldClip, language: Language) -> HeldClipShown:
    """Show a clip with held votes."""
    why = clip.reasons.items()
    reasons = [DoubtShown(kind=each, text=each.said.text(language), votes=count) for each, count in why]
    return HeldClipShown(
        video_id=clip.video_id,
        title=clip.title,
        username=clip.username,
        city=clip.city,
        held=clip.votes,
        newest=clip.newest,
        reasons=reasons,
        votes=clip.counted,
        player_votes=clip.player_votes,
        place=clip.place,
        place_released=clip.place_released,
    )


def held_vote(vote: HeldVote) -> HeldVoteShown:
    """Show a held vote."""
    return HeldVoteShown(
        vote_id=vote.vote_id,
        account_id=vote.voter_id,
        username=vote.username,
        cast_at=vote.cast_at,
        reasons=list(vote.reasons),
    )
