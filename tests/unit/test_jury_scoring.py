"""From scores to standings: weighted means, exact; a player's best clip; ties that are stated."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from statistics import pstdev
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anb.contest.jury_rules import Criterion, JuryRules
from anb.jury.domain import AsideEffect, ClipScore, InvalidMark, JurorProgress, ScoredClip, check_marks
from anb.jury.scoring import spread, stand, weigh, weighted

RULES = JuryRules((Criterion("technique", 3, "Técnica", "Technique"), Criterion("defence", 1, "Defensa", "Defence")))
FIRST = datetime(2027, 2, 1, tzinfo=UTC)
JURORS = [UUID(int=number) for number in range(900, 904)]


def clip(number: int, player: int | None = None, city: str = "cali") -> ScoredClip:
    owner = UUID(int=100 + (number if player is None else player))
    shown_at = FIRST + timedelta(days=number)
    return ScoredClip(UUID(int=number), owner, city, city.title(), f"Clip {number}", "Ana", shown_at)


def score(number: int, juror: int, technique: int, defence: int = 5) -> ClipScore:
    return ClipScore(UUID(int=number), JURORS[juror], {"technique": technique, "defence": defence})


def test_a_score_is_the_weighted_mean_of_its_marks() -> None:
    assert weighted(RULES, {"technique": 8, "defence": 4}) == 7


def test_a_player_stands_by_their_best_clip() -> None:
    scores = [score(1, 0, 9, 9), score(1, 1, 7, 7), score(2, 0, 10, 10), score(3, 0, 3, 3)]
    first, second = stand(RULES, [clip(1, player=1), clip(2, player=2), clip(3, player=1)], scores)
    assert (first.video_id, first.score, first.scores, first.clips) == (UUID(int=2), Fraction(10), 1, 1)
    assert (second.video_id, second.score, second.scores, second.clips) == (UUID(int=1), Fraction(8), 2, 2)


def test_equal_scores_are_a_tie_and_their_order_is_stated() -> None:
    scores = [score(1, 0, 8, 8), score(2, 0, 8, 8), score(2, 1, 8, 8), score(3, 0, 8, 8), score(4, 0, 8, 8)]
    clips = [clip(3), clip(2), clip(1), clip(4, city="neiva")]
    standings = stand(RULES, clips, scores)
    assert [one.video_id.int for one in standings] == [2, 1, 3, 4]  # more scores, then the earlier clip
    assert [(one.position, one.city_position, one.tied) for one in standings] == [
        (1, 1, True), (2, 2, True), (3, 3, True), (4, 1, False),
    ]  # fmt: skip


def test_thirds_are_exact() -> None:
    thirds = [score(1, juror, mark, mark) for juror, mark in enumerate((7, 7, 8))]
    (one,) = stand(RULES, [clip(1)], thirds)
    assert one.score == Fraction(22, 3)


def test_marks_that_the_rules_do_not_know_any_more_do_not_count() -> None:
    old = ClipScore(UUID(int=1), JURORS[0], {"technique": 9})
    assert stand(RULES, [clip(1)], [old]) == []
    assert stand(RULES, [clip(1)], [score(1, 0, 11)]) == []


def test_a_spread_says_how_far_scores_are_apart_and_who_gave_none() -> None:
    scores = [score(1, 0, 9, 9), score(1, 1, 5, 5)]
    found = spread(RULES, clip(1), scores, [*JURORS, clip(1).player_id])
    assert [found.mean, found.lowest, found.highest] == [7, 5, 9]
    assert found.deviation == 2.0
    assert found.missing == JURORS[2:]  # the player gives none
    assert spread(RULES, clip(1), [], JURORS[:1]).deviation is None


def test_the_scores_of_a_juror_weigh_what_changes_without_them() -> None:
    clips = [clip(1), clip(2), clip(3, city="neiva"), clip(4)]
    scores = [score(1, 0, 10, 10), score(1, 1, 6, 6), score(2, 1, 7, 7), score(3, 0, 2, 2), score(4, 1, 5)]
    scores += [ClipScore(UUID(int=4), JURORS[0], {"technique": 9}), score(5, 0, 9)]  # of former rules; of a hidden clip
    first, second, third = (JurorProgress(juror, "Julia", True, 0, None) for juror in JURORS[:3])
    assert weigh(RULES, clips, scores, first) == AsideEffect("Julia", scores=2, alone=1, moved=3)
    assert weigh(RULES, clips, scores, second) == AsideEffect("Julia", scores=3, alone=2, moved=3)
    assert weigh(RULES, clips, scores, third) == AsideEffect("Julia", scores=0, alone=0, moved=0)


@pytest.mark.parametrize("marks", [{"technique": True, "defence": 5, "x": 1}, {"technique": 0, "defence": 5}, {}])
def test_what_is_not_on_the_scale_is_named(marks: dict[str, int]) -> None:
    with pytest.raises(InvalidMark, match="from 1 to 10"):
        check_marks(RULES, marks)


marks = st.integers(1, 10)
given_scores = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 3)), st.tuples(marks, marks), max_size=20)


@given(given_scores, st.randoms())
def test_standings_depend_on_the_scores_alone_and_not_on_their_order(
    known: dict[tuple[int, int], tuple[int, int]], chance: object
) -> None:
    scores = [score(number, juror, *two) for (number, juror), two in known.items()]
    clips = [clip(number, player=number // 2) for number in range(6)]
    standings = stand(RULES, clips, scores)
    chance.shuffle(scores)  # type: ignore[attr-defined]
    chance.shuffle(clips)  # type: ignore[attr-defined]
    assert stand(RULES, clips, scores) == standings
    assert [one.score for one in standings] == sorted((one.score for one in standings), reverse=True)
    assert {one.player_id for one in standings} == {UUID(int=100 + number // 2) for number, _ in known}


@given(st.lists(st.tuples(marks, marks), min_size=1, max_size=4))
def test_the_deviation_is_that_of_statistics(given_marks: list[tuple[int, int]]) -> None:
    scores = [score(1, juror, *two) for juror, two in enumerate(given_marks)]
    values = [float(weighted(RULES, one.marks)) for one in scores]
    assert spread(RULES, clip(1), scores, JURORS).deviation == pytest.approx(pstdev(values))
