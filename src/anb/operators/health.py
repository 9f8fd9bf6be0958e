"""Whether this process lives, whether the parts it needs answer, and how the line is doing."""

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from anb.db.session import Database
from anb.logs import logger
from anb.operators import service
from anb.operators.schemas import LineShown, line_shown
from anb.web.deps import DatabaseDep, PortsDep
from anb.web.problems import ServiceUnavailable, refused

log = logger(__name__)

router = APIRouter(prefix="/api/health", tags=["health"])

PATIENCE = 2.0  # seconds each part has to answer


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Part(BaseModel):
    """How one part answered."""

    state: Literal["up", "down", "late"] = Field(description="late: no answer in time; what else it is nobody knows.")
    milliseconds: float


class Ready(BaseModel):
    """Every part answers. Where one does not, the problem document of the 503 has `parts` too."""

    status: Literal["ready"] = "ready"
    parts: dict[str, Part]
    queued: int = Field(description="Messages in the queue that no worker has taken yet.")
    line: LineShown


class Look:
    """Looks at one part in a thread of its own, one at a time: a share that hangs takes no more of them."""

    def __init__(self, read: Callable[[], Any]) -> None:
        self._read = read
        self._busy = threading.Lock()
        self.answer: Any = None

    async def take(self) -> Part:
        """Return how the part answered, in time or not."""
        begun = time.perf_counter()
        state: Literal["up", "down", "late"] = "late"
        if self._busy.acquire(blocking=False):
            with anyio.move_on_after(PATIENCE):
                state = await run_sync(self._look, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1))
        return Part(state=state, milliseconds=round((time.perf_counter() - begun) * 1000, 1))

    def _look(self) -> Literal["up", "down"]:
        try:
            self.answer = self._read()
        except Exception as error:  # noqa: BLE001 - whatever it is, the part is down, and the log says why
            log.warning("operators.health.down", error=repr(error))
            return "down"
        else:
            return "up"
        finally:
            self._busy.release()


@router.get("/live")
async def live() -> Live:
    """Say that this process lives."""
    return Live()


@router.get("/ready", response_model=Ready)
async def ready(request: Request, database: DatabaseDep, ports: PortsDep) -> Ready | Response:
    """Say whether database, queue and share answer, each in time, and how the line is doing."""
    looks = _looks(request, {"database": partial(_line, database), "queue": ports.queue.depth,
                             "share": ports.media.free_bytes})  # fmt: skip
    parts: dict[str, Part] = {}

    async def take(name: str) -> None:
        parts[name] = await looks[name].take()

    async with anyio.create_task_group() as group:
        for name in looks:
            group.start_soon(take, name)
    if any(part.state != "up" for part in parts.values()):
        return refused(request, ServiceUnavailable(), parts={name: part.model_dump() for name, part in parts.items()})
    return Ready(parts=parts, queued=looks["queue"].answer, line=looks["database"].answer)


def _looks(request: Request, reads: Mapping[str, Callable[[], Any]]) -> dict[str, Look]:
    """Return the looks of this application, made with the first question."""
    state = request.app.state
    if not hasattr(state, "looks"):
        state.looks = {name: Look(read) for name, read in reads.items()}
    looks: dict[str, Look] = state.looks
    return looks


def _line(database: Database) -> LineShown:
    with database.reading() as uow:
        return line_shown(service.line(uow))
