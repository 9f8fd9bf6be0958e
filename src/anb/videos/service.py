"""The verbs of a video: submit, show, list, watch, delete; and for the worker begin, publish, fail."""

from collections.abc import Callable, Sequence
from functools import partial
from secrets import token_hex
from typing import NamedTuple
from uuid import UUID

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.db.paging import Listed, Page
from anb.db.session import Database, UnitOfWork
from anb.errors import Bilingual
from anb.jobs import service as jobs
from anb.jobs.domain import CANCELLED, OUR_FAULT, Claim, Job, JobState, Lane, Outlook
from anb.media import probe, rules
from anb.media.renditions import Rendition
from anb.ports import Arrived, Ports
from anb.settings import Settings
from anb.videos import store
from anb.videos.domain import (
    NewRendition,
    NewVideo,
    NotYourVideo,
    OpenToVotes,
    Video,
    VideoNotFound,
    Viewer,
    may_watch,
)


class Submission(NamedTuple):
    """What a player gets for a clip: the video, and the job that makes its edit."""

    video_id: UUID
    job_id: UUID


# What is looked at before a clip is registered, and what else is to be true with it; each may refuse it.
Unless = Callable[[UnitOfWork], object]
Also = Callable[[UnitOfWork, Submission], object]


def submit(
    database: Database,
    ports: Ports,
    settings: Settings,
    *,
    owner: UUID,
    title: str,
    received: Arrived,
    unless: Unless = lambda _: None,
    also: Also = lambda *_: None,
) -> Submission:
    """Judge a clip by what it holds, keep it, register it, and queue its edit, in this order.

    Nothing is left behind unless all of it succeeds, `unless` and `also` included, in the same transaction. The task
    leaves after the commit: see docs/decisions. Raises the refusals of `media.rules`, SameFile, or Outage.
    """
    received.settle()
    facts = probe.examine(ports.prober, received.path)
    rules.judge(facts, settings)
    stored = received.keep(new_key("originals", probe.extension(facts)))
    new = NewVideo(owner, title, stored.key, stored.size, stored.sha256, facts.duration)
    with database.transaction() as uow:
        try:
            accounts.in_turn(uow, owner)  # or the same file, sent twice at once, would be two videos
            unless(uow)
            store.refuse_same(uow, new)
            video_id = store.add(uow, new)
            lane = Lane.HEAVY if facts.heavy else Lane.LIGHT
            job_id = jobs.queue(uow, ports, video_id, owner, lane, spacing=settings.turn_spacing_seconds)
            made = Submission(video_id, job_id)
            also(uow, made)
        except BaseException:
            # Only here: once a commit is under way nobody knows whether the row exists, and a row must have its file.
            ports.media.delete(stored.key)
            raise
    return made


def new_key(kind: str, extension: str) -> str:
    """Make a name below the media root that was never used and never will be again."""
    token = token_hex(16)
    return f"{kind}/{token[:2]}/{token}.{extension}"


def viewer(uow: UnitOfWork, caller: UUID | None) -> Viewer:
    """Say who wants to see something, and whether as an organizer."""
    if caller is None:
        return Viewer()
    return Viewer(caller, organizer=accounts.role_of(uow, caller) is Role.ORGANIZER)


def show(uow: UnitOfWork, video_id: UUID, caller: UUID) -> Video:
    """Return a video to its owner or an organizer. Raises VideoNotFound, NotYourVideo."""
    video = store.get(uow, video_id)
    if video is None:
        raise VideoNotFound
    if video.owner_id != caller and not viewer(uow, caller).organizer:
        raise NotYourVideo
    return video


def find_public(uow: UnitOfWork, video_id: UUID) -> Video:
    """Return a video that is open to votes. Raises VideoNotFound."""
    video = store.get(uow, video_id)
    if video is None or not video.is_public:
        raise VideoNotFound
    return video


def list_own(uow: UnitOfWork, owner: UUID, page: Page) -> Listed[Video]:
    """Return somebody's videos, newest first."""
    return store.list_own(uow, owner, page)


def job_of(uow: UnitOfWork, video_id: UUID) -> Job | None:
    """Return the newest job of a video."""
    return jobs.latest_of(uow, video_id)


def follow(uow: UnitOfWork, job_id: UUID, caller: UUID) -> tuple[Job, Bilingual | None]:
    """Return a job, and why it failed, to its owner or an organizer. Raises JobNotFound, NotYourJob."""
    job = jobs.follow(uow, job_id, caller, organizer=viewer(uow, caller).organizer)
    video = store.get(uow, job.video_id) if job.video_id else None
    return job, video.reason if video else None


def outlook_of(uow: UnitOfWork, job: Job) -> Outlook:
    """Say how long a job still takes, and its place in line."""
    return jobs.outlook_of(uow, job)


