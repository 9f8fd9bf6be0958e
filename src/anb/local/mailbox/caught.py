"""The mails that were caught: the newest ones, in memory only."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count

from anb.settings import MIB

MOST_MAILS = 200
MOST_BYTES = 20 * MIB
LARGEST = MIB  # one mail


@dataclass(frozen=True)
class CaughtMail:
    """A mail as it arrived."""

    number: int
    at: datetime
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed; anything parses."""
        return message_from_bytes(self.content, policy=policy.default)

    def body(self, kind: str) -> str:
        """Return the body as `plain` or `html`; empty if there is none."""
        part = self.message.get_body((kind,))
        try:
            return "" if part is None else str(part.get_content())
        except (LookupError, KeyError):  # an encoding that is not known
            return ""


class CaughtMails:
    """Bounded in number and bytes: the oldest leave first."""

    def __init__(self, most: int = MOST_MAILS, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._mails: deque[CaughtMail] = deque()
        self._numbers = count(1)
        self._lock = threading.Lock()

    def add(self, recipients: list[str], content: bytes) -> None:
        """Keep a mail."""
        with self._lock:
            self._mails.append(CaughtMail(next(self._numbers), datetime.now(UTC), tuple(recipients), content))
            while len(self._mails) > self._most or sum(len(one.content) for one in self._mails) > self._most_bytes:
                self._mails.popleft()

    def newest_first(self) -> list[CaughtMail]:
        """Return every mail that is kept."""
        with self._lock:
            return list(reversed(self._mails))

    def find(self, number: int) -> CaughtMail | None:
        """Return a mail by its number."""
        return next((one for one in self.newest_first() if one.number == number), None)
