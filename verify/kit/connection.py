"""A client's connection and the proxy's own to the server, and the ways they end."""

import asyncio
import socket
import struct
from contextlib import suppress

BUFFER = 32 * 1024  # of the kernel, on either side: bytes in it have left one side and not reached the other
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Connection:
    """Two sockets and the tasks that copy bytes between them."""

    def __init__(self, client: socket.socket) -> None:
        self.client, self.server = client, socket.socket()
        self.tasks: list[asyncio.Task[None]] = []
        for end in (self.client, self.server):
            end.settimeout(0)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)

    async def reset(self, *, server_too: bool = True) -> None:
        """End with RST, which the other end notices at once.

        The calling task may be one of the two copying tasks. It must not use the sockets afterwards.
        """
        mine = asyncio.current_task()
        for task in self.tasks:
            if task is not mine:
                task.cancel()
        await asyncio.sleep(0)  # close a socket only once no task waits for it: its number is used again
        await asyncio.sleep(0)
        for end in (self.client, self.server) if server_too else (self.client,):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                end.close()

    def finish(self) -> None:
        """End with FIN to both sides."""
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def half_close(self) -> None:
        """Tell the server that the client sends nothing more but still listens."""
        with suppress(OSError):
            self.server.shutdown(socket.SHUT_WR)
