"""What a player's clips wait for, by what is known of them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anb.consents.domain import (
    Answer,
    ConsentRule,
    Consents,
    ConsentStanding,
    Guardian,
    is_minor,
    standing,
)

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
RULE = ConsentRule(NOW, 2026, timedelta(days=30))
VERSIONS = st.sampled_from([None, "2026-01-01", "2026-11-29"])
YEARS = st.one_of(st.none(), st.integers(1900, 2026))


def guardian(answer: Answer | None, days_ago: float = 0) -> Guardian:
    asked = NOW - timedelta(days=days_ago)
    return Guardian(
        UUID(int=1), UUID(int=2), "Marta", "marta@example.com", "es", asked, NOW if answer else None, answer
    )


GUARDIANS = st.one_of(st.none(), st.builds(guardian, st.sampled_from([None, *Answer]), st.floats(0, 60)))
KNOWN = st.builds(Consents, YEARS, VERSIONS, GUARDIANS, VERSIONS)


@pytest.mark.parametrize(
    ("birth_year", "minor"), [(None, True), (2026, True), (2009, True), (2008, True), (2007, False), (1950, False)]
)
def test_who_comes_of_age_this_year_counts_as_a_minor_until_it_ends(birth_year: int | None, *, minor: bool) -> None:
    assert is_minor(birth_year, 2026) is minor


@pytest.mark.parametrize(
    ("known", "waits_for"),
    [
        (Consents(), ConsentStanding.PLAYER),
        (Consents(1990), ConsentStanding.PLAYER),
        (Consents(1990, "2026-11-29"), ConsentStanding.GIVEN),
        (Consents(None, "2026-11-29"), ConsentStanding.GUARDIAN_UNNAMED),
        (Consents(2010, "2026-11-29"), ConsentStanding.GUARDIAN_UNNAMED),
        (Consents(2010, "2026-11-29", guardian(Answer.REPLACED)), ConsentStanding.GUARDIAN_UNNAMED),
        (Consents(2010, "2026-11-29", guardian(None, 29.9)), ConsentStanding.GUARDIAN_ASKED),
        (Consents(2010, "2026-11-29", guardian(None, 30)), ConsentStanding.GUARDIAN_SILENT),
        (Consents(2010, "2026-11-29", guardian(Answer.REFUSED)), ConsentStanding.REFUSED),
        (Consents(2010, "2026-11-29", guardian(Answer.CONFIRMED), "2026-11-29"), ConsentStanding.GIVEN),
        (Consents(2010, None, guardian(Answer.CONFIRMED), "2026-11-29"), ConsentStanding.PLAYER),
    ],
)
def test_each_case(known: Consents, waits_for: ConsentStanding) -> None:
    assert standing(known, RULE) is waits_for


@given(KNOWN)
def test_clips_of_a_minor_are_never_edited_without_the_player_and_the_guardian(known: Consents) -> None:
    if standing(known, RULE).lets_work:
        assert known.player_version is not None
        confirmed = known.guardian is not None and known.guardian.answer is Answer.CONFIRMED
        assert not is_minor(known.birth_year, 2026) or (confirmed and known.guardian_version is not None)


@given(KNOWN, VERSIONS)
def test_a_later_oldest_version_only_takes_permissions_away(known: Consents, oldest: str | None) -> None:
    stricter = ConsentRule(NOW, 2026, RULE.wait, oldest or "")
    if standing(known, stricter).lets_work:
        assert standing(known, RULE).lets_work


def test_versions_before_the_oldest_no_longer_count() -> None:
    strict = ConsentRule(NOW, 2026, RULE.wait, "2026-11-29")
    adult = Consents(1990, "2026-01-01")
    assert (standing(adult, RULE), standing(adult, strict)) == (ConsentStanding.GIVEN, ConsentStanding.PLAYER)
    minor = Consents(2010, "2026-11-29", guardian(Answer.CONFIRMED), "2026-01-01")
    assert standing(minor, strict) is ConsentStanding.GUARDIAN_UNNAMED


def test_only_two_let_clips_be_edited() -> None:
    assert {each for each in ConsentStanding if each.lets_work} == {ConsentStanding.NOT_ASKED, ConsentStanding.GIVEN}
