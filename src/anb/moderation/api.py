"""The HTTP endpoints of moderation, open to organizers only."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from anb.accounts.domain import OrganizersOnly
from anb.db.paging import InvalidPage
from anb.factors.domain import SecondFactorNeeded
from anb.moderation import service
from anb.moderation.domain import NothingToPublish
from anb.moderation.schemas import Approval, Hiding, ModeratedClip, moderated_clip
from anb.operators.api import Organizer
from anb.videos.domain import VideoNotFound
from anb.web.deps import UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals

router = APIRouter(prefix="/api/admin/moderation", tags=["moderation"])

Which = Annotated[Literal["waiting", "hidden"], Query(description="Clips that wait to be published, or hidden ones.")]


@router.get("", responses=refusals(OrganizersOnly, SecondFactorNeeded, InvalidPage))
def list_moderated(
    request: Request, response: Response, _: Organizer, uow: UowDep, page: PageDep, state: Which = "waiting"
) -> list[ModeratedClip]:
    """List the clips that wait to be published, or those that were hidden, oldest first."""
    found = service.list_unpublished(uow, page, hidden=state == "hidden")
    announce(request, response, found)
    return [moderated_clip(video) for video in found.rows]


@router.post(
    "/{video_id}/approve", responses=refusals(OrganizersOnly, SecondFactorNeeded, VideoNotFound, NothingToPublish)
)
def approve_clip(video_id: UUID, by: Organizer, uow: UowDep, body: Approval) -> ModeratedClip:
    """Publish a clip that waits, or restore a hidden one. Harmless when repeated."""
    return moderated_clip(service.approve(uow, by, video_id, body.reason))


@router.post("/{video_id}/hide", responses=refusals(OrganizersOnly, SecondFactorNeeded, VideoNotFound))
def hide_clip(video_id: UUID, by: Organizer, uow: UowDep, body: Hiding) -> ModeratedClip:
    """Hide a public clip: it is not shown and takes no votes until it is restored. Harmless when repeated."""
    return moderated_clip(service.hide(uow, by, video_id, body.reason))
