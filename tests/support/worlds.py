"""A world for a test: a database of its own on the run's engines, fakes for slow parts, and a client of the API."""

import itertools
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import psycopg
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg import sql
from sqlalchemy import DateTime, text, true, update

from anb import app as application
from anb.accounts import service as accounts
from anb.accounts.domain import NewAccount, Role
from anb.adapters.credentials import SignedTokens
from anb.adapters.secret_box import SealedSecrets
from anb.adapters.storage.disk import SharedDisk
from anb.adapters.storage.inventory import SharedInventory
from anb.adapters.storage.partial import SharedPartialFiles
from anb.audit.domain import AuditActor
from anb.contest import service as contest
from anb.contest.domain import SeasonRules
from anb.db import migrate
from anb.db.all_tables import metadata
from anb.db.session import Database, UnitOfWork, connect
from anb.db.tables import jobs, uploads
from anb.ports import Ports
from anb.sessions import service as sessions
from anb.sessions.domain import OpenedSession, SessionKind
from anb.settings import Settings
from anb.web.upload_threads import UploadThreads
from support import shared
from support.counting_client import CountingClient
from support.fake_photos import FakePhotos
from support.fakes import FakeCounters, FakeEncoder, FakeProber, FakeQueue, PlainPasswords, SteadyClock
from support.outside import outside_transactions
from support.shared_engines import shared_engines
from support.waiting import until

TESTS = Path(__file__).parents[1]
WORD = "balon-naranja-7"  # every player's password
SECRET = "a secret of thirty-two letters or more"
OPERATOR = AuditActor("operadora@taller")  # the person who runs `anb` on a host
NUMBERS = itertools.count()
# Empties all tables, of a few rows each: TRUNCATE makes each file of each table anew, and takes ten times as long. One
# statement saves forty round trips for each test. As a replica, PostgreSQL runs no trigger and checks no key.
_DELETIONS = " ".join(f"delete from {table.name};" for table in metadata.sorted_tables)  # noqa: S608
EMPTY = f"do $$ begin perform set_config('session_replication_role', 'replica', true); {_DELETIONS} end $$"


def engines() -> tuple[str, str]:
    """Return the addresses of PostgreSQL and Valkey, starting them on first use."""
    database_url, redis_url = json.loads(shared.once("engines", _start_engines))
    return database_url, redis_url


def _start_engines(folder: Path) -> str:
    said = folder / "urls"
    command: list[str | Path] = [sys.executable, "-m", "support.engines_main", folder, said]
    process = shared.keep_running("engines", command, folder / "engines.log", cwd=TESTS)

    def has_started() -> bool:
        assert process.poll() is None, (folder / "engines.log").read_text()
        return said.exists()

    until(has_started, 60, told=lambda: "the engines did not start")
    shared.disown(process)
    return said.read_text()


def settings_for(folder: Path, database_url: str, redis_url: str) -> Settings:
    """Return settings of a world below a folder; heartbeats and leases are as short as tests need."""
    return _settings(database_url, redis_url).model_copy(
        update={"media_root": folder / "media", "work_dir": folder / "work"}
    )


