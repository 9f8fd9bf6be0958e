"""The platform as `anb up` runs it, from a temporary folder, with the services that a suite needs."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx2 as httpx
import psycopg
from rich.console import Console

from anb.bootstrap import build_ports
from anb.local import data_folder as folders
from anb.local.plan import StackPlan, anb
from anb.local.supervisor.service_spec import ServiceSpec
from anb.local.supervisor.signals import Signals
from anb.local.supervisor.supervisor import Supervisor
from anb.local.terminal import Show
from anb.ports import Ports
from anb.settings import Settings, StackSettings, load
from verify.kit.ports import free_port

ROOT = Path(__file__).parents[2]
# Our own processes to run, in addition to engines and nginx.
WEB = ("web", "uploads")
WHOLE = (*WEB, "worker", "reconcile")


@dataclass(frozen=True)
class Rig:
    """A running platform."""

    plan: StackPlan
    supervisor: Supervisor
    folder: Path  # on the same file system as the platform's data

    @property
    def port(self) -> int:
        """Return nginx's port on 127.0.0.1."""
        return self.plan.settings.http_port

    @property
    def settings(self) -> Settings:
        """Return the settings of the platform's processes."""
        return load(Settings, **{name[4:].lower(): value for name, value in self.plan.environment.items()})

    @property
    def ports(self) -> Ports:
        """Return the ports that such a process has."""
        return build_ports(self.settings)

    def add(self, part: ServiceSpec) -> None:
        """Start a further service, which ends with the platform."""
        self.supervisor.start(part)

    def token(self) -> str:
        """Return the token of a new player."""
        email, word = f"{uuid4().hex}@example.com", secrets.token_urlsafe(12)
        name = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
        words = {"password1": word, "password2": word}
        with httpx.Client(base_url=self.plan.local) as client:
            client.post("/api/auth/signup", json={**name, **words, "email": email}).raise_for_status()
            answer = client.post("/api/auth/login", json={"email": email, "password": word})
            token: str = answer.raise_for_status().json()["access_token"]
        return token

    def database(self) -> psycopg.Connection:
        """Open a connection like the application's."""
        return psycopg.connect(self.plan.postgres.url(), autocommit=True)

    def originals(self) -> list[Path]:
        """Return the stored originals, oldest first."""
        kept = (self.plan.media_root / "originals").rglob("*.*")
        return sorted(kept, key=lambda path: path.stat().st_mtime_ns)


@contextmanager
def platform(parts: tuple[str, ...] = WEB, **settings: str) -> Iterator[Rig]:
    """Run the platform with these services and settings, and remove everything afterwards.

    Suites of the web leave out the worker: otherwise the edits of their uploads would be measured too.
    """
    place = Path(tempfile.mkdtemp(prefix="anb-bench-"))
    data = folders.prepare(place / "data")
    with environment(ANB_DATA_DIR=str(data.root), ANB_HTTP_PORT=str(free_port()), **settings), Signals() as signals:
        stack = load(StackSettings)
        plan = StackPlan(stack, data, data.secrets())
        supervisor = Supervisor(data.root, os.environ | plan.environment, Show(Console(quiet=True)), signals)
        try:
            _start(plan, supervisor, parts)
            yield Rig(plan, supervisor, place)
        finally:
            supervisor.stop()
            shutil.rmtree(place, ignore_errors=True)


def _start(plan: StackPlan, supervisor: Supervisor, names: tuple[str, ...]) -> None:
    plan.media_root.mkdir(parents=True, exist_ok=True)
    root = plan.folder.root
    plan.postgres.initialise(lambda command: supervisor.run("initdb", "initdb", command, root))
    supervisor.start(*plan.engines())
    plan.postgres.make_database()
    supervisor.run("Database tables", "migrate", anb("migrate", "--first-season"), root)
    supervisor.start(*(part for part in plan.ours() if part.name in names))
    if names:
        supervisor.start(plan.nginx())


@contextmanager
def environment(**settings: str) -> Iterator[None]:
    """Set these settings, and remove the developer's, in the environment."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("ANB_")}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            del os.environ[name]
        os.environ.update(before)
