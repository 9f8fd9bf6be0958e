"""The process that empties the outbox: claim, hand over, note the outcome. Any number of these may run."""

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from email_validator import EmailNotValidError
from sqlalchemy.exc import SQLAlchemyError

from anb.db.session import Database, UnitOfWork
from anb.errors import Outage
from anb.logs import logger
from anb.mail import service
from anb.mail.domain import HeldMail
from anb.mail.message import compose
from anb.ports.mail import MailDeferred, MailRefused, MailTransport
from anb.settings.mail import SenderSettings

log = logger(__name__)

Note = Callable[[UnitOfWork], object]

PURGE_SECONDS = 3600
LONGEST_PAUSE = 60  # between two looks at a mail server that is down
STOP_SECONDS = 5  # in which a stopping process ends the mails it sends; after that their leases end


@dataclass
class Sending:
    """The dependencies of a sender."""

    settings: SenderSettings
    database: Database
    make_transport: Callable[[], MailTransport]
    stopped: threading.Event
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")


def run(sending: Sending) -> None:
    """Send mails until told to stop; without a mail server, hold them."""
    log.info("mail.sender.begun", can_send=sending.settings.can_send)
    act = _send_all if sending.settings.can_send else _hold_all
    act(sending)


def send_next(sending: Sending, transport: MailTransport) -> bool:
    """Send the mail that comes next; False when none is due. Raises Outage when the server does not let us in."""
    with sending.database.transaction() as uow:
        held = service.claim(uow, sending.settings, sending.name)
    if held is None:
        return False
    try:
        event, note = _attempt(sending.settings, transport, held)
    except Outage:
        _write(sending, held, "mail.released", lambda uow: service.release(uow, held))
        raise
    _write(sending, held, event, note)
    return True


def _attempt(settings: SenderSettings, transport: MailTransport, held: HeldMail) -> tuple[str, Note]:
    """Try to send a mail; return the outcome's event, and how it is noted. Raises Outage."""
    if held.is_unwanted:
        return "mail.unwanted", lambda uow: service.drop(uow, held)
    if held.is_stale:
        return "mail.stale", lambda uow: service.refuse(uow, held, "Its link has expired.")
    try:
        transport.send(*compose(held, sender=settings.mail_from or "", site=settings.site or ""))
    except Outage:
        raise
    except (MailRefused, EmailNotValidError) as refused:
        why = str(refused)
        return "mail.refused", lambda uow: service.refuse(uow, held, why)
    except MailDeferred as deferred:
        why = str(deferred)
    except Exception as bug:  # one mail that cannot be written must not stop the others
        log.exception("mail.broke", mail_id=str(held.id))
        why = repr(bug)
    else:
        return "mail.sent", lambda uow: service.finish(uow, held)
    return "mail.deferred", lambda uow: service.retry(uow, settings, held, why)


def _write(sending: Sending, held: HeldMail, event: str, note: Note) -> None:
    """Note an outcome. While the database is away, try until the lease ends: after that another sender has the mail.

    The mail server's own words are kept in the row and not in the log: they often name the recipient.
    """
    deadline = time.monotonic() + sending.settings.mail_lease_seconds
    while True:
        try:
            with sending.database.transaction() as uow:
                note(uow)
        except SQLAlchemyError as error:
            if time.monotonic() > deadline:
                raise
            log.warning("mail.note.failed", mail_id=str(held.id), error=repr(error))
            sending.stopped.wait(sending.settings.mail_poll_seconds)
        else:
            log.info(event, mail_id=str(held.id), kind=held.kind.value, attempt=held.attempt)
            return


def _send_all(sending: Sending) -> None:
    _end_hold(sending)
    threads = [
        threading.Thread(target=_loop, args=(sending,), name=f"mail-{number}", daemon=True)
        for number in range(sending.settings.mail_senders)
    ]
    for thread in threads:
        thread.start()
    purged = -PURGE_SECONDS
    while not sending.stopped.wait(sending.settings.mail_poll_seconds):
        if time.monotonic() - purged >= PURGE_SECONDS:
            purged = int(time.monotonic())
            _purge(sending)
    deadline = time.monotonic() + STOP_SECONDS
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))


def _loop(sending: Sending) -> None:
    """Send mails over one connection until told to stop."""
    failures = 0
    with closing(sending.make_transport()) as transport:
        while not sending.stopped.is_set():
            try:
                found = send_next(sending, transport)
            except (Outage, SQLAlchemyError) as error:
                failures += 1
                log.warning("mail.sender.waits", error=str(error) if isinstance(error, Outage) else repr(error))
                sending.stopped.wait(min(2 ** min(failures - 1, 10), LONGEST_PAUSE))
            else:
                failures = 0
                if not found:
                    sending.stopped.wait(sending.settings.mail_poll_seconds)


def _end_hold(sending: Sending) -> None:
    """Queue what was held, once the database answers."""
    while not sending.stopped.is_set():
        try:
            with sending.database.transaction() as uow:
                service.end_hold(uow)
        except SQLAlchemyError as error:
            log.warning("mail.sender.waits", error=repr(error))
            sending.stopped.wait(sending.settings.mail_poll_seconds)
        else:
            return


def _hold_all(sending: Sending) -> None:
    while not sending.stopped.is_set():
        try:
            with sending.database.transaction() as uow:
                if held := service.hold(uow):
                    log.warning("mail.held", count=held, because="ANB_SMTP_URL or ANB_PUBLIC_URL is not set")
        except SQLAlchemyError as error:
            log.warning("mail.sender.waits", error=repr(error))
        sending.stopped.wait(sending.settings.mail_poll_seconds)


def _purge(sending: Sending) -> None:
    try:
        with sending.database.transaction() as uow:
            if gone := service.purge(uow, sending.settings):
                log.info("mail.purged", count=gone)
    except SQLAlchemyError as error:
        log.warning("mail.purge.failed", error=repr(error))
