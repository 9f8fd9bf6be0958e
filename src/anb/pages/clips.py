"""The clips: the list of those open to votes, and the page of one, to vote or to follow its edit."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from anb.accounts.acting import ActorDep, MaybeActorDep
from anb.contest import seasons
from anb.contest import service as contest
from anb.contest.domain import (
    AlreadyVoted,
    EmailNotConfirmed,
    OwnVideo,
    Season,
    SeasonClosed,
    TooManyVotesToday,
    VotedBefore,
    VotesNotOpenYet,
)
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.fraud.views import ClipViews
from anb.pages import ballots
from anb.pages.forms import FromOurPages, Typed
from anb.pages.lists import ListPage, PartDep
from anb.pages.live import live
from anb.pages.view import View, ViewDep, with_query
from anb.photos import service as photos
from anb.ports import Ports
from anb.privacy import service as privacy
from anb.signals import service as signals
from anb.signals.domain import SignalKind
from anb.signals.trace import TraceDep
from anb.videos import removal
from anb.videos import service as videos
from anb.videos.domain import NotYourVideo, OpenToVotes, VideoNotFound
from anb.web.deps import CallerId, PortsDep, UowDep
from anb.web.device_cookie import with_device
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)

REFUSED = (
    AlreadyVoted, EmailNotConfirmed, OwnVideo, SeasonClosed, TooManyVotesToday, VotedBefore, VotesNotOpenYet,
)  # fmt: skip
COUNTS, FIRST_CLIPS = "/fragments/clips", "/fragments/clips/first"


@router.api_route("/", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def list_clips(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the clips that are open to votes, newest first."""
    version = contest.version(uow)  # read before the counts, so that they are not older
    season = part.season_in(uow)
    shown = _clips(uow, part, season)
    cities = contest.cities(uow, season)
    return view.show(
        "home.html",
        **shown,
        seasons=seasons.list_begun(uow),
        slug=part.slug,
        cities=cities,
        city=part.city_among(cities),
        counted_at=ports.clock.now(),
        counts=part.address(COUNTS if shown["clips"] else FIRST_CLIPS),
        version=version,
    )


@router.api_route(FIRST_CLIPS, methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def show_first_clips(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show a page of clips again that had none, and where its counts are once it has some."""
    shown = _clips(uow, part, part.season_in(uow))
    counts = part.address(COUNTS) if shown["clips"] else ""
    return view.show(
        "counts_first_clips.html", **shown, city=part.city, counted_at=ports.clock.now(), next_counts=counts
    )


def _clips(uow: UnitOfWork, part: ListPage, season: Season | None) -> dict[str, Any]:
    listed = contest.list_public(uow, part.page, part.city or None, season)
    return {
        "clips": listed.rows,
        "total": listed.total,
        "paging": part.links("/", listed),
        "level": 2
        if part.is_first and not part.city and not part.slug
        else 1,  # of the list's heading, below that of the home page
    }


@router.api_route(COUNTS, methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def count_clips(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the counts of a page of clips again, and those of as many more: newer clips push them down."""
    page = replace(part.page, limit=2 * part.page.limit)
    listed = contest.list_public(uow, page, part.city or None, part.season_in(uow))
    return view.show("counts_clips.html", clips=listed.rows, total=listed.total, counted_at=ports.clock.now())


@router.api_route(
    "/fragments/videos/{video_id}", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)]
)
def count_clip(view: ViewDep, video_id: UUID, uow: UowDep, ports: PortsDep) -> Response:
    """Show a clip's count again."""
    return view.show("counts_clip.html", clip=contest.show_public(uow, video_id), counted_at=ports.clock.now())


@router.api_route("/videos/{video_id}", methods=["GET", "HEAD"])
def show_clip(
    request: Request, view: ViewDep, video_id: UUID, actor: MaybeActorDep, uow: UowDep, ports: PortsDep
) -> Response:
    """Show a clip: to everyone once it is public, before that to its owner and organizers."""
    try:
        return _seen(request, video_id, _ballot(view, uow, ports, video_id))
    except VideoNotFound:
        if actor is None:
            raise
    try:
        return live(view, uow, videos.show(uow, video_id, actor))
    except NotYourVideo:
        raise VideoNotFound from None  # for others, a clip that is not public does not exist


@router.post("/videos/{video_id}/vote", dependencies=[FromOurPages, limited("vote", block="vote_block")])
def vote(
    request: Request,
    view: ViewDep,
    video_id: UUID,
    form: Typed,
    actor: ActorDep,
    uow: UowDep,
    ports: PortsDep,
    trace: TraceDep,
) -> Response:
    """Count a vote and return to the clip."""
    try:
        contest.cast_vote(uow, ports, actor, video_id)
    except REFUSED as refusal:
        return _ballot(view, uow, ports, video_id, refusal)
    seen = ballots.seen(ports, actor.account_id, video_id, form.get(ballots.FIELD, ""), trace)
    signals.note(uow, actor.account_id, SignalKind.VOTE, seen)
    return with_device(request, view.go(f"/videos/{video_id}"))


@router.post("/videos/{video_id}/delete", dependencies=[FromOurPages, limited("change")])
def delete(view: ViewDep, video_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Response:
    """Delete the caller's clip."""
    try:
        removal.delete(uow, ports, video_id, caller)
    except OpenToVotes as refusal:
        return _ballot(view, uow, ports, video_id, refusal)
    return view.go(with_query("/me", deleted="1"))


@router.post("/videos/{video_id}/withdraw", dependencies=[FromOurPages, limited("change")])
def withdraw(view: ViewDep, video_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Response:
    """Take back the caller's public clip."""
    privacy.withdraw(uow, ports, video_id, caller)
    return view.go(with_query("/me", withdrawn="1"))


def _seen(request: Request, video_id: UUID, page: Response) -> Response:
    """Count a view of a clip's page: votes beyond its views are doubtful."""
    if request.method == "GET":
        views: ClipViews = request.app.state.views
        views.count(video_id)
    return page


def _ballot(view: View, uow: UnitOfWork, ports: Ports, video_id: UUID, refusal: Refusal | None = None) -> Response:
    version = contest.version(uow)
    clip = contest.show_public(uow, video_id)
    season = contest.season_of(uow, video_id)
    mine = view.caller is not None and videos.find_public(uow, video_id).owner_id == view.caller
    return view.show(
        "clip.html",
        refusal.status if refusal else 200,
        clip=clip if view.caller is None else contest.with_own_vote(uow, clip, view.caller),
        photo=photos.find_public(uow, view.settings, clip.username),
        mine=mine,
        voted=view.caller is not None and contest.has_voted(uow, view.caller, video_id),
        season=season,
        open=season is not None and season.takes_votes,
        problem=refusal.text(view.t.language) if refusal else "",
        counted_at=ports.clock.now(),
        counts=f"/fragments/videos/{video_id}",
        version=version,
        opened=ballots.mark(ports, view.caller, video_id),
    )
