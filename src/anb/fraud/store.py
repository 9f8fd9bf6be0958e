"""Clusters as rows."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Row, delete, exists, func, literal, or_, select, update
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import insert

from anb.db.paging import Listed, Page, cut
from anb.db.session import UnitOfWork
from anb.db.tables_accounts import users
from anb.db.tables_fraud import (
    clip_hours,
    clip_marks,
    cluster_evidence,
    cluster_members,
    cluster_reasons,
    clusters,
    released_votes,
    signals,
)
from anb.fraud.domain import Cluster, Member, OwnMembership, Reason, Tie

_LOCK = 6_382_107_431  # of the search and of reviews
KEPT_DAYS = 2  # of the hours of clips: the rules look back one day
Evidence = tuple[UUID, str, str]  # account, tie, mark


def elect(uow: UnitOfWork) -> bool:
    """Become the only process that searches or reviews, until this transaction ends; False when another one is."""
    return bool(uow.execute(select(func.pg_try_advisory_xact_lock(literal(_LOCK)))).scalar_one())


def wait_turn(uow: UnitOfWork) -> None:
    """Wait until no process searches or reviews."""
    uow.execute(select(func.pg_advisory_xact_lock(literal(_LOCK))))


def known_members(uow: UnitOfWork) -> dict[UUID, UUID]:
    """Return the cluster of each account that is in one."""
    rows = uow.execute(select(cluster_members.c.account_id, cluster_members.c.cluster_id))
    return {row.account_id: row.cluster_id for row in rows}


def doubtful_clusters_of(uow: UnitOfWork, accounts: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the cluster of each of these accounts that was not reviewed as fine."""
    mine = cluster_members.c.account_id.in_(accounts) & cluster_members.c.cleared_at.is_(None)
    return {row.account_id: row.cluster_id for row in uow.execute(select(cluster_members).where(mine))}


def known_evidence(uow: UnitOfWork) -> set[Evidence]:
    """Return the evidence that was found before."""
    columns = cluster_evidence.c.account_id, cluster_evidence.c.kind, cluster_evidence.c.mark
    return {(row.account_id, row.kind, row.mark) for row in uow.execute(select(*columns))}


def hold(uow: UnitOfWork, accounts: Collection[UUID]) -> set[UUID]:
    """Return those of these accounts that exist, and let none be erased until this transaction ends."""
    kept = select(users.c.id).where(users.c.id == func.any(list(accounts)), users.c.erased_at.is_(None))
    return set(uow.execute(kept.order_by(users.c.id).with_for_update(read=True, key_share=True)).scalars())


def add_cluster(uow: UnitOfWork) -> UUID:
    """Add a cluster without members."""
    return cast("UUID", uow.execute(insert(clusters).returning(clusters.c.id)).scalar_one())


def merge(uow: UnitOfWork, others: Collection[UUID], home: UUID) -> None:
    """Move everything of other clusters to an older one, to which they lead from now on."""
    moved = update(cluster_members).where(cluster_members.c.cluster_id.in_(others))
    uow.execute(moved.values(cluster_id=home))
    uow.execute(delete(cluster_reasons).where(cluster_reasons.c.cluster_id.in_(others)))
    lead = or_(clusters.c.id.in_(others), clusters.c.merged_into.in_(others))
    uow.execute(update(clusters).where(lead).values(merged_into=home))


def add_members(uow: UnitOfWork, homes: Iterable[tuple[UUID, UUID]]) -> None:
    """Add accounts, each with its cluster."""
    _insert(uow, cluster_members, [{"account_id": account, "cluster_id": home} for account, home in homes])


def add_evidence(uow: UnitOfWork, found: Iterable[Evidence]) -> None:
    """Add new evidence."""
    _insert(uow, cluster_evidence, [{"account_id": who, "kind": tie, "mark": mark} for who, tie, mark in found])


def doubt(uow: UnitOfWork, accounts: Collection[UUID]) -> None:
    """Note that there is new evidence on accounts and their clusters."""
    mine = cluster_members.c.account_id == func.any(list(accounts))
    uow.execute(update(cluster_members).where(mine, cluster_members.c.cleared_at.is_not(None)).values(cleared_at=None))
    grown = select(cluster_members.c.cluster_id).where(mine)
    uow.execute(update(clusters).where(clusters.c.id.in_(grown)).values(grew_at=func.clock_timestamp()))


