"""Pages of a list over HTTP: cursors for clients that follow links, page numbers for clients that count."""

import base64
import binascii
import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from anb.db.paging import InvalidPage, Listed, Page

LARGEST = 100  # rows of one page
DEEPEST = 10_000  # rows that a page number may skip; beyond that only a cursor works
FARTHEST = 10**9  # the same where skipping costs nothing


Limit = Annotated[int, Query(ge=1, le=LARGEST, description="Rows per page.")]
Cursor = Annotated[str | None, Query(max_length=300, description="From a `Link` header: continues there.")]
Number = Annotated[int | None, Query(ge=1, description="Page number, instead of a cursor.")]


async def wanted_page(limit: Limit = 20, cursor: Cursor = None, page: Number = None) -> Page:
    """Read the requested page (async: not worth a thread). Raises InvalidPage."""
    return _wanted(limit, cursor, page, DEEPEST)


async def wanted_place(limit: Limit = 20, cursor: Cursor = None, page: Number = None) -> Page:
    """Read the requested page of a list in which every row is found as fast. Raises InvalidPage."""
    return _wanted(limit, cursor, page, FARTHEST)


def _wanted(limit: int, cursor: str | None, page: int | None, deepest: int) -> Page:
    skip = ((page or 1) - 1) * limit
    if cursor is not None and page is not None:
        raise InvalidPage(value="cursor + page")
    if skip > deepest:
        raise InvalidPage(value=page)
    return Page(limit=limit, after=None if cursor is None else decode(cursor), skip=skip)


def encode(key: tuple[Any, ...]) -> str:
    """Encode a key as an opaque text for a URL."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[Any, ...]:
    """Decode a key. Raises InvalidPage."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, RecursionError, ValueError):
        raise InvalidPage(value=cursor) from None
    if not isinstance(key, list):
        raise InvalidPage(value=cursor)
    return tuple(key)


def announce(request: Request, response: Response, listed: Listed[Any]) -> None:
    """Add headers for the length of the list and its next page (RFC 8288)."""
    if listed.total is not None:
        response.headers["X-Total-Count"] = str(listed.total)
    if listed.next_after is not None:
        asked = {name: value for name, value in request.query_params.items() if name not in {"page", "cursor"}}
        onward = urlencode({**asked, "cursor": encode(listed.next_after)})
        response.headers["Link"] = f'<{request.scope["path"]}?{onward}>; rel="next"'


PageDep = Annotated[Page, Depends(wanted_page)]
PlaceDep = Annotated[Page, Depends(wanted_place)]
