"""The process that sends mails, with real SMTP: two at once, a server that comes back, one that is not set."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
            url = f"smtp+plain://127.0.0.1:{server.port}"
            real = SenderSettings.model_validate(outbox.settings.model_dump() | {"smtp_url": url})
            with running(outbox, lambda: SmtpTransport(real)), running(outbox, lambda: SmtpTransport(real)):
                until(lambda: outbox.act(service.figures).due == 0 and len(server.arrived) == 30)
                until(lambda: all(outbox.state(one) is MailState.SENT for one in posted))
        assert sorted(ids(server)) == sorted(f"<{one}@anb.example>" for one in posted)

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
            url = f"smtp+plain://127.0.0.1:{server.port}"
            real = SenderSettings.model_validate(outbox.settings.model_dump() | {"smtp_url": url})
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
