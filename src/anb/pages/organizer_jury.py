"""The organizers' page of a season's jury: how far each juror is, and how far the scores of each clip are apart."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fastapi import APIRouter, Response

from anb.contest import seasons
from anb.db.paging import Page, count_of, cut
from anb.jury import service
from anb.jury.domain import JurorProgress, SpreadClip
from anb.pages.lists import Cursor, next_part, part_after
from anb.pages.organizer import OrganizerDep, console
from anb.pages.organizer_rules import SeasonSlug
from anb.pages.organizer_seasons import HERE, PART
from anb.pages.view import ViewDep
from anb.web.deps import UowDep

ROWS = 50

router = APIRouter(prefix="/organizer/seasons/{slug}/jury", include_in_schema=False)


class JurorRow(NamedTuple):
    """A juror with how many clips of the queue are scored."""

    juror: JurorProgress
    scored: int
    total: int


@router.api_route("", methods=["GET", "HEAD"])
def show_jury(view: ViewDep, _: OrganizerDep, uow: UowDep, slug: SeasonSlug, cursor: Cursor = "") -> Response:
    """Show the progress of a season's jury. Raises SeasonNotFound."""
    season = seasons.show(uow, slug)
    clips = service.list_spread(uow, season)
    listed = cut(*_part(clips, page := part_after(cursor, ROWS)), page, lambda row: (row[0] + 1,))
    return console(
        view,
        "organizer_jury.html",
        PART,
        season=season,
        jurors=list(progress(service.list_jurors(uow, season), clips)) if season.jury else [],
        clips=[clip for _, clip in listed.rows],
        total=len(clips),
        onward=next_part(f"{HERE}/{season.slug}/jury", listed),
    )


def progress(jurors: Sequence[JurorProgress], clips: Sequence[SpreadClip]) -> Iterator[JurorRow]:
    """Yield each juror with the clips that count: of others, with a score by the present rules."""
    own = Counter(each.clip.player_id for each in clips)
    missing = Counter(juror for each in clips for juror in each.missing)
    for one in jurors:
        total = len(clips) - own[one.id]
        counts = one.is_juror and one.set_aside_at is None
        yield JurorRow(one, total - missing[one.id] if counts else min(one.scored, total), total)


def _part(clips: Sequence[SpreadClip], page: Page) -> tuple[list[tuple[int, SpreadClip]], int]:
    after = page.key(count_of)
    start = page.skip if after is None else after[0]
    return list(enumerate(clips))[start : start + page.limit + 1], len(clips)
