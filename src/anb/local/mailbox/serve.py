"""The process of the mailbox: an SMTP server and a page, both on this machine's own addresses only."""

import asyncio
import signal
import socket
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from anb.local.data_folder import write_private
from anb.local.mailbox.caught import LARGEST, CaughtMails
from anb.local.mailbox.page import handler
from anb.local.mailbox.ports import HERE, PAGE_PORT, MailboxPorts, read_ports


class Catcher:
    """Takes every mail, for any recipient."""

    def __init__(self, caught: CaughtMails) -> None:
        self._caught = caught

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep a mail."""
        content = envelope.content or b""
        self._caught.add(envelope.rcpt_tos, content if isinstance(content, bytes) else content.encode())
        return "250 OK"


def serve(folder: Path) -> None:
    """Catch mails until told to stop. The ports stay the same from start to start while they are free."""
    known = read_ports(folder)
    smtp = _listen(known.smtp if known else 0)
    page = _listen(known.page if known else PAGE_PORT)
    write_private(folder / MailboxPorts.FILE, MailboxPorts(smtp=_port(smtp), page=_port(page)).model_dump_json())
    caught = CaughtMails()
    web = ThreadingHTTPServer((HERE, _port(page)), handler(caught), bind_and_activate=False)
    web.socket.close()
    web.socket = page
    threading.Thread(target=web.serve_forever, name="page", daemon=True).start()
    (folder / MailboxPorts.READY).touch()
    asyncio.run(_catch(caught, smtp))
    web.shutdown()
    web.server_close()


async def _catch(caught: CaughtMails, listener: socket.socket) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)

    def make() -> SMTP:
        return SMTP(
            Catcher(caught), data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="localhost", loop=loop
        )  # fmt: skip

    server = await loop.create_server(make, sock=listener)
    await stopped.wait()
    server.close()


def _listen(wanted: int) -> socket.socket:
    """Listen on a port, or on another one if it is taken."""
    for port in (wanted, 0):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HERE, port))
            listener.listen()
        except OSError:
            listener.close()
        else:
            return listener
    raise OSError(f"no port of {HERE} is free")


def _port(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])
