"""Whether this process lives, and whether the parts it needs answer."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from anb.web.deps import PortsDep, UowDep
from anb.web.problems import ServiceUnavailable, refusals

router = APIRouter(prefix="/api/health", tags=["health"])


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Ready(BaseModel):
    """Every part answers."""

    status: Literal["ready"] = "ready"
    queued: int


@router.get("/live")
async def live() -> Live:
    """Say that this process lives."""
    return Live()


@router.get("/ready", responses=refusals(ServiceUnavailable))
def ready(uow: UowDep, ports: PortsDep) -> Ready:
    """Say that database, queue and share answer."""
    uow.execute(text("select 1"))
    ports.media.free_bytes()
    return Ready(queued=ports.queue.depth())
