"""Engines of SQLAlchemy that the worlds of a parallel worker share: knowing its statements saves half a world."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine

from anb.db import session

_MAKE = session._engine


@contextmanager
def shared_engines() -> Iterator[None]:
    """Let the block make databases whose engines and open connections come from the worlds before."""
    with patch.object(session, "_engine", _view):
        yield


def _view(url: str, connections: int, **options: Any) -> Engine:
    """Return a view of a shared engine, which has listeners of its own."""
    view = _shared(url, connections, session._OPTIONS, tuple(options.items())).execution_options()
    view.dispose = lambda: None  # type: ignore[method-assign, assignment, misc]  # the next world takes its connections
    return view


@cache
def _shared(url: str, connections: int, _zone_and_more: str, options: tuple[tuple[str, Any], ...]) -> Engine:
    return _MAKE(url, connections, **dict(options))
