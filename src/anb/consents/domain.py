"""What a player's clips wait for: their own agreement, a guardian's, or nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from anb.errors import Refusal
from anb.sentences import Language

ADULT = 18


class ConsentStanding(StrEnum):
    """What a player's clips wait for."""

    NOT_ASKED = "not_asked"  # the season asks for no consent
    GIVEN = "given"
    PLAYER = "player"  # the player's own agreement
    GUARDIAN_UNNAMED = "guardian_unnamed"  # a guardian, whom the player has to name
    GUARDIAN_ASKED = "guardian_asked"  # the guardian's answer
    GUARDIAN_SILENT = "guardian_silent"  # the guardian did not answer in time; another may be asked
    REFUSED = "refused"  # the guardian said no; another may be asked

    @property
    def lets_work(self) -> bool:
        """Whether clips may be edited and published."""
        return self in {ConsentStanding.NOT_ASKED, ConsentStanding.GIVEN}


class Answer(StrEnum):
    """How a request to a guardian ended."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    REPLACED = "replaced"  # the player named another guardian


class Channel(StrEnum):
    """How a consent reached us."""

    PAGE = "page"
    API = "api"
    LINK = "link"  # in a mail to a guardian


@dataclass(frozen=True)
class Agreement:
    """What a person answered, and to which text."""

    version: str
    digest: str
    language: Language
    channel: Channel
    given: bool = True


@dataclass(frozen=True)
class NewGuardian:
    """A guardian as a player names them."""

    name: str
    email: str


@dataclass(frozen=True)
class PlayerAnswer:
    """What a player says about themselves: their agreement, and where needed their year of birth and a guardian."""

    version: str
    birth_year: int | None = None
    guardian: NewGuardian | None = None


@dataclass(frozen=True)
class Guardian:
    """A guardian who was asked."""

    id: UUID
    account_id: UUID
    name: str
    email: str
    language: Language
    asked_at: datetime
    answered_at: datetime | None
    answer: Answer | None


@dataclass(frozen=True)
class Consents:
    """Everything that decides what a player's clips wait for."""

    birth_year: int | None = None
    player_version: str | None = None  # the latest version that the player agreed to
    guardian: Guardian | None = None  # the one asked last
    guardian_version: str | None = None  # the version that this guardian agreed to


@dataclass(frozen=True)
class ConsentRule:
    """What a consent needs to count, at a moment."""

    now: datetime
    year: int  # in Colombia
    wait: timedelta  # how long a guardian may take
    oldest_version: str = ""

    @property
    def minor_from(self) -> int:
        """The year of birth from which on people count as minors."""
        return self.year - ADULT


@dataclass(frozen=True)
class KeptConsent:
    """A consent as it was given."""

    who: str
    answer: str
    version: str
    language: Language
    channel: Channel
    answered_at: datetime


class PolicyOutdated(Refusal):
    """The version agreed to is not the one in force."""

    code = "policy-outdated"


class PolicyNotFound(Refusal):
    """The data policy has no such version."""

    status = 404
    code = "policy-not-found"


class GuardianIsPlayer(Refusal):
    """A player cannot be their own guardian."""

    code = "guardian-is-player"


class GuardianAnswered(Refusal):
    """This guardian has answered already."""

    code = "guardian-answered"


class GuardianNeeded(Refusal):
    """A minor has to name a guardian."""

    code = "guardian-needed"


class BirthYearWrong(Refusal):
    """The year of birth is still to come."""

    code = "birth-year-wrong"


class BirthYearKnown(Refusal):
    """Another year of birth is known; the profile corrects it."""

    code = "birth-year-known"


def is_minor(birth_year: int | None, year: int) -> bool:
    """Say whether a person counts as a minor: also for the whole year in which they come of age, or with no year."""
    return birth_year is None or birth_year >= year - ADULT


def check_year(birth_year: int | None, year: int) -> None:
    """Refuse a year of birth that is still to come. Raises BirthYearWrong."""
    if birth_year is not None and birth_year > year:
        raise BirthYearWrong


def check_guardian(guardian: NewGuardian, player_email: str) -> None:
    """Refuse a player as their own guardian. Raises GuardianIsPlayer."""
    if guardian.email == player_email:
        raise GuardianIsPlayer


def check_new(said: PlayerAnswer, email: str, rule: ConsentRule) -> None:
    """Refuse what a new account with this e-mail could not answer: before anyone asks whether one has it already.

    Raises BirthYearWrong, GuardianNeeded, GuardianIsPlayer.
    """
    check_year(said.birth_year, rule.year)
    if is_minor(said.birth_year, rule.year):
        if said.guardian is None:
            raise GuardianNeeded
        check_guardian(said.guardian, email)


def standing(known: Consents, rule: ConsentRule) -> ConsentStanding:
    """Say what a player's clips wait for in a season that asks for consent."""
    if not _counts(known.player_version, rule):
        return ConsentStanding.PLAYER
    if not is_minor(known.birth_year, rule.year):
        return ConsentStanding.GIVEN
    guardian = known.guardian
    if guardian is None or guardian.answer is Answer.REPLACED:
        return ConsentStanding.GUARDIAN_UNNAMED
    if guardian.answer is Answer.CONFIRMED:
        return ConsentStanding.GIVEN if _counts(known.guardian_version, rule) else ConsentStanding.GUARDIAN_UNNAMED
    if guardian.answer is Answer.REFUSED:
        return ConsentStanding.REFUSED
    is_over = guardian.asked_at + rule.wait <= rule.now
    return ConsentStanding.GUARDIAN_SILENT if is_over else ConsentStanding.GUARDIAN_ASKED


def _counts(version: str | None, rule: ConsentRule) -> bool:
    return version is not None and version >= rule.oldest_version
