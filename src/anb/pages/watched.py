"""What a clip's page shows: its count and place, the reader's vote, and the way to the next clip."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from anb.challenges.domain import ChallengeNeeded
from anb.contest import service as contest
from anb.contest import standings, watching
from anb.contest.domain import PublicClip, Rank, Season
from anb.contest.listing import ListOrder
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.pages import ballots
from anb.pages.drawing import draw_code
from anb.pages.lists import City, ClipChoice, Seed, Words
from anb.pages.view import View, with_query
from anb.photos import service as photos
from anb.ports import Ports
from anb.videos import service as videos


class ClipWay(ClipChoice):
    """The list that a reader watches, clip after clip, as the address of a clip's page names it."""

    def __init__(
        self,
        order: ListOrder = ListOrder.NEWEST,
        city: City = "",
        seed: Seed = "",
        q: Words = "",
        done: str = "",
    ) -> None:
        super().__init__(order, city, seed, q)
        self.has_just_voted = done == "vote"

    def address(self, video_id: UUID, act: str = "", done: str = "") -> str:
        """Return the address of a clip's page on this way, or of an act on the clip."""
        return with_query(f"/videos/{video_id}{act}", **self.chosen(), done=done)

    @property
    def back(self) -> str:
        """The address of the list."""
        return with_query("/", **self.chosen())


WayDep = Annotated[ClipWay, Depends(ClipWay)]


def show_count(view: View, uow: UnitOfWork, ports: Ports, video_id: UUID) -> Response:
    """Show what changes with votes on a clip's page."""
    clip = contest.show_public(uow, video_id)
    place = _place(uow, contest.season_of(uow, video_id), videos.find_public(uow, video_id).owner_id)
    return view.show("counts_clip.html", clip=clip, place=place, counted_at=ports.clock.now())


def show_ballot(
    view: View, uow: UnitOfWork, ports: Ports, video_id: UUID, way: ClipWay, refusal: Refusal | None = None
) -> Response:
    """Show a public clip with its ballot, or with the answer to the reader's vote in the ballot's place."""
    version = contest.version(uow)
    clip = contest.show_public(uow, video_id)
    season = contest.season_of(uow, video_id)
    owner = videos.find_public(uow, video_id).owner_id
    as_juror = None if view.caller is None else contest.voted_as_juror(uow, view.caller, video_id)
    site = view.site
    return view.show(
        "clip.html",
        refusal.status if refusal else 200,
        clip=clip if view.caller is None else contest.with_own_vote(uow, clip, view.caller),
        photo=photos.find_public(uow, view.settings, clip.username),
        mine=owner == view.caller,
        site=site,
        code=draw_code(f"{site}/videos/{video_id}") if site and owner == view.caller else "",
        voted=as_juror is not None,
        apart=bool(as_juror),
        place=_place(uow, season, owner),
        season=season,
        open=season is not None and season.takes_votes,
        problem=refusal.text(view.t.language) if refusal else "",
        challenge=json.dumps(refusal.fields["challenge"]) if isinstance(refusal, ChallengeNeeded) else "",
        counted_at=ports.clock.now(),
        counts=f"/fragments/videos/{video_id}",
        version=version,
        opened=ballots.mark(ports, view.caller, video_id),
        way=way,
        onward=_onward(view, uow, clip, way, season),
    )


def _place(uow: UnitOfWork, season: Season | None, player_id: UUID) -> Rank | None:
    """Return the place of a clip's player in their city; None without a season."""
    return None if season is None else standings.find_place_in_city(uow, player_id, season)


def _onward(view: View, uow: UnitOfWork, clip: PublicClip, way: ClipWay, season: Season | None) -> str:
    """Return the address of the next clip; "" without one."""
    if season is None:
        return ""
    following = watching.find_next(uow, clip, way.wanted(season), view.caller)
    return "" if following is None else way.address(following.id)
