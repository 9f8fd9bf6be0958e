"""Fakes of the ports: in memory, in milliseconds, keeping the same promises as the adapters."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from anb.errors import Outage


@dataclass
class FakeQueue:
    """Remembers what was sent; can be down."""

    sent: list[UUID] = field(default_factory=list)
    down: bool = False

    def send(self, job_id: UUID) -> None:
        if self.down:
            raise Outage("the task queue cannot be reached")
        self.sent.append(job_id)

    def depth(self) -> int:
        if self.down:
            raise Outage("the task queue cannot be reached")
        return len(self.sent)


@dataclass
class SteadyClock:
    """Stands at the real time until a test moves it."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class PlainPasswords:
    """No work at all."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def matches(self, hashed: str | None, password: str) -> bool:
        return hashed == f"plain:{password}"
