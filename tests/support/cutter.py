"""A connection that breaks: forwards bytes to a server, and disconnects once in the middle of a large request."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from support.waiting import let_time_pass

PIECE = 64 * 1024
SETTLE = 1.5  # seconds in which the server makes the forwarded bytes durable


class Cutter:
    """A TCP proxy in front of a site."""

    def __init__(self, url: str, after: int) -> None:
        self.left, self.cuts = after, 0
        address = urlsplit(url)
        self._server = (address.hostname or "", address.port or 80)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        """Accept connections until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self._server)
                for ends in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_request: bool) -> None:
        sent = 0
        with suppress(OSError), source, target:
            while chunk := source.recv(PIECE):
                target.sendall(chunk)
                sent += len(chunk)
                if is_request and not self.cuts and sent > self.left:
                    self.cuts = 1
                    let_time_pass(SETTLE, "what was passed on becomes safe, and the proxy cannot see that")
                    return
            target.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting(url: str, after: int) -> Iterator[Cutter]:
    """Run a proxy that disconnects once, after this many bytes of one connection."""
    cutter = Cutter(url, after)
    threading.Thread(target=cutter.serve, daemon=True).start()
    with cutter.listener:
        yield cutter
