"""The HTTP endpoints of one player's place: the public page's data, and the caller's own place."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from anb.contest import seasons, standings
from anb.contest.api import SHARED_SECONDS, Slug
from anb.contest.domain import SeasonNotFound
from anb.contest.player_schemas import PlayerShown, StandingShown, player_shown, standing_shown
from anb.contest.standings import NoPlace
from anb.web.deps import CallerId, SettingsDep, UowDep
from anb.web.problems import refusals
from anb.web.rate_limits import limited
from anb.web.targets import site_address

PlayerId = Annotated[UUID, Path(description="The player, by the id that rows of the ranking have.")]

router = APIRouter(prefix="/api", tags=["contest"])


@router.get(
    "/public/players/{player_id}",
    dependencies=[limited(block="read", told=False)],
    responses=refusals(NoPlace, SeasonNotFound),
)
def show_player(
    player_id: PlayerId, request: Request, response: Response, uow: UowDep, settings: SettingsDep, season: Slug = None
) -> PlayerShown:
    """Show what everyone may see of a player: places, votes, and the clips that are public, the newest 100."""
    found = standings.show_player(uow, player_id, None if season is None else seasons.show(uow, season))
    response.headers["Cache-Control"] = f"public, max-age={SHARED_SECONDS}"
    return player_shown(found, site_address(request, settings))


@router.get("/me/standing", dependencies=[limited(block="read")], responses=refusals(SeasonNotFound))
def show_standing(
    caller: CallerId, request: Request, uow: UowDep, settings: SettingsDep, season: Slug = None
) -> StandingShown:
    """Show the caller's places in the country and in their city, each with the players next to it; null without one."""
    found = standings.find_standing(uow, caller, None if season is None else seasons.show(uow, season))
    return standing_shown(found, site_address(request, settings))
