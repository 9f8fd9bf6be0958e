"""The process that sends mails, with real SMTP: two at once, a server that comes back, one that is not set."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from anb.adapters.mail.smtp import SmtpTransport
from anb.db.session import connect_to
from anb.errors import Outage
from anb.mail import sender, service
from anb.mail.domain import MailState
from anb.settings.mail import SenderSettings
from support.mail_server import MailServer, mail_server
from support.outbox import FakeMailTransport, WorldOutbox, mail
from support.waiting import until
from support.worlds import World


@pytest.fixture
def outbox(world: World) -> WorldOutbox:
    return WorldOutbox(world)


def by_smtp(outbox: WorldOutbox, server: MailServer) -> SenderSettings:
    """Return the settings of a sender that hands its mails to a server."""
    url = f"smtp+plain://127.0.0.1:{server.port}"
    return SenderSettings.model_validate(outbox.settings.model_dump() | {"smtp_url": url})


@contextmanager
def running(outbox: WorldOutbox, transport: Callable[[], Any], **settings: object) -> Iterator[sender.Sending]:
    """Run the process's loop in a thread, with a pool of connections of its own."""
    sending = outbox.sending(transport, **settings)
    thread = threading.Thread(target=sender.run, args=(sending,), daemon=True)
    thread.start()
    yield sending
    sending.stopped.set()
    thread.join(10)
    assert not thread.is_alive()


class TestTheProcess:
    def test_with_two_senders_each_mail_arrives_once_by_real_smtp(self, outbox: WorldOutbox) -> None:
        posted = outbox.post(*(mail() for _ in range(30)))
        with mail_server() as server:
            real = by_smtp(outbox, server)
            with running(outbox, lambda: SmtpTransport(real)), running(outbox, lambda: SmtpTransport(real)):
                until(lambda: outbox.act(service.figures).due == 0 and len(server.arrived) == 30)
                until(lambda: all(outbox.state(one) is MailState.SENT for one in posted))
        assert sorted(ids(server)) == sorted(f"<{one}@anb.example>" for one in posted)

    def test_an_address_that_the_server_does_not_know_is_a_dead_letter_with_its_words(
        self, outbox: WorldOutbox
    ) -> None:
        unknown, known = outbox.post(mail(), mail())
        with mail_server() as server, closing(SmtpTransport(by_smtp(outbox, server))) as transport:
            server.to_recipients = ["550 5.1.1 No such user"]
            assert all(sender.send_next(outbox.sending(lambda: transport), transport) for _ in range(2))
        assert (outbox.state(unknown), outbox.state(known)) == (MailState.DEAD, MailState.SENT)
        assert outbox.act(lambda uow: service.show(uow, unknown)).failure == "550 5.1.1 No such user"
        assert outbox.act(service.figures).died_today == 1

    def test_a_server_that_comes_back_gets_every_mail(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        down, well = FakeMailTransport(Outage("down")), FakeMailTransport()
        transports = iter([down, well])
        with running(outbox, lambda: next(transports), mail_senders=2):
            until(lambda: outbox.state(mail_id) is MailState.SENT)

    def test_without_a_mail_server_mails_are_held_until_there_is_one(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        with running(outbox, FakeMailTransport, smtp_url=None):
            until(lambda: outbox.state(mail_id) is MailState.HELD)
            assert outbox.act(service.figures).held == 1
        with running(outbox, FakeMailTransport):
            until(lambda: outbox.state(mail_id) is MailState.SENT)

    def test_a_database_that_is_down_at_the_start_is_waited_for(self, outbox: WorldOutbox) -> None:
        away = connect_to("postgresql://anb@127.0.0.1:1/anb")
        sending = replace(outbox.sending(FakeMailTransport), database=away)
        thread = threading.Thread(target=sender.run, args=(sending,), daemon=True)
        thread.start()
        until(thread.is_alive)
        (mail_id,) = outbox.post(mail())
        sending.database = outbox.world.database
        until(lambda: outbox.state(mail_id) is MailState.SENT)
        sending.stopped.set()
        thread.join(10)
        away.close()

    def test_a_reply_that_was_lost_is_a_second_delivery_of_the_same_message(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        with mail_server() as server:
            server.to_messages = ["drop"]
            real = by_smtp(outbox, server)
            smtp = SmtpTransport(real)
            sending = outbox.sending(lambda: smtp)
            assert sender.send_next(sending, smtp)
            outbox.age(60, created=False)
            assert sender.send_next(sending, smtp)
            smtp.close()
            first, second = server.arrived
        assert first.as_bytes() == second.as_bytes()
        assert ids(server) == [f"<{mail_id}@anb.example>"] * 2
        assert outbox.state(mail_id) is MailState.SENT


def ids(server: MailServer) -> list[str]:
    return [arrived["Message-ID"] for arrived in server.arrived]
