"""`anb up` as people run it: its output, its refusals, what it survives, and what it leaves behind."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import psutil
import pytest
from verify.kit.ports import free_port

from anb.local import ports
from support.site import TITLES, Site, site_environment, the_site
from support.waiting import until

ANB = [sys.executable, "-m", "anb"]
UP = [*ANB, "up", "--no-demo"]
STEP = re.compile(r"^\S+ (?P<part>\S+).* … (ready|made|done) in \d+\.\d s$")


@pytest.fixture(scope="module")
def site() -> Site:
    """Return the site that all tests share: tests may look at it, but not break it."""
    return the_site()


def port_of(site: Site) -> int:
    return urlsplit(site.url).port or 0


def anb(site: Site, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command against a site, in the site's environment."""
    environment = site_environment(site.folder, port_of(site), COLUMNS="300", **more)
    return subprocess.run([*ANB, *words], env=environment, capture_output=True, text=True, timeout=60, check=False)


class TestReady:
    def test_each_step_is_told_in_order_with_its_duration(self, site: Site) -> None:
        lines = (site.folder / "logs" / "stack.log").read_text(encoding="utf-8").splitlines()
        parts = [found["part"] for line in lines if (found := STEP.match(line))]
        engines = ["Data", "PostgreSQL", "Valkey", "Mailbox", "Database"]
        expected = [*engines, "Web", "Uploads", "Live", "Worker", "Reconciler", "Mail", "nginx"]
        assert parts[: len(expected)] == expected
        assert f"http://localhost:{port_of(site)}" in lines[len(expected)]
        assert re.search(r"Mails that the platform sends: http://localhost:\d+$", lines[len(expected) + 1])

    def test_other_commands_find_what_runs(self, site: Site) -> None:
        assert anb(site, "migrate").stdout.startswith("The database is at revision")

    def test_the_doctor_finds_every_part_well(self, site: Site) -> None:
        found = anb(site, "doctor")
        assert found.returncode == 0, found.stdout
        for part in (
            "PostgreSQL",
            "Database",
            "Queue",
            "Reconciler",
            "Mail",
            "Uploads",
            "Web",
            "FFmpeg",
            "Secrets",
            "Media",
        ):
            assert re.search(rf"ok\s+{part}", found.stdout), found.stdout

    def test_bodies_give_way_to_pages(self, site: Site) -> None:
        pages, bodies = (
            [psutil.Process(pid).nice() for pid in site.part(f"anb {part}")] for part in ("web", "uploads")
        )
        assert pages
        assert bodies
        assert min(bodies) == max(pages) + 5

    def test_an_upload_without_a_token_is_told_so_while_it_is_still_sent(self, site: Site) -> None:
        address = f"{site.url}/api/videos/upload"
        answers = [httpx.post(address, content=b"x" * 4_000_000, timeout=10) for _ in range(10)]
        assert {answer.status_code for answer in answers} == {401}
        assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}


class TestRefusals:
    """Each has one clear line and an exit status."""

    def line(self, refused: subprocess.CompletedProcess[str]) -> str:
        assert refused.returncode == 1
        (line,) = refused.stderr.strip().splitlines()
        return line

    def test_a_twin_is_told_who_runs(self, site: Site) -> None:
        pid = (site.folder / "stack.lock").read_text(encoding="ascii")
        assert self.line(anb(site, "up")) == f"anb: The stack already runs on {site.folder} (process {pid})"

    def test_a_busy_port_is_told_of_another(self, site: Site, tmp_path: Path) -> None:
        line = self.line(anb(site, "up", ANB_DATA_DIR=str(tmp_path / "var")))
        assert f"Cannot listen on 127.0.0.1:{port_of(site)} (taken by nginx" in line
        assert f"ANB_HTTP_PORT={port_of(site) + 1}" in line

    def test_a_folder_that_cannot_be_one_is_named(self, site: Site, tmp_path: Path) -> None:
        (tmp_path / "var").touch()
        line = self.line(anb(site, "up", ANB_DATA_DIR=str(tmp_path / "var")))
        assert line.startswith(f"anb: The data folder {tmp_path}/var cannot be used")
        assert line.endswith("Choose another ANB_DATA_DIR")


