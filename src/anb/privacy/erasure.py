"""Erasing an account: a request, a grace period, and steps that each run in a transaction and may be repeated."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from uuid import UUID

from anb.accounts import removal as accounts
from anb.accounts import service as people
from anb.accounts.removal import ErasedPerson
from anb.audit import service as audit
from anb.consents import service as consents
from anb.contest import voters
from anb.db import stored_responses
from anb.db.session import Database, UnitOfWork
from anb.errors import Outage
from anb.factors import service as factors
from anb.fraud import service as fraud
from anb.identities import service as identities
from anb.jobs import removal as jobs
from anb.jury import service as jury
from anb.logs import logger, record
from anb.mail import removal as mail
from anb.mail import service as outbox
from anb.mail.domain import MailKind, NewMail, Recipient
from anb.moderation import reports
from anb.photos import service as photos
from anb.ports import Ports
from anb.privacy import export, service, store
from anb.privacy.domain import Erasure, ErasureAskedAlready, ErasureFigures, NoKeyHere, due_after
from anb.results import service as results
from anb.resumable import service as resumable
from anb.sessions import removal as devices
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason
from anb.settings import Settings
from anb.signals import service as signals
from anb.storage import service as storage
from anb.videos import removal as videos
from anb.votelog import service as votelog

log = logger(__name__)

AT_ONCE = 100
ADMINISTRATOR = "administrator"
OPERATOR = "operator"  # whose request has no grace period
Counts = dict[str, int]


def ask(uow: UnitOfWork, ports: Ports, settings: Settings, account_id: UUID, *, by: str = "person") -> Erasure:
    """Ask for the erasure of an account, after the grace period; an operator's request has none.

    The person is signed out everywhere. Signing in within the grace period cancels the request, whether they or an
    administrator have made it.

    Raises AccountNotFound, ErasureAskedAlready, NoKeyHere.
    """
    if settings.secret_key is None:
        raise NoKeyHere("run this on a web server: the mark of a voter is made with ANB_SECRET_KEY")
    account = people.who(uow, account_id)
    now = ports.clock.now()
    grace = timedelta(days=0 if by == OPERATOR else settings.erasure_grace_days)
    times = (now, now + grace, due_after(now))
    earlier = store.open_erasure(uow, account_id)
    if earlier is not None and _is_taken_back(uow, earlier):
        _cancel(uow, earlier)
    asked = store.add_erasure(uow, account_id, by, voters.mark_of(ports, account.email), times)
    if asked is None:
        raise ErasureAskedAlready
    if by != OPERATOR:
        sessions.end_all(uow, account_id, EndReason.ACCOUNT_REMOVED)
    uow.after_commit(partial(record, "privacy.erasure.asked", account_id=account_id))
    return asked


def pending(uow: UnitOfWork, account_id: UUID) -> Erasure | None:
    """Return the open request of an account, unless its owner has signed in since and thereby cancelled it."""
    asked = store.open_erasure(uow, account_id)
    return None if asked is None or _is_taken_back(uow, asked) else asked


def _is_taken_back(uow: UnitOfWork, asked: Erasure) -> bool:
    in_time = asked.asked_by != OPERATOR and not asked.steps
    return in_time and devices.was_opened_since(uow, asked.account_id, asked.asked_at)


def _cancel(uow: UnitOfWork, erasure: Erasure) -> None:
    store.end_erasure(uow, erasure.id, cancelled=True)
    uow.after_commit(partial(record, "privacy.erasure.cancelled", account_id=erasure.account_id))


def run_due(database: Database, ports: Ports) -> int:
    """Carry out the requests whose grace period is over, and return how many ended.

    Any number of processes may do so: one of them takes each step. What fails is tried again the next time.
    """
    with database.reading() as uow:
        due = store.due_erasures(uow, ports.clock.now(), AT_ONCE)
    done = 0
    for erasure_id in due:
        try:
            done += carry_out(database, ports, erasure_id)
        except Outage as outage:
            log.warning("privacy.erasure.failed", erasure_id=str(erasure_id), error=str(outage))
    return done


def carry_out(database: Database, ports: Ports, erasure_id: UUID) -> bool:
    """Carry out the steps of a request that are not done yet; False when another process works on it.

    Raises Outage.
    """
    for name, act in STEPS.items():
        with database.transaction() as uow:
            erasure = store.take_erasure(uow, erasure_id)
            if erasure is None:
                return False
            if _is_taken_back(uow, erasure):
                _cancel(uow, erasure)
                return False
            if name not in erasure.steps:
                store.note_step(uow, erasure, name, act(uow, ports, erasure))
    return _finish(database, ports, erasure_id)


def _finish(database: Database, ports: Ports, erasure_id: UUID) -> bool:
    """End a request once the person's files are deleted. Raises Outage."""
    with database.transaction() as uow:
        erasure = store.take_erasure(uow, erasure_id)
    if erasure is None:
        return False
    storage.delete_doomed(database, ports, erasure.account_id)
    with database.transaction() as uow:
        if store.take_erasure(uow, erasure_id) is None:
            return False
        store.end_erasure(uow, erasure_id, cancelled=False)
        uow.after_commit(partial(record, "privacy.erasure.finished", account_id=erasure.account_id))
    return True


