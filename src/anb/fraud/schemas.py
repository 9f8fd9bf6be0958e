"""The schemas of clusters, over HTTP."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from anb.fraud.domain import Cluster, Member, Reason, Tie
from anb.sentences import Language
from anb.signals.disposable import is_disposable


class ReasonShown(BaseModel):
    """Why accounts are a cluster. The counts stay when the signals are deleted after `ANB_SIGNAL_DAYS`."""

    kind: Tie
    text: str = Field(description="The reason in words.")
    accounts: int
    marks: int = Field(description="How many mailboxes, devices or address blocks tie these accounts.")
    first_seen: datetime
    last_seen: datetime


class ClusterListed(BaseModel):
    """Accounts that seem to belong to the same person. Their votes count as all others do."""

    id: UUID
    members: int
    doubtful: int = Field(description="Members that were not reviewed as fine, or that have new evidence since.")
    reasons: list[ReasonShown]
    found_at: datetime
    grew_at: datetime = Field(description="When it last got a member or new evidence.")
    reviewed_at: datetime | None


class MemberShown(BaseModel):
    """An account of a cluster."""

    account_id: UUID
    username: str
    city: str
    confirmed: bool = Field(description="Whether its e-mail is confirmed.")
    disposable: bool = Field(description="Whether its e-mail is of a known provider of disposable mailboxes.")
    kinds: list[Tie] = Field(description="What ties it to others, as far as the signals are still kept.")
    since: datetime
    cleared_at: datetime | None = Field(description="When it was reviewed as fine; null again with new evidence.")


class ClusterShown(ClusterListed):
    """A cluster with a page of its accounts."""

    accounts: list[MemberShown]


class ReleaseAsked(BaseModel):
    """What the organizer reviewed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"grew_at": "2026-11-28T13:05:00.123456Z"}]})

    reason: str = Field("", max_length=500, pattern=r"^[^\x00]*$", description="Why, for the audit trail.")
    grew_at: datetime = Field(description="That of the cluster as it was shown: later evidence was not reviewed.")


class Released(BaseModel):
    """The accounts were reviewed as fine."""

    id: UUID
    accounts: int = Field(description="How many were doubtful until now; 0 when it is repeated.")


def cluster_listed(cluster: Cluster, language: Language) -> ClusterListed:
    """Show a cluster in a list."""
    return ClusterListed(
        id=cluster.id,
        members=cluster.members,
        doubtful=cluster.doubtful,
        reasons=[_reason(each, language) for each in cluster.reasons],
        found_at=cluster.found_at,
        grew_at=cluster.grew_at,
        reviewed_at=cluster.reviewed_at,
    )


def cluster_shown(cluster: Cluster, members: list[Member], language: Language) -> ClusterShown:
    """Show a cluster with accounts."""
    listed = cluster_listed(cluster, language)
    return ClusterShown(**dict(listed), accounts=[_member(each) for each in members])


def _reason(reason: Reason, language: Language) -> ReasonShown:
    return ReasonShown(
        kind=reason.tie,
        text=reason.said.text(language),
        accounts=reason.accounts,
        marks=reason.marks,
        first_seen=reason.first_seen,
        last_seen=reason.last_seen,
    )


def _member(member: Member) -> MemberShown:
    return MemberShown(
        account_id=member.account_id,
        username=member.username,
        city=member.city,
        confirmed=member.is_confirmed,
        disposable=is_disposable(member.email),
        kinds=list(member.ties),
        since=member.since,
        cleared_at=member.cleared_at,
    )
