"""Pages of lists: keys out and in, and what cannot be a page."""

from uuid import UUID, uuid4

import pytest

from anb.db.paging import InvalidPage, Page, cut
from anb.web.paging import decode, encode


def test_a_key_comes_back_as_it_went_out() -> None:
    key = uuid4()
    page = Page(after=decode(encode((3, "2026-01-01T00:00:00+00:00", key))))
    assert page.key(int, str, UUID) == (3, "2026-01-01T00:00:00+00:00", key)


@pytest.mark.parametrize("cursor", ["", "%", "eyJhIjoxfQ", "WzEsMl0"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidPage):
        Page(after=decode(cursor)).key(UUID)


def test_without_a_cursor_there_is_no_key() -> None:
    assert Page().key(UUID) is None


def test_the_row_too_many_only_says_that_there_is_more() -> None:
    more = cut([1, 2, 3], 9, Page(limit=2), lambda row: (row,))
    assert (more.rows, more.total, more.next_after) == ([1, 2], 9, (2,))
    assert cut([1, 2], 2, Page(limit=2), lambda row: (row,)).next_after is None
