"""The plan of the stack on this machine: its services, their paths and their settings."""

import os
import signal
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import httpx2 as httpx

from anb.engines import binaries, nginx_program
from anb.engines import nginx as nginxes
from anb.engines.postgres import Postgres
from anb.engines.valkey import Valkey
from anb.local import mail_services, ports, sockets
from anb.local.data_folder import DataFolder, LocalSecrets
from anb.local.supervisor.service_spec import OWNER_URL, SECRET_KEY, VOTE_LOG_KEY, ServiceSpec
from anb.settings import StackSettings
from anb.settings.rates import networks

LIVE = "/api/health/live"
UPLOADS_NICE = "5"  # page requests come before upload bodies; on servers the unit's CPUWeight does this
HEALTH = "/health"


@dataclass(frozen=True)
class StackPlan:
    """The stack of one data folder."""

    settings: StackSettings
    folder: DataFolder
    secrets: LocalSecrets

    @cached_property
    def sockets(self) -> Path:
        """Return the folder of the unix sockets."""
        return sockets.folder(self.folder.root)

    @cached_property
    def postgres(self) -> Postgres:
        """Return the PostgreSQL server."""
        known = self.secrets
        secrets = known.postgres_superuser, known.postgres, known.postgres_app
        return Postgres(self.folder.postgres, self.sockets, *secrets)

    @cached_property
    def valkey(self) -> Valkey:
        """Return the Valkey server."""
        return Valkey(self.folder.root / "valkey", self.sockets / "valkey.sock", self.secrets.valkey)

    @property
    def web_socket(self) -> Path:
        """Return the socket of the web application."""
        return self.sockets / "web.sock"

    @property
    def upload_socket(self) -> Path:
        """Return the socket of the process that takes uploads."""
        return self.sockets / "uploads.sock"

    @property
    def stream_socket(self) -> Path:
        """Return the socket of the live streams."""
        return self.sockets / "streams.sock"

    @property
    def media_root(self) -> Path:
        """Return the media root."""
        return (self.settings.media_root or self.folder.root / "media").resolve()

    @property
    def address(self) -> str:
        """Return the address under which people open the site on this machine."""
        return f"http://localhost:{self.settings.http_port}"

    @property
    def public_address(self) -> str:
        """Return the address of the site in mails."""
        return str(self.settings.public_url or self.address)

    @property
    def local(self) -> str:
        """Return the address under which this machine reaches nginx."""
        return ports.local(self.settings.http_host, self.settings.http_port)

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of our own processes: those given from outside, completed by those of this stack."""
        given = {name: value for name, value in os.environ.items() if name.startswith("ANB_") and "\n" not in value}
        ours = {
            "ANB_DATABASE_URL": str(self.settings.database_url or self.postgres.app_url()),
            "ANB_REDIS_URL": str(self.settings.redis_url or self.valkey.url()),
            "ANB_MEDIA_ROOT": str(self.media_root),
            "ANB_SECRET_KEY": os.environ.get("ANB_SECRET_KEY") or self.secrets.secret_key,
            VOTE_LOG_KEY: os.environ.get(VOTE_LOG_KEY) or self.secrets.vote_log_key,
            "ANB_WORK_DIR": os.environ.get("ANB_WORK_DIR") or str(self.folder.root / "work"),
            "ANB_WEB_SOCKET": str(self.web_socket),
            "ANB_UPLOAD_SOCKET": str(self.upload_socket),
            "ANB_STREAM_SOCKET": str(self.stream_socket),
            "ANB_DATA_DIR": str(self.folder.root),
            "ANB_HTTP_PORT": str(self.settings.http_port),
        }
        if self.settings.database_url is None:
            ours[OWNER_URL] = self.postgres.url()
        return mail_services.for_pages() | given | ours

    def engines(self) -> list[ServiceSpec]:
        """Return the engines that do not run elsewhere, and the mailbox instead of a mail server."""
        parts = []
        if self.settings.database_url is None:
            parts.append(self._postgres())
        if self.settings.redis_url is None:
            parts.append(self._valkey())
        if mail_services.has_mailbox():
            parts.append(mail_services.mailbox(self.folder.root, anb("mail", "catch"), self.folder.root / "work"))
        return parts

    def ours(self) -> list[ServiceSpec]:
        """Return our own processes."""
        work, counts = self.folder.root / "work", frozenset({VOTE_LOG_KEY})
        return [
            ServiceSpec(
                name="web",
                title="Web application",
                command=anb("web"),
                folder=work,
                needs=frozenset({SECRET_KEY}),
                prepare=lambda: self.web_socket.unlink(missing_ok=True),
                ready=lambda: answers(f"http://web{LIVE}", self.web_socket),
                patience=0.5,  # nginx has ended by then, and with it every request
            ),
            ServiceSpec(
                name="uploads",
                title="Uploads",
                command=anb("uploads", "serve", "--nice", UPLOADS_NICE),
                folder=work,
                needs=frozenset({SECRET_KEY}),
                prepare=lambda: self.upload_socket.unlink(missing_ok=True),
                ready=lambda: answers(f"http://uploads{LIVE}", self.upload_socket),
                patience=0.5,
            ),
            ServiceSpec(
                name="streams",
                title="Live streams",
                command=anb("streams"),
                folder=work,
                needs=frozenset({SECRET_KEY}),  # it reads access tokens
                prepare=lambda: self.stream_socket.unlink(missing_ok=True),
                ready=lambda: answers(f"http://streams{HEALTH}", self.stream_socket),
                patience=0.2,  # all streams are ended at once
            ),
            ServiceSpec("worker", "Worker", anb("worker"), work, ready=self._worker_waits, patience=3.5),
            ServiceSpec("reconcile", "Reconciler", anb("reconcile"), work, lambda: True, counts, patience=0.3),
            mail_services.sender(self.folder.root, anb("mail", "serve"), work, self.public_address),
        ]

    def nginx(self) -> ServiceSpec:
        """Return nginx, which starts last, when every other service is ready."""
        folder = self.folder.root / "nginx"
        return ServiceSpec(
            name="nginx",
            title=f"nginx {nginx_program.choose().version}",
            command=nginxes.command(folder / "nginx.conf", folder),
            folder=folder,
            prepare=lambda: nginxes.write(folder / "nginx.conf", self._site(folder)),
            ready=lambda: answers(f"{self.local}{LIVE}"),
            stop=signal.SIGQUIT,  # gracefully; the configuration allows one second
            patience=1.2,
        )

    def _postgres(self) -> ServiceSpec:
        return ServiceSpec(
            name="postgres",
            title=f"PostgreSQL {binaries.version(binaries.postgres())}",
            command=self.postgres.command(),
            folder=self.folder.root,
            ready=self.postgres.answers,
            stop=signal.SIGINT,  # SIGTERM would wait for every client to leave
            patience=2,
        )

    def _valkey(self) -> ServiceSpec:
        return ServiceSpec(
            name="valkey",
            title=f"Valkey {binaries.version(binaries.valkey())}",
            command=self.valkey.command(),
            folder=self.folder.root / "valkey",
            prepare=self.valkey.prepare,
            ready=self.valkey.answers,
            patience=0.8,
        )

    def _site(self, folder: Path) -> nginxes.NginxSite:
        return nginxes.NginxSite(
            listen=(ports.endpoint(self.settings.http_host, self.settings.http_port),),
            upstream=f"unix:{self.web_socket}",
            uploads=f"unix:{self.upload_socket}",
            streams=f"unix:{self.stream_socket}",
            media_root=self.media_root,
            runtime=folder,
            logs=self.folder.logs,
            upload_max_bytes=self.settings.upload_max_bytes,
            user=nginxes.user(),
            workers=2,
            requests=self.settings.rate_requests,
            exempt_networks=tuple(networks(self.settings.rate_exempt_networks)),
            version=nginx_program.choose().numbers,
            modules=nginxes.compression_modules(nginx_program.choose().modules),
            origins=self.settings.cors_origins,
        )

    def _worker_waits(self) -> bool:
        return self.settings.redis_url is not None or self.valkey.has_consumer()


def anb(command: str, *options: str) -> list[str]:
    """Return an `anb` command; -P keeps the working folder off the module path."""
    return [sys.executable, "-P", "-m", "anb", command, *options]


def answers(url: str, socket: Path | None = None) -> bool:
    """Say whether a GET of this address succeeds."""
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket) if socket else None), timeout=2) as client:
            return client.get(url).is_success
    except httpx.TransportError:
        return False
