"""The HTTP endpoints of the review of votes, open to organizers only."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from anb.accounts.domain import OrganizersOnly
from anb.db.paging import InvalidPage
from anb.factors.domain import SecondFactorNeeded
from anb.fraud import service as fraud
from anb.fraud.domain import ClusterGrew, ClusterNotFound
from anb.fraud.doubts import Doubt
from anb.moderation import votes
from anb.moderation.votes_domain import VoteFilter
from anb.moderation.votes_schemas import (
    ClusterVotesRestored,
    ClusterVotesVoided,
    HeldClipShown,
    HeldVoteShown,
    VotesReviewed,
    VotesSettled,
    held_clip,
    held_vote,
)
from anb.operators.api import Organizer
from anb.videos.domain import VideoNotFound
from anb.web.deps import LanguageDep, UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals

router = APIRouter(prefix="/api/admin", tags=["moderation"])

Cluster = Annotated[UUID | None, Query(description="Only votes of this cluster's accounts.")]
Reason = Annotated[Doubt | None, Query(description="Only votes that are held for this reason.")]
Most = Annotated[int, Query(ge=1, le=200, description="The number of clips at most.")]


@router.get("/held-votes", responses=refusals(OrganizersOnly, SecondFactorNeeded))
def list_held_clips(
    _: Organizer, uow: UowDep, language: LanguageDep, cluster_id: Cluster = None, doubt: Reason = None, most: Most = 50
) -> list[HeldClipShown]:
    """List the clips with doubtful votes that wait for review, those with the most first."""
    wanted = VoteFilter(cluster_id=cluster_id, doubt=doubt)
    return [held_clip(clip, language) for clip in votes.list_clips(uow, wanted, most)]


@router.get(
    "/held-votes/{video_id}", responses=refusals(OrganizersOnly, SecondFactorNeeded, InvalidPage, VideoNotFound)
)
def list_held_votes(
    request: Request,
    response: Response,
    video_id: UUID,
    _: Organizer,
    uow: UowDep,
    page: PageDep,
    cluster_id: Cluster = None,
    doubt: Reason = None,
) -> list[HeldVoteShown]:
    """List the doubtful votes for a clip, newest first."""
    found = votes.list_votes(uow, VoteFilter(video_id=video_id, cluster_id=cluster_id, doubt=doubt), page)
    announce(request, response, found)
    return [held_vote(vote) for vote in found.rows]


@router.post("/held-votes/release", responses=refusals(OrganizersOnly, SecondFactorNeeded))
def release_held_votes(body: VotesReviewed, by: Organizer, uow: UowDep) -> VotesSettled:
    """Let doubtful votes count. Harmless when repeated."""
    return VotesSettled(votes=votes.release(uow, by, body.wanted(), body.reason))


@router.post("/held-votes/void", responses=refusals(OrganizersOnly, SecondFactorNeeded))
def void_held_votes(body: VotesReviewed, by: Organizer, uow: UowDep) -> VotesSettled:
    """Void doubtful votes as fraud; their rows stay. Harmless when repeated."""
    return VotesSettled(votes=votes.void(uow, by, body.wanted(), body.reason))


@router.post(
    "/clusters/{cluster_id}/void-votes",
    responses=refusals(OrganizersOnly, SecondFactorNeeded, ClusterNotFound, ClusterGrew),
)
def void_cluster_votes(cluster_id: UUID, body: ClusterVotesVoided, by: Organizer, uow: UowDep) -> VotesSettled:
    """Void all votes of a cluster's doubtful accounts, counted ones too. Harmless when repeated."""
    seen = replace(fraud.show_cluster(uow, cluster_id), grew_at=body.grew_at)
    return VotesSettled(votes=votes.void_cluster(uow, by, seen, body.reason))


@router.post(
    "/clusters/{cluster_id}/restore-votes", responses=refusals(OrganizersOnly, SecondFactorNeeded, ClusterNotFound)
)
def restore_cluster_votes(cluster_id: UUID, body: ClusterVotesRestored, by: Organizer, uow: UowDep) -> VotesSettled:
    """Let the votes of a cluster count again that were voided as fraud. Harmless when repeated."""
    return VotesSettled(votes=votes.restore_cluster(uow, by, cluster_id, body.reason))
