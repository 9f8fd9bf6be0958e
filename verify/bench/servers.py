"""Compares ASGI servers (docs/decisions/0011): Granian and Uvicorn in turns, behind the same nginx.

Run `python -m verify.bench.servers`. Install Uvicorn and httptools first; they are not our dependencies.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx2 as httpx
import psutil
from rich.console import Console
from rich.table import Table

from anb.local.plan import LIVE, answers
from anb.local.supervisor.service_spec import ServiceSpec
from verify.bench import clips, fixed_json, peers
from verify.bench.bench_platform import ROOT, Rig, platform
from verify.bench.load import Load, drive
from verify.bench.process_usage import weigh
from verify.bench.raw_client import Form, upload
from verify.bench.suites.reads import FILL, PATH

TURNS = 5
UPLOADS = 50
UVICORN = ("-m", "uvicorn", "--factory", "--interface", "asgi3", "--loop", "uvloop", "--http", "httptools",
           "--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "75", "--uds")  # fmt: skip
# The command of each server: Granian as `anb web` runs it, Uvicorn with its fastest options here.
COMMANDS: dict[str, Callable[[str, Path], list[str]]] = {
    "granian": lambda target, _: [
        "-c",
        f"from anb.cli.serve import serve; from anb.settings import Settings, load; serve('{target}', load(Settings))",
    ],
    "uvicorn": lambda target, socket: [*UVICORN, str(socket), target],
}


@dataclass
class BenchServer:
    """A server with the platform's application, and one with constant JSON, each behind an nginx."""

    rig: Rig
    name: str
    body: bytes
    seen: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = self._serve("anb.app:create", "app", LIVE)
        self.fixed = self._serve("verify.bench.fixed_json:create", "fixed", fixed_json.PATH)

    def note(self, what: str, value: float) -> None:
        """Add one value to a row."""
        self.seen.setdefault(what, []).append(value)

    def memory(self) -> float:
        """Return the PSS of the application's processes in MiB."""
        socket = str(self._socket("app"))
        return weigh(part for part in psutil.Process().children() if socket in str(part.environ()))[0]

    def _socket(self, what: str) -> Path:
        return self.rig.folder / f"{self.name}-{what}.sock"

    def _serve(self, target: str, what: str, ready: str) -> int:
        socket, kept = self._socket(what), self.rig.folder / "fixed.json"
        kept.write_bytes(self.body)
        known = {
            fixed_json.BODY: str(kept),
            "ANB_WEB_SOCKET": str(socket),
            "PYTHONPATH": ":".join([str(ROOT), *sys.path]),
        }
        command = ["/usr/bin/env", *(f"{name}={value}" for name, value in known.items()), sys.executable]
        part = f"{self.name}-{what}"
        self.rig.add(
            ServiceSpec(part, part, [*command, *COMMANDS[self.name](target, socket)], self.rig.folder,
                 ready=lambda: answers(f"http://web{ready}", socket))
        )  # fmt: skip
        return peers.door(self.rig, part, socket, ready=ready)


def main() -> None:
    """Measure both and print the table of the decision."""
    large, many = Form(clips.weighing(102)), Form(clips.weighing(50))
    with platform() as rig:
        with rig.database() as database:
            database.execute(FILL)
        body = httpx.get(f"{rig.plan.local}{PATH}").content
        servers = [BenchServer(rig, name, body) for name in COMMANDS]
        for _ in range(TURNS):
            for server in servers:
                _turn(server, large, rig.token())  # each account may send a file only once
        for server in servers:
            _crowd(server, many, [rig.token() for _ in range(UPLOADS)])
    table = Table("", *COMMANDS)
    for what in servers[0].seen:
        table.add_row(what, *(f"{median(server.seen[what]):,.0f}" for server in servers))
    Console().print(table)


def _turn(server: BenchServer, form: Form, token: str) -> None:
    begun = time.perf_counter()
    upload(server.app, "/api/videos/upload", form, token)
    server.note("upload of 100 MB, probe included, MB/s", form.size / 1e6 / (time.perf_counter() - begun))
    server.note("fixed JSON, requests/s", drive(Load(server.fixed, fixed_json.PATH)).rate)
    server.note("public list, uncached, requests/s", drive(Load(server.app, PATH)).rate)
    server.note("memory after that, MiB", server.memory())


def _crowd(server: BenchServer, form: Form, tokens: list[str]) -> None:
    before = server.memory()
    with ThreadPoolExecutor(UPLOADS + 1) as pool:
        going = [pool.submit(upload, server.app, "/api/videos/upload", form, token) for token in tokens]
        while not all(one.done() for one in going):
            server.note("memory growth, 50 uploads at once", server.memory() - before)
            time.sleep(0.05)
        for one in going:
            one.result()
    grown = server.seen["memory growth, 50 uploads at once"]
    server.seen["memory growth, 50 uploads at once"] = [max(grown)]


if __name__ == "__main__":
    main()
