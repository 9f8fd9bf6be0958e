"""The arithmetic of the bench's contest: its sizes, its votes, waits, and the sums of the simulated farms."""

from itertools import islice

import pytest
from verify.bench.contest.farms import figures
from verify.bench.contest.filling import SMALL, ContestSize
from verify.bench.contest.freshness import waits_of
from verify.bench.load import VoteLoad
from verify.bench.suites import contest


@pytest.mark.parametrize("size", [ContestSize.of(contest.TENTH), ContestSize.of(contest.WHOLE), SMALL])
def test_a_voter_s_clips_are_spread_over_all_without_meeting(size: ContestSize) -> None:
    assert size.clips % size.each**2 == 0
    stratum = size.clips // size.each**2
    edges = [stratum * place**2 for place in range(size.each + 1)]
    assert edges == sorted(set(edges))
    assert edges[-1] == size.clips


def test_a_part_is_of_a_number_of_votes() -> None:
    assert ContestSize.of(contest.WHOLE).votes == contest.WHOLE
    assert {"contest", "contest-votes", "contest-fraud"} <= set(contest.suites(contest.TENTH))


class TestVoteLoad:
    def test_no_two_votes_are_the_same(self) -> None:
        load = VoteLoad(80, "", tokens=("a", "b", "c"), videos=("1", "2"))
        sent = [request for share in (0, 1) for request in islice(load.requests(share), 4 if share == 0 else 2)]
        assert len(set(sent)) == 6

    def test_it_does_not_vote_twice_when_all_have_voted(self) -> None:
        load = VoteLoad(80, "", tokens=("a", "b"), videos=("1",))
        with pytest.raises(RuntimeError, match="no votes left"):
            list(load.requests(0))


def test_a_vote_has_waited_until_as_much_is_seen_as_it_needs() -> None:
    seen = [(0.0, 0), (1.5, 1), (2.5, 3)]
    assert waits_of([1.0, 1.2, 2.6], [1, 2, 3], seen) == pytest.approx([0.5, 1.3, 0.0])


def test_a_vote_that_was_never_seen_is_an_error() -> None:
    with pytest.raises(IndexError):
        waits_of([1.0], [2], [(0.0, 1)])


def test_farms_are_summed_but_for_the_one_that_rules_do_not_see() -> None:
    def outcome(who: str, cast: int, held: int, clustered: int) -> dict[str, dict[str, int]]:
        return {"cast": {who: cast}, "held": {who: held}, "void_by_clusters": {who: clustered}}

    people = outcome("people", 1000, 2, 1)
    scenarios = {"farm": outcome("farm", 100, 90, 6), "careful": outcome("farm", 300, 0, 0), "viral": people}
    assert [figure.value for figure in figures(scenarios)] == pytest.approx([4.0, 0.3])
