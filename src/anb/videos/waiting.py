"""Clips that wait for consent: stored and private, without an edit, until consent comes or their time is over."""

from functools import partial
from uuid import UUID

from anb.accounts import service as accounts
from anb.consents import service as consents
from anb.consents import taking_back
from anb.consents.domain import Channel, ConsentStanding, PlayerAnswer
from anb.db.session import Database, UnitOfWork
from anb.jobs import holding
from anb.jobs import service as jobs
from anb.jobs.domain import Claim, HeldJob, Job, JobState
from anb.logs import record
from anb.ports import Ports
from anb.sentences import Language
from anb.settings import Settings
from anb.videos import consent_loss, removal, store
from anb.videos.domain import Status

PURGED = "consent, which did not come"


def has_to_wait(uow: UnitOfWork, settings: Settings, owner_id: UUID) -> bool:
    """Say whether no clip of a player may be edited now."""
    return not consents.standing_of(uow, settings, owner_id).lets_work


def hold(uow: UnitOfWork, settings: Settings, claim: Claim) -> bool:
    """Hold a claimed job whose player may not be worked on: the last door before an edit.

    A consent that is given at this very moment may not be seen; the next `settle` releases the job.
    """
    owner_id = store.get_owner(uow, claim.video_id)
    return owner_id is not None and has_to_wait(uow, settings, owner_id) and holding.hold(uow, claim)


def settle(uow: UnitOfWork, ports: Ports, settings: Settings, owner_id: UUID) -> ConsentStanding:
    """Queue a player's waiting clips, or delete those that waited too long or were refused, as the consents now say.

    The account is locked until the transaction ends: of a release and a purge, the second one sees the first.
    """
    accounts.lock_account(uow, owner_id)
    found = consents.standing_of(uow, settings, owner_id)
    if found.lets_work:
        holding.release(uow, ports, settings, owner_id)
        if found is ConsentStanding.GIVEN:
            consent_loss.end(uow, owner_id)
        return found
    rule = consents.rule_of(uow, settings)
    for job in holding.list_held(uow, owner_id):
        if found is ConsentStanding.REFUSED or job.since + rule.wait <= rule.now:
            _purge(uow, ports, owner_id, job)
    return found


def answer_as_player(
    uow: UnitOfWork,
    ports: Ports,
    settings: Settings,
    account_id: UUID,
    said: PlayerAnswer,
    language: Language,
    channel: Channel,
) -> ConsentStanding:
    """Store a player's agreement, and queue what waited for it; return what clips wait for now.

    Raises what `consents.answer_as_player` raises.
    """
    consents.answer_as_player(uow, settings, account_id, said, language, channel)
    return settle(uow, ports, settings, account_id)


def answer_as_guardian(
    uow: UnitOfWork, ports: Ports, settings: Settings, token: str, version: str, language: Language, *, given: bool
) -> ConsentStanding:
    """Store a guardian's answer, and queue or delete what waited for it; return what clips wait for now.

    Raises what `consents.answer_as_guardian` raises.
    """
    account_id = consents.answer_as_guardian(uow, settings, token, version, language, given=given)
    return settle(uow, ports, settings, account_id)


def take_back(uow: UnitOfWork, ports: Ports, settings: Settings, token: str) -> ConsentStanding:
    """Take a guardian's permission back: clips without an edit are deleted, and the others hidden.

    Hidden ones return if another guardian agrees. Raises LinkInvalid, LinkExpired, LinkUsed.
    """
    owner_id = taking_back.take_back(uow, token)
    for video_id, has_edit in consent_loss.list_concerned(uow, owner_id):
        if has_edit:
            jobs.cancel_of(uow, video_id, PURGED)  # a new edit
            consent_loss.hide(uow, video_id)
        else:
            removal.delete(uow, ports, video_id, owner_id, who=PURGED)
            uow.after_commit(partial(record, "consents.clip.purged", account_id=owner_id, video_id=video_id))
    return settle(uow, ports, settings, owner_id)


def settle_all(database: Database, ports: Ports, settings: Settings) -> None:
    """Settle every player with waiting clips, each in a transaction of its own."""
    with database.reading() as uow:
        owners = holding.list_owners(uow)
    for owner_id in owners:
        with database.transaction() as uow:
            settle(uow, ports, settings, owner_id)


def find_standing(uow: UnitOfWork, settings: Settings, owner_id: UUID) -> dict[UUID, ConsentStanding]:
    """Return what each waiting clip of a player waits for, by video."""
    held = holding.list_held(uow, owner_id)
    if not held:
        return {}
    found = consents.standing_of(uow, settings, owner_id)
    return {job.video_id: found for job in held}


def standing_of_job(uow: UnitOfWork, settings: Settings, job: Job) -> ConsentStanding | None:
    """Return what a job waits for; None if it is not held."""
    return consents.standing_of(uow, settings, job.owner_id) if job.state is JobState.HELD else None


def _purge(uow: UnitOfWork, ports: Ports, owner_id: UUID, job: HeldJob) -> None:
    """Delete a clip with its files. One that has an edit from before stays; only its new edit is given up."""
    video = store.get(uow, job.video_id)
    if video is not None and video.status is not Status.PROCESSED:
        removal.delete(uow, ports, job.video_id, owner_id, who=PURGED)
    else:
        jobs.cancel_of(uow, job.video_id, PURGED)
    uow.after_commit(partial(record, "consents.clip.purged", account_id=owner_id, video_id=job.video_id))
