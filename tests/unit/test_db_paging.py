"""A page starts at the beginning of a list unless told otherwise; its key holds only numbers that a row can have."""

import pytest

from anb.db.paging import InvalidPage, Page, count_of

LARGEST = 9_223_372_036_854_775_807  # of PostgreSQL's bigint


def test_a_page_starts_at_the_beginning_unless_told_otherwise() -> None:
    assert (Page().after, Page().skip, Page().key(count_of)) == (None, 0, None)


@pytest.mark.parametrize("number", [0, 1, 126, LARGEST])
def test_a_number_that_a_row_can_have_is_read(number: int) -> None:
    assert Page(after=(number,)).key(count_of) == (number,)


@pytest.mark.parametrize("part", [-1, LARGEST + 1, 1.0, "1", True, None])
def test_anything_else_is_refused(part: object) -> None:
    with pytest.raises(InvalidPage):
        Page(after=(part,)).key(count_of)
