"""The phases of a season by the clock: every boundary to the microsecond, whatever zone a moment is written in."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from anb.contest import calendars
from anb.contest.domain import InvalidCalendar, Phase, Season, SeasonCalendar
from anb.zones import COLOMBIA, in_colombia

# Across the nights on which Europe and the United States change their clocks; Colombia does not.
OPENS = datetime(2026, 10, 24, 8, 0, tzinfo=COLOMBIA)
VOTES_OPEN = datetime(2026, 10, 25, 1, 30, tzinfo=COLOMBIA)
UPLOADS_CLOSE = datetime(2026, 10, 31, 23, 59, 59, tzinfo=COLOMBIA)
CLOSES = datetime(2026, 11, 1, 1, 30, tzinfo=COLOMBIA)
RESULTS = datetime(2026, 11, 2, 18, 0, tzinfo=COLOMBIA)
WHOLE = SeasonCalendar(
    opened_at=OPENS, uploads_close_at=UPLOADS_CLOSE, votes_open_at=VOTES_OPEN, closed_at=CLOSES, results_at=RESULTS
)
TICK = timedelta(microseconds=1)


def season_at(now: datetime, calendar: SeasonCalendar = WHOLE) -> Season:
    assert calendar.opened_at is not None
    return Season(
        id=UUID(int=0),
        slug="s",
        name="S",
        now=now,
        opened_at=calendar.opened_at,
        uploads_close_at=calendar.uploads_close_at,
        votes_open_at=calendar.votes_open_at,
        closed_at=calendar.closed_at,
        results_at=calendar.results_at,
    )


@pytest.fixture(params=["America/New_York", "Europe/Madrid", "UTC"])
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("moment", "before", "after"),
    [
        (OPENS, Phase.SCHEDULED, Phase.UPLOADS),
        (VOTES_OPEN, Phase.UPLOADS, Phase.OPEN),
        (UPLOADS_CLOSE, Phase.OPEN, Phase.VOTES),
        (CLOSES, Phase.VOTES, Phase.COUNTING),
        (RESULTS, Phase.COUNTING, Phase.OVER),
    ],
    ids=["opens", "votes open", "uploads close", "closes", "results"],
)
@pytest.mark.parametrize("zone", [UTC, COLOMBIA, timezone(timedelta(hours=13))], ids=["utc", "colombia", "ahead"])
@pytest.mark.usefixtures("host")
def test_a_moment_belongs_to_the_phase_that_it_begins(
    moment: datetime, before: Phase, after: Phase, zone: timezone
) -> None:
    at = moment.astimezone(zone)
    assert [season_at(at - TICK).phase, season_at(at).phase, season_at(at + TICK).phase] == [before, after, after]


def test_between_uploads_and_votes_a_season_waits() -> None:
    calendar = SeasonCalendar(opened_at=OPENS, uploads_close_at=VOTES_OPEN, votes_open_at=UPLOADS_CLOSE)
    assert season_at(VOTES_OPEN, calendar).phase is Phase.WAITING
    assert season_at(UPLOADS_CLOSE, calendar).phase is Phase.VOTES


def test_without_a_calendar_everything_is_open_until_somebody_closes_it() -> None:
    assert season_at(OPENS + timedelta(days=1000), SeasonCalendar(opened_at=OPENS)).phase is Phase.OPEN


@pytest.mark.usefixtures("host")
def test_people_read_moments_as_in_colombia() -> None:
    assert in_colombia(CLOSES.astimezone(UTC)) == "2026-11-01 01:30:00"


@pytest.mark.parametrize(
    ("field", "calendar"),
    [
        ("uploads_close_at", SeasonCalendar(opened_at=OPENS, uploads_close_at=OPENS - TICK)),
        ("uploads_close_at", SeasonCalendar(opened_at=OPENS, uploads_close_at=CLOSES + TICK, closed_at=CLOSES)),
        ("votes_open_at", SeasonCalendar(opened_at=OPENS, votes_open_at=CLOSES + TICK, closed_at=CLOSES)),
        ("closed_at", SeasonCalendar(opened_at=OPENS, closed_at=OPENS - TICK)),
        ("closed_at", SeasonCalendar(opened_at=OPENS, closed_at=CLOSES, results_at=CLOSES - TICK)),
        ("results_at", SeasonCalendar(opened_at=OPENS, results_at=RESULTS)),
    ],
    ids=["uploads first", "uploads late", "votes late", "closes first", "results early", "results alone"],
)
def test_a_calendar_out_of_order_is_refused_by_the_name_of_the_moment(field: str, calendar: SeasonCalendar) -> None:
    with pytest.raises(InvalidCalendar) as refused:
        calendars.check(calendar)
    assert refused.value.fields == {"field": field}
    calendars.check(WHOLE)
