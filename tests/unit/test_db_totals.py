from anb.db.totals import LONG, ROWS, SECONDS, Totals


class Counting:
    """A list whose length is asked for."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.length


def test_a_long_list_is_counted_once_in_a_while() -> None:
    now = 100.0
    totals, rows = Totals(lambda: now), Counting(LONG)
    assert [totals.of("all", rows) for _ in range(3)] == [LONG] * 3
    assert rows.times == 1
    rows.length += 5
    now += SECONDS
    assert totals.of("all", rows) == LONG + 5


def test_a_shorter_list_is_counted_each_time() -> None:
    totals, rows = Totals(lambda: 100.0), Counting(LONG - 1)
    assert totals.of("all", rows) == LONG - 1
    rows.length = 7
    assert totals.of("all", rows) == 7


def test_each_list_has_its_own_count() -> None:
    totals = Totals(lambda: 100.0)
    assert totals.of(("public", None), Counting(3 * LONG)) == 3 * LONG
    assert totals.of(("public", "cali"), Counting(2 * LONG)) == 2 * LONG


def test_a_very_long_list_is_counted_less_often() -> None:
    now = 100.0
    totals, rows = Totals(lambda: now), Counting(20 * ROWS)
    totals.of("all", rows)
    now += 19
    totals.of("all", rows)
    assert rows.times == 1
    now += 1
    totals.of("all", rows)
    assert rows.times == 2


def test_while_one_reader_counts_others_take_the_count_that_expired() -> None:
    now = 100.0
    totals, rows = Totals(lambda: now), Counting(LONG)
    totals.of("all", rows)
    now += SECONDS
    seen: list[int] = []

    def count() -> int:
        seen.append(totals.of("all", rows))
        return LONG + 1

    assert totals.of("all", count) == LONG + 1
    assert (seen, rows.times) == ([LONG], 1)


def test_a_list_that_became_short_is_exact_again() -> None:
    now = 100.0
    totals = Totals(lambda: now)
    totals.of("all", Counting(LONG))
    now += SECONDS
    assert [totals.of("all", Counting(length)) for length in (7, 8)] == [7, 8]
