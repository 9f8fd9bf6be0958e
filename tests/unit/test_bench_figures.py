import json

import pytest
from verify.kit.figures import Figure, Goal, Limit, percentile, turns

LIMIT = Limit("the same with nothing around it", (100.0, 400.0, 200.0))


def figure(*samples: float, goal: Goal | None = None, limit: Limit | None = LIMIT, at: float | None = None) -> Figure:
    return Figure("suite", "name", "bytes/s", samples, limit, goal, at)


class TestRatio:
    def test_it_is_median_over_median(self) -> None:
        assert figure(120.0, 90.0, 1000.0).ratio == 120 / 200

    def test_a_value_that_is_no_median_counts_as_it_is(self) -> None:
        assert figure(1.0, 2.0, 3.0, at=50.0).ratio == 50 / 200

    def test_there_is_none_without_a_limit(self) -> None:
        assert figure(1.0, limit=None).ratio is None

    def test_there_is_none_beside_nothing(self) -> None:
        assert figure(1.0, limit=Limit("nothing", (0.0,))).ratio is None


class TestGoal:
    @pytest.mark.parametrize(
        ("sense", "value", "met"),
        [
            ("at least", 119.9, False),
            ("at least", 120.0, True),
            ("at least", 120.1, True),
            ("at most", 119.9, True),
            ("at most", 120.0, True),
            ("at most", 120.1, False),
        ],
    )
    def test_just_reaching_it_is_enough(self, sense: str, value: float, met: bool) -> None:
        of_the_ratio = Goal(sense, 0.6, "ratio")  # type: ignore[arg-type]
        of_the_value = Goal(sense, 120, "value")  # type: ignore[arg-type]
        assert figure(value, goal=of_the_ratio).met is met
        assert figure(value, goal=of_the_value).met is met

    def test_a_ratio_that_is_not_there_reaches_no_goal(self) -> None:
        assert figure(1.0, limit=None, goal=Goal("at least", 0.1, "ratio")).met is False

    def test_without_one_nothing_is_missed(self) -> None:
        assert figure(1.0).met is None


class TestPercentile:
    def test_it_is_a_sample_by_nearest_rank(self) -> None:
        samples = [float(number) for number in range(40, 0, -1)]
        assert [percentile(samples, wanted) for wanted in (50, 95, 100, 1)] == [20, 38, 40, 1]

    def test_of_one_sample_it_is_that_sample(self) -> None:
        assert percentile([7.0], 95) == 7

    @pytest.mark.parametrize(("samples", "wanted"), [([], 95), ([1.0], 0), ([1.0], 101)])
    def test_what_cannot_be_is_refused(self, samples: list[float], wanted: float) -> None:
        with pytest.raises(ValueError, match=str(len(samples))):
            percentile(samples, wanted)


def test_the_figure_and_its_limit_take_turns() -> None:
    assert list(turns(2)) == [(0, True), (0, False), (1, True), (1, False)]


def test_a_figure_goes_into_the_file_with_all_that_the_issue_asks() -> None:
    said = json.loads(json.dumps(figure(120.0, goal=Goal("at least", 0.6, "ratio")).as_json()))
    assert said == {
        "suite": "suite",
        "name": "name",
        "value": 120.0,
        "unit": "bytes/s",
        "limit": {"name": LIMIT.name, "value": 200.0, "samples": [100.0, 400.0, 200.0]},
        "ratio": 0.6,
        "goal": {"sense": "at least", "number": 0.6, "of": "ratio"},
        "met": True,
        "samples": [120.0],
        "note": "",
    }
