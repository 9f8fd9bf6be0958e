"""Transactions that wait for each other."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import text

from anb.db.session import UnitOfWork
from support.waiting import until
from support.worlds import World

T = TypeVar("T")


def while_uncommitted(world: World, first: Callable[[UnitOfWork], object], second: Callable[[], T]) -> Future[T]:
    """Do a second thing that waits for a lock of the first, whose transaction is still open; then commit the first."""

    def waits() -> bool:
        waiting = text("""
            select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        """)
        with world.database.reading() as uow:
            return bool(uow.execute(waiting).scalar_one())

    with ThreadPoolExecutor(1) as aside, world.uow() as uow:
        first(uow)
        done = aside.submit(second)
        until(waits)
    return done
