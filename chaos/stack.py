"""The platform under test: `anb up` in a folder of its own, its processes, its engines, and its end."""

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

from anb.stack import child, leftovers, valkey

UP = [sys.executable, "-m", "anb", "up", "--no-demo"]
# A part, by what its command says; each is a child of `anb up`.
PARTS = {
    "web": "anb web",
    "worker": "anb worker",
    "reconcile": "anb reconcile",
    "nginx": "nginx",
    "postgres": "postgres",
    "valkey": "valkey-server",
}
TICK = 0.05


class NoTarget(RuntimeError):
    """There is nothing to break just now."""


class Site:
    """A running platform, which may be killed whole and started again."""

    def __init__(self, folder: Path, port: int, environment: Mapping[str, str]) -> None:
        self.folder = folder  # the data folder
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder.with_suffix(".log")
        self._environment = dict(environment)
        self._up: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start `anb up`; it ends with this process."""
        self._up = child.spawn(UP, log=self.log, folder=self.folder.parent, environment=self._environment)

    def stop(self) -> None:
        """Stop it as Ctrl-C does, and leave nothing of it."""
        if self._up is not None:
            child.end(self._up, signal.SIGINT, 20)
        leftovers.end_all(self.folder)

    def kill(self) -> None:
        """Kill every process of it at once."""
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
                if process.status() != psutil.STATUS_ZOMBIE and PARTS[part] in words:
                    return process
        raise NoTarget(f"{part} is down")

    def encoders(self) -> list[psutil.Process]:
        """Return the FFmpeg processes at work."""
        found = self.main("worker").children(recursive=True)
        return [process for process in found if process.name().startswith("ffmpeg")]

    def is_up(self, workers: int) -> bool:
        """Say whether every part is there and answers, and the worker has all its children."""
        try:
            for part in PARTS:
                self.main(part)
            whole = len(self.main("worker").children()) >= workers
            return whole and httpx.get(f"{self.url}/api/health/ready", timeout=5).status_code == 200
        except (NoTarget, psutil.NoSuchProcess, httpx.TransportError):
            return False

    def wait_up(self, workers: int, seconds: float) -> bool:
        """Wait until it is up, starting it again where it ended; False when patience ends first."""
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
        """Return the settings of its own processes."""
        lines = (self.folder / "anb.env").read_text(encoding="utf-8").splitlines()
        return self._environment | dict(line.split("=", 1) for line in lines)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database. Raises psycopg.OperationalError while it is down."""
        url = self.environment["ANB_DATABASE_URL"]
        with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def queue(self) -> redis.Redis:
        """Open the queue's engine."""
        return valkey.client(self.environment["ANB_REDIS_URL"])

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._up is not None
        return self._up

    def _children(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self._running().pid).children()
        except psutil.NoSuchProcess:
            return []


def environment(data: Path, port: int, **settings: str) -> dict[str, str]:
    """Return the environment of `anb up`, with nobody's own settings in it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANB_")}
    return clean | {"ANB_DATA_DIR": str(data), "ANB_HTTP_PORT": str(port)} | settings
