"""The operations on videos: submit, show, list, watch, cancel.

Those of a worker are in `processing`, those that remove a video or its files in `removal`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from uuid import UUID

from anb.accounts import service as accounts
from anb.accounts.domain import Actor, Role
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.jobs import holding
from anb.jobs import service as jobs
from anb.jobs.domain import Job, Lane, NotYourJob, Spacing
from anb.logs import record
from anb.media import probe, rules
from anb.media.renditions import Rendition
from anb.ports import Arrived, Ports, Stored
from anb.sentences import KeptSentence
from anb.settings import Settings
from anb.storage import service as storage
from anb.videos import entry, free_space, quota, store, waiting
from anb.videos.domain import CANCELLED, NewVideo, NotYourVideo, Video, VideoNotFound, Viewer, may_watch

check_quota, check_room = quota.check_quota, free_space.check_room


@dataclass(frozen=True)
class ClipDescription:
    """What is known of a clip in addition to its bytes: its sender, title, start of the edit, and network."""

    owner_id: UUID
    title: str
    start_seconds: float = 0.0
    origin: str | None = None  # keyed hash of the network it comes from


@dataclass(frozen=True)
class JudgedClip:
    """A complete clip that breaks no rule. It is not visible yet."""

    description: ClipDescription
    arrived: Arrived
    facts: probe.Probe


@dataclass(frozen=True)
class StoredClip:
    """A judged clip whose file is on the share. It has no row yet."""

    judged: JudgedClip
    file: Stored


@dataclass(frozen=True)
class Submission:
    """What a player gets for a clip: the video, and the job that makes its edit."""

    video_id: UUID
    job_id: UUID
    same_as: UUID | None = None  # the player's earlier video of the very same file


def judge(ports: Ports, settings: Settings, description: ClipDescription, arrived: Arrived) -> JudgedClip:
    """Judge a clip by its content: the first step of a submission. It may take long, so no transaction may be open.

    Raises the refusals of `media.rules`, or Outage.
    """
    arrived.settle()
    facts = probe.examine(ports.prober, arrived.path, description.start_seconds)
    rules.judge(facts, settings)
    return JudgedClip(description, arrived, facts)


@contextmanager
def stored(uow: UnitOfWork, ports: Ports, judged: JudgedClip) -> Iterator[StoredClip]:
    """Store a clip on the share while the block registers it: see `storage.service.newly_kept`."""
    with storage.newly_kept(uow, ports) as files:
        file = judged.arrived.keep(new_key("originals", probe.extension(judged.facts)))
        files.append(file)
        yield StoredClip(judged, file)


def register(uow: UnitOfWork, ports: Ports, settings: Settings, clip: StoredClip) -> Submission:
    """Register a stored clip and queue its edit, or hold it until there is consent.

    The task is sent after the commit (docs/decisions/0001).

    The account stays locked until the transaction ends. Raises AccountNotFound, and what `entry.enter` raises.
    """
    description, facts, file = clip.judged.description, clip.judged.facts, clip.file
    accounts.lock_account(uow, description.owner_id)  # else two concurrent uploads of one file would not see each other
    same_as = store.find_same(uow, description.owner_id, file.sha256)
    season_id = entry.enter(uow, description.owner_id, same_as)
    new = NewVideo(
        description.owner_id,
        description.title,
        file.key,
        file.size,
        file.sha256,
        facts.duration,
        description.start_seconds,
        same_as,
        season_id,
    )
    video_id = store.add(uow, new)
    spacing = Spacing(settings.turn_spacing_seconds, description.origin, settings.origin_spacing_seconds)
    lane = Lane.HEAVY if facts.heavy else Lane.LIGHT
    if waiting.has_to_wait(uow, settings, description.owner_id):
        return Submission(video_id, holding.add(uow, video_id, description.owner_id, lane, spacing), same_as)
    return Submission(video_id, jobs.queue(uow, ports, video_id, description.owner_id, lane, spacing), same_as)


def new_key(kind: str, extension: str) -> str:
    """Make a key that was never used and never will be again."""
    token = token_hex(16)
    return f"{kind}/{token[:2]}/{token}.{extension}"


def show(uow: UnitOfWork, video_id: UUID, actor: Actor) -> Video:
    """Return a video to its owner or an organizer. Raises VideoNotFound, NotYourVideo, SecondFactorNeeded."""
    video = store.get(uow, video_id)
    if video is None or video.withdrawn_at is not None:
        raise VideoNotFound
    if video.owner_id != actor.account_id and not accounts.acts_as(uow, actor, Role.ORGANIZER):
        raise NotYourVideo
    return video


def find_public(uow: UnitOfWork, video_id: UUID) -> Video:
    """Return a video that is open to votes. Raises VideoNotFound."""
    video = store.get(uow, video_id)
    if video is None or not video.is_public:
        raise VideoNotFound
    return video


def find_earlier(uow: UnitOfWork, video_id: UUID) -> UUID | None:
    """Return the owner's earlier video of the very same file; None if there is none, or this video was deleted."""
    video = store.get(uow, video_id)
    return video.same_as_id if video else None


