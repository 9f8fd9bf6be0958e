"""The clips: all that are open to votes, and one of them with its ballot, or with its live state while it is made."""

from uuid import UUID

from fastapi import APIRouter, Response

from anb.contest import service as contest
from anb.contest.domain import AlreadyVoted, OwnVideo, SeasonClosed
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.pages.forms import FromOurPages
from anb.pages.lists import PartDep
from anb.pages.live import live
from anb.pages.view import View, ViewDep, with_query
from anb.ports import Ports
from anb.videos import service as videos
from anb.videos.domain import NotYourVideo, OpenToVotes, VideoNotFound
from anb.web.deps import CallerId, PortsDep, UowDep

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
def list_clips(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the clips that are open to votes, newest first."""
    listed = contest.list_public(uow, part.page, part.city or None)
    cities = contest.cities(uow)
    return view.show(
        "home.html",
        clips=listed.rows,
        total=listed.total,
        paging=part.links("/", listed),
        cities=cities,
        city=part.city_among(cities),
        counted_at=ports.clock.now(),
    )


@router.api_route("/videos/{video_id}", methods=["GET", "HEAD"])
def show_clip(view: ViewDep, video_id: UUID, uow: UowDep, ports: PortsDep) -> Response:
    """Show a clip: to everybody once it is public, to its owner before that."""
    try:
        return _ballot(view, uow, ports, video_id)
    except VideoNotFound:
        if view.caller is None:
            raise
    try:
        return live(view, uow, videos.show(uow, video_id, view.caller))
    except NotYourVideo:
        raise VideoNotFound from None  # what is not public is not there, for others


@router.post("/videos/{video_id}/vote", dependencies=[FromOurPages])
def vote(view: ViewDep, video_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Response:
    """Count a vote and come back to the clip."""
    try:
        contest.cast_vote(uow, caller, video_id)
    except (AlreadyVoted, OwnVideo, SeasonClosed) as refusal:
        return _ballot(view, uow, ports, video_id, refusal)
    return view.go(f"/videos/{video_id}")


@router.post("/videos/{video_id}/delete", dependencies=[FromOurPages])
def delete(view: ViewDep, video_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Response:
    """Delete one's own clip."""
    try:
        videos.delete(uow, ports, video_id, caller)
    except OpenToVotes as refusal:
        return _ballot(view, uow, ports, video_id, refusal)
    return view.go(with_query("/me", deleted="1"))


def _ballot(view: View, uow: UnitOfWork, ports: Ports, video_id: UUID, refusal: Refusal | None = None) -> Response:
    clip = contest.show_public(uow, video_id)
    mine = view.caller is not None and videos.find_public(uow, video_id).owner_id == view.caller
    return view.show(
        "clip.html",
        400 if refusal else 200,
        clip=clip,
        mine=mine,
        voted=view.caller is not None and contest.has_voted(uow, view.caller, video_id),
        open=contest.current_season(uow) is not None,
        problem=refusal.text(view.t.language) if refusal else "",
        counted_at=ports.clock.now(),
    )
