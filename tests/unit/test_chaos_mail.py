"""The mail server of chaos runs, which must behave as badly as its faults say."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from verify.chaos.mail_sink import MailSink

from anb.adapters.mail.smtp import SmtpTransport
from anb.errors import Outage
from anb.ports.mail import MailDeferred
from anb.settings.mail import MailSettings

MESSAGE = b"Message-ID: <m1@anb.example>\r\n\r\nhttp://x.example/?token=1\r\n.\r\n"


@pytest.fixture
def sink() -> Iterator[MailSink]:
    sink = MailSink()
    sink.start()
    yield sink
    sink.stop()


def send(sink: MailSink, seconds: float = 5) -> None:
    settings = {"smtp_url": sink.url, "mail_from": "a@anb.example", "smtp_seconds": seconds}
    with closing(SmtpTransport(MailSettings.model_validate(settings))) as smtp:
        smtp.send("a@anb.example", "ana@example.com", MESSAGE)


def test_it_remembers_for_whom_a_message_was_and_its_links(sink: MailSink) -> None:
    send(sink)
    (mail,) = sink.taken
    assert (mail.address, mail.message_id, mail.links) == (
        "ana@example.com", "<m1@anb.example>", ("http://x.example/?token=1",)
    )  # fmt: skip


def test_it_refuses_hangs_up_and_is_silent(sink: MailSink) -> None:
    with sink.behaving("refusing"), pytest.raises(MailDeferred, match="451"):
        send(sink)
    assert sink.taken == []
    with sink.behaving("forgetful"), pytest.raises(MailDeferred, match="lost"):
        send(sink)
    assert len(sink.taken) == 1
    with sink.behaving("silent"), pytest.raises(MailDeferred, match="lost"):
        send(sink, 0.2)
    assert len(sink.taken) == 1


def test_while_it_is_down_nothing_listens_and_then_it_does_again(sink: MailSink) -> None:
    with sink.down(), pytest.raises(Outage):
        send(sink)
    send(sink)
    assert len(sink.taken) == 1
