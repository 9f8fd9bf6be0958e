"""The organizers' page of a season's jury: how far each juror is, whose scores count, and how far they are apart."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import ValidationError

from anb.contest import seasons
from anb.db.paging import Page, count_of, cut
from anb.db.session import UnitOfWork
from anb.jury import service
from anb.jury.domain import JurorProgress, SpreadClip
from anb.jury.schemas import SetAside
from anb.jury.weighing import weigh
from anb.pages.forms import FromOurPages, Typed
from anb.pages.lists import Cursor, next_part, part_after
from anb.pages.organizer import OrganizerDep, console
from anb.pages.organizer_acts import Question, ask_again, reason_of
from anb.pages.organizer_acts import ask as ask_first
from anb.pages.organizer_rules import SeasonSlug
from anb.pages.organizer_seasons import HERE, PART
from anb.pages.view import ViewDep
from anb.web.deps import DatabaseDep, UowDep

ROWS = 50
Decision = Literal["aside", "restore"]

router = APIRouter(prefix="/organizer/seasons/{slug}/jury", include_in_schema=False)


class JurorRow(NamedTuple):
    """A juror with how many clips of the queue are scored."""

    juror: JurorProgress
    scored: int
    total: int


@router.api_route("", methods=["GET", "HEAD"])
def show_jury(
    view: ViewDep, _: OrganizerDep, uow: UowDep, slug: SeasonSlug, cursor: Cursor = "", done: str = ""
) -> Response:
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
        done=done if done in {"aside", "restore"} else "",
    )


@router.api_route("/jurors/{account_id}/{act}", methods=["GET", "HEAD"])
def ask(view: ViewDep, _: OrganizerDep, uow: UowDep, slug: SeasonSlug, account_id: UUID, act: Decision) -> Response:
    """Say what changes if the scores of a juror stop counting, or count again.

    Raises SeasonNotFound, NoJury, JurorNotFound.
    """
    return ask_first(view, PART, _question(uow, slug, account_id, act))


@router.post("/jurors/{account_id}/{act}", dependencies=[FromOurPages])
def decide(
    view: ViewDep, by: OrganizerDep, database: DatabaseDep, form: Typed, slug: SeasonSlug, account_id: UUID,
    act: Decision,
) -> Response:  # fmt: skip
    """Set the scores of a juror aside, or count them again. Raises SeasonNotFound, JurorNotFound."""
    try:
        with database.transaction() as uow:
            season = seasons.show(uow, slug)
            reason = SetAside.model_validate({"reason": reason_of(form)}).reason
            service.set_aside(uow, by, season, account_id, reason, aside=act == "aside")
    except ValidationError as error:
        asked = partial(_question, slug=slug, account_id=account_id, act=act)
        return ask_again(view, PART, database, asked, form, error)
    return view.go(f"{HERE}/{season.slug}/jury?done={act}")


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


def _question(uow: UnitOfWork, slug: str, account_id: UUID, act: str) -> Question:
    season = seasons.show(uow, slug)
    aside = act == "aside"
    effect = weigh(uow, season, account_id, aside=aside)
    place = f"{HERE}/{season.slug}/jury"
    return Question(
        f"scores_{act}",
        f"{place}/jurors/{account_id}/{act}",
        place,
        effect.name,
        numbers=[
            ("scores_stop" if aside else "scores_count", effect.scores),
            ("clips_without" if aside else "clips_with", effect.alone),
            ("players_moved", effect.moved),
        ],
        fields=["reason"],
        harmless=not aside,
    )