@cache
def _settings(database_url: str, redis_url: str) -> Settings:
    # Reading them takes a sixth of the time that a world takes.
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        media_root=shared.folder() / "media",
        work_dir=shared.folder() / "work",
        secret_key=SECRET,
        vote_log_key=f"{SECRET}, and of the log",
        free_bytes_floor=0,
        free_share_floor=0,
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
    """Return the name of this parallel worker."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@dataclass
class World:
    """What a test sees: services with real PostgreSQL and a real disk, and fakes that save time or bytes."""

    settings: Settings
    database: Database
    ports: Ports
    queue: FakeQueue
    prober: FakeProber
    encoder: FakeEncoder
    photos: FakePhotos
    clock: SteadyClock
    client: TestClient

    @contextmanager
    def uow(self) -> Iterator[UnitOfWork]:
        """Open a transaction."""
        with self.database.transaction() as uow:
            yield uow

    def change(self, **settings: object) -> None:
        """Give the application other settings, as if it had been started with them."""
        self.settings = self.settings.model_copy(update=settings)
        state = cast("FastAPI", self.client.app).state
        state.settings, state.upload_threads = self.settings, UploadThreads(self.settings)

    def age(self, seconds: float) -> None:
        """Age the unfinished jobs and the uploads by this much, as though the time had passed."""
        with self.uow() as uow:
            for table, rows in ((jobs, jobs.c.state.in_(("queued", "running"))), (uploads, true())):
                times = [column for column in table.c if isinstance(column.type, DateTime)]
                uow.execute(
                    update(table).where(rows).values({each: each - timedelta(seconds=seconds) for each in times})
                )

    def files(self) -> list[str]:
        """List the files below the media root."""
        root = self.settings.media_root
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def player(self, name: str = "Lucía Ríos", city: str = "Bogotá") -> "Player":
        """Sign a player up and in."""
        first, _, last = name.partition(" ")
        known = [part.encode("ascii", "ignore").decode() or f"x{next(NUMBERS)}" for part in (first, last, city)]
        email = f"{'.'.join(known)}@example.com".lower().replace(" ", "")
        new = NewAccount(first, last, email, WORD, city, "Colombia")
        made = accounts.sign_up(self.database, self.ports, new)
        return Player(self, made.id, email, self.bearer(made.id))

    def bearer(self, account_id: UUID) -> dict[str, str]:
        """Sign an account in with a program; return the header of its token."""
        opened = self.open(account_id, SessionKind.PROGRAM)
        return {"Authorization": f"Bearer {self.ports.tokens.issue(account_id, opened.id)}"}

    def open(self, account_id: UUID, kind: SessionKind = SessionKind.BROWSER) -> OpenedSession:
        """Open a session."""
        with self.uow() as uow:
            return sessions.open_session(uow, self.ports, account_id, kind=kind, device="Firefox/Linux", block=None)

    def season(self, **rules: Any) -> None:
        """Close the season and open another with these rules."""
        with self.uow() as uow:
            contest.close_season(uow, OPERATOR)
            contest.open_season(uow, OPERATOR, "Otra temporada", SeasonRules(**rules))

    def organizer(self) -> "Player":
        """Sign an organizer in."""
        return self.promoted(self.player("Olga Organiza"), Role.ORGANIZER)

    def promoted(self, player: "Player", role: Role) -> "Player":
        """Give a player a role, and sign in again."""
        with self.uow() as uow:
            accounts.give_role(uow, player.email, role)
        player.headers = self.bearer(player.id)
        return player


@dataclass
class Player:
    """A signed-in player."""

    world: World
    id: UUID
    email: str
    headers: dict[str, str]

    def upload(self, title: str = "Mi mejor triple", body: bytes | None = None) -> "AcceptedClip":
        """Upload a clip, another one each time; the fake prober decides what it contains."""
        files = {"video_file": ("clip.mp4", body or b"\0\0\0\x18ftypisom a clip %d" % next(NUMBERS), "video/mp4")}
        made = self.world.client.post("/api/videos/upload", files=files, data={"title": title}, headers=self.headers)
        assert made.status_code == 201, made.text
        return AcceptedClip(UUID(made.json()["video_id"]), UUID(made.json()["task_id"]))


@dataclass
class AcceptedClip:
    """A clip that was accepted."""

    video_id: UUID
    task_id: UUID


@contextmanager
def make_world(folder: Path, database_url: str, redis_url: str) -> Iterator[World]:
    """Make a world with empty tables."""
    settings = settings_for(folder, database_url, redis_url)
    clock, queue, prober, encoder = SteadyClock(), FakeQueue(), FakeProber(), FakeEncoder()
    photos = FakePhotos()
    tokens = SignedTokens(SECRET, settings.token_seconds, clock)
    root = settings.media_root
    share = (SharedDisk(root), SharedPartialFiles(root), SharedInventory(root))
    ports = Ports(*share, queue, prober, encoder, photos, clock, PlainPasswords(), tokens, FakeCounters(clock),
                  SealedSecrets(SECRET))  # fmt: skip
    with shared_engines():
        api = application.build(settings)
    database: Database = api.state.database
    ports = api.state.ports = outside_transactions(ports, database)
    with database.transaction() as uow:
        uow.execute(text(EMPTY))
        contest.open_season(uow, OPERATOR, "Temporada de prueba")
    with CountingClient(api, base_url="https://testserver", raise_server_exceptions=False) as client:
        yield World(settings, database, ports, queue, prober, encoder, photos, clock, client)
