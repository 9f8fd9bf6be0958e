"""The links of an account in a model, as the docs say they behave (docs/packages/accounts.md)."""

from dataclasses import dataclass

from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed, Purpose
from anb.errors import Refusal

KINDS = {
    "confirm_email": Purpose.CONFIRM,
    "reset_password": Purpose.RESET,
    "email_change_new": Purpose.EMAIL_NEW,
    "email_change_old": Purpose.EMAIL_OLD,
}


@dataclass(frozen=True)
class ModelLink:
    """A link."""

    purpose: Purpose
    turn: int  # when it was made
    email: str  # that it was sent to
    account: str  # the address that the account had then
    after: str = ""  # the new address that a link to the former one names
    used: bool = False
    over: bool = False

    def refusal(self, current: str, wish: "ModelWish | None", *, approves: bool = False) -> type[Refusal] | None:
        """Say why it can no longer be used."""
        if self.used:
            return LinkUsed
        if self.over:
            return LinkExpired
        if self.purpose is Purpose.EMAIL_OLD and not approves:
            return None
        if self.purpose in {Purpose.EMAIL_NEW, Purpose.EMAIL_OLD} and (wish is None or wish.email not in self.names):
            return LinkInvalid
        return LinkInvalid if self.account != current else None

    @property
    def names(self) -> set[str]:
        """The new address that the link answers for."""
        return {self.after if self.purpose is Purpose.EMAIL_OLD else self.email}


@dataclass(frozen=True)
class ModelWish:
    """A change of address that is under way."""

    email: str
    accepted: bool = False
    approved: bool = False
