"""Health checks: of this process, of the parts it needs, and of the queue."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import State

from anb.db.session import UnitOfWork
from anb.errors import Outage
from anb.jobs import service as jobs
from anb.logs import logger
from anb.mail import service as mail
from anb.operators.schemas import Backlog, CountShown, ErasuresShown, RetentionShown, line_shown, outbox_shown
from anb.ports import Ports
from anb.web import local
from anb.web.deps import at_once
from anb.web.problems import NotHere, ServiceUnavailable, refusals, refused

log = logger(__name__)

router = APIRouter(prefix="/api/health", tags=["health"])
balancers = APIRouter(tags=["health"])

PATIENCE = 2.0  # time limit in seconds for each part to answer


class Healthy(BaseModel):
    """The process answers."""

    status: Literal["healthy"] = "healthy"


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Ready(BaseModel):
    """Every part answers."""

    status: Literal["ready"] = "ready"


class Part(BaseModel):
    """The answer of one part."""

    state: Literal["up", "down", "late"] = Field(description="late: no answer in time; the part may be up or down.")
    milliseconds: float


class Parts(Ready, Backlog):
    """Every part answers, with details. If one does not, the problem document of the 503 has `parts` too."""

    parts: dict[str, Part]
    queued: int = Field(description="Messages in the queue that no worker has taken yet.")


class NotReady(ServiceUnavailable):
    """Database, queue, share or upload process does not answer; the log says which."""

    code: ClassVar[str] = "not-ready"


class SharedCheck:
    """Checks one part in a thread of its own, once at a time: concurrent requests share the check."""

    def __init__(self, read: Callable[[], Any]) -> None:
        self._read = read
        self._starting = threading.Lock()
        self._running: Future[Literal["up", "down"]] | None = None
        self.answer: Any = None

    async def take(self) -> Part:
        """Return the part's answer, or `late` if it does not come in time."""
        begun = time.perf_counter()
        state: Literal["up", "down", "late"] = "late"
        done, _ = await asyncio.wait([asyncio.wrap_future(self._shared())], timeout=PATIENCE)
        if done:
            state = done.pop().result()
        return Part(state=state, milliseconds=round((time.perf_counter() - begun) * 1000, 1))

    def _shared(self) -> "Future[Literal['up', 'down']]":
        """Return the running check, or start one. A share that hangs occupies only one thread."""
        with self._starting:
            if self._running is None or self._running.done():
                self._running = Future()
                threading.Thread(target=self._look, args=(self._running,), name="health", daemon=True).start()
            return self._running

    def _look(self, answered: "Future[Literal['up', 'down']]") -> None:
        try:
            self.answer = self._read()
        except Exception as error:  # noqa: BLE001 - whatever it is, the part is down, and the log says why
            log.warning("operators.health.down", error=repr(error))
            answered.set_result("down")
        else:
            answered.set_result("up")


class HealthChecks:
    """The checks of an application's parts, created with the application.

    The application passes what reads the figures of erasures, the seconds since the last run of retention, and the
    figures of the count: `anb.privacy` and `anb.counting`, which know them, are higher layers.
    """

    def __init__(
        self,
        state: State,
        erasures: Callable[[UnitOfWork, Ports], object],
        retention: Callable[[UnitOfWork, Ports], float | None],
        count: Callable[[UnitOfWork], object],
    ) -> None:
        self._state = state
        self._erasures, self._retention, self._count = erasures, retention, count
        self._parts = {
            "database": SharedCheck(self._backlog),
            "queue": SharedCheck(self._depth),
            "share": SharedCheck(self._free_bytes),
        }
        # Clients sent here must be able to upload. Without an upload process, this process takes uploads.
        self._uploads = SharedCheck(self._uploads_live)

    def of_parts(self) -> dict[str, SharedCheck]:
        """Return the check of each part."""
        has_process = self._state.settings.upload_socket is not None
        return self._parts | ({"uploads": self._uploads} if has_process else {})

    def backlog(self, uow: UnitOfWork) -> Backlog:
        """Return the work that waits."""
        ports = self._state.ports
        return Backlog(
            line=line_shown(jobs.figures(uow)),
            mail=outbox_shown(mail.figures(uow)),
            erasures=ErasuresShown.model_validate(self._erasures(uow, ports)),
            retention=RetentionShown(seconds_since=self._retention(uow, ports)),
            count=CountShown.model_validate(self._count(uow)),
        )

    def _backlog(self) -> Backlog:
        with self._state.database.reading() as uow:
            return self.backlog(uow)

    def _depth(self) -> int:
        depth: int = self._state.ports.queue.depth()
        return depth

    def _free_bytes(self) -> int:
        free: int = self._state.ports.media.free_bytes()
        return free

    def _uploads_live(self) -> None:
        """Ask the upload process whether it is alive. Raises OSError, HTTPException, Outage."""
        place: Path = self._state.settings.upload_socket
        status, _ = local.get(place, "/health", PATIENCE)
        if status != HTTPStatus.OK:
            raise Outage(f"{place} answers {status}")


def checks_of(request: Request) -> dict[str, SharedCheck]:
    """Return the check of each part of this process."""
    checks: HealthChecks = request.app.state.health
    return checks.of_parts()


ChecksDep = Annotated[dict[str, SharedCheck], at_once(checks_of)]


@balancers.head("/health", include_in_schema=False)
@balancers.get("/health")
async def healthy() -> Healthy:
    """Answer load balancers, which ask often: this uses neither threads nor the database."""
    return Healthy()


@router.get("/live")
async def live() -> Live:
    """Say that this process is alive."""
    return Live()


@router.get("/ready", response_model=Ready, responses=refusals(NotReady))
async def ready(request: Request, looks: ChecksDep) -> Ready | Response:
    """Say whether database, queue, share and upload process all answer in time."""
    parts = await take(looks)
    if any(part.state != "up" for part in parts.values()):
        return refused(request, NotReady())
    return Ready()


@router.get("/parts", response_model=Parts, include_in_schema=False)
async def show_parts(request: Request, looks: ChecksDep) -> Parts | Response:
    """Show each part's answer and the state of the queue, for operators who ask this process directly.

    Requests through nginx carry a header that nginx sets, and get 404.
    """
    if "x-forwarded-for" in request.headers:
        raise NotHere
    parts = await take(looks)
    if any(part.state != "up" for part in parts.values()):
        is_up = parts["database"].state == "up"
        known = looks["database"].answer.model_dump() if is_up else {}
        return refused(request, NotReady(), parts={name: part.model_dump() for name, part in parts.items()}, **known)
    return Parts(parts=parts, queued=looks["queue"].answer, **dict(looks["database"].answer))


async def take(looks: dict[str, SharedCheck]) -> dict[str, Part]:
    """Return the answer of each part."""
    return dict(zip(looks, await asyncio.gather(*(look.take() for look in looks.values())), strict=True))
