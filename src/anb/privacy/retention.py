"""How long data is kept: rules that run each night, each in short transactions, and say what they removed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from anb.accounts import removal as accounts
from anb.audit import service as audit
from anb.consents import service as consents
from anb.contest import voters
from anb.db import stored_responses
from anb.db.session import Database, UnitOfWork
from anb.fraud import service as fraud
from anb.identities import service as identities
from anb.jobs import removal as jobs
from anb.logs import logger
from anb.mail import removal as mail
from anb.moderation import reports
from anb.photos import service as photos
from anb.ports import Ports
from anb.privacy import export, store
from anb.resumable import service as resumable
from anb.sessions import service as sessions
from anb.settings import Settings
from anb.signals import service as signals
from anb.storage import service as storage
from anb.videos import removal as videos
from anb.zones import COLOMBIA

log = logger(__name__)

BATCH = 100
HOUR = 3  # in Colombia
FAREWELL_DAYS = 7


class _DryRun(Exception):
    """Rolls a transaction back."""


@dataclass(frozen=True)
class RetentionRun:
    """The dependencies of a run; a dry one changes nothing."""

    database: Database
    ports: Ports
    settings: Settings
    dry: bool = False

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Open a transaction, which a dry run rolls back."""
        with suppress(_DryRun), self.database.transaction() as uow:
            yield uow
            if self.dry:
                raise _DryRun

    def before(self, days: int) -> datetime:
        """Return the moment this many days ago."""
        return self.ports.clock.now() - timedelta(days=days)


def run(work: RetentionRun) -> dict[str, int]:
    """Apply every rule, and return what each removed."""
    removed = {name: rule(work) for name, rule in RULES.items()}
    log.info("privacy.retention.counted" if work.dry else "privacy.retention.removed", **removed)
    return removed


def run_nightly(work: RetentionRun) -> bool:
    """Run once a night, on whichever host comes first; False when it is day, or the run of this night is done."""
    here = work.ports.clock.now().astimezone(COLOMBIA)
    if here.hour < HOUR:
        return False
    with work.database.transaction() as uow:
        if not store.begin_run(uow, here.date()):
            return False
    removed = run(work)
    with work.database.transaction() as uow:
        store.end_run(uow, here.date(), removed)
    return True


def seconds_since(uow: UnitOfWork, ports: Ports) -> float | None:
    """Return the seconds since a run last ended; None when none ever did."""
    ended = store.last_run(uow)
    return None if ended is None else (ports.clock.now() - ended).total_seconds()


def _unconfirmed_accounts(work: RetentionRun) -> int:
    """Delete accounts that were neither confirmed nor used."""
    days, count, after = work.settings.unconfirmed_days, 0, None
    while days:
        with work.database.reading() as uow:
            found = accounts.list_unconfirmed(uow, days, BATCH, after)
        count += sum(_delete_unused(work, account_id) for account_id in found)
        if len(found) < BATCH:
            break
        after = found[-1]
    return count


def _delete_unused(work: RetentionRun, account_id: UUID) -> bool:
    try:
        with work.transaction() as uow:
            if videos.has_any(uow, account_id) or voters.has_ever_voted(uow, account_id):
                return False
            stored_responses.forget(uow, account_id)
            consents.erase(uow, account_id)
            photos.erase(uow, work.ports, account_id)
            return accounts.delete_account(uow, account_id)
    except IntegrityError:  # some row still names it: it is not unused
        return False


def _photos(work: RetentionRun) -> int:
    """Delete the photos for which consent was refused, or did not come in time."""
    return photos.purge(work.database, work.ports, work.settings, dry=work.dry)


def _originals(work: RetentionRun) -> int:
    """Delete the originals of seasons that closed long ago."""
    days, count = work.settings.originals_days, 0
    if not days:
        return 0
    with work.database.reading() as uow:
        close = voters.last_close(uow, work.before(days))
        found = [] if close is None else videos.list_old_originals(uow, close)
    for video_id in found:
        with work.transaction() as uow:
            count += videos.remove_original(uow, work.ports, video_id)
    return count


def _origins(work: RetentionRun) -> int:
    before = work.before(work.settings.origin_days)
    with work.transaction() as uow:
        return jobs.forget_origins(uow, before) + resumable.forget_origins(uow, before)


def _signals(work: RetentionRun) -> int:
    with work.transaction() as uow:
        before = work.before(work.settings.signal_days)
        return signals.purge(uow, before) + fraud.purge(uow, before)


def _reports(work: RetentionRun) -> int:
    with work.transaction() as uow:
        before, traces_before = work.before(work.settings.report_days), work.before(work.settings.signal_days)
        return reports.purge(uow, before, traces_before)


def _links(work: RetentionRun) -> int:
    with work.transaction() as uow:
        return accounts.purge_links(uow, work.before(work.settings.link_days))


def _sessions(work: RetentionRun) -> int:
    with work.transaction() as uow:
        return sessions.purge(uow, work.before(work.settings.session_days))


def _sign_ins(work: RetentionRun) -> int:
    """Delete what is known of sign-ins with issuers that were not finished."""
    with work.transaction() as uow:
        return identities.purge(uow)


def _archives(work: RetentionRun) -> int:
    with work.transaction() as uow:
        return export.remove(uow, work.ports, None)


def _farewells(work: RetentionRun) -> int:
    """Give up telling people that their account is erased: the address must not stay because of that."""
    with work.transaction() as uow:
        return mail.forget_farewells(uow, work.before(FAREWELL_DAYS))


def _proofs(work: RetentionRun) -> int:
    with work.transaction() as uow:
        return store.purge_proofs(uow, work.before(work.settings.proof_days))


def _acts(work: RetentionRun) -> int:
    """Erase names and reasons of old acts in the audit trail; the acts themselves stay."""
    with work.transaction() as uow:
        return audit.forget_before(uow, work.before(work.settings.proof_days))


def _files(work: RetentionRun) -> int:
    """Delete files that should be gone already."""
    if work.dry:
        with work.database.reading() as uow:
            return storage.count_doomed(uow)
    return storage.delete_doomed(work.database, work.ports)


Rule = Callable[[RetentionRun], int]
RULES: Mapping[str, Rule] = {
    "unconfirmed_accounts": _unconfirmed_accounts,
    "photos": _photos,
    "originals": _originals,
    "origins": _origins,
    "signals": _signals,
    "reports": _reports,
    "links": _links,
    "sessions": _sessions,
    "sign_ins": _sign_ins,
    "archives": _archives,
    "farewells": _farewells,
    "proofs": _proofs,
    "acts": _acts,
    "files": _files,
}
