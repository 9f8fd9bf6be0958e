"""PostgreSQL and Valkey for the integration tests: started once per run, on their own sockets, fast but not durable."""

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from anb.engines.postgres import LAPTOP, Postgres
from anb.engines.valkey import Valkey
from anb.local import sockets
from anb.local.supervisor import child
from support.waiting import until

FORGETFUL = {**LAPTOP, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@dataclass(frozen=True)
class Engines:
    database_url: str  # of a role that may create databases
    redis_url: str  # of database 0 of 16: `?virtual_host=N` chooses another
    stop: Callable[[], None]


def start_engines(folder: Path) -> Engines:
    """Start both engines with their data below `folder`. They end with `stop()`, or with the calling process."""
    folder.mkdir(parents=True, exist_ok=True)
    run = sockets.folder(folder)
    postgres = Postgres(folder / "postgres", run, "superuser-secret", "owner-secret", "app-secret", FORGETFUL)
    valkey = Valkey(folder / "valkey", run / "valkey.sock", "valkey-secret", durable=False)
    if not postgres.is_made():
        postgres.initialise(lambda command: _finish(command, folder))
    valkey.prepare()
    servers = [
        (start(folder, "postgres", postgres.command()), signal.SIGQUIT),
        (start(folder, "valkey", valkey.command()), signal.SIGKILL),
    ]
    engines = Engines(postgres.url(), valkey.url(), lambda: _stop(servers, folder))
    try:
        wait(postgres.answers, folder / "postgres.log")
        wait(valkey.answers, folder / "valkey.log")
        postgres.make_database(may_create=True)
        with psycopg.connect(postgres.url(superuser=True), autocommit=True) as connection:
            # Tests empty all tables without triggers and keys: worlds.EMPTY.
            connection.execute("GRANT SET ON PARAMETER session_replication_role TO anb")
    except BaseException:
        engines.stop()
        raise
    return engines


def start(folder: Path, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    """Start a server in its part of a folder; its log is next to that part."""
    return child.spawn(
        command,
        log=folder / f"{name}.log",
        folder=folder / name,
        environment=os.environ,
        when_orphaned=signal.SIGQUIT,
    )


def _finish(command: list[str], folder: Path) -> None:
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


def _stop(servers: list[tuple[subprocess.Popen[bytes], signal.Signals]], folder: Path) -> None:
    for process, how in reversed(servers):
        child.end(process, how, patience=5)
    sockets.leave(folder)


def wait(ready: Callable[[], bool], log: Path) -> None:
    """Wait until a server is ready; fail with the end of its log."""
    until(ready, 30, told=lambda: child.last_words(log))
