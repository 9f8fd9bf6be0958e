"""Pictures of numbers over time: to scale, and none of nothing."""

from anb.pages import charts


def test_bars_are_to_scale_and_a_zero_has_none() -> None:
    found = charts.bars([0, 5, 10], 10)
    assert [(bar.y, bar.height) for bar in found] == [(60.0, 60.0), (0.0, 120.0)]
    assert [bar.x for bar in found] == [176.0, 336.0]


def test_a_line_goes_through_the_middle_of_each_place() -> None:
    assert charts.line([10, 0], 10) == "120.0,0.0 360.0,120.0"


def test_nothing_is_no_picture() -> None:
    assert charts.bars([], 0) == []
    assert charts.line([0], 0) == "240.0,120.0"
