"""What a challenge is for, and the refusals of those who have not solved it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from anb.errors import AnbError, Refusal


class NoChallengeKey(AnbError):
    """This process has no key to sign challenges with."""


@dataclass(frozen=True)
class ChallengePurpose:
    """The one act that a challenge is good for."""

    act: str
    account_id: UUID
    about: UUID

    @property
    def data(self) -> dict[str, str]:
        """The purpose as a challenge carries it, under its signature."""
        return {"act": self.act, "account": str(self.account_id), "about": str(self.about)}


class ChallengeNeeded(Refusal):
    """This act needs the solution of a challenge first; `challenge` is one."""

    status: ClassVar[int] = 403
    code: ClassVar[str] = "challenge-needed"
    shown: ClassVar[tuple[str, ...]] = ("challenge",)


class ChallengeExpired(ChallengeNeeded):
    """The challenge was solved too late; `challenge` is another one."""

    code: ClassVar[str] = "challenge-expired"


class ChallengeWrong(ChallengeNeeded):
    """What was sent does not solve a challenge for this act and account; `challenge` is another one."""

    code: ClassVar[str] = "challenge-wrong"


class ChallengeSpent(ChallengeNeeded):
    """This solution was used before; `challenge` is another one."""

    code: ClassVar[str] = "challenge-spent"
