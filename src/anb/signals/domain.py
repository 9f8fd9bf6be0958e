"""What is noted of an act, and the normal form of an e-mail address."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

# Providers that ignore dots in the part before the `@`, and the domains that lead to the same mailbox.
_DOTS_IGNORED = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


class SignalKind(StrEnum):
    """What an account did."""

    SIGN_UP = "sign-up"
    SIGN_IN = "sign-in"
    VOTE = "vote"


@dataclass(frozen=True)
class Trace:
    """Where an act came from: keyed hashes of the device's cookie and of the address block, as far as known."""

    device: str | None = None
    block: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not self.device and not self.block


NOWHERE = Trace()


class TracedClient(Protocol):
    """A client that signs in, of which the same is known."""

    @property
    def device_key(self) -> str | None:
        """The keyed hash of the device's cookie."""

    @property
    def block(self) -> str | None:
        """The keyed hash of the address block."""


@dataclass(frozen=True)
class OwnSignal:
    """What is kept of a person's acts from one device and network, as the person is told it: without the hashes."""

    act: SignalKind
    device: bool
    network: bool
    first_seen: datetime
    last_seen: datetime


def normal_form(email: str) -> str:
    """Return the address of the mailbox that an e-mail address probably leads to.

    The part from `+` on goes with every provider; dots go with the providers that are known to ignore them.
    """
    local, _, domain = email.lower().rpartition("@")
    name = local.partition("+")[0] or local
    if domain in _DOTS_IGNORED:
        return f"{name.replace('.', '') or name}@{_DOTS_IGNORED[domain]}"
    return f"{name}@{domain}"
