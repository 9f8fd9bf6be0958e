"""A mail as it is sent: what its headers say, and what no name can make of them."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from email_validator import EmailNotValidError

from anb.mail.domain import Facts, HeldMail, MailKind, NewMail, Recipient, retry_delay
from anb.mail.message import Envelope, compose, reachable

FACTS: Facts = {"link": "/confirm?token=x", "hours": 24}
MAIL_ID = UUID("0197f6a0-0000-7000-8000-000000000001")
MADE = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
FROM = "ANB Rising Stars <no-reply@anb.example>"


def held(name: str = "Lucía Ríos", address: str = "lucia@example.com", age: float = 0) -> HeldMail:
    return HeldMail(
        MAIL_ID, MailKind.CONFIRM_EMAIL, Recipient(None, address, name, "es"), FACTS, 1, 0, MADE, age
    )  # fmt: skip


def composed(mail: HeldMail) -> Envelope:
    return compose(mail, sender=FROM, site="https://anb.example")


def read(mail: HeldMail) -> EmailMessage:
    return message_from_bytes(composed(mail).content, policy=policy.default)


class TestHeaders:
    def test_they_name_sender_recipient_and_row(self) -> None:
        message = read(held())
        assert message["From"] == "ANB Rising Stars <no-reply@anb.example>"
        assert message["To"].addresses[0].display_name == "Lucía Ríos"
        assert message["To"].addresses[0].addr_spec == "lucia@example.com"
        assert message["Subject"] == "Confirma tu correo"
        assert message["Message-ID"] == f"<{MAIL_ID}@anb.example>"
        assert message["Date"].datetime == MADE
        assert message["Auto-Submitted"] == "auto-generated"

    def test_a_second_attempt_is_the_same_bytes(self) -> None:
        assert composed(held()) == composed(held(age=99))

    def test_one_click_switches_off_what_can_be_switched_off(self) -> None:
        assert read(held())["List-Unsubscribe"] is None
        facts = {"title": "Mi triple\r\nBcc: x@example.com", "link": "/videos/1", "stop": "t0ken"}
        message = read(replace(held(), kind=MailKind.VIDEO_READY, facts=facts))
        assert message["List-Unsubscribe"] == "<https://anb.example/mail/stop?token=t0ken>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["Subject"] == "Tu clip está listo: Mi triple Bcc: x@example.com"
        assert message["Bcc"] is None

    def test_a_long_subject_arrives_whole(self) -> None:
        facts = {"title": "Ñandú 🏀 " * 40, "link": "/videos/1"}
        message = read(replace(held(), kind=MailKind.VIDEO_READY, facts=facts))
        assert message["Subject"] == f"Tu clip está listo: {facts['title']}".strip()
        assert composed(replace(held(), kind=MailKind.VIDEO_READY, facts=facts)).content.isascii()

    def test_both_bodies_are_there_and_the_text_comes_first(self) -> None:
        assert [part.get_content_type() for part in read(held()).iter_parts()] == ["text/plain", "text/html"]

    @pytest.mark.parametrize(
        "name",
        ["Ana\r\nBcc: all@example.com", "Ana\n\nHola", "Ana\x00\x1b", "Ana\u2028Bcc: x", '"Ana" <x@y.z>, ', "Ñ" * 300,
         "a, b; c: <d>", "\\", "=?utf-8?q?x?="],
    )  # fmt: skip
    def test_no_name_begins_another_header_or_recipient(self, name: str) -> None:
        message = read(held(name))
        assert set(message) == set(read(held()))
        (to,) = message["To"].addresses
        assert to.addr_spec == "lucia@example.com"
        head = composed(held(name)).content.partition(b"\r\n\r\n")[0]
        assert all(len(line) <= 998 for line in head.split(b"\r\n"))
        assert head.isascii()

    def test_every_line_ends_as_smtp_wants_and_is_short(self) -> None:
        content = composed(held()).content
        assert content.replace(b"\r\n", b"").count(b"\n") == 0
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert content.isascii()


class TestAddress:
    def test_a_domain_with_accents_is_written_in_ascii(self) -> None:
        assert reachable("ana@señal.example") == "ana@xn--seal-hqa.example"

    def test_a_mailbox_with_accents_needs_smtputf8(self) -> None:
        envelope = composed(held(address="añá@example.com"))
        assert envelope.recipient == "añá@example.com"
        assert "añá@example.com".encode() in envelope.content

    def test_what_is_no_address_is_not_sent_to(self) -> None:
        with pytest.raises(EmailNotValidError):
            composed(held(address="ana@example.com\r\nRCPT TO:<x@example.com>"))


class TestRules:
    def test_a_mail_is_stale_once_its_link_has_expired(self) -> None:
        assert not held(age=24 * 3600).is_stale
        assert held(age=24 * 3600 + 1).is_stale

    def test_a_missing_fact_is_noticed_where_the_mail_is_written(self) -> None:
        with pytest.raises(ValueError, match="hours"):
            NewMail(MailKind.CONFIRM_EMAIL, Recipient(None, "a@example.com", "", "es"), {"link": "/x"})

    def test_retries_are_further_and_further_apart_up_to_an_hour(self) -> None:
        assert [retry_delay(fault, 1) for fault in (1, 2, 3, 4, 40)] == [5, 15, 45, 135, 3600]
        assert retry_delay(1, 0) == 2.5
