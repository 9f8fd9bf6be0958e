"""An entry of the audit trail, the chain of hashes over all of them, and what breaks it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from anb.errors import AnbError

OPERATOR = "operator"  # the role of a person who runs `anb` on a host, without an account
SALT_BYTES = 16
Detail = str | int | bool | None


class Act(StrEnum):
    """What was done. A new act adds a line here; a word is never changed or removed, since entries hold it."""

    SEASON_OPENED = "season_opened"
    SEASON_CLOSED = "season_closed"
    SEASON_SCHEDULED = "season_scheduled"
    SEASON_RESCHEDULED = "season_rescheduled"
    SEASON_RULED = "season_ruled"
    SEASON_REOPENED = "season_reopened"
    PERSON_INVITED = "person_invited"
    INVITATION_ACCEPTED = "invitation_accepted"
    ROLE_GIVEN = "role_given"
    EMAIL_CONFIRMED = "email_confirmed"
    FACTORS_REMOVED = "factors_removed"
    PASSWORD_LINK_MADE = "password_link_made"  # noqa: S105 - a word
    GUARDIAN_LINK_MADE = "guardian_link_made"
    BIRTH_YEAR_CORRECTED = "birth_year_corrected"
    SESSIONS_ENDED = "sessions_ended"
    ERASURE_ASKED = "erasure_asked"
    EXPORT_ASKED = "export_asked"
    DATA_EXPORTED = "data_exported"
    JOB_RETRIED = "job_retried"
    JOB_CANCELLED = "job_cancelled"
    DRAIN_STARTED = "drain_started"
    DRAIN_ENDED = "drain_ended"
    MAIL_RETRIED = "mail_retried"
    MAIL_DISMISSED = "mail_dismissed"
    EDITS_QUEUED = "edits_queued"
    CLUSTER_RELEASED = "cluster_released"
    VOTES_RELEASED = "votes_released"
    VOTES_VOIDED = "votes_voided"
    VOTES_RESTORED = "votes_restored"
    CLIP_APPROVED = "clip_approved"
    CLIP_HIDDEN = "clip_hidden"
    CLIP_RESTORED = "clip_restored"
    CLIP_REFUSED = "clip_refused"
    REFUSAL_REVERSED = "refusal_reversed"
    CLIP_TAKEN_DOWN = "clip_taken_down"
    REPORTS_DISMISSED = "reports_dismissed"
    PHOTO_REMOVED = "photo_removed"
    SCORES_SET_ASIDE = "scores_set_aside"
    SCORES_RESTORED = "scores_restored"


class TargetKind(StrEnum):
    """What an act is done to."""

    ACCOUNT = "account"
    CLUSTER = "cluster"
    INVITATION = "invitation"
    JOB = "job"
    MAIL = "mail"
    QUEUE = "queue"
    SEASON = "season"
    VIDEO = "video"
    VOTES = "votes"


@dataclass(frozen=True)
class AuditActor:
    """The person who acts: an account in its role, or an operator at a host's shell. The name is outside the chain."""

    name: str
    role: str = OPERATOR
    account_id: UUID | None = None


@dataclass(frozen=True)
class AuditTarget:
    """What is acted on, and the account whose it is. An id names no person."""

    kind: TargetKind
    id: str = ""
    account_id: UUID | None = None

    @classmethod
    def account(cls, account_id: UUID) -> "AuditTarget":
        """Return a person's account as a target."""
        return cls(TargetKind.ACCOUNT, str(account_id), account_id)


@dataclass(frozen=True)
class Commitment:
    """A hash that binds an entry to its name and reason, which may be erased: without the salt it tells nothing."""

    digest: bytes
    salt: bytes | None

    def holds(self, name: str | None, reason: str | None) -> bool:
        """Say whether these are the name and the reason, or both were erased."""
        if self.salt is None:
            return name is None and reason is None
        return self.digest == commit(self.salt, name or "", reason or "").digest


@dataclass(frozen=True)
class AuditedAct:
    """What the chain covers of an act, before it has a number and a time."""

    actor_role: str
    actor_id: UUID | None
    act: str
    target_kind: str
    target_id: str
    target_account_id: UUID | None
    details: str  # canonical JSON


@dataclass(frozen=True)
class AuditEntry:
    """An entry of the trail, and outside the chain its name and reason, or None once they are erased."""

    number: int
    at: datetime
    what: AuditedAct
    commitment: Commitment
    name: str | None
    reason: str | None
    hash: bytes


class AuditFilter(NamedTuple):
    """Which entries are wanted; None does not choose."""

    act: Act | None = None
    actor_id: UUID | None = None
    target_kind: TargetKind | None = None
    target_id: str | None = None
    account_id: UUID | None = None  # whose things were acted on
    since: datetime | None = None
    acts: frozenset[Act] | None = None  # any of these


class ChainHead(NamedTuple):
    """The number and the hash of an entry; who remembers them can tell whether the trail up to it has changed."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> "ChainHead":
        """Read NUMBER:HASH. Raises ValueError."""
        number, _, digest = text.partition(":")
        head = cls(int(number), bytes.fromhex(digest))
        if head.number < 0 or len(head.hash) != hashlib.sha256().digest_size:
            raise ValueError(text)
        return head


START = ChainHead(0, bytes(hashlib.sha256().digest_size))


class AuditChainBroken(AnbError):
    """The audit trail is not what was written."""


def canonical(value: Mapping[str, Detail]) -> str:
    """Write an object as JSON in the one form that is hashed: keys in order, no spaces, no escapes for letters."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def commit(salt: bytes, name: str, reason: str) -> Commitment:
    """Bind a name and a reason."""
    said = canonical({"name": name, "reason": reason})
    return Commitment(hashlib.sha256(salt + said.encode()).digest(), salt)


def chained(before: ChainHead, at: datetime, what: AuditedAct, commitment: bytes) -> bytes:
    """Return the hash of the entry that follows `before`."""
    own = canonical({
        "version": 1,
        "number": before.number + 1,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_role": what.actor_role,
        "actor_id": _text(what.actor_id),
        "act": what.act,
        "target_kind": what.target_kind,
        "target_id": what.target_id,
        "target_account_id": _text(what.target_account_id),
        "details": what.details,
        "commitment": commitment.hex(),
    })  # fmt: skip
    return hashlib.sha256(before.hash + own.encode()).digest()


def follow(before: ChainHead, entry: AuditEntry) -> ChainHead:
    """Check that an entry follows the head, and return the new head. Raises AuditChainBroken."""
    if entry.number != before.number + 1:
        raise AuditChainBroken(f"entry {before.number + 1} is missing: {entry.number} comes after {before.number}")
    if entry.hash != chained(before, entry.at, entry.what, entry.commitment.digest):
        raise AuditChainBroken(f"entry {entry.number} is not what was written: its hash is of other contents")
    if not entry.commitment.holds(entry.name, entry.reason):
        raise AuditChainBroken(f"entry {entry.number} has another name or reason than was written")
    return ChainHead(entry.number, entry.hash)


def _text(account_id: UUID | None) -> str | None:
    return None if account_id is None else str(account_id)
