"""A mail: its kinds and its states, and the errors of operators."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, NamedTuple
from uuid import UUID

from anb.errors import Refusal
from anb.sentences import Language

Facts = Mapping[str, str | int]


class MailKind(StrEnum):
    """The kind of a mail."""

    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a kind
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - as above
    ACCOUNT_EXISTS = "account_exists"  # to the owner of an address with which another account was wanted
    NO_ACCOUNT = "no_account"  # to an address for which a new password was asked
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    FACTORS_UNLOCKED = "factors_unlocked"
    NEW_DEVICE = "new_device"
    INVITATION = "invitation"
    EMAIL_CHANGE_OLD = "email_change_old"
    EMAIL_CHANGE_NEW = "email_change_new"
    GUARDIAN_CONSENT = "guardian_consent"
    GUARDIAN_THANKED = "guardian_thanked"  # for a permission, with the way to take it back
    GUARDIAN_ENDED = "guardian_ended"  # to the player, whose guardian took it back
    VIDEO_READY = "video_ready"
    VIDEO_REFUSED = "video_refused"
    VIDEO_TAKEN_DOWN = "video_taken_down"
    SEASON_CLOSES = "season_closes"
    RESULTS = "results"
    ACCOUNT_ERASED = "account_erased"
    EXPORT_READY = "export_ready"


class MailState(StrEnum):
    """The state of a mail."""

    QUEUED = "queued"
    SENDING = "sending"
    HELD = "held"  # no mail server is set: it waits for one
    SENT = "sent"  # the mail server has taken it
    UNWANTED = "unwanted"  # its recipient had switched this kind off, or an operator dismissed it
    DEAD = "dead"  # refused for good, or tried too often: it waits for an operator


UNSENT = (MailState.QUEUED, MailState.SENDING, MailState.HELD, MailState.DEAD)


class KindRule(NamedTuple):
    """The rule of a kind, and the parts of its text in their order.

    A part is a sentence `mail.<kind>.<part>` of the catalogues; `button` becomes a link to the fact `link`, and `lasts`
    is `mail.lasts_hours` or `mail.lasts_days` for kinds without a sentence of their own.
    """

    parts: tuple[str, ...]
    facts: frozenset[str]
    necessary: bool = True  # cannot be switched off, and goes before those that can


def _rule(parts: str, facts: str = "", *, necessary: bool = True) -> KindRule:
    return KindRule(tuple(parts.split()), frozenset(facts.split()), necessary)


# `link` is a path of the site, such as /account/confirm?token=…; the sender puts the site's address before it.
# A mail with `hours` or `days`, for which its link is valid, is not sent later than that. `day` is an ISO date.
RULES: Mapping[MailKind, KindRule] = MappingProxyType(
    {
        MailKind.CONFIRM_EMAIL: _rule("lead button lasts ignore", "link hours"),
        MailKind.RESET_PASSWORD: _rule("lead button lasts ignore", "link hours"),
        MailKind.PASSWORD_CHANGED: _rule("lead button", "link"),
        MailKind.FACTOR_ADDED: _rule("lead button", "link"),
        MailKind.FACTOR_REMOVED: _rule("lead button", "link"),
        MailKind.FACTORS_UNLOCKED: _rule("lead button", "link"),
        MailKind.ACCOUNT_EXISTS: _rule("lead button ignore", "link"),
        MailKind.NO_ACCOUNT: _rule("lead button ignore", "link"),
        MailKind.EMAIL_CHANGE_NEW: _rule("lead button lasts ignore", "link hours"),
        MailKind.EMAIL_CHANGE_OLD: _rule("lead silence button", "link days"),
        MailKind.INVITATION: _rule("lead button lasts ignore", "link days"),
        MailKind.NEW_DEVICE: _rule("lead ignore button", "device link"),
        MailKind.GUARDIAN_CONSENT: _rule("lead what button lasts ignore", "player link days"),
        MailKind.GUARDIAN_THANKED: _rule("lead keep button", "player link"),
        MailKind.GUARDIAN_ENDED: _rule("lead what button", "link"),
        MailKind.ACCOUNT_ERASED: _rule("lead proof", "request"),
        MailKind.EXPORT_READY: _rule("lead button lasts", "link hours"),
        MailKind.VIDEO_READY: _rule("lead button", "title link", necessary=False),
        MailKind.VIDEO_REFUSED: _rule("lead why button", "title reason link", necessary=False),
        MailKind.VIDEO_TAKEN_DOWN: _rule("lead why button", "title reason link"),
        MailKind.SEASON_CLOSES: _rule("lead button", "season day link", necessary=False),
        MailKind.RESULTS: _rule("lead thanks button", "season position votes link", necessary=False),
    }
)
OPTIONAL = tuple(kind for kind, rule in RULES.items() if not rule.necessary)
# The token with which one click switches off the kind of a mail; it is kept among the facts until the mail is sent.
STOP = "stop"


@dataclass(frozen=True)
class Recipient:
    """The person whom a mail is for, who may have no account."""

    account_id: UUID | None
    address: str
    name: str
    language: Language


@dataclass(frozen=True)
class NewMail:
    """A mail to be sent. A second one with the same key `once` is not sent."""

    kind: MailKind
    to: Recipient
    facts: Facts = field(default_factory=dict)
    once: str | None = None

    def __post_init__(self) -> None:
        if self.facts.keys() != RULES[self.kind].facts:
            raise ValueError(f"{self.kind} needs the facts {sorted(RULES[self.kind].facts)}, not {sorted(self.facts)}")


@dataclass(frozen=True)
class HeldMail:
    """A mail that a sender has claimed. The attempt number fences every later write."""

    id: UUID
    kind: MailKind
    to: Recipient
    facts: Facts
    attempt: int
    faults: int  # before this attempt
    created_at: datetime
    age_seconds: float
    is_unwanted: bool = False  # its recipient has switched this kind off

    @property
    def is_stale(self) -> bool:
        """Whether the link in it has expired."""
        hours = int(self.facts.get("hours", 0)) + 24 * int(self.facts.get("days", 0))
        return bool(hours) and self.age_seconds > hours * 3600


@dataclass(frozen=True)
class MailRecord:
    """A mail as an operator sees it."""

    id: UUID
    kind: MailKind
    state: MailState
    account_id: UUID | None
    attempt: int
    faults: int
    sender: str | None
    failure: str | None
    created_at: datetime
    available_at: datetime
    ended_at: datetime | None


class MailFigures(NamedTuple):
    """The state of the outbox. If no mail leaves it, `waiting_seconds` grows. Counts end at 10,000."""

    due: int  # mails that a sender could claim now
    held: int
    dead: int
    waiting_seconds: float | None  # since the oldest due mail became due
    died_today: int  # in the last 24 hours
    oldest_seconds: float | None  # since the oldest necessary mail was posted that is not handed over yet


class MailNotFound(Refusal):
    """No mail has this id."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "mail-not-found"


class MailNotDead(Refusal):
    """Only a dead mail is tried again or dismissed."""

    code: ClassVar[str] = "mail-not-dead"


def retry_delay(fault: int, chance: float) -> float:
    """Return the seconds to wait after the n-th fault: 5, 15, 45 …, at most an hour, half of it at random.

    `chance` is from 0 to 1. It prevents mails that failed together from being tried again together.
    """
    return float(min(5 * 3 ** min(fault - 1, 10), 3600)) * (0.5 + chance / 2)
