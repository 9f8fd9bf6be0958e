"""The list of the clips that are open to votes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from anb.contest import seasons, watching
from anb.contest import service as contest
from anb.contest.domain import PublicClip, Season
from anb.contest.listing import is_searchable
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.pages.lists import ClipsPage, ClipsPartDep
from anb.pages.view import View, ViewDep
from anb.web.deps import PortsDep, UowDep
from anb.web.rate_limits import limited
from anb.web.search_limits import limit_search

router = APIRouter(include_in_schema=False)

LIMITS = [limited(block="read", told=False), Depends(limit_search)]
IN_HOURS = 48  # less time than this is told in hours
COUNTS, FIRST_CLIPS = "/fragments/clips", "/fragments/clips/first"


@router.api_route("/", methods=["GET", "HEAD"], dependencies=LIMITS)
def list_clips(view: ViewDep, part: ClipsPartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the clips that are open to votes, newest first or as asked."""
    version = contest.version(uow)  # read before the counts, so that they are not older
    season = part.season_in(uow)
    shown = _clips(uow, part, season, view.caller)
    cities = contest.cities(uow, season)
    current = contest.current_season(uow) if season is None else season
    return view.show(
        "home.html",
        **shown,
        seasons=seasons.list_begun(uow),
        open=current is not None and current.takes_votes,
        phase=_phase(view, current),
        slug=part.slug,
        cities=cities,
        city=part.city_among(cities),
        counted_at=ports.clock.now(),
        counts=part.address(COUNTS if shown["clips"] else FIRST_CLIPS),
        version=version,
    )


def _phase(view: View, season: Season | None) -> str:
    """Say what people can do in a season now, and for how long."""
    if season is None or season.is_closed:
        return view.t("home.closed")
    if not season.takes_votes:
        begins = season.votes_open_at or season.opened_at
        return view.t("clip.opens_later", date=view.t.day(begins), time=view.t.time(begins))
    if season.closed_at is None:
        return view.t("home.lead")
    hours = -(-(season.closed_at - season.now) // timedelta(hours=1))
    left = view.t.count("home.hours", hours) if hours <= IN_HOURS else view.t.count("home.days", hours // 24)
    return f"{view.t('home.until', date=view.t.day(season.closed_at), time=view.t.time(season.closed_at))} {left}"


@router.api_route(FIRST_CLIPS, methods=["GET", "HEAD"], dependencies=LIMITS)
def show_first_clips(view: ViewDep, part: ClipsPartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show a page of clips again that had none, and where its counts are once it has some."""
    shown = _clips(uow, part, part.season_in(uow), None)
    counts = part.address(COUNTS) if shown["clips"] else ""
    return view.show(
        "counts_first_clips.html", **shown, city=part.city, counted_at=ports.clock.now(), next_counts=counts
    )


def _clips(uow: UnitOfWork, part: ClipsPage, season: Season | None, reader: UUID | None) -> dict[str, Any]:
    listed = _listed(uow, part, part.page, season)
    return {
        "clips": listed.rows,
        "total": listed.total,
        "paging": part.links("/", listed),
        "marks": watching.mark_clips(uow, reader, listed.rows),
        "part": part,
        "level": 2 if part.is_opening else 1,  # of the list's heading, below that of the home page
    }


def _listed(uow: UnitOfWork, part: ClipsPage, page: Page, season: Season | None) -> Listed[PublicClip]:
    """Return a page of the list; none where a reader searches for something without a letter or digit."""
    if part.words and not is_searchable(part.words):
        return Listed([], 0, None)
    return contest.list_clips(uow, page, part.wanted(season))


@router.api_route(COUNTS, methods=["GET", "HEAD"], dependencies=LIMITS)
def count_clips(view: ViewDep, part: ClipsPartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the counts of a page of clips again, and those of as many more: newer clips push them down."""
    page = replace(part.page, limit=2 * part.page.limit)
    listed = _listed(uow, part, page, part.season_in(uow))
    return view.show("counts_clips.html", clips=listed.rows, total=listed.total, counted_at=ports.clock.now())
