"""What a worker does with a video: begin its edit, store it or say why it failed; rescue lost jobs."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from anb.db.session import Database, UnitOfWork
from anb.jobs import service as jobs
from anb.jobs.domain import Claim, JobState
from anb.ports import Ports
from anb.sentences import Sentence
from anb.settings import Settings
from anb.videos import mails, store, waiting
from anb.videos.domain import OUR_FAULT, Begun, NewRendition


def begin(uow: UnitOfWork, settings: Settings, worker: str) -> Begun | None:
    """Claim the job that comes next; None if there is nothing to do, or it has to wait for consent."""
    claim = jobs.claim(uow, settings, worker)
    if claim is None or waiting.hold(uow, settings, claim):
        return None
    source = store.set_processing(uow, claim.video_id)
    if source is None:  # removed after the job was queued: there is nothing to edit
        jobs.cancel(uow, claim.job_id, "the removal of its original")
        return None
    return Begun(claim, *source)


def finish(
    uow: UnitOfWork,
    ports: Ports,
    claim: Claim,
    made: Sequence[NewRendition],
    timings: dict[str, float],
    *,
    open_to_votes: bool,
) -> bool:
    """Store an edit, and delete the files that it replaces after the commit.

    With `open_to_votes`, a first edit is published at once, and its owner is told; a later one does not change that.

    Return False if the claim was lost meanwhile and the files must not be shown.
    """
    if not jobs.finish(uow, claim, timings):
        return False
    unmade = store.find_unmade(uow, claim.video_id)
    if unmade is not None and open_to_votes:  # a later edit is not news, and one that waits is told when it is approved
        mails.tell_ready(uow, claim.video_id, *unmade)
    for key in store.set_processed(uow, claim.video_id, made, open_to_votes=open_to_votes):
        uow.after_commit(partial(ports.media.delete, key))
    return True


def fail(uow: UnitOfWork, claim: Claim, reason: Sentence, detail: str) -> None:
    """End a job without an edit: the reason is for the player, the detail for the operator."""
    if jobs.fail(uow, claim, detail):
        _set_failed(uow, claim.video_id, reason)


def retry_or_discard(uow: UnitOfWork, settings: Settings, claim: Claim, detail: str) -> None:
    """Queue a job again after a platform failure, or discard it when all its attempts are used up."""
    state = jobs.retry(uow, settings, claim, detail)
    if state is JobState.QUEUED:
        store.set_waiting(uow, claim.video_id)
    elif state is JobState.DEAD:
        _set_failed(uow, claim.video_id, OUR_FAULT)


def hand_over(uow: UnitOfWork, ports: Ports, claim: Claim) -> None:
    """Return a job to the queue because this worker is told to stop."""
    if jobs.hand_over(uow, ports, claim):
        store.set_waiting(uow, claim.video_id)


def reconcile(database: Database, ports: Ports, settings: Settings) -> None:
    """Queue lost jobs again. A video whose worker died too often fails, with a reason that does not blame the clip."""
    with database.transaction() as uow:
        for job in jobs.reconcile(uow, ports, settings):
            if job.dead:
                _set_failed(uow, job.video_id, OUR_FAULT)
            else:
                store.set_waiting(uow, job.video_id)
    jobs.resend(database, ports, settings)


def _set_failed(uow: UnitOfWork, video_id: UUID, reason: Sentence) -> None:
    """Store why a video will have no edit, and tell its owner; an existing edit stays."""
    if unmade := store.find_unmade(uow, video_id):
        store.set_failed(uow, video_id, reason)
        mails.tell_refused(uow, video_id, *unmade, reason)
