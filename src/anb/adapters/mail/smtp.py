"""A mail server that speaks SMTP, by the standard library."""

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from anb.errors import Outage
from anb.ports.mail import MailDeferred, MailRefused
from anb.settings.mail import MailSettings, port_of

IDLE_SECONDS = 20  # servers close an idle connection after a minute or more
_PERMANENT = 500
_DONE = frozenset({250, 251})  # anything else, such as the beginning of a reply, says nothing


class SmtpTransport:
    """Implements MailTransport."""

    def __init__(self, settings: MailSettings) -> None:
        if settings.smtp_url is None:
            raise ValueError("no mail server is set")
        self._settings = settings
        self._scheme = settings.smtp_url.scheme
        self._host = settings.smtp_url.host or ""
        self._port = port_of(settings.smtp_url)
        self._connection: smtplib.SMTP | None = None
        self._used_at = 0.0

    def send(self, sender: str, recipient: str, content: bytes) -> None:
        """Hand a message over. Raises MailRefused, MailDeferred, Outage."""
        connection = self._connected()
        try:
            with self._bounded(connection):
                self._hand_over(connection, sender, recipient, content)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # The connection was lost, perhaps after the last byte: the message may have been taken.
            self.close()
            raise MailDeferred(f"the connection to the mail server was lost: {error!r}") from error
        self._used_at = time.monotonic()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.close()
            self._connection = None

    def _hand_over(self, connection: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
        options = self._options(connection, sender, recipient, content)
        self._check(*connection.mail(sender, options))
        self._check(*connection.rcpt(recipient))
        try:
            self._check(*connection.data(content))
        except smtplib.SMTPDataError as error:
            self._check(error.smtp_code, error.smtp_error)

    def _options(self, connection: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> list[str]:
        options = [f"SIZE={len(content)}"] if connection.has_extn("size") else []
        if (sender + recipient).isascii():
            return options
        if not connection.has_extn("smtputf8"):
            raise MailRefused("the mail server takes only addresses in ASCII (it lacks SMTPUTF8)")
        return [*options, "SMTPUTF8", "BODY=8BITMIME"]

    def _check(self, code: int, said: bytes | str) -> None:
        """Judge an answer. Raises MailRefused, MailDeferred."""
        if code in _DONE:
            return
        self.close()  # a new connection has no half-begun message
        told = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
        raise MailRefused(told) if code >= _PERMANENT else MailDeferred(told)

    def _connected(self) -> smtplib.SMTP:
        if self._connection is not None and time.monotonic() - self._used_at < IDLE_SECONDS:
            with suppress(smtplib.SMTPException, OSError):
                if self._connection.rset()[0] in _DONE:
                    return self._connection
        self.close()
        try:
            self._connection = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            raise Outage(f"the mail server {self._host}:{self._port} does not let us in: {error!r}") from error
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        seconds = self._settings.smtp_seconds
        if self._scheme == "smtps":
            tls = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=seconds, context=tls)
        else:
            connection = smtplib.SMTP(self._host, self._port, timeout=seconds)
        try:
            with self._bounded(connection):
                if self._scheme == "smtp":
                    connection.starttls(context=ssl.create_default_context())
                if self._settings.smtp_user is not None and self._settings.smtp_password is not None:
                    connection.login(self._settings.smtp_user, self._settings.smtp_password.get_secret_value())
                else:
                    connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _bounded(self, connection: smtplib.SMTP) -> Iterator[None]:
        """Cut the connection when the block takes too long: a server that sends a byte now and then is never silent."""
        was_cut = threading.Event()

        def cut() -> None:
            was_cut.set()
            if connection.sock is not None:
                with suppress(OSError):
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

        timer = threading.Timer(self._settings.mail_lease_seconds / 2, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
        if was_cut.is_set():  # the half of a reply that had arrived would pass for a whole one
            raise TimeoutError("the mail server took too long")
