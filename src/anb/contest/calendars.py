"""What holds for the calendar of a season: the order of its moments, and what can still be moved."""

from anb.contest.domain import InvalidCalendar, Season, SeasonCalendar, SeasonClosed
from anb.errors import Refusal

AFTER_CLOSE = ("jury_closes_at", "results_at")  # what can be moved until results are frozen


class ResultsFrozen(Refusal):
    """The results of the season are frozen; to move anything, it is reopened first."""

    code = "results-frozen"


def check(calendar: SeasonCalendar) -> None:
    """Check that the moments of a calendar are in their order. Raises InvalidCalendar."""
    order = (
        ("uploads_close_at", calendar.opened_at, calendar.uploads_close_at, calendar.closed_at),
        ("votes_open_at", calendar.opened_at, calendar.votes_open_at, calendar.closed_at),
        ("closed_at", calendar.opened_at, calendar.closed_at, calendar.results_at),
        ("jury_closes_at", calendar.closed_at, calendar.jury_closes_at, calendar.results_at),
    )
    for name, first, moment, last in order:
        if moment is not None and ((first and moment < first) or (last and moment > last)):
            raise InvalidCalendar(field=name)
    if calendar.results_at is not None and calendar.closed_at is None:
        raise InvalidCalendar(field="results_at")
    if calendar.jury_closes_at is not None and calendar.results_at is None:
        raise InvalidCalendar(field="jury_closes_at")


def check_begun(season: Season, wanted: SeasonCalendar) -> None:
    """Check that a calendar changes no moment that has passed, and ends later than now. Raises InvalidCalendar."""
    for name in ("opened_at", "uploads_close_at", "votes_open_at"):
        before, after = getattr(season, name), getattr(wanted, name)
        passed = before is not None and before <= season.now
        if before != after and (passed or (after is not None and after <= season.now)):
            raise InvalidCalendar(field=name)
    if wanted.closed_at is not None and wanted.closed_at <= season.now:
        raise InvalidCalendar(field="closed_at")


def check_closed(season: Season, wanted: SeasonCalendar) -> None:
    """Check that a calendar moves only the jury's close and the results of a closed season, to moments to come.

    Raises SeasonClosed, InvalidCalendar.
    """
    changed = [name for name in SeasonCalendar.__dataclass_fields__ if getattr(season, name) != getattr(wanted, name)]
    if not set(changed) <= set(AFTER_CLOSE):
        raise SeasonClosed
    for name in changed:
        moment = getattr(wanted, name)
        if moment is None or moment <= season.now:
            raise InvalidCalendar(field=name)
