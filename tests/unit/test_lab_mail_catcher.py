"""The lab's mail server takes nothing without TLS and a password: what it has came with both."""

import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from verify.kit.ports import free_port
from verify.lab.mail_catcher import FOLDER, PASSWORD, USER, CaughtInFiles, caught, protocol

from support.mail_server import certificate


class Lab(Controller):
    """The lab's server, on loopback."""

    tls: ssl.SSLContext

    def factory(self) -> SMTP:
        return protocol(self.handler, self.tls)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[smtplib.SMTP]:
    tls, trusted = certificate(tmp_path)
    (tmp_path / FOLDER).mkdir()
    lab = Lab(CaughtInFiles(tmp_path / FOLDER), "127.0.0.1", free_port())
    lab.tls = tls
    lab.start()
    try:
        with smtplib.SMTP("localhost", lab.port, timeout=10) as connection:
            connection.trust = ssl.create_default_context(cafile=trusted)  # type: ignore[attr-defined]
            yield connection
    finally:
        lab.stop()


def send(client: smtplib.SMTP) -> None:
    client.sendmail("no-reply@anb.example", ["ana@example.com"], "Subject: x\r\n\r\nHola\r\n")


def begin_tls(client: smtplib.SMTP) -> None:
    client.starttls(context=client.trust)  # type: ignore[attr-defined]


def test_nothing_is_taken_in_the_clear(client: smtplib.SMTP, tmp_path: Path) -> None:
    with pytest.raises(smtplib.SMTPException, match="STARTTLS"):
        send(client)
    assert caught(tmp_path) == []


def test_nothing_is_taken_without_the_password(client: smtplib.SMTP, tmp_path: Path) -> None:
    begin_tls(client)
    with pytest.raises(smtplib.SMTPException, match=r"[Aa]uthentication"):
        send(client)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        client.login(USER, "wrong")
    assert caught(tmp_path) == []


def test_what_comes_with_both_is_kept_with_how_it_came(client: smtplib.SMTP, tmp_path: Path) -> None:
    begin_tls(client)
    client.login(USER, PASSWORD)
    send(client)
    (mail,) = caught(tmp_path)
    assert (mail["to"], mail["peer"], mail["login"]) == (["ana@example.com"], "127.0.0.1", USER)
    assert mail["tls"].startswith("TLSv1.")
    assert "Hola" in mail["content"]
