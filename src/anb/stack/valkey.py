"""Valkey as a child: the task queue, durable, on a unix socket."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import redis

from anb.stack import binaries


@dataclass(frozen=True)
class Valkey:
    """A server of ours: its folder, its socket and its password."""

    data: Path
    socket: Path
    password: str = field(repr=False)
    durable: bool = True

    def url(self) -> str:
        """Return the address as kombu takes it; the host is never used, but URL parsers insist on one."""
        return f"redis+socket://:{quote(self.password, safe='')}@localhost{quote(str(self.socket))}?virtual_host=0"

    def prepare(self) -> None:
        """Write the configuration: a file, because a password on the command line is everybody's to read."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        path = self.data / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text(self.configuration(), encoding="utf-8")

    def configuration(self) -> str:
        """Render the configuration. Queued messages are never evicted; an append-only file keeps them."""
        directives = {
            "port": "0",
            "unixsocket": _quoted(self.socket),
            "unixsocketperm": "700",
            "requirepass": self.password,
            "dir": _quoted(self.data),
            "daemonize": "no",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": '""',  # the append-only file carries its own snapshots
            "maxmemory-policy": "noeviction",
            "databases": "16",
        }
        return "".join(f"{name} {value}\n" for name, value in directives.items())

    def command(self) -> list[str]:
        """Return the server's command."""
        return [str(binaries.valkey()), str(self.data / "valkey.conf")]

    def answers(self) -> bool:
        """Say whether it answers PING (it does not while it loads its data)."""
        client = redis.Redis(unix_socket_path=str(self.socket), password=self.password, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
