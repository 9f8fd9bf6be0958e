"""The page of a clip: to watch and vote, clip after clip, or to follow the clip's edit."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from anb.accounts.acting import ActorDep, MaybeActorDep
from anb.accounts.domain import Actor
from anb.contest import challenged
from anb.contest import service as contest
from anb.contest.domain import (
    AlreadyVoted,
    EmailNotConfirmed,
    OwnVideo,
    SeasonClosed,
    TooManyVotesToday,
    VotedBefore,
    VotesNotOpenYet,
)
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.fraud.views import ClipViews
from anb.pages import ballots, begun
from anb.pages.forms import FromOurPages, Typed
from anb.pages.live import live
from anb.pages.view import ViewDep, with_query
from anb.pages.watched import WayDep, show_ballot, show_count
from anb.ports import Ports
from anb.privacy import service as privacy
from anb.settings import Settings
from anb.signals import service as signals
from anb.signals.domain import SignalKind, Trace
from anb.signals.trace import TraceDep
from anb.videos import removal
from anb.videos import service as videos
from anb.videos.domain import NotYourVideo, OpenToVotes, VideoNotFound
from anb.web.deps import CallerId, PortsDep, UowDep
from anb.web.device_cookie import with_device
from anb.web.rate_limits import count_vote, limited
from anb.web.search_limits import limit_search

router = APIRouter(include_in_schema=False)

REFUSED = (
    *challenged.REFUSALS,
    AlreadyVoted, EmailNotConfirmed, OwnVideo, SeasonClosed, TooManyVotesToday, VotedBefore, VotesNotOpenYet,
)  # fmt: skip


@router.api_route(
    "/fragments/videos/{video_id}", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)]
)
def count_clip(view: ViewDep, video_id: UUID, uow: UowDep, ports: PortsDep) -> Response:
    """Show a clip's count again."""
    return show_count(view, uow, ports, video_id)


@router.api_route("/videos/{video_id}", methods=["GET", "HEAD"], dependencies=[Depends(limit_search)])
def show_clip(
    request: Request, view: ViewDep, video_id: UUID, way: WayDep, actor: MaybeActorDep, uow: UowDep, ports: PortsDep
) -> Response:
    """Show a clip: to everyone once it is public, before that to its owner and organizers."""
    try:
        return _seen(request, video_id, show_ballot(view, uow, ports, video_id, way))
    except VideoNotFound:
        if actor is None:
            raise
    try:
        return live(view, uow, videos.show(uow, video_id, actor))
    except NotYourVideo:
        raise VideoNotFound from None  # for others, a clip that is not public does not exist


@router.post("/videos/{video_id}/vote", dependencies=[FromOurPages])
def vote(
    request: Request,
    view: ViewDep,
    video_id: UUID,
    way: WayDep,
    form: Typed,
    actor: MaybeActorDep,
    uow: UowDep,
    ports: PortsDep,
    trace: TraceDep,
) -> Response:
    """Count a vote and return to the clip. A visitor signs in first, and `finish_vote` counts it then."""
    if actor is None:
        contest.show_public(uow, video_id)
        response = view.go(with_query("/login", next=way.address(video_id, "/vote")))
        ballots.begin(request, ports, response, video_id)
        return response
    seen = ballots.seen(ports, actor.account_id, video_id, form.get(ballots.FIELD, ""), trace)
    fault = challenged.find_fault(ports, view.settings, actor, video_id, form.get(ballots.SOLUTION))
    if not challenged.was_counted(view.settings, fault):
        count_vote(request, actor.account_id)
    refusal = _cast(uow, ports, view.settings, actor, video_id, seen, fault)
    if refusal is not None:
        return show_ballot(view, uow, ports, video_id, way, refusal)
    return with_device(request, view.go(way.address(video_id, done="vote")))


@router.api_route(
    "/videos/{video_id}/vote", methods=["GET", "HEAD"], dependencies=[limited("vote", block="vote_block")]
)
def finish_vote(
    request: Request,
    view: ViewDep,
    video_id: UUID,
    way: WayDep,
    actor: ActorDep,
    uow: UowDep,
    ports: PortsDep,
    trace: TraceDep,
) -> Response:
    """Count the vote that this browser's person pressed before signing in; without one, only show the clip."""
    if request.method != "GET" or not ballots.was_begun(request, ports, video_id):
        return view.go(way.address(video_id))
    fault = challenged.find_fault(ports, view.settings, actor, video_id, None)
    refusal = _cast(uow, ports, view.settings, actor, video_id, trace, fault)
    response = (
        view.go(way.address(video_id, done="vote"))
        if refusal is None
        else show_ballot(view, uow, ports, video_id, way, refusal)
    )
    begun.drop(request, response, "vote")
    return with_device(request, response)


@router.post("/videos/{video_id}/delete", dependencies=[FromOurPages, limited("change")])
def delete(view: ViewDep, video_id: UUID, way: WayDep, caller: CallerId, uow: UowDep, ports: PortsDep) -> Response:
    """Delete the caller's clip."""
    try:
        removal.delete(uow, ports, video_id, caller)
    except OpenToVotes as refusal:
        return show_ballot(view, uow, ports, video_id, way, refusal)
    return view.go(with_query("/me", deleted="1"))


@router.post("/videos/{video_id}/withdraw", dependencies=[FromOurPages, limited("change")])
def withdraw(view: ViewDep, video_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Response:
    """Take back the caller's public clip."""
    privacy.withdraw(uow, ports, video_id, caller)
    return view.go(with_query("/me", withdrawn="1"))


def _cast(
    uow: UnitOfWork,
    ports: Ports,
    settings: Settings,
    actor: Actor,
    video_id: UUID,
    trace: Trace,
    fault: challenged.Fault,
) -> Refusal | None:
    """Count a vote; return why it cannot count."""
    try:
        challenged.check(uow, ports, settings, actor, video_id, trace, fault)
        contest.cast_vote(uow, ports, actor, video_id)
    except REFUSED as refusal:
        return refusal
    signals.note(uow, actor.account_id, SignalKind.VOTE, trace)
    return None


def _seen(request: Request, video_id: UUID, page: Response) -> Response:
    """Count a view of a clip's page: votes beyond its views are doubtful."""
    if request.method == "GET":
        views: ClipViews = request.app.state.views
        views.count(video_id)
    return page
