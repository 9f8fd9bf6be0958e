"""The HTTP endpoints of moderation, open to organizers only."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from anb.accounts.domain import AccountNotFound, OrganizersOnly
from anb.db.paging import InvalidPage
from anb.factors.domain import SecondFactorNeeded
from anb.moderation import history, service
from anb.moderation.domain import ClipStateDiffers, ConsentTakenBack, NothingToPublish
from anb.moderation.schemas import Approval, Hiding, ModeratedClip, RefusalAsked, TakeDownAsked, moderated_clip
from anb.operators.api import Organizer
from anb.operators.schemas import AuditedActShown, audited_act_shown
from anb.videos.admission import TooManyClips
from anb.videos.domain import VideoNotFound
from anb.videos.verdict import ClipState
from anb.web.deps import LanguageDep, PortsDep, UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals

router = APIRouter(prefix="/api/admin/moderation", tags=["moderation"])

Which = Annotated[
    Literal["waiting", "refused", "hidden", "taken-down"],
    Query(description="Clips that wait to be published, or those refused, hidden or taken down."),
]
_ON_ONE = (OrganizersOnly, SecondFactorNeeded, VideoNotFound)


@router.get("", responses=refusals(OrganizersOnly, SecondFactorNeeded, InvalidPage))
def list_moderated(
    request: Request,
    response: Response,
    _: Organizer,
    uow: UowDep,
    page: PageDep,
    language: LanguageDep,
    state: Which = "waiting",
) -> list[ModeratedClip]:
    """List the clips that wait to be published, or those refused, hidden or taken down, oldest first."""
    found = service.list_moderated(uow, page, ClipState(state))
    announce(request, response, found)
    return [moderated_clip(video, language) for video in found.rows]


@router.get("/{video_id}/history", responses=refusals(*_ON_ONE, InvalidPage))
def show_history_of_clip(
    request: Request, response: Response, video_id: UUID, _: Organizer, uow: UowDep, page: PageDep
) -> list[AuditedActShown]:
    """List what organizers did with a clip, newest first: who, when and why."""
    found = history.of_clip(uow, video_id, page)
    announce(request, response, found)
    return [audited_act_shown(entry) for entry in found.rows]


@router.get(
    "/people/{account_id}/history",
    responses=refusals(OrganizersOnly, SecondFactorNeeded, AccountNotFound, InvalidPage),
)
def show_history_of_person(
    request: Request, response: Response, account_id: UUID, _: Organizer, uow: UowDep, page: PageDep
) -> list[AuditedActShown]:
    """List what organizers did with the clips and photos of a person, newest first: who, when and why."""
    found = history.of_person(uow, account_id, page)
    announce(request, response, found)
    return [audited_act_shown(entry) for entry in found.rows]


@router.post("/{video_id}/approve", responses=refusals(*_ON_ONE, NothingToPublish, ClipStateDiffers, ConsentTakenBack))
def approve_clip(video_id: UUID, by: Organizer, uow: UowDep, language: LanguageDep, body: Approval) -> ModeratedClip:
    """Publish a clip that waits, and tell its player by mail, or restore a hidden one. Harmless when repeated."""
    return moderated_clip(service.approve(uow, by, video_id, body.reason), language)


@router.post("/{video_id}/refuse", responses=refusals(*_ON_ONE, NothingToPublish, ClipStateDiffers))
def refuse_clip(video_id: UUID, by: Organizer, uow: UowDep, language: LanguageDep, body: RefusalAsked) -> ModeratedClip:
    """Refuse a clip that waits, and tell its player why. Harmless when repeated."""
    return moderated_clip(service.refuse(uow, by, video_id, body.verdict), language)


@router.post("/{video_id}/reverse-refusal", responses=refusals(*_ON_ONE, ClipStateDiffers, TooManyClips))
def reverse_refusal(video_id: UUID, by: Organizer, uow: UowDep, language: LanguageDep, body: Approval) -> ModeratedClip:
    """Let a refused clip wait again. Harmless when repeated."""
    return moderated_clip(service.reverse_refusal(uow, by, video_id, body.reason), language)


@router.post("/{video_id}/hide", responses=refusals(*_ON_ONE))
def hide_clip(video_id: UUID, by: Organizer, uow: UowDep, language: LanguageDep, body: Hiding) -> ModeratedClip:
    """Hide a public clip: it is not shown and takes no votes until it is restored. Harmless when repeated."""
    return moderated_clip(service.hide(uow, by, video_id, body.reason), language)


@router.post("/{video_id}/take-down", responses=refusals(*_ON_ONE))
def take_down_clip(
    video_id: UUID, by: Organizer, uow: UowDep, ports: PortsDep, language: LanguageDep, body: TakeDownAsked
) -> ModeratedClip:
    """Take a clip down for good, and tell its player why: its files are deleted, its votes of an open season voided.

    It cannot be undone. Harmless when repeated.
    """
    return moderated_clip(service.take_down(uow, ports, by, video_id, body.verdict), language)