def list_requests(uow: UnitOfWork, limit: int, *, only_open: bool = False) -> list[Erasure]:
    """Return requests, newest first."""
    return store.list_erasures(uow, limit, only_open=only_open)


def list_overdue(uow: UnitOfWork, ports: Ports) -> list[Erasure]:
    """Return the requests that should have ended by now, oldest first."""
    return store.overdue_erasures(uow, ports.clock.now(), AT_ONCE)


def figures(uow: UnitOfWork, ports: Ports) -> ErasureFigures:
    """Return figures about the open requests."""
    return store.erasure_figures(uow, ports.clock.now())


def _identity(uow: UnitOfWork, _ports: Ports, erasure: Erasure) -> Counts:
    """Take the person from the account. After this, no one can sign in, upload or vote with it."""
    accounts.lock(uow, erasure.account_id)  # votes of this moment come first, and are seen below
    if erasure.mark is not None:
        voters.bar(uow, erasure.account_id, erasure.mark)
    person = accounts.erase(uow, erasure.account_id)
    if person is None:
        return {"accounts": 0}
    sessions.end_all(uow, erasure.account_id, EndReason.ACCOUNT_REMOVED)
    opened = devices.erase(uow, erasure.account_id)
    mails = mail.erase(uow, erasure.account_id, person.email)
    _say_goodbye(uow, erasure, person)
    factors.forget_begun(uow, erasure.account_id)
    jobs.rename_operator(uow, person.username, f"eliminada-{erasure.account_id.hex[-12:]}")
    gone = factors.remove_all(uow, erasure.account_id)
    known = identities.remove_all(uow, erasure.account_id)
    votelog.forget_voter(uow, erasure.account_id)
    reports.erase_reporter(uow, erasure.account_id)
    noted = signals.erase(uow, erasure.account_id) + fraud.erase(uow, erasure.account_id)
    return {"accounts": 1, "sessions": opened, "mails": mails, "factors": gone, "identities": known, "signals": noted}


def _say_goodbye(uow: UnitOfWork, erasure: Erasure, person: ErasedPerson) -> None:
    """Post the last mail, whose row forgets the person once it is sent, or after some days (privacy.retention)."""
    to = Recipient(erasure.account_id, person.email, person.first_name, person.language)
    facts = {"request": str(erasure.id)}
    outbox.post(uow, NewMail(MailKind.ACCOUNT_ERASED, to, facts, once=f"account_erased:{erasure.id}"))


def _clips(uow: UnitOfWork, ports: Ports, erasure: Erasure) -> Counts:
    found = videos.list_of(uow, erasure.account_id)
    for video_id, was_public in found:
        if was_public:
            service.withdraw(uow, ports, video_id, erasure.account_id)
            videos.erase(uow, video_id)
            reports.erase_clip(uow, video_id)
        else:
            videos.delete(uow, ports, video_id, erasure.account_id)
    return {"clips": len(found)}


def _photo(uow: UnitOfWork, ports: Ports, erasure: Erasure) -> Counts:
    return {"photos": photos.erase(uow, ports, erasure.account_id)}


def _uploads(uow: UnitOfWork, ports: Ports, erasure: Erasure) -> Counts:
    return {"uploads": resumable.erase(uow, ports, erasure.account_id)}


def _responses(uow: UnitOfWork, _ports: Ports, erasure: Erasure) -> Counts:
    return {"responses": stored_responses.forget(uow, erasure.account_id)}


def _consents(uow: UnitOfWork, _ports: Ports, erasure: Erasure) -> Counts:
    return {"guardians": consents.erase(uow, erasure.account_id)}


def _results(uow: UnitOfWork, _ports: Ports, erasure: Erasure) -> Counts:
    return {"results": results.erase(uow, erasure.account_id)}


def _jury_notes(uow: UnitOfWork, _ports: Ports, erasure: Erasure) -> Counts:
    return {"jury_notes": jury.erase(uow, erasure.account_id)}


def _acts(uow: UnitOfWork, _ports: Ports, erasure: Erasure) -> Counts:
    return {"acts": audit.forget(uow, erasure.account_id)}


def _archives(uow: UnitOfWork, ports: Ports, erasure: Erasure) -> Counts:
    return {"archives": export.remove(uow, ports, erasure.account_id)}


Step = Callable[[UnitOfWork, Ports, Erasure], Counts]
STEPS: Mapping[str, Step] = {
    "identity": _identity,
    "clips": _clips,
    "photo": _photo,
    "uploads": _uploads,
    "responses": _responses,
    "consents": _consents,
    "jury_notes": _jury_notes,
    "archives": _archives,
    "results": _results,
    "acts": _acts,
}
