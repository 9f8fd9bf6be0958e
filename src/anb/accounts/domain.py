"""An account, its roles, and its refusals."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anb.audit.domain import AuditActor
from anb.errors import Refusal
from anb.mail.domain import Recipient
from anb.sentences import DEFAULT, Language
from anb.sessions.domain import OpenedSession
from anb.signals.domain import NOWHERE, Trace

# How long the links in mails can be used.
CONFIRM_HOURS = 72
RESET_HOURS = 1
EMAIL_HOURS = 24  # within which the new address must accept a change
KEEP_DAYS = 7  # within which the former address may take it back, once it took effect
INVITE_DAYS = 7


class Role(StrEnum):
    """A person's role. Every person may upload and vote; an administrator may also do what an organizer may."""

    PLAYER = "player"
    JUROR = "juror"
    ORGANIZER = "organizer"
    ADMINISTRATOR = "administrator"

    @property
    def acts(self) -> frozenset["Role"]:
        """The roles whose acts a person of this role may do."""
        return frozenset({self, Role.ORGANIZER} if self is Role.ADMINISTRATOR else {self})

    def needs_factor(self, guarded: Collection[str]) -> bool:
        """Say whether some act of this role needs a second factor, where the acts of these roles need one."""
        return any(one.value in guarded for one in self.acts)


@dataclass(frozen=True)
class Account:
    """A person with an account."""

    id: UUID
    email: str
    username: str
    first_name: str
    last_name: str
    city: str
    country: str
    role: Role
    language: Language = DEFAULT  # of the mail we send
    email_confirmed_at: datetime | None = None
    public_name: str | None = None  # in place of the real name, where the person chose one

    @property
    def is_juror(self) -> bool:
        """Whether this person is a juror at present: for what is told; a right is asked for with `acts_as`."""
        return self.role is Role.JUROR

    @property
    def shown_name(self) -> str:
        """The name that the public reads."""
        return self.public_name or self.name

    @property
    def is_player(self) -> bool:
        """Whether the person has no more rights than everyone has."""
        return self.role is Role.PLAYER

    @property
    def is_confirmed(self) -> bool:
        """Whether the person has proved that the e-mail is theirs."""
        return self.email_confirmed_at is not None

    @property
    def name(self) -> str:
        """The real name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class Actor:
    """An account that acts in a session, and the roles for whose acts this session is too weak."""

    account_id: UUID
    too_weak_for: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class NewAccount:
    """The data of a sign-up, already checked to be well-formed."""

    first_name: str
    last_name: str
    email: str
    password: str
    city: str
    country: str
    language: Language = DEFAULT
    trace: Trace = NOWHERE


@dataclass(frozen=True)
class SignedIn:
    """An account with the session that was opened for it."""

    account_id: UUID
    session: OpenedSession


@dataclass(frozen=True)
class SecondStep:
    """A right password of an account with a second factor: what the browser's cookie holds until a code follows."""

    token: str


class EmailTaken(Refusal):
    """An account with this e-mail exists already."""

    code = "email-taken"


class PasswordsDiffer(Refusal):
    """password1 and password2 are not the same."""

    code = "passwords-differ"


class WrongCredentials(Refusal):
    """No account has this e-mail and password. The answer does not say which of the two is wrong."""

    status = 401
    code = "wrong-credentials"


class WrongPassword(Refusal):
    """The password is not that of the account that is signed in."""

    status = 403
    code = "wrong-password"


class OrganizersOnly(Refusal):
    """Only an organizer or an administrator may do this."""

    status = 403
    code = "organizers-only"


class AdministratorsOnly(Refusal):
    """Only an administrator may do this."""

    status = 403
    code = "administrators-only"


class OwnRole(Refusal):
    """The caller's own role: another administrator gives or takes it."""

    code = "own-role"


class LastAdministrator(Refusal):
    """The account is the last administrator's who is not about to be erased; without one, no one here gives roles."""

    code = "last-administrator"


class AccountNotFound(Refusal):
    """No account has this e-mail or id."""

    status = 404
    code = "account-not-found"


def recipient(account: Account, address: str | None = None) -> Recipient:
    """Address a mail to an account's owner, greeted by the first name; at another address if one is given."""
    return Recipient(account.id, address or account.email, account.first_name, account.language)


def auditor(account: Account) -> AuditActor:
    """Return an account as the actor of an entry in the audit trail."""
    return AuditActor(account.username, account.role.value, account.id)


def fold(text: str) -> str:
    """Reduce a name for comparison: Bogotá, bogota and BOGOTÁ are one city."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(kept.split())


def username_for(first_name: str, last_name: str) -> str:
    """Propose a public name: jose.munoz for José Muñoz; `player` where no letter can be written in ASCII."""
    words = f"{fold(first_name)} {fold(last_name)}".split()
    letters = ["".join(letter for letter in word if letter.isascii() and letter.isalnum()) for word in words]
    return ".".join(word for word in letters if word)[:40] or "player"


def free_username(wanted: str, taken: Collection[str]) -> str:
    """Return the public name that was proposed, or the first with a number after it that no account has."""
    return next(name for name in (wanted, *(f"{wanted}{n}" for n in range(2, len(taken) + 3))) if name not in taken)
