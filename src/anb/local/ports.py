"""nginx's address: whether it is free, and how this machine reaches it."""

import socket
from contextlib import closing

import psutil

from anb.engines.errors import CannotStart

LAST_PORT = 65535
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to reach a server on all addresses


def local(host: str, port: int) -> str:
    """Return the address under which this machine reaches nginx."""
    return f"http://{endpoint(EVERYWHERE.get(host, host), port)}"


def endpoint(host: str, port: int) -> str:
    """Write host and port as one, IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def check_port(host: str, port: int) -> None:
    """Raise CannotStart when nginx could not listen there."""
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()  # bind alone succeeds where another process is bound but does not listen yet
        except OSError as error:
            other = port + 1 if port < LAST_PORT else 8080
            raise CannotStart(
                f"Cannot listen on {endpoint(host, port)}{_taken_by(port)}: {error.strerror or error}. "
                f"Choose another port with ANB_HTTP_PORT={other}"
            ) from None


def _taken_by(port: int) -> str:
    try:
        for found in psutil.net_connections("tcp"):
            if found.laddr and found.laddr.port == port and found.status == psutil.CONN_LISTEN and found.pid:
                return f" (taken by {psutil.Process(found.pid).name()}, process {found.pid})"
    except (psutil.Error, OSError):
        return ""  # we may not look
    return ""
