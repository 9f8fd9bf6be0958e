"""Valkey as a child process: the task queue, durable, on a unix socket."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import redis

from anb.engines import append_only, binaries


@dataclass(frozen=True)
class Valkey:
    """A server: its data folder, its socket and its password."""

    data: Path
    socket: Path
    password: str = field(repr=False)
    durable: bool = True

    def url(self) -> str:
        """Return the address in kombu's form; the host is never used, but URL parsers insist on one."""
        return f"redis+socket://:{quote(self.password, safe='')}@localhost{quote(str(self.socket))}?virtual_host=0"

    def prepare(self) -> str | None:
        """Prepare the folder for a start; return a message about what was repaired, or None.

        The configuration goes into a file there, because every user could read a password in the command.
        """
        self.data.mkdir(mode=0o700, exist_ok=True)
        aside = append_only.set_aside_if_torn(self.data)
        self.socket.unlink(missing_ok=True)
        path = self.data / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text(self.configuration(), encoding="utf-8")
        return f"A power loss damaged the queue's file: it is in {aside} now; jobs are sent again" if aside else None

    def configuration(self) -> str:
        """Render the configuration. Queued messages are never evicted, and the append-only file keeps them."""
        directives = {
            "port": "0",
            "unixsocket": _quoted(self.socket),
            "unixsocketperm": "700",
            "requirepass": self.password,
            "dir": _quoted(self.data),
            "daemonize": "no",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": '""',  # the append-only file has its own snapshots
            "maxmemory-policy": "noeviction",
            "databases": "16",
        }
        return "".join(f"{name} {value}\n" for name, value in directives.items())

    def command(self) -> list[str]:
        """Return the server's command."""
        return [str(binaries.valkey()), str(self.data / "valkey.conf")]

    def answers(self) -> bool:
        """Say whether it answers PING; it does not while it loads its data."""
        try:
            with client(self.url()) as one:
                return bool(one.ping())
        except redis.RedisError:
            return False

    def has_consumer(self) -> bool:
        """Say whether a worker waits for a message."""
        try:
            return has_consumer(self.url())
        except redis.RedisError:
            return False


def client(url: str) -> redis.Redis:
    """Open a queue's address in kombu's form, which redis-py writes in another way."""
    if url.startswith("redis+socket:"):
        url = url.replace("redis+socket:", "unix:", 1).replace("virtual_host=", "db=")
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def has_consumer(url: str) -> bool:
    """Say whether a worker waits for a message. Raises RedisError."""
    with client(url) as one:
        return any(found["cmd"] == "brpop" for found in one.client_list())


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
