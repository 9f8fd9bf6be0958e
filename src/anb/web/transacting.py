"""A short transaction in the middle of an async endpoint: before and after it, the endpoint waits for others."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from anyio import Semaphore
from anyio.to_thread import run_sync
from fastapi import Request

from anb.db.session import Database, UnitOfWork

T = TypeVar("T")


async def transact(request: Request, act: Callable[[UnitOfWork], T]) -> T:
    """Run a function in a transaction of its own, in a thread, when a connection is free."""
    turns: Semaphore = request.app.state.turns
    async with turns:
        return await run_sync(partial(_within, request.app.state.database, act))


def _within(database: Database, act: Callable[[UnitOfWork], T]) -> T:
    with database.transaction() as uow:
        return act(uow)
