"""The review of votes: release and void held ones, void and restore those of a cluster.

Each act is one transaction with its entry in the audit trail. Two at once wait for one another, and a repeated act
finds nothing left to do.
"""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, Detail, TargetKind
from anb.contest import service as contest
from anb.contest.domain import VoidReason
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.fraud import service as fraud
from anb.fraud.domain import Cluster
from anb.logs import record
from anb.moderation import vote_store as store
from anb.moderation.votes_domain import HeldClip, HeldVote, VoteFilter
from anb.videos import publication as videos
from anb.votelog import service as votelog
from anb.votelog.domain import VoidClass


def list_clips(uow: UnitOfWork, wanted: VoteFilter, most: int) -> list[HeldClip]:
    """Return the clips with held votes, those with the most first."""
    return store.list_clips(uow, wanted, most)


def list_votes(uow: UnitOfWork, wanted: VoteFilter, page: Page) -> Listed[HeldVote]:
    """Return held votes, newest first. Raises VideoNotFound."""
    if wanted.video_id is not None:
        videos.get_video(uow, wanted.video_id)
    return store.list_votes(uow, wanted, page)


def release(uow: UnitOfWork, by: AuditActor, wanted: VoteFilter, reason: str) -> int:
    """Let held votes count, and never hold them again; return how many."""
    fraud.wait_turn(uow)
    found = store.find_held(uow, wanted)
    fraud.spare(uow, found)
    count = votelog.release(uow, found)
    uow.after_commit(partial(record, "moderation.votes.released", account_id=by.account_id, votes=count))
    return _audited(uow, by, Act.VOTES_RELEASED, wanted, reason, count)


def void(uow: UnitOfWork, by: AuditActor, wanted: VoteFilter, reason: str) -> int:
    """Void held votes as fraud; return how many."""
    fraud.wait_turn(uow)
    count = votelog.void_held(uow, store.find_held(uow, wanted), VoidClass.FRAUD)
    uow.after_commit(partial(record, "moderation.votes.voided", account_id=by.account_id, votes=count))
    return _audited(uow, by, Act.VOTES_VOIDED, wanted, reason, count)


def void_cluster(uow: UnitOfWork, by: AuditActor, seen: Cluster, reason: str) -> int:
    """Void the votes of a cluster's doubtful accounts, counted and held ones; return how many.

    Raises ClusterNotFound, ClusterGrew.
    """
    cluster = fraud.review(uow, seen)
    count = contest.void_votes_of(uow, store.counted_of(uow, cluster.id), VoidReason.FRAUD)
    uow.after_commit(partial(record, "moderation.votes.voided", account_id=by.account_id, votes=count))
    return _audited(uow, by, Act.VOTES_VOIDED, VoteFilter(cluster_id=cluster.id), reason, count)


def restore_cluster(uow: UnitOfWork, by: AuditActor, cluster_id: UUID, reason: str) -> int:
    """Let the votes of a cluster count again that were voided as fraud; return how many. Raises ClusterNotFound."""
    fraud.wait_turn(uow)
    cluster = fraud.show_cluster(uow, cluster_id)
    found = store.voided_of(uow, cluster.id)
    fraud.spare(uow, found)
    count = contest.restore_votes_of(uow, found)
    uow.after_commit(partial(record, "moderation.votes.restored", account_id=by.account_id, votes=count))
    return _audited(uow, by, Act.VOTES_RESTORED, VoteFilter(cluster_id=cluster.id), reason, count)


def _audited(uow: UnitOfWork, by: AuditActor, act: Act, wanted: VoteFilter, reason: str, count: int) -> int:
    """Note an act in the audit trail; one that found nothing left to do is none."""
    if count:
        chosen = {name: str(value) for name, value in wanted.values().items() if value is not None}
        details: Mapping[str, Detail] = {**chosen, "votes": count}
        audit.record(uow, by, act, AuditTarget(TargetKind.VOTES), reason, details)
    return count
