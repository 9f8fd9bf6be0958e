"""The outbox of a world, and senders of it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from anb.db.session import UnitOfWork
from anb.db.tables_mail import mails
from anb.mail import sender, service
from anb.mail.domain import Facts, MailKind, MailState, NewMail, Recipient
from anb.settings.mail import SenderSettings
from support.worlds import World

FACTS: Facts = {"link": "/confirm?token=secret", "hours": 24}
ANA = Recipient(None, "ana@example.com", "Ana", "es")


def mail(once: str | None = None, kind: MailKind = MailKind.CONFIRM_EMAIL, to: Recipient = ANA) -> NewMail:
    return NewMail(kind, to, FACTS, once)


class FakeMailTransport:
    """Takes each message, or fails as a test says."""

    def __init__(self, *failures: Exception | None) -> None:
        self.failures = list(failures)
        self.sent: list[str] = []

    def send(self, _sender: str, recipient: str, _content: bytes) -> None:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.sent.append(recipient)

    def close(self) -> None:
        """Nothing is open."""


class WorldOutbox:
    """The outbox of a world, and senders of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = SenderSettings.model_validate(
            {
                "database_url": str(world.settings.database_url),
                "public_url": "https://anb.example",
                "smtp_url": "smtp+plain://127.0.0.1:1",
                "mail_from": "ANB <no-reply@anb.example>",
                "mail_poll_seconds": 0.02,
                "mail_attempts": 3,
                "smtp_seconds": 5,
            }
        )

    def sending(self, transport: Callable[[], Any], **settings: object) -> sender.Sending:
        changed = self.settings.model_copy(update=settings)
        return sender.Sending(changed, self.world.database, transport, threading.Event(), "host:1")

    def send_next(self, transport: FakeMailTransport | None = None, **settings: object) -> bool:
        made = transport or FakeMailTransport()
        return sender.send_next(self.sending(lambda: made, **settings), made)

    def post(self, *new: NewMail) -> list[UUID]:
        with self.world.uow() as uow:
            return [service.post(uow, each) for each in new]

    def state(self, mail_id: UUID) -> MailState:
        with self.world.uow() as uow:
            return service.show(uow, mail_id).state

    def act(self, verb: Callable[[UnitOfWork], Any]) -> Any:
        with self.world.uow() as uow:
            return verb(uow)

    def age(self, seconds: float, *, created: bool = True) -> None:
        with self.world.uow() as uow:
            times = [mails.c.available_at, mails.c.lease_expires_at, mails.c.ended_at]
            times += [mails.c.created_at] if created else []
            uow.execute(update(mails).values({each: each - timedelta(seconds=seconds) for each in times}))