def note_reasons(uow: UnitOfWork, found: Iterable[tuple[UUID, Reason]]) -> None:
    """Note the reasons of clusters. Counts never go down: signals are deleted after a time, what they showed is not."""
    rows = [
        {"cluster_id": home, "kind": reason.tie.value, "marks": reason.marks, "accounts": reason.accounts,
         "first_seen": reason.first_seen, "last_seen": reason.last_seen}
        for home, reason in found
    ]  # fmt: skip
    made = insert(cluster_reasons)
    new, old = made.excluded, cluster_reasons.c
    most = {name: func.greatest(old[name], new[name]) for name in ("marks", "accounts", "last_seen")}
    changed = {**most, "first_seen": func.least(old.first_seen, new.first_seen)}
    told = or_(*(old[name].is_distinct_from(value) for name, value in changed.items()))
    if rows:
        uow.execute(made.on_conflict_do_update(index_elements=["cluster_id", "kind"], set_=changed, where=told), rows)


def drop_empty(uow: UnitOfWork) -> int:
    """Delete clusters whose last member was erased; return how many."""
    has_members = exists().where(cluster_members.c.cluster_id == clusters.c.id)
    return uow.execute(delete(clusters).where(clusters.c.merged_into.is_(None), ~has_members)).rowcount


def lead(uow: UnitOfWork, cluster_id: UUID) -> UUID | None:
    """Return the cluster of an id, or the one that it was merged into; None if there is none."""
    home = select(func.coalesce(clusters.c.merged_into, clusters.c.id)).where(clusters.c.id == cluster_id)
    return uow.execute(home).scalar_one_or_none()


def get(uow: UnitOfWork, cluster_id: UUID) -> Cluster:
    """Return a cluster that exists."""
    row = uow.execute(_counted().where(clusters.c.id == cluster_id)).one()
    return _cluster(row, _reasons(uow, [cluster_id]))


def list_clusters(uow: UnitOfWork, page: Page, *, reviewed: bool) -> Listed[Cluster]:
    """Return clusters, newest first: those with doubtful accounts, or with `reviewed` all."""
    counted = _counted().subquery()
    wanted = select(counted) if reviewed else select(counted).where(counted.c.doubtful > 0)
    total = uow.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    after = page.key(UUID)
    if after is not None:
        wanted = wanted.where(counted.c.id < after[0])
    rows = uow.execute(wanted.order_by(counted.c.id.desc()).offset(page.skip).limit(page.limit + 1)).all()
    reasons = _reasons(uow, [row.id for row in rows])
    return cut([_cluster(row, reasons) for row in rows], total, page, lambda each: (each.id,))


def list_members(uow: UnitOfWork, cluster_id: UUID, page: Page) -> Listed[Member]:
    """Return the accounts of a cluster, oldest account first."""
    mine = cluster_members.c.cluster_id == cluster_id
    total = uow.execute(select(func.count()).select_from(cluster_members).where(mine)).scalar_one()
    ties = select(func.array_agg(cluster_evidence.c.kind.distinct())).where(
        cluster_evidence.c.account_id == cluster_members.c.account_id
    )
    query = select(
        users.c.id, users.c.username, users.c.city, users.c.email, users.c.email_confirmed_at,
        cluster_members.c.since, cluster_members.c.cleared_at, ties.scalar_subquery().label("ties"),
    ).join(users, users.c.id == cluster_members.c.account_id).where(mine)  # fmt: skip
    after = page.key(UUID)
    if after is not None:
        query = query.where(users.c.id > after[0])
    rows = uow.execute(query.order_by(users.c.id).offset(page.skip).limit(page.limit + 1))
    return cut([_member(row) for row in rows], total, page, lambda each: (each.account_id,))


def release(uow: UnitOfWork, cluster_id: UUID) -> int:
    """Note that every member of a cluster was reviewed as fine; return how many were doubtful."""
    cleared = update(cluster_members).where(
        cluster_members.c.cluster_id == cluster_id, cluster_members.c.cleared_at.is_(None)
    )
    count = uow.execute(cleared.values(cleared_at=func.now())).rowcount
    uow.execute(update(clusters).where(clusters.c.id == cluster_id).values(reviewed_at=func.now()))
    return count