def has_public(uow: UnitOfWork, owner: UUID) -> bool:
    """Say whether a player has a video that is open to votes."""
    return store.has_public(uow, owner)


def list_own(uow: UnitOfWork, owner: UUID, page: Page) -> Listed[Video]:
    """Return a player's videos, newest first."""
    return store.list_own(uow, owner, page)


def follow(uow: UnitOfWork, job_id: UUID, actor: Actor) -> tuple[Job, KeptSentence | None]:
    """Return a job, and why it failed, to its owner or an organizer.

    Raises JobNotFound, NotYourJob, SecondFactorNeeded.
    """
    job = _job(uow, job_id, actor)
    video = store.get(uow, job.video_id) if job.video_id else None
    return job, video.reason if video else None


def cancel(uow: UnitOfWork, job_id: UUID, actor: Actor) -> Job:
    """Stop the edit of a video for its owner or an organizer.

    Raises JobNotFound, NotYourJob, JobOver, SecondFactorNeeded.
    """
    job = _job(uow, job_id, actor)
    if job.owner_id == actor.account_id:
        return stop(uow, job, "its owner")
    uow.after_commit(partial(record, "operators.job.cancelled", account_id=actor.account_id, job_id=job_id))
    return stop(uow, job, "an organizer")


def _job(uow: UnitOfWork, job_id: UUID, actor: Actor) -> Job:
    """Return a job to its owner, whatever the owner's role is, or to an organizer."""
    try:
        return jobs.follow(uow, job_id, actor.account_id, organizer=False)
    except NotYourJob:
        if not accounts.acts_as(uow, actor, Role.ORGANIZER):
            raise
    return jobs.follow(uow, job_id, actor.account_id, organizer=True)


def stop(uow: UnitOfWork, job: Job, who: str) -> Job:
    """Stop an edit, and store a reason for the owner. Raises JobOver."""
    store.set_failed(uow, jobs.cancel(uow, job.id, who), CANCELLED)
    return jobs.follow(uow, job.id, job.owner_id, organizer=False)


def try_again(uow: UnitOfWork, ports: Ports, job_id: UUID, who: str) -> None:
    """Queue a failed edit again. Raises JobNotFound, JobNotRetriable."""
    store.set_waiting(uow, jobs.reopen(uow, ports, job_id, who))


def watch(uow: UnitOfWork, video_id: UUID, rendition: Rendition, actor: Actor | None, *, signed: bool) -> Video:
    """Return a video if the caller may see this file of it: by their account, or because we signed the address.

    Raises VideoNotFound, NotYourVideo, SecondFactorNeeded.
    """
    video = store.get(uow, video_id)
    if video is None or rendition not in video.files:
        raise VideoNotFound
    viewer = Viewer(None if actor is None else actor.account_id)
    if signed or may_watch(video, rendition, viewer):  # avoids looking up the role of an owner
        return video
    if actor is None or not accounts.acts_as(uow, actor, Role.ORGANIZER):
        raise NotYourVideo
    return video


def reedit(uow: UnitOfWork, ports: Ports, *, older_than: int | None, every: float) -> int:
    """Queue a new edit of each video whose edit has an older recipe (None: of all), one every `every` seconds.

    A video with an unfinished job is left out. The old edit stays as it is, public or not, until the new one is there.
    Return how many were queued.
    """
    at_work = jobs.list_videos_at_work(uow)
    found = [one for one in store.list_edited(uow, older_than) if one[0] not in at_work]
    for number, (video_id, owner) in enumerate(found):
        jobs.queue(uow, ports, video_id, owner, Lane.REEDIT, Spacing(0), delay=number * every)
    return len(found)
