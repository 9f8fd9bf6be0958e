"""The race of votes: who casts which, and what its figures say of a count that differs."""

from collections import Counter

import pytest
from verify.votes import report
from verify.votes.race import NAMES, TWICE, RaceOutcome, RacePlan, share_out

PLAN = RacePlan(1000, clips=5, processes=4)


def test_each_vote_is_cast_and_every_fifth_by_two_processes() -> None:
    times = Counter(number for share in share_out(PLAN) for number in share)
    assert sorted(times) == list(range(PLAN.wanted))
    assert {number for number, count in times.items() if count == 2} == set(range(0, PLAN.wanted, TWICE))
    assert max(times.values()) == 2


@pytest.mark.parametrize(
    ("changed", "twice", "missed"),
    [
        ({}, 0, set()),
        ({"leaves of votes": 999}, 0, {"votes lost"}),
        ({"rows of votes": 999}, 0, {"votes counted", "votes lost"}),
        ({"leaves of votes": 1001}, 0, {"votes doubled"}),
        ({}, 1, {"votes doubled"}),
    ],
    ids=["equal", "a leaf is missing", "a row is missing", "a leaf too many", "two answers"],
)
def test_the_figures_show_a_lost_and_a_doubled_vote(changed: dict[str, int], twice: int, missed: set[str]) -> None:
    outcome = RaceOutcome(PLAN, seconds=1, twice=twice, counted=dict.fromkeys(NAMES, PLAN.wanted) | changed)
    assert {figure.name for figure in report.figures(outcome) if figure.met is False} == missed
