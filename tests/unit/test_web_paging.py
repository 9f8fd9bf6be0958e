"""Pages of lists: cursors out and in, and what is not a page."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import anyio
import pytest
from fastapi import Request, Response

from anb.db.paging import InvalidPage, Listed, Page, cut
from anb.web.paging import announce, decode, encode, wanted_page


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


def wanted(limit: int = 20, **asked: Any) -> Page:
    async def read() -> Page:
        return await wanted_page(limit, **asked)

    return anyio.run(read)


@pytest.mark.parametrize(
    ("limit", "number", "skip"), [(20, None, 0), (20, 1, 0), (20, 2, 20), (7, 4, 21), (100, 101, 10_000)]
)
def test_a_page_number_skips_the_pages_before_it(limit: int, number: int | None, skip: int) -> None:
    assert wanted(limit, page=number) == Page(limit=limit, after=None, skip=skip)


def test_a_cursor_goes_on_after_its_key() -> None:
    assert wanted(5, cursor=encode((3, "x"))) == Page(limit=5, after=(3, "x"), skip=0)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"limit": 100, "page": 102}, 102),
        ({"limit": 1, "page": 10_002}, 10_002),
        ({"cursor": "WzFd", "page": 1}, "cursor + page"),
        ({"cursor": "%"}, "%"),
        ({"cursor": "eyJhIjoxfQ"}, "eyJhIjoxfQ"),
    ],
)
def test_a_page_that_cannot_be_is_named(asked: dict[str, Any], told: object) -> None:
    with pytest.raises(InvalidPage) as refused:
        wanted(**asked)
    assert refused.value.fields == {"value": told}


@pytest.mark.parametrize("key", [(1,), (12,), (123,), (1234,), ("a", 2.5, None)])
def test_a_cursor_of_any_length_is_a_word_of_an_address(key: tuple[Any, ...]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]+", encode(key))
    assert decode(encode(key)) == key


def told(query: bytes, listed: Listed[int]) -> dict[str, str]:
    """Return the headers that announce a list in answer to this query."""
    scope = {"type": "http", "path": "/api/videos", "query_string": query, "headers": []}
    response = Response()
    announce(Request(scope), response, listed)
    return {name: text for name, text in response.headers.items() if name != "content-length"}


def test_the_next_page_is_asked_for_as_this_one_was() -> None:
    said = told(b"city=Bogot%C3%A1&limit=2&page=3&cursor=old", Listed([1, 2], 9, (2, "x")))
    assert said["x-total-count"] == "9"
    found = re.fullmatch(r'<(.*)>; rel="next"', said["link"])
    assert found is not None
    onward = urlsplit(found[1])
    assert onward.path == "/api/videos"
    assert parse_qs(onward.query) == {"city": ["Bogotá"], "limit": ["2"], "cursor": [encode((2, "x"))]}


def test_the_last_page_goes_on_nowhere() -> None:
    assert told(b"", Listed([1], 1, None)) == {"x-total-count": "1"}