def spare(uow: UnitOfWork, vote_ids: Collection[int]) -> None:
    """Note that votes were reviewed as fine, so that they are not judged again."""
    new = select(func.unnest(cast_to(list(vote_ids), ARRAY(BigInteger))))
    uow.execute(insert(released_votes).from_select(["vote_id"], new).on_conflict_do_nothing())


def membership(uow: UnitOfWork, account_id: UUID) -> OwnMembership | None:
    """Return since when an account is in a cluster; None if it is in none."""
    mine = select(cluster_members.c.since, cluster_members.c.cleared_at)
    row = uow.execute(mine.where(cluster_members.c.account_id == account_id)).one_or_none()
    return None if row is None else OwnMembership(row.since, row.cleared_at)


def erase(uow: UnitOfWork, account_id: UUID) -> int:
    """Delete what ties an account to others; return how many rows. The counts of its cluster stay."""
    tables = (cluster_evidence, cluster_members)
    return sum(uow.execute(delete(table).where(table.c.account_id == account_id)).rowcount for table in tables)


def purge_evidence(uow: UnitOfWork) -> int:
    """Delete the marks of signals that are deleted; the account stays in its cluster. Return how many."""
    same = signals.c.account_id == cluster_evidence.c.account_id
    device = (cluster_evidence.c.kind == Tie.DEVICE.value) & (signals.c.device == cluster_evidence.c.mark)
    block = (cluster_evidence.c.kind == Tie.BURST.value) & (signals.c.block == cluster_evidence.c.mark)
    kept = exists().where(same, device | block)
    gone = delete(cluster_evidence).where(cluster_evidence.c.kind != Tie.MAILBOX.value, ~kept)
    return uow.execute(gone).rowcount


def purge_counts(uow: UnitOfWork, before: datetime) -> int:
    """Delete the counts of marks that came last before a moment, and the hours that no rule reads any more."""
    marks = uow.execute(delete(clip_marks).where(clip_marks.c.last_at < before))
    old = func.now() - timedelta(days=KEPT_DAYS)
    return marks.rowcount + uow.execute(delete(clip_hours).where(clip_hours.c.hour < old)).rowcount


def _insert(uow: UnitOfWork, table: Any, rows: list[dict[str, object]]) -> None:  # noqa: ANN401 - a Table
    if rows:  # one prepared statement for all: VALUES of thousands takes seconds to compile
        uow.execute(insert(table), rows)


def _counted() -> Any:  # noqa: ANN401 - a Select of many columns
    mine = cluster_members.c.cluster_id == clusters.c.id
    doubtful = func.count().filter(cluster_members.c.account_id.is_not(None), cluster_members.c.cleared_at.is_(None))
    columns = (clusters.c.id, clusters.c.found_at, clusters.c.grew_at, clusters.c.reviewed_at)
    counts = (func.count(cluster_members.c.account_id).label("members"), doubtful.label("doubtful"))
    grouped = select(*columns, *counts).select_from(clusters.outerjoin(cluster_members, mine))
    return grouped.where(clusters.c.merged_into.is_(None)).group_by(*columns)


def _reasons(uow: UnitOfWork, ids: list[UUID]) -> dict[UUID, list[Reason]]:
    found: dict[UUID, list[Reason]] = {}
    wanted = select(cluster_reasons).where(cluster_reasons.c.cluster_id.in_(ids))
    for row in uow.execute(wanted.order_by(cluster_reasons.c.accounts.desc(), cluster_reasons.c.kind)):
        reason = Reason(Tie(row.kind), row.marks, row.accounts, row.first_seen, row.last_seen)
        found.setdefault(row.cluster_id, []).append(reason)
    return found


def _cluster(row: Row[Any], reasons: dict[UUID, list[Reason]]) -> Cluster:
    return Cluster(**row._mapping, reasons=tuple(reasons.get(row.id, ())))  # noqa: SLF001 - SQLAlchemy's public name


def _member(row: Row[Any]) -> Member:
    ties = tuple(sorted(map(Tie, row.ties or ())))
    confirmed = row.email_confirmed_at is not None
    return Member(row.id, row.username, row.city, row.email, confirmed, ties, row.since, row.cleared_at)
