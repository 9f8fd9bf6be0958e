"""Access to streams: clients that may read a resource once may also follow it."""

from typing import ClassVar

from anyio.to_thread import run_sync
from starlette.requests import Request

from anb.accounts import service as accounts
from anb.accounts.acting import actor_of
from anb.accounts.domain import Role
from anb.db.session import Database
from anb.errors import Refusal
from anb.factors.domain import SecondFactorNeeded
from anb.jobs.domain import JobNotFound, JobStatus, NotYourJob
from anb.settings import Settings
from anb.web.deps import NotSignedIn, find_caller


class TooManyStreams(Refusal):
    """This server already serves its maximum of streams; poll the resource every few seconds instead."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "too-many-streams"


async def allowed_job(
    request: Request, settings: Settings, database: Database, status: JobStatus | None
) -> Refusal | None:
    """Return why this caller may not follow a job, or None: its owner and organizers may."""
    caller = await find_caller(request)
    if caller is None:
        return NotSignedIn()
    if status is None:
        return JobNotFound()
    if status.owner_id == caller.account_id:
        return None

    def is_organizer() -> bool:
        with database.reading() as uow:
            return accounts.acts_as(uow, actor_of(caller, settings), Role.ORGANIZER)

    try:
        return None if await run_sync(is_organizer) else NotYourJob()
    except SecondFactorNeeded as refusal:
        return refusal
