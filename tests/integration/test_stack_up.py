"""`anb up` as people run it: what it says, what it survives, what it leaves behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import psutil
import pytest

from anb.stack import network
from support.stack_upstream import free_port

ANB = [sys.executable, "-m", "anb"]
UP = [*ANB, "up", "--no-demo"]
LINE = re.compile(r"^(?P<part>\S.*?) … (ready|made|done) in \d+\.\d s$")


def environment(folder: Path, port: int) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANB_")}
    return clean | {"ANB_DATA_DIR": str(folder), "ANB_HTTP_PORT": str(port)}


@dataclass(frozen=True)
class Up:
    """A running `anb up`."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    def anb(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run another command beside it."""
        known = environment(self.folder, self.port) | {"COLUMNS": "300"} | more
        return subprocess.run([*ANB, *words], env=known, capture_output=True, text=True, timeout=30, check=False)

    def said(self) -> list[str]:
        """Return the lines it said, without the marks before them."""
        lines = self.folder.with_suffix(".out").read_text(encoding="utf-8").splitlines()
        return [line[2:] if line[:2] in {"✓ ", "! ", "  "} else line for line in lines]

    def child(self, words: str) -> psutil.Process:
        """Return its child whose command has these words."""
        children = psutil.Process(self.process.pid).children()
        (found,) = [child for child in children if words in " ".join(child.cmdline())]
        return found

    def is_live(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/api/health/ready", timeout=2).is_success
        except httpx.TransportError:
            return False


def start(folder: Path, port: int) -> Up:
    """Start it; what it says goes to a file beside its folder."""
    with folder.with_suffix(".out").open("wb") as out:
        process = subprocess.Popen(UP, env=environment(folder, port), stdout=out, stderr=out)
    up = Up(process, folder, port)
    wait_until(lambda: any(line.startswith("Ready in") for line in up.said()), up)
    return up


def wait_until(true: Callable[[], bool], up: Up, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, up.said()
        time.sleep(0.05)


def descendants(up: Up) -> list[psutil.Process]:
    return psutil.Process(up.process.pid).children(recursive=True)


@contextmanager
def ended(up: Up) -> Iterator[None]:
    """Leave nothing behind, whatever a test did."""
    try:
        yield
    finally:
        up.process.kill()
        up.process.wait()


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    running = start(tmp_path_factory.mktemp("a folder with spaces") / "var", free_port())
    with ended(running):
        yield running


class TestReady:
    def test_each_step_is_shown_with_its_duration(self, up: Up) -> None:
        parts = [found["part"].split()[0] for line in up.said() if (found := LINE.match(line))]
        assert parts == ["Data", "PostgreSQL", "Valkey", "Database", "Web", "Worker", "Reconciler", "nginx"]
        assert f"http://localhost:{up.port}" in up.said()[-1]

    def test_the_site_answers_and_other_commands_find_it(self, up: Up) -> None:
        assert up.is_live()
        assert up.anb("migrate").stdout.startswith("The database is at revision")

    def test_the_doctor_finds_every_part_well(self, up: Up) -> None:
        found = up.anb("doctor")
        assert found.returncode == 0, found.stdout
        for part in ("PostgreSQL", "Database", "Queue", "Worker", "Web", "FFmpeg", "Secrets", "Media"):
            assert re.search(rf"ok\s+{part}", found.stdout), found.stdout

    def test_an_upload_without_a_token_is_told_so_while_it_is_still_sent(self, up: Up) -> None:
        address = f"http://127.0.0.1:{up.port}/api/videos/upload"
        answers = [httpx.post(address, content=b"x" * 4_000_000, timeout=10) for _ in range(10)]
        assert {answer.status_code for answer in answers} == {401}
        assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}


class TestRefusals:
    def test_a_twin_is_refused_in_one_line_that_names_the_other(self, up: Up) -> None:
        twin = up.anb("up")
        assert twin.returncode == 1
        assert twin.stderr.strip() == f"anb: The stack already runs on {up.folder} (process {up.process.pid})"

    def test_a_busy_port_is_refused_in_one_line_that_names_another(self, up: Up, tmp_path: Path) -> None:
        busy = up.anb("up", ANB_DATA_DIR=str(tmp_path / "var"))
        assert busy.returncode == 1
        (line,) = busy.stderr.strip().splitlines()
        assert f"Cannot listen on 127.0.0.1:{up.port} (taken by nginx" in line
        assert f"ANB_HTTP_PORT={up.port + 1}" in line

    def test_a_folder_that_cannot_be_used_is_refused_in_one_line(self, up: Up, tmp_path: Path) -> None:
        (tmp_path / "var").touch()
        refused = up.anb("up", ANB_DATA_DIR=str(tmp_path / "var"))
        assert refused.returncode == 1
        (line,) = refused.stderr.strip().splitlines()
        assert "Choose another ANB_DATA_DIR" in line


class TestAChildThatDies:
    @pytest.mark.parametrize(
        ("words", "title"),
        [("anb web", "Web application"), ("bin/postgres", "PostgreSQL 18"), ("valkey-server", "Valkey")],
    )
    def test_is_told_of_and_comes_back(self, up: Up, words: str, title: str) -> None:
        before = up.child(words)
        before.kill()
        wait_until(lambda: any(line.startswith(title) and line.endswith("is back") for line in up.said()), up)
        told = [line for line in up.said() if line.startswith(title) and "ended (signal KILL)" in line]
        assert re.search(r"next try in [\d.]+ s\. Log: /", told[-1])
        assert up.child(words).pid != before.pid
        wait_until(up.is_live, up)
        assert told[-1] in (up.folder / "logs" / "stack.log").read_text(encoding="utf-8")


class TestEnd:
    def test_sigterm_ends_everything_within_ten_seconds(self, up: Up) -> None:
        everybody, begun = descendants(up), time.monotonic()
        up.process.send_signal(signal.SIGTERM)
        assert up.process.wait(timeout=10) == 0
        assert time.monotonic() - begun < 10
        assert not [process for process in everybody if process.is_running()]
        assert up.said()[-1] == "Stopped."

    def test_the_data_outlives_it_and_a_killed_supervisor_takes_everybody_along(self, up: Up) -> None:
        with ended(again := start(up.folder, up.port)):
            assert "Data folder of PostgreSQL" not in " ".join(again.said())
            everybody = descendants(again)
            again.process.kill()
            gone, left = psutil.wait_procs(everybody, timeout=8)
            assert (len(gone), left) == (len(everybody), [])

    def test_a_start_that_is_told_to_stop_ends_cleanly(self, up: Up) -> None:
        """After the kill of the test before this: what it left is no obstacle."""
        with subprocess.Popen(UP, env=environment(up.folder, up.port), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            process.send_signal(signal.SIGHUP)
            said = first + process.stdout.read()
            assert process.wait(timeout=10) == 0
        assert b"PostgreSQL" in said
        assert said.endswith(b"Stopped.\n")
        assert b"Traceback" not in said
        network.check_port("127.0.0.1", up.port)