@dataclass(frozen=True)
class Up:
    """A stack of the test's own, to break."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    def said(self) -> list[str]:
        """Return the lines it printed, without the mark before each."""
        return [line[2:] for line in self.folder.with_suffix(".out").read_text(encoding="utf-8").splitlines()]

    def wait_until(self, true: Callable[[], bool]) -> None:
        until(true, 60, told=self.said)

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, words: str) -> psutil.Process:
        """Return the child whose command has these words."""
        children = psutil.Process(self.process.pid).children()
        names = {words, TITLES.get(words, words)}
        (found,) = [child for child in children if any(name in " ".join(child.cmdline()) for name in names)]
        return found

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/api/health/ready", timeout=2).is_success
        except httpx.TransportError:
            return False


@contextmanager
def running(folder: Path, port: int) -> Iterator[Up]:
    with folder.with_suffix(".out").open("wb") as out:
        process = subprocess.Popen(UP, env=site_environment(folder, port), stdout=out, stderr=out)
    up = Up(process, folder, port)
    try:
        up.wait_until(lambda: any(line.startswith("Ready in") for line in up.said()))
        yield up
    finally:
        process.kill()
        process.wait()


def kill_and_see_it_return(up: Up, words: str, title: str) -> None:
    before = up.child(words)
    before.kill()
    up.wait_until(lambda: any(line.startswith(title) and line.endswith("is back") for line in up.said()))
    (told,) = [line for line in up.said() if line.startswith(title) and "ended (signal KILL)" in line]
    assert re.search(r"next try in 0\.5 s\. Log: /", told)
    assert told in (up.folder / "logs" / "stack.log").read_text(encoding="utf-8")
    assert up.child(words).pid != before.pid
    up.wait_until(up.is_ready)


def lives(process: psutil.Process) -> bool:
    """Say whether a process has not ended; one that only its new parent has not yet reaped has ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class TestLife:
    """Long tests, each with a stack of its own: a start costs seconds."""

    @pytest.mark.slow
    def test_children_come_back_sigterm_ends_all_and_the_data_stays(self, tmp_path: Path) -> None:
        folder, port = tmp_path / "a folder with spaces", free_port()
        with running(folder, port) as up:
            kill_and_see_it_return(up, "anb web", "Web application")
            kill_and_see_it_return(up, "anb uploads", "Uploads")
            kill_and_see_it_return(up, "bin/postgres", "PostgreSQL 18")
            kill_and_see_it_return(up, "valkey-server", "Valkey")
            everybody = up.descendants()
            up.process.send_signal(signal.SIGTERM)
            assert up.process.wait(timeout=10) == 0
            assert not [process for process in everybody if lives(process)]
            assert up.said()[-1] == "Stopped."
        with running(folder, port) as again:
            assert "Data folder of PostgreSQL" not in " ".join(again.said())
            everybody = again.descendants()
            again.process.kill()
            _, left = psutil.wait_procs(everybody, timeout=8)
            assert left == [], "killed, the supervisor takes everybody along"

    def test_it_may_be_told_to_stop_while_it_starts(self, tmp_path: Path) -> None:
        port = free_port()
        environment = site_environment(tmp_path / "var", port)
        with subprocess.Popen(UP, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            process.send_signal(signal.SIGHUP)
            said = (first + process.stdout.read()).decode()
            assert process.wait(timeout=10) == 0
        assert said.splitlines()[-1] == "  Stopped."
        assert "Traceback" not in said
        assert not [one for one in psutil.process_iter(["environ"]) if str(tmp_path) in str(one.info["environ"])]
        ports.check_port("127.0.0.1", port)
