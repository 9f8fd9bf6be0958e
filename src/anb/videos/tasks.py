"""The job door of videos: safe to run twice, and no transaction is open while it works."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from anb.db.session import Database
from anb.errors import Outage
from anb.jobs.domain import Claim
from anb.jobs.heartbeat import Pulse, heartbeat
from anb.logs import logger
from anb.media import edit
from anb.ports import Ports, Stopped
from anb.settings import Settings
from anb.videos import service
from anb.videos.domain import NewRendition

log = logger(__name__)


@dataclass(frozen=True)
class Work:
    """What a worker works with."""

    settings: Settings
    database: Database
    ports: Ports
    worker: str  # host and process, for the operator
    stopping: Callable[[], bool]  # whether this worker was told to stop


def process(work: Work, job_id: UUID) -> None:
    """Turn an original into its published form: that of the job whose turn it is, `job_id` only woke us."""
    with work.database.transaction() as uow:
        begun = service.begin(uow, work.settings, work.worker)
    if begun is None:
        log.info("videos.process.nothing", woken_by=str(job_id))
        return
    claim, original_key = begun
    log.info("videos.process.begun", job_id=str(claim.job_id), attempt=claim.attempt, woken_by=str(job_id))
    try:
        with heartbeat(work.database, work.settings, claim) as pulse:
            _edit(work, claim, original_key, pulse)
    except edit.EditRefused as refused:
        _fail(work, claim, refused)
    except Stopped:
        _stopped(work, claim)
    except Outage as outage:
        _retry(work, claim, str(outage))
    except Exception as bug:
        log.exception("videos.process.broke", job_id=str(claim.job_id))
        _retry(work, claim, repr(bug))


def _edit(work: Work, claim: Claim, original_key: str, pulse: Pulse) -> None:
    def watch(percent: float) -> bool:
        pulse.progress = min(int(percent), 99)
        return not (pulse.lost or work.stopping())

    original = work.ports.media.path(original_key)
    with edit.edit(work.ports, work.settings, original, watch) as made:
        begun = time.monotonic()
        kept = _kept(work, made)
        timings = {**made.timings, "store": round(time.monotonic() - begun, 3)}
    try:
        with work.database.transaction() as uow:
            published = service.publish(uow, work.ports, claim, kept, timings)
    except BaseException:
        # Whether it committed is not known; the files stay, and what no row knows is swept.
        log.warning("videos.publish.unknown", job_id=str(claim.job_id), keys=[new.stored.key for new in kept])
        raise
    if not published:
        _drop(work, kept)
        log.warning("videos.publish.fenced", job_id=str(claim.job_id), attempt=claim.attempt)
        return
    log.info("videos.process.done", job_id=str(claim.job_id), attempt=claim.attempt, **timings)


def _kept(work: Work, made: edit.Made) -> list[NewRendition]:
    """Copy all of an edit to the share, or nothing."""
    kept: list[NewRendition] = []
    try:
        for one in made.renditions:
            stored = work.ports.media.adopt(one.path, service.new_key("edits", one.path.suffix.removeprefix(".")))
            size = (one.width, one.height)
            kept.append(NewRendition(one.rendition, stored, one.media_type, made.recipe, *size, one.seconds))
    except BaseException:
        _drop(work, kept)
        raise
    return kept


def _drop(work: Work, kept: list[NewRendition]) -> None:
    for one in kept:
        work.ports.media.delete(one.stored.key)


def _fail(work: Work, claim: Claim, refused: edit.EditRefused) -> None:
    log.info("videos.process.refused", job_id=str(claim.job_id), detail=refused.detail)
    with work.database.transaction() as uow:
        service.fail(uow, claim, refused.reason, refused.detail)


def _stopped(work: Work, claim: Claim) -> None:
    """End without a result: given back when this worker is to stop, dropped when the claim was lost or cancelled."""
    log.info("videos.process.stopped", job_id=str(claim.job_id), attempt=claim.attempt)
    if work.stopping():
        with work.database.transaction() as uow:
            service.hand_over(uow, work.ports, claim)


def _retry(work: Work, claim: Claim, detail: str) -> None:
    log.warning("videos.process.retried", job_id=str(claim.job_id), attempt=claim.attempt, detail=detail)
    with work.database.transaction() as uow:
        service.retry_or_bury(uow, work.settings, claim, detail)
