"""PostgreSQL and Valkey for the integration floor: started once per run, on their own sockets, fast and forgetful."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anb.stack import child, sockets
from anb.stack.postgres import LAPTOP, Postgres
from anb.stack.valkey import Valkey

FORGETFUL = {**LAPTOP, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@dataclass(frozen=True)
class Engines:
    database_url: str  # of a role that may create databases of its own
    redis_url: str  # of database 0 of 16: `?virtual_host=N` chooses another
    stop: Callable[[], None]


def start_engines(folder: Path) -> Engines:
    """Start both engines with their data below `folder`. They end with `stop()`, or with the calling process."""
    folder.mkdir(parents=True, exist_ok=True)
    run = sockets.folder(folder)
    postgres = Postgres(folder / "postgres", run, "superuser-secret", "app-secret", FORGETFUL)
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
    except BaseException:
        engines.stop()
        raise
    return engines


def start(folder: Path, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    """Start a server in its part of a folder, its log beside it."""
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
    """Wait until a server is ready; fail with the last words of its log."""
    deadline = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < deadline, child.last_words(log)
        time.sleep(0.02)
