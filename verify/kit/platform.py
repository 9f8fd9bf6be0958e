"""The platform under test: `anb up` in a temporary folder, its processes and engines."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil
import psycopg
import redis

from anb.engines import valkey
from anb.local.plan import answers
from anb.local.supervisor import child, leftovers
from anb.settings import read_env_file

UP = [sys.executable, "-m", "anb", "up", "--no-demo"]
# Each part by its command; each is a child of `anb up`. Celery sets another title if the package setproctitle is
# installed.
PARTS = {
    "web": ("anb web",),
    "worker": ("anb worker", "[celeryd:"),
    "reconcile": ("anb reconcile",),
    "uploads": ("anb uploads",),
    "streams": ("anb streams",),
    "mail": ("anb mail serve",),
    "nginx": ("nginx",),
    "postgres": ("postgres",),
    "valkey": ("valkey-server",),
}
TICK = 0.05


class NoTarget(RuntimeError):
    """There is nothing to break at the moment."""


class ChaosPlatform:
    """A running platform that can be killed as a whole and started again."""

    def __init__(self, folder: Path, port: int, environment: Mapping[str, str]) -> None:
        self.folder = folder  # the data folder
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder.with_suffix(".log")
        self._environment = dict(environment)
        self._up: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start `anb up`, which ends with this process."""
        self._up = child.spawn(UP, log=self.log, folder=self.folder.parent, environment=self._environment)

    def stop(self) -> None:
        """Stop it as Ctrl-C does, with all its processes."""
        if self._up is not None:
            child.end(self._up, signal.SIGINT, 20)
        leftovers.end_all(self.folder)

    def kill(self) -> None:
        """Kill all its processes at once."""
        root = psutil.Process(self._running().pid)
        for process in [root, *root.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._running().wait()

    def main(self, part: str) -> psutil.Process:
        """Return the main process of a part. Raises NoTarget while it is down."""
        for process in self._children():
            with suppress(psutil.NoSuchProcess):
                words = " ".join([process.name(), *process.cmdline()])
                if process.status() != psutil.STATUS_ZOMBIE and any(name in words for name in PARTS[part]):
                    return process
        raise NoTarget(f"{part} is down")

    def encoders(self) -> list[psutil.Process]:
        """Return the running FFmpeg processes."""
        found = self.main("worker").children(recursive=True)
        return [process for process in found if process.name().startswith("ffmpeg")]

    def is_up(self, workers: int) -> bool:
        """Return whether every part runs and answers, and the worker has all its children."""
        try:
            for part in PARTS:
                self.main(part)
            whole = len(self.main("worker").children()) >= workers
            return whole and httpx.get(f"{self.url}/api/health/ready", timeout=5).is_success and self._sockets_answer()
        except (NoTarget, psutil.NoSuchProcess, httpx.TransportError, FileNotFoundError):
            return False

    def wait_up(self, workers: int, seconds: float) -> bool:
        """Wait until it is up, and restart it if it ends. Return False after `seconds`."""
        deadline = time.monotonic() + seconds
        while not self.is_up(workers):
            if self._running().poll() is not None:
                self.start()
            if time.monotonic() > deadline:
                return False
            time.sleep(TICK)
        return True

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of its processes."""
        return self._environment | read_env_file(self.folder / "anb.env")

    def connect(self) -> psycopg.Connection:
        """Connect to the database. Raises psycopg.OperationalError while it is down."""
        return psycopg.connect(self.environment["ANB_DATABASE_URL"], autocommit=True, connect_timeout=3)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Query the database. Raises psycopg.OperationalError while it is down."""
        with self.connect() as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def queue(self) -> redis.Redis:
        """Return a client of Valkey."""
        return valkey.client(self.environment["ANB_REDIS_URL"])

    def _sockets_answer(self) -> bool:
        """Ask the upload process and the streams process each: a process may run and not serve."""
        known = self.environment
        return all(
            answers("http://part/health", Path(known[name])) for name in ("ANB_UPLOAD_SOCKET", "ANB_STREAM_SOCKET")
        )

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._up is not None
        return self._up

    def _children(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self._running().pid).children()
        except psutil.NoSuchProcess:
            return []


def environment(data: Path, port: int, **settings: str) -> dict[str, str]:
    """Return the environment of `anb up`, without the developer's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANB_")}
    return clean | {"ANB_DATA_DIR": str(data), "ANB_HTTP_PORT": str(port)} | settings
