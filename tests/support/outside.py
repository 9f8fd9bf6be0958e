"""Slow ports that refuse to work while their caller has a transaction open, so that each test of a world checks it.

Hashing, the share, the broker, probes and FFmpeg take from milliseconds to minutes. A caller that holds one of the few
connections meanwhile makes other requests wait as long.
"""

from collections.abc import Callable
from contextvars import Context, ContextVar
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Pool, event

from anb.db.session import Database
from anb.ports import Ports

T = TypeVar("T")

SLOW = ("media", "partial_files", "inventory", "queue", "prober", "encoder", "photos", "passwords")


@dataclass
class OpenTransaction:
    """A connection in a transaction."""

    is_open: bool = True


# The transactions that the running code opened itself; concurrent code has its own.
_HELD: ContextVar[tuple[OpenTransaction, ...]] = ContextVar("held", default=())


class Outside:
    """A port that may only be called with no transaction open."""

    def __init__(self, port: object, name: str) -> None:
        self._port, self._name = port, name

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found):
            return found

        def call(*words: Any, **named: Any) -> Any:
            is_open = any(held.is_open for held in _HELD.get())
            assert not is_open, f"{self._name}.{method} is called while a transaction is open"
            return found(*words, **named)

        return call


def outside_transactions(ports: Ports, database: Database) -> Ports:
    """Return the ports, each slow one guarded."""
    _watch(database.engine.pool)
    guarded: dict[str, Any] = {name: Outside(getattr(ports, name), name) for name in SLOW}
    return replace(ports, **guarded)


@cache
def _watch(pool: Pool) -> None:
    """Note whose transactions are open; once for a pool, because worlds share it and each listener would stay."""
    known: dict[int, OpenTransaction] = {}

    def take(_connection: object, record: object, _proxy: object) -> None:
        known[id(record)] = held = OpenTransaction()
        _HELD.set((*(one for one in _HELD.get() if one.is_open), held))

    def give_back(_connection: object, record: object) -> None:
        known.pop(id(record)).is_open = False

    event.listen(pool, "checkout", take)
    event.listen(pool, "checkin", give_back)


def elsewhere(act: Callable[[], T]) -> T:
    """Run what another process does, while this test holds a transaction."""
    return Context().run(act)
