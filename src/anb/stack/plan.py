"""What runs on this machine: the parts, their places and their settings, from the stack's own settings."""

import os
import signal
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import httpx2 as httpx

from anb.settings import StackSettings
from anb.stack import binaries, network, sockets
from anb.stack import nginx as nginxes
from anb.stack.folder import DataFolder, Secrets
from anb.stack.part import Part
from anb.stack.postgres import Postgres
from anb.stack.valkey import Valkey

LIVE = "/api/health/live"


@dataclass(frozen=True)
class Plan:
    """The stack of one data folder."""

    settings: StackSettings
    folder: DataFolder
    secrets: Secrets

    @cached_property
    def sockets(self) -> Path:
        """Return the folder of the unix sockets."""
        return sockets.folder(self.folder.root)

    @cached_property
    def postgres(self) -> Postgres:
        """Return our PostgreSQL."""
        known = self.secrets
        return Postgres(self.folder.postgres, self.sockets, known.postgres_superuser, known.postgres)

    @cached_property
    def valkey(self) -> Valkey:
        """Return our Valkey."""
        return Valkey(self.folder.root / "valkey", self.sockets / "valkey.sock", self.secrets.valkey)

    @property
    def web_socket(self) -> Path:
        """Return the socket of the web application."""
        return self.sockets / "web.sock"

    @property
    def media_root(self) -> Path:
        """Return the share."""
        return (self.settings.media_root or self.folder.root / "media").resolve()

    @property
    def address(self) -> str:
        """Return where people find the site on this machine."""
        return f"http://localhost:{self.settings.http_port}"

    @property
    def local(self) -> str:
        """Return how this machine itself reaches nginx."""
        return network.local(self.settings.http_host, self.settings.http_port)

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of our own processes: what somebody set from outside, completed by what runs here."""
        given = {name: value for name, value in os.environ.items() if name.startswith("ANB_") and "\n" not in value}
        ours = {
            "ANB_DATABASE_URL": str(self.settings.database_url or self.postgres.url()),
            "ANB_REDIS_URL": str(self.settings.redis_url or self.valkey.url()),
            "ANB_MEDIA_ROOT": str(self.media_root),
            "ANB_SECRET_KEY": os.environ.get("ANB_SECRET_KEY") or self.secrets.secret_key,
            "ANB_WORK_DIR": os.environ.get("ANB_WORK_DIR") or str(self.folder.root / "work"),
            "ANB_WEB_SOCKET": str(self.web_socket),
            "ANB_DATA_DIR": str(self.folder.root),
            "ANB_HTTP_PORT": str(self.settings.http_port),
        }
        return given | ours

    def engines(self) -> list[Part]:
        """Return the engines that do not run elsewhere."""
        parts = []
        if self.settings.database_url is None:
            parts.append(self._postgres())
        if self.settings.redis_url is None:
            parts.append(self._valkey())
        return parts

    def ours(self) -> list[Part]:
        """Return our own processes."""
        work = self.folder.root / "work"
        return [
            Part(
                name="web",
                title="Web application",
                command=anb("web"),
                folder=work,
                prepare=lambda: self.web_socket.unlink(missing_ok=True),
                ready=lambda: answers(f"http://web{LIVE}", self.web_socket),
            ),
            Part("worker", "Worker", anb("worker"), work, ready=self._worker_waits, patience=3.5),
            Part("reconcile", "Reconciler", anb("reconcile"), work, ready=lambda: True, patience=0.8),
        ]

    def nginx(self) -> Part:
        """Return nginx, which opens the door when all the rest is there."""
        folder = self.folder.root / "nginx"
        return Part(
            name="nginx",
            title=f"nginx {binaries.version(binaries.nginx(), '-v')}",
            command=nginxes.command(folder / "nginx.conf", folder),
            folder=folder,
            prepare=lambda: nginxes.write(folder / "nginx.conf", self._site(folder)),
            ready=lambda: answers(f"{self.local}{LIVE}"),
            stop=signal.SIGQUIT,  # gracefully; the configuration gives that one second
            patience=1.2,
        )

    def _postgres(self) -> Part:
        return Part(
            name="postgres",
            title=f"PostgreSQL {binaries.version(binaries.postgres())}",
            command=self.postgres.command(),
            folder=self.folder.root,
            ready=self.postgres.answers,
            stop=signal.SIGINT,  # SIGTERM would wait until every client goes
            patience=2,
        )

    def _valkey(self) -> Part:
        return Part(
            name="valkey",
            title=f"Valkey {binaries.version(binaries.valkey())}",
            command=self.valkey.command(),
            folder=self.folder.root / "valkey",
            prepare=self.valkey.prepare,
            ready=self.valkey.answers,
            patience=0.8,
        )

    def _site(self, folder: Path) -> nginxes.Site:
        return nginxes.Site(
            listen=(network.endpoint(self.settings.http_host, self.settings.http_port),),
            upstream=f"unix:{self.web_socket}",
            media_root=self.media_root,
            runtime=folder,
            logs=self.folder.logs,
            upload_max_bytes=self.settings.upload_max_bytes,
            user=nginxes.user(),
            workers=2,
        )

    def _worker_waits(self) -> bool:
        return self.settings.redis_url is not None or self.valkey.has_consumer()


def anb(command: str, *options: str) -> list[str]:
    """Return a command of ours; -P keeps the folder it works in off the module path."""
    return [sys.executable, "-P", "-m", "anb", command, *options]


def answers(url: str, socket: Path | None = None) -> bool:
    """Say whether a GET of this address succeeds."""
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket) if socket else None), timeout=2) as client:
            return client.get(url).is_success
    except httpx.TransportError:
        return False
