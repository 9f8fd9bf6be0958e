"""A mail server of a test: aiosmtpd, which behaves as badly as the test says."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from verify.kit.ports import free_port

from support.waiting import until_async


@dataclass
class MailServer:
    """What arrived, and how the next messages are answered."""

    port: int = 0
    arrived: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    # Replies to RCPT and to the end of DATA, in turn; None, or none left: accept. "drop": take it and hang up.
    to_recipients: list[str | None] = field(default_factory=list)
    to_messages: list[str | None] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)  # while set, no message is answered
    begun: threading.Event = field(default_factory=threading.Event)  # a message has arrived

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer RCPT."""
        if reply := _next(self.to_recipients):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Answer the end of DATA."""
        self.begun.set()
        await until_async(lambda: not self.silent.is_set())
        reply = _next(self.to_messages)
        if reply in (None, "drop"):
            read = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
            self.arrived.append(read)
            self.recipients += envelope.rcpt_tos
        if reply == "drop":
            cast("Any", server.transport).abort()
        return reply or "250 OK"

    def authenticate(
        self, _server: object, _session: object, _envelope: object, mechanism: str, data: Any
    ) -> AuthResult:
        """Let one user in."""
        assert mechanism in {"LOGIN", "PLAIN"}
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=self.logins[-1] == ("anb", "s3cret"), handled=False)


def _next(replies: list[str | None]) -> str | None:
    return replies.pop(0) if replies else None


@contextmanager
def mail_server(port: int | None = None, **options: Any) -> Iterator[MailServer]:
    """Run a mail server on this machine; the options are aiosmtpd's."""
    served = MailServer(port or free_port())
    controller = Controller(served, "127.0.0.1", served.port, authenticator=served.authenticate, **options)
    controller.start()
    try:
        yield served
    finally:
        served.silent.clear()
        controller.stop(no_assert=True)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate of localhost; return the server's side of TLS, and the file that clients must trust."""
    made, key = folder / "server.crt", folder / "server.key"
    openssl = [
        shutil.which("openssl") or "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-nodes",
        "-subj",
        "/CN=localhost",
    ]
    options = ["-pkeyopt", "ec_paramgen_curve:P-256", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*openssl, *options, "-keyout", key, "-out", made], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(made, key)
    return tls, made
