"""The job that turns a clip into a published edit. Safe to run twice; no transaction is open during the work."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from anb.contest import service
from anb.db.session import Database
from anb.errors import Outage
from anb.jobs.domain import Claim
from anb.jobs.heartbeat import HeartbeatState, heartbeat
from anb.logs import logger
from anb.media import edit
from anb.ports import Ports, Stopped
from anb.settings import Settings
from anb.videos import processing
from anb.videos import service as videos
from anb.videos.domain import Begun, NewRendition

log = logger(__name__)


@dataclass(frozen=True)
class Work:
    """The dependencies of a worker."""

    settings: Settings
    database: Database
    ports: Ports
    worker: str  # host and process, for the operator
    stopping: Callable[[], bool]  # whether this worker was told to stop


def process_next(work: Work, woken_by: UUID) -> None:
    """Edit and publish the clip of the job that comes next, which may not be the one in the message."""
    with work.database.transaction() as uow:
        begun = processing.begin(uow, work.settings, work.worker)
    if begun is None:
        log.info("videos.process.nothing", woken_by=str(woken_by))
        return
    claim = begun.claim
    log.info("videos.process.begun", job_id=str(claim.job_id), attempt=claim.attempt, woken_by=str(woken_by))
    try:
        with heartbeat(work.database, work.settings, claim) as state:
            _edit(work, begun, state)
    except edit.EditRejected as refused:
        _fail(work, claim, refused)
    except Stopped:
        _stopped(work, claim)
    except Outage as outage:
        _retry(work, claim, str(outage))
    except Exception as bug:
        log.exception("videos.process.broke", job_id=str(claim.job_id))
        _retry(work, claim, repr(bug))


def _edit(work: Work, begun: Begun, state: HeartbeatState) -> None:
    claim = begun.claim

    def watch(percent: float) -> bool:
        state.progress = min(int(percent), 99)
        return not (state.lost or work.stopping())

    original = work.ports.media.path(begun.original_key)
    with edit.edit(work.ports, work.settings, original, watch, begun.start) as made:
        since = time.monotonic()
        kept = _kept(work, made)
        timings = {**made.timings, "store": round(time.monotonic() - since, 3)}
    try:
        with work.database.transaction() as uow:
            published = service.publish(uow, work.ports, claim, kept, timings)
    except BaseException:
        # It is unknown whether the commit succeeded; keep the files, and the sweep deletes those without a row.
        log.warning("videos.publish.unknown", job_id=str(claim.job_id), keys=[new.stored.key for new in kept])
        raise
    if not published:
        _drop(work, kept)
        log.warning("videos.publish.fenced", job_id=str(claim.job_id), attempt=claim.attempt)
        return
    log.info("videos.process.done", job_id=str(claim.job_id), attempt=claim.attempt, **timings)


def _kept(work: Work, made: edit.FinishedEdit) -> list[NewRendition]:
    """Copy all files of an edit to the share, or none."""
    kept: list[NewRendition] = []
    try:
        for one in made.renditions:
            stored = work.ports.media.adopt(one.path, videos.new_key("edits", one.path.suffix.removeprefix(".")))
            size = (one.width, one.height)
            kept.append(NewRendition(one.rendition, stored, one.media_type, made.recipe, *size, one.seconds))
    except BaseException:
        _drop(work, kept)
        raise
    return kept


def _drop(work: Work, kept: list[NewRendition]) -> None:
    for one in kept:
        work.ports.media.delete(one.stored.key)


def _fail(work: Work, claim: Claim, refused: edit.EditRejected) -> None:
    log.info("videos.process.refused", job_id=str(claim.job_id), detail=refused.detail)
    with work.database.transaction() as uow:
        processing.fail(uow, claim, refused.reason, refused.detail)


def _stopped(work: Work, claim: Claim) -> None:
    """End without a result: hand the job over if this worker must stop; the claim may also be lost or cancelled."""
    log.info("videos.process.stopped", job_id=str(claim.job_id), attempt=claim.attempt)
    if work.stopping():
        with work.database.transaction() as uow:
            processing.hand_over(uow, work.ports, claim)


def _retry(work: Work, claim: Claim, detail: str) -> None:
    log.warning("videos.process.retried", job_id=str(claim.job_id), attempt=claim.attempt, detail=detail)
    with work.database.transaction() as uow:
        processing.retry_or_discard(uow, work.settings, claim, detail)