def cancel(uow: UnitOfWork, job_id: UUID, caller: UUID) -> Job:
    """Stop the edit of a video at its owner's wish. Raises JobNotFound, NotYourJob, JobOver."""
    job = jobs.follow(uow, job_id, caller, organizer=viewer(uow, caller).organizer)
    return stop(uow, job, "its owner" if job.owner_id == caller else "an organizer")


def stop(uow: UnitOfWork, job: Job, who: str) -> Job:
    """Stop an edit, with a reason for its owner. Raises JobOver."""
    store.set_failed(uow, jobs.cancel(uow, job.id, who), CANCELLED)
    return jobs.follow(uow, job.id, job.owner_id, organizer=False)


def try_again(uow: UnitOfWork, ports: Ports, job_id: UUID, who: str) -> None:
    """Queue the edit of a video anew after it failed. Raises JobNotFound, JobNotRetriable."""
    store.set_waiting(uow, jobs.reopen(uow, ports, job_id, who))


def watch(uow: UnitOfWork, video_id: UUID, rendition: Rendition, caller: UUID | None, *, signed: bool) -> Video:
    """Return a video one of whose files somebody may see: by who they are, or because we signed the address.

    Raises VideoNotFound, NotYourVideo.
    """
    video = store.get(uow, video_id)
    if video is None or rendition not in video.files:
        raise VideoNotFound
    known = signed or may_watch(video, rendition, Viewer(caller))  # an owner's role need not be looked up
    if not (known or may_watch(video, rendition, viewer(uow, caller))):
        raise NotYourVideo
    return video


def delete(uow: UnitOfWork, ports: Ports, video_id: UUID, caller: UUID) -> None:
    """Delete a video nobody votes on yet, with its files, and stop its job.

    Raises VideoNotFound, NotYourVideo, OpenToVotes.
    """
    # Jobs before videos, the order in which workers lock them; a refusal below undoes the cancelling.
    jobs.cancel_of(uow, video_id, "its owner, who deleted the video")
    video = store.get(uow, video_id, lock=True)
    if video is None:
        raise VideoNotFound
    if video.owner_id != caller:
        raise NotYourVideo
    if video.is_public:
        raise OpenToVotes
    store.remove(uow, video_id)
    for file in video.files.values():
        uow.after_commit(partial(ports.media.delete, file.key))


def reedit(uow: UnitOfWork, ports: Ports, *, older_than: int | None, every: float) -> int:
    """Queue a new edit of each video whose edit is of an older recipe (None: of all), one every so many seconds.

    Until a new one is there the old one stays, public or not as it is. Returns how many there are.
    """
    found = store.list_edited(uow, older_than)
    for number, (video_id, owner) in enumerate(found):
        jobs.queue(uow, ports, video_id, owner, Lane.REEDIT, spacing=0, delay=number * every)
    return len(found)


def begin(uow: UnitOfWork, settings: Settings, worker: str) -> tuple[Claim, str] | None:
    """Claim the job that comes next and say where its original lies; None when there is nothing to do."""
    claim = jobs.claim(uow, settings, worker)
    return None if claim is None else (claim, store.set_processing(uow, claim.video_id))


def publish(
    uow: UnitOfWork, ports: Ports, claim: Claim, made: Sequence[NewRendition], timings: dict[str, float]
) -> bool:
    """Put an edit in its place, and remove the one before it once that is safe.

    False when the claim was lost meanwhile and the files must not be seen.
    """
    if not jobs.finish(uow, claim, timings):
        return False
    for key in store.set_processed(uow, claim.video_id, made):
        uow.after_commit(partial(ports.media.delete, key))
    return True


def fail(uow: UnitOfWork, claim: Claim, reason: Bilingual, detail: str) -> None:
    """End a job without an edit: the reason is for the player, the detail for the operator."""
    if jobs.fail(uow, claim, detail):
        store.set_failed(uow, claim.video_id, reason)


def retry_or_bury(uow: UnitOfWork, settings: Settings, claim: Claim, detail: str) -> None:
    """Answer a fault of ours: another try later, or the end of it when all are used up."""
    state = jobs.retry(uow, settings, claim, detail)
    if state is JobState.QUEUED:
        store.set_waiting(uow, claim.video_id)
    elif state is JobState.DEAD:
        store.set_failed(uow, claim.video_id, OUR_FAULT)


def hand_over(uow: UnitOfWork, ports: Ports, claim: Claim) -> None:
    """Give a job to another worker because this one is told to stop."""
    if jobs.hand_over(uow, ports, claim):
        store.set_waiting(uow, claim.video_id)


def reconcile(uow: UnitOfWork, ports: Ports, settings: Settings) -> None:
    """Queue lost jobs again; a video whose worker died once too often has failed, through no fault of its own."""
    for job in jobs.reconcile(uow, ports, settings):
        if job.dead:
            store.set_failed(uow, job.video_id, OUR_FAULT)
        else:
            store.set_waiting(uow, job.video_id)
