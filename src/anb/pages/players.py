"""A player's public page: places, votes and clips."""

from uuid import UUID

from fastapi import APIRouter, Response

from anb.contest import service as contest
from anb.contest import standings, watching
from anb.pages.lists import PartDep
from anb.pages.view import ViewDep
from anb.photos import service as photos
from anb.web.deps import UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)


@router.api_route("/players/{player_id}", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def show_player(view: ViewDep, player_id: UUID, part: PartDep, uow: UowDep) -> Response:
    """Show what everyone may see of a player in a season. Raises NoPlace, SeasonNotFound."""
    season = part.season_in(uow)
    found = standings.show_player(uow, player_id, season)
    current = contest.current_season(uow)
    return view.show(
        "player.html",
        player=found.country,
        city=found.city,
        clips=found.clips,
        marks=watching.mark_clips(uow, view.caller, found.clips),
        photo=photos.find_public(uow, view.settings, found.country.username),
        mine=view.caller == player_id,
        open=season is None and current is not None and current.takes_votes,
    )
