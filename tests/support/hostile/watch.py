"""Records what a hostile file reaches: which decoys are opened, and who calls our server. Needs no privileges."""

import ctypes
import os
import selectors
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anb.settings import MIB

IN_ACCESS, IN_MODIFY, IN_OPEN, IN_CREATE, IN_DELETE = 0x1, 0x2, 0x20, 0x100, 0x200
EVENTS = IN_ACCESS | IN_MODIFY | IN_OPEN | IN_CREATE | IN_DELETE
EVENT = struct.Struct("iIII")
ENOUGH = MIB
NONBLOCKING = os.O_NONBLOCK


class FileWatch:
    """Records each file that was touched in some folders, and each call to a server of our own."""

    def __init__(self, *folders: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._inotify = self._libc.inotify_init1(NONBLOCKING)
        assert self._inotify >= 0, os.strerror(ctypes.get_errno())
        for folder in folders:
            assert self._libc.inotify_add_watch(self._inotify, bytes(folder), EVENTS) >= 0, folder
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/decoy.mp4"

    def touched(self) -> set[str]:
        """Return the names of the files touched since the last call; a folder itself does not count."""
        names: set[str] = set()
        while True:
            try:
                events = os.read(self._inotify, ENOUGH)
            except BlockingIOError:
                return names - {""}
            place = 0
            while place < len(events):
                *_, length = EVENT.unpack_from(events, place)
                names.add(events[place + EVENT.size : place + EVENT.size + length].rstrip(b"\0").decode())
                place += EVENT.size + length

    def called(self) -> int:
        """Count the calls since the last time."""
        calls = 0
        with selectors.DefaultSelector() as ready:
            ready.register(self._server, selectors.EVENT_READ)
            while ready.select(0):
                self._server.accept()[0].close()
                calls += 1
        return calls

    def close(self) -> None:
        """Stop watching."""
        os.close(self._inotify)
        self._server.close()


@contextmanager
def watching(*folders: Path) -> Iterator[FileWatch]:
    """Watch until the block ends."""
    watch = FileWatch(*folders)
    try:
        yield watch
    finally:
        watch.close()
