"""The judge of the corpus finds pictures that come too early, too late, twice or unevenly, and nothing else."""

from fractions import Fraction

import pytest

from support.corpus.cases import Accepted
from support.corpus.faults import order_faults
from support.corpus.source import ClipSource


class TestOrder:
    SHOWN = Accepted(name="30").shown()
    FAST = Accepted(name="60", source=ClipSource(grid=Fraction(60), frames=120)).shown()

    def found(
        self,
        numbers: list[int | None],
        shown: object = None,
        *,
        steady: bool = False,
        lost: range = range(0),
    ) -> str:
        return "; ".join(order_faults(shown or self.SHOWN, numbers, 30, steady=steady, lost=lost))  # type: ignore[arg-type]

    def test_pictures_in_their_order_have_no_fault(self) -> None:
        assert self.found([*range(45)]) == ""
        assert self.found([*range(0, 90, 2)], self.FAST) == ""

    @pytest.mark.parametrize(
        "numbers",
        [[*range(1, 46)], [0, *range(44)], [*range(10), 9, *range(11, 45)], [*range(20), None, *range(21, 45)]],
        ids=["begins late", "one twice", "one goes back", "a mixture"],
    )
    def test_pictures_out_of_their_order_are_noticed(self, numbers: list[int | None]) -> None:
        assert "the counter says" in self.found(numbers)

    def test_stutter_within_half_a_frame_is_noticed_too(self) -> None:
        stutter: list[int | None] = [0, 2, 5, 6, 8, 11]
        assert self.found(stutter, self.FAST) == "pictures advance by [1, 2, 3], not 2.00"

    def test_a_thousandth_of_drift_needs_one_picture_twice_in_a_thousand_but_not_two(self) -> None:
        shown = Accepted(name="29.97", source=ClipSource(grid=Fraction(30000, 1001), frames=900)).shown()
        once: list[int | None] = [*range(500), *range(499, 898)]
        assert self.found(once, shown) == ""
        twice: list[int | None] = [*range(490), *range(489, 510), *range(509, 896)]
        assert "pictures advance" in self.found(twice, shown)

    def test_what_damage_took_has_no_pace(self) -> None:
        whole = [*range(0, 90, 2)]
        for shown in (whole[12:24], [22] * 12, [None] * 12, [*whole[12:18], *[35] * 6], [*whole[12:22], 7, 47]):
            assert self.found([*whole[:12], *shown, *whole[24:]], self.FAST, lost=range(24, 48)) == ""

    @pytest.mark.parametrize(
        "change",
        [{11: None}, {13: 50}, {25: 46}, {5: 11}],
        ids=["before it", "ahead", "after it", "unevenly elsewhere"],
    )
    def test_beside_what_damage_took_all_is_as_ever(self, change: dict[int, int | None]) -> None:
        numbers = [change.get(slot, 2 * slot) for slot in range(45)]
        assert self.found(numbers, self.FAST, lost=range(24, 48))

    def test_a_gap_is_filled_by_the_picture_before_it(self) -> None:
        gap = Accepted(name="gap", source=ClipSource(ticks=(*range(20), *range(38, 78)))).shown()
        assert self.found([*range(20), *[19] * 18, *range(20, 27)], gap) == ""
        assert "not one of [19]" in self.found([*range(20), *[20] * 18, *range(20, 27)], gap)

    def test_a_picture_half_a_frame_away_belongs_to_either_frame(self) -> None:
        tie = [
            (Fraction(0), 0),
            (Fraction(1, 30), 1),
            (Fraction(2, 30), 2),
            (Fraction(9, 60), 3),
            (Fraction(11, 60), 4),
        ]
        assert self.found([0, 1, 2, 2, 3, 4], tie) == self.found([0, 1, 2, 2, 2, 3], tie) == ""
        assert "at 0.067 s the counter says 1" in self.found([0, 1, 1, 2, 3, 4], tie)
