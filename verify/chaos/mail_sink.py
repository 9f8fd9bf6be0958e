"""The mail server of a run: takes every message, and behaves as badly as a fault wants.

It speaks SMTP itself: what the platform's sender promises is judged by code that shares nothing with it.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Literal

from verify.kit.ports import free_port

HERE = "127.0.0.1"
Manner = Literal["well", "slow", "refusing", "silent", "forgetful"]
SLOW_SECONDS = 1.0  # before each answer, less than the sender's patience
PATIENCE = 60  # for a sender that says nothing
LINK = re.compile(r"https?://\S+token=\S+")


@dataclass(frozen=True)
class DeliveredMail:
    """A message that was taken."""

    address: str
    message_id: str
    links: tuple[str, ...]


class MailSink:
    """An SMTP server in threads, on a port that stays the same while it is down."""

    def __init__(self) -> None:
        self.port = free_port()
        self.manner: Manner = "well"
        self.taken: list[DeliveredMail] = []
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """The platform's setting."""
        return f"smtp+plain://{HERE}:{self.port}"

    def start(self) -> None:
        """Begin to listen."""
        self._listener = socket.create_server((HERE, self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening, and cut every connection."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def behaving(self, manner: Manner) -> Iterator[None]:
        """Behave badly while the block runs."""
        self.manner = manner
        try:
            yield
        finally:
            self.manner = "well"

    @contextmanager
    def down(self) -> Iterator[None]:
        """Be away while the block runs."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        connection.settimeout(PATIENCE)
        with connection, suppress(OSError), connection.makefile("rb") as lines:
            self._say(connection, "220 sink")
            to = ""
            for line in lines:
                word = line.strip().upper()
                if word.startswith(b"RCPT TO:"):
                    to = line[8:].strip().strip(b"<>").decode()
                if word == b"DATA":
                    self._say(connection, "354 go")
                    if not self._take(connection, to, _body(lines)):
                        break
                else:
                    self._say(connection, "221 bye" if word == b"QUIT" else "250 fine")
        self._open.discard(connection)

    def _take(self, connection: socket.socket, to: str, content: bytes) -> bool:
        """Take a message or not, by the manner of this moment; return whether the connection stays."""
        manner = self.manner
        if manner == "refusing":
            self._say(connection, "451 not now")
            return True
        while self.manner == "silent":
            time.sleep(0.05)
        if manner == "silent":
            return False
        message = message_from_bytes(content, policy=policy.default)
        text = message.get_body(("plain",))
        links = tuple(LINK.findall(str(text.get_content()))) if text else ()
        self.taken.append(DeliveredMail(to, str(message["Message-ID"]), links))
        if manner == "forgetful":
            return False
        self._say(connection, "250 taken")
        return True

    def _say(self, connection: socket.socket, line: str) -> None:
        if self.manner == "slow":
            time.sleep(SLOW_SECONDS)
        connection.sendall(line.encode() + b"\r\n")


def _body(lines: Iterator[bytes]) -> bytes:
    found = []
    for line in lines:
        if line == b".\r\n":
            break
        found.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return b"".join(found)
