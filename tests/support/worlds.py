"""A world for a test: a database of its own on the run's engines, fakes for what is slow, and a client of the API."""

import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from fastapi.testclient import TestClient
from psycopg import sql

from anb import app as application
from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.adapters.credentials import SignedTokens
from anb.adapters.disk import SharedDisk
from anb.adapters.inventory import SharedInventory
from anb.adapters.pieces import SharedPieces
from anb.contest import service as contest
from anb.db import migrate
from anb.db.session import Database, UnitOfWork, connect
from anb.db.tables import metadata
from anb.ports import Ports
from anb.settings import Settings
from support import shared
from support.fakes import FakeEncoder, FakeProber, FakeQueue, PlainPasswords, SteadyClock

TESTS = Path(__file__).parents[1]
SECRET = "a secret of thirty-two letters or more"
NUMBERS = itertools.count()


def engines() -> tuple[str, str]:
    """Return the addresses of PostgreSQL and Valkey, starting them if nobody has yet."""
    database_url, redis_url = json.loads(shared.once("engines", _start_engines))
    return database_url, redis_url


def _start_engines(folder: Path) -> str:
    said = folder / "urls"
    command: list[str | Path] = [sys.executable, "-m", "support.engines_main", folder, said]
    process = shared.keep_running("engines", command, folder / "engines.log", cwd=TESTS)
    deadline = time.monotonic() + 60
    while not said.exists():
        assert process.poll() is None, (folder / "engines.log").read_text()
        assert time.monotonic() < deadline, "the engines did not start in 60 s"
        time.sleep(0.05)
    shared.disown(process)
    return said.read_text()


def settings_for(folder: Path, database_url: str, redis_url: str) -> Settings:
    """Return settings of a world below a folder; heartbeats and leases as short as tests like them."""
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        media_root=folder / "media",
        work_dir=folder / "work",
        secret_key=SECRET,
        free_bytes_floor=0,
        heartbeat_seconds=0.1,
        lease_seconds=0.5,
        reconcile_seconds=0.2,
        resend_seconds=0.2,
    )


def new_database(name: str) -> str:
    """Make a migrated database and return its address."""
    database_url, redis_url = engines()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = database_url.replace("/anb?", f"/{name}?")
    database = connect(settings_for(shared.folder(), url, redis_url))
    migrate.upgrade(database)
    database.close()
    return url


def worker_name() -> str:
    """Name this parallel worker."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@dataclass
class World:
    """What a test sees: services with real PostgreSQL and a real disk, and fakes where time or bytes would be lost."""

    settings: Settings
    database: Database
    ports: Ports
    queue: FakeQueue
    prober: FakeProber
    encoder: FakeEncoder
    clock: SteadyClock
    client: TestClient

    @contextmanager
    def uow(self) -> Iterator[UnitOfWork]:
        """Open a transaction."""
        with self.database.transaction() as uow:
            yield uow

    def files(self) -> list[str]:
        """List what lies below the media root."""
        root = self.settings.media_root
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def player(self, name: str = "Lucía Ríos", city: str = "Bogotá") -> "Player":
        """Sign somebody up and in."""
        first, _, last = name.partition(" ")
        email = f"{first}.{last}.{city}@example.com".lower().replace(" ", "")
        email = email.encode("ascii", "ignore").decode()
        body = {"first_name": first, "last_name": last, "email": email, "city": city, "country": "Colombia"}
        word = {"password1": "balon-naranja-7", "password2": "balon-naranja-7"}
        made = self.client.post("/api/auth/signup", json=body | word)
        assert made.status_code == 201, made.text
        user_id = UUID(made.json()["user_id"])
        return Player(self, user_id, email, {"Authorization": f"Bearer {self.ports.tokens.issue(user_id)}"})

    def season(self, *, moderated: bool) -> None:
        """Close the season and open another."""
        with self.uow() as uow:
            contest.close_season(uow)
            contest.open_season(uow, "Otra temporada", moderated=moderated)

    def organizer(self) -> "Player":
        """Sign an organizer in."""
        player = self.player("Olga Organiza")
        with self.uow() as uow:
            accounts.give_role(uow, player.email, Role.ORGANIZER)
        return player


@dataclass
class Player:
    """Somebody who is signed in."""

    world: World
    id: UUID
    email: str
    headers: dict[str, str]

    def upload(self, title: str = "Mi mejor triple", body: bytes | None = None) -> "Upload":
        """Upload a clip, another one each time; what it holds is what the fake prober says."""
        files = {"video_file": ("clip.mp4", body or b"\0\0\0\x18ftypisom a clip %d" % next(NUMBERS), "video/mp4")}
        made = self.world.client.post("/api/videos/upload", files=files, data={"title": title}, headers=self.headers)
        assert made.status_code == 201, made.text
        return Upload(UUID(made.json()["video_id"]), UUID(made.json()["task_id"]))


@dataclass
class Upload:
    """An accepted clip."""

    video_id: UUID
    task_id: UUID


@contextmanager
def make_world(folder: Path, database_url: str, redis_url: str) -> Iterator[World]:
    """Make a world with empty tables."""
    settings = settings_for(folder, database_url, redis_url)
    clock, queue, prober, encoder = SteadyClock(), FakeQueue(), FakeProber(), FakeEncoder()
    tokens = SignedTokens(SECRET, settings.token_seconds, clock)
    root = settings.media_root
    share = (SharedDisk(root), SharedPieces(root), SharedInventory(root))
    ports = Ports(*share, queue, prober, encoder, clock, PlainPasswords(), tokens)
    api = application.build(settings)
    api.state.ports = ports
    database: Database = api.state.database
    with database.transaction() as uow:
        # Of a few rows each: TRUNCATE makes every file of every table anew, and takes ten times as long.
        for table in reversed(metadata.sorted_tables):
            uow.execute(table.delete())
        contest.open_season(uow, "Temporada de prueba")
    with TestClient(api, base_url="https://testserver", raise_server_exceptions=False) as client:
        yield World(settings, database, ports, queue, prober, encoder, clock, client)
