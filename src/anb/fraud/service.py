"""Finding clusters, showing and reviewing them, and deleting what ties an account to others."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, TargetKind
from anb.db.paging import Listed, Page
from anb.db.session import Database, UnitOfWork
from anb.fraud import store
from anb.fraud.domain import Cluster, ClusterGrew, ClusterNotFound, Growth, Member, home_of, join, reasons_of
from anb.fraud.judging import judge
from anb.fraud.ties import find_groups
from anb.logs import logger, record
from anb.settings.fraud import FraudSettings

__all__ = [
    "doubtful_clusters_of", "erase", "find_clusters", "judge", "list_clusters", "list_members", "purge", "release",
    "review", "search", "show_cluster", "spare", "told", "wait_turn",
]  # fmt: skip

log = logger(__name__)

spare, wait_turn = store.spare, store.wait_turn


def search(database: Database, settings: FraudSettings) -> Growth | None:
    """Search for accounts of the same person; None when another process does.

    One transaction: a process that dies changes nothing, and the next search finds the same.
    """
    with database.transaction() as uow:
        growth = find_clusters(uow, settings) if store.elect(uow) else None
    if growth is not None and growth != Growth(0, 0):
        log.info("fraud.clusters.grew", clusters=growth.clusters, members=growth.members)
    return growth


def find_clusters(uow: UnitOfWork, settings: FraudSettings) -> Growth:
    """Join the groups that signals show to each other and to the clusters that are known, and note what is new."""
    groups, known = list(find_groups(uow, settings)), store.known_members(uow)
    found = {(account, group.tie.value, group.mark) for group in groups for account in group.accounts}
    new = found - store.known_evidence(uow)
    # An erasure of this moment comes first, or waits until this transaction ends and finds the rows.
    living = store.hold(uow, {account for account, *_ in new}) if new else set()
    homes = _settle(uow, join([group.accounts for group in groups] + _gathered(known)), known, living)
    fresh = sorted(each for each in new if each[0] in living)
    added = sorted((account, homes[account]) for account in living if account not in known)
    store.add_members(uow, added)
    store.add_evidence(uow, fresh)
    store.doubt(uow, {account for account, *_ in fresh})
    by_home: dict[UUID, list[Any]] = {}
    for group in groups:
        home = next((homes[account] for account in group.accounts if account in homes), None)
        if home is not None:
            by_home.setdefault(home, []).append(group)
    store.note_reasons(uow, ((home, reason) for home, tied in by_home.items() for reason in reasons_of(tied)))
    store.drop_empty(uow)
    return Growth(len(set(homes.values()) - set(known.values())), len(added))


def _gathered(known: dict[UUID, UUID]) -> list[frozenset[UUID]]:
    """Return the members of each known cluster."""
    together: dict[UUID, set[UUID]] = {}
    for account, cluster_id in known.items():
        together.setdefault(cluster_id, set()).add(account)
    return [frozenset(each) for each in together.values()]


def _settle(
    uow: UnitOfWork, joined: list[frozenset[UUID]], known: dict[UUID, UUID], living: set[UUID]
) -> dict[UUID, UUID]:
    """Return the cluster of each account: the oldest that its group has, or a new one."""
    homes: dict[UUID, UUID] = {}
    for accounts in sorted(joined, key=min):
        home = home_of(accounts, known)
        if home is None and accounts & living:
            home = store.add_cluster(uow)
        if home is None:
            continue
        others = {known[account] for account in accounts if account in known} - {home}
        if others:
            store.merge(uow, others, home)
        homes |= dict.fromkeys(accounts, home)
    return homes


def list_clusters(uow: UnitOfWork, page: Page, *, reviewed: bool = False) -> Listed[Cluster]:
    """Return clusters with doubtful accounts, newest first; with `reviewed` all."""
    return store.list_clusters(uow, page, reviewed=reviewed)


def show_cluster(uow: UnitOfWork, cluster_id: UUID) -> Cluster:
    """Return a cluster, or the one that it was merged into. Raises ClusterNotFound."""
    home = store.lead(uow, cluster_id)
    if home is None:
        raise ClusterNotFound
    return store.get(uow, home)


def list_members(uow: UnitOfWork, cluster: Cluster, page: Page) -> Listed[Member]:
    """Return the accounts of a cluster, oldest account first."""
    return store.list_members(uow, cluster.id, page)


def doubtful_clusters_of(uow: UnitOfWork, accounts: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the clusters of those of these accounts that were not reviewed as fine."""
    return store.doubtful_clusters_of(uow, accounts)


def review(uow: UnitOfWork, seen: Cluster) -> Cluster:
    """Return a cluster as it was seen, and let no search or review change it until this transaction ends.

    Raises ClusterNotFound, and ClusterGrew when it has new evidence by now, which was not reviewed.
    """
    store.wait_turn(uow)
    now = show_cluster(uow, seen.id)
    if (now.id, now.grew_at) != (seen.id, seen.grew_at):
        raise ClusterGrew
    return now


def release(uow: UnitOfWork, seen: Cluster, by: AuditActor, reason: str = "") -> int:
    """Note that the accounts of a cluster, as it was seen, are fine; return how many were doubtful until now.

    Raises ClusterGrew when it has new evidence by now, which was not reviewed.
    """
    now = review(uow, seen)
    count = store.release(uow, now.id)
    audit.record(
        uow, by, Act.CLUSTER_RELEASED, AuditTarget(TargetKind.CLUSTER, str(now.id)), reason, {"accounts": count}
    )
    told = partial(record, "fraud.cluster.released", account_id=by.account_id, cluster_id=now.id, accounts=count)
    uow.after_commit(told)
    return count


def told(uow: UnitOfWork, account_id: UUID) -> dict[str, Any] | None:
    """Return what is kept of an account here, for its owner: not the marks, which would tell of other people."""
    known = store.membership(uow, account_id)
    return None if known is None else asdict(known)


def erase(uow: UnitOfWork, account_id: UUID) -> int:
    """Delete what ties an account to others; return how many rows."""
    return store.erase(uow, account_id)


def purge(uow: UnitOfWork, before: datetime) -> int:
    """Delete the marks whose signals are deleted, and counts that nothing was added to since a moment."""
    return store.purge_evidence(uow) + store.purge_counts(uow, before)
