"""What ties accounts together, clusters of accounts, and their refusals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from anb.errors import Refusal
from anb.sentences import Sentence


class Tie(StrEnum):
    """What accounts have in common."""

    MAILBOX = "mailbox"  # their e-mail addresses lead to one mailbox
    DEVICE = "device"  # they were used on one device
    BURST = "burst"  # they signed up from one address block in a short time, without a device of their own


@dataclass(frozen=True)
class Group:
    """Accounts that one mark ties together."""

    tie: Tie
    mark: str
    accounts: frozenset[UUID]
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True)
class Reason:
    """Why accounts are a cluster: how many accounts are tied by how many marks, and when those were seen."""

    tie: Tie
    marks: int
    accounts: int
    first_seen: datetime
    last_seen: datetime

    @property
    def said(self) -> Sentence:
        """The reason in words."""
        return Sentence(f"cluster.{self.tie.value}", {"accounts": self.accounts, "marks": self.marks})


@dataclass(frozen=True)
class Cluster:
    """Accounts that seem to belong to the same person."""

    id: UUID
    found_at: datetime
    grew_at: datetime
    reviewed_at: datetime | None
    members: int
    doubtful: int  # members that were not reviewed as fine, or that have new evidence since
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Member:
    """An account in a cluster."""

    account_id: UUID
    username: str
    city: str
    email: str
    is_confirmed: bool
    ties: tuple[Tie, ...]
    since: datetime
    cleared_at: datetime | None


@dataclass(frozen=True)
class OwnMembership:
    """What a person may know of the cluster of their account."""

    since: datetime
    cleared_at: datetime | None


@dataclass(frozen=True)
class Growth:
    """What a search found that was not known."""

    clusters: int
    members: int


class ClusterNotFound(Refusal):
    """No cluster has this id."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "cluster-not-found"


class ClusterGrew(Refusal):
    """The cluster has other members or evidence by now than the organizer saw."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "cluster-grew"


def join(groups: Iterable[frozenset[UUID]]) -> list[frozenset[UUID]]:
    """Join the groups that have accounts in common, directly or by way of others; the order does not matter."""
    leader: dict[UUID, UUID] = {}

    def find(account: UUID) -> UUID:
        while leader.setdefault(account, account) != account:
            leader[account] = leader[leader[account]]
            account = leader[account]
        return account

    for group in groups:
        first, *others = map(find, group)
        for other in others:
            leader[find(other)] = find(first)
    joined: dict[UUID, set[UUID]] = {}
    for account in leader:
        joined.setdefault(find(account), set()).add(account)
    return [frozenset(each) for each in joined.values()]


def reasons_of(groups: Iterable[Group]) -> tuple[Reason, ...]:
    """Sum up the groups of a cluster, one reason for each tie."""
    by_tie: dict[Tie, list[Group]] = {}
    for group in groups:
        by_tie.setdefault(group.tie, []).append(group)
    return tuple(
        Reason(
            tie,
            len({each.mark for each in found}),
            len(frozenset().union(*(each.accounts for each in found))),
            min(each.first_seen for each in found),
            max(each.last_seen for each in found),
        )
        for tie, found in sorted(by_tie.items())
    )


def home_of(accounts: Iterable[UUID], known: Mapping[UUID, UUID]) -> UUID | None:
    """Return the oldest of the clusters that these accounts are in; None if they are in none."""
    return min((known[account] for account in accounts if account in known), default=None)
