"""The whole platform as people meet it: `anb up` in a folder of its own, behind nginx, for short clips."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import psutil
from celery import Celery

from support import shared
from support.clips import Clip, draw

# The rules of the contest, with shorter clips: a test must not take a minute to see an edit.
LIMITS = {"ANB_CLIP_MIN_SECONDS": "2", "ANB_CLIP_MAX_SECONDS": "8", "ANB_EDIT_CLIP_SECONDS": "4"}
UP = [sys.executable, "-m", "anb", "up", "--no-demo"]
# Signs of life so close that a test sees a death within seconds.
IMPATIENT = {
    "ANB_HEARTBEAT_SECONDS": "0.5",
    "ANB_LEASE_SECONDS": "3",
    "ANB_RECONCILE_SECONDS": "1",
    "ANB_RESEND_SECONDS": "3",
}
PATIENCE = 90  # seconds for an edit of a few seconds, on a busy machine


_open: list[httpx.Client] = []


def hang_up() -> None:
    """Close the clients of a test."""
    while _open:
        _open.pop().close()


@dataclass(frozen=True)
class Site:
    """Where the platform runs."""

    url: str
    folder: Path  # its data

    def client(self) -> httpx.Client:
        """Return somebody's HTTP client; it is closed when the test ends."""
        client = httpx.Client(base_url=self.url, timeout=60)
        _open.append(client)
        return client

    def player(self, name: str = "Lucía", city: str = "Bogotá") -> "Person":
        """Sign somebody up and in, through nginx."""
        email, word = f"{uuid4().hex}@example.com", "balon-naranja-7"
        body = {"first_name": name, "last_name": "Ríos", "email": email, "city": city, "country": "Colombia"}
        made = self.client().post("/api/auth/signup", json=body | {"password1": word, "password2": word})
        assert made.status_code == 201, made.text
        return self.sign_in(email, word)

    def sign_in(self, email: str, word: str) -> "Person":
        """Sign somebody in who has an account."""
        client = self.client()
        token = client.post("/api/auth/login", json={"email": email, "password": word}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return Person(client, email, word)

    def part(self, name: str) -> list[int]:
        """Return the processes of the platform whose command has these words."""
        mine = str(self.folder)
        return [
            process.pid
            for process in psutil.process_iter(["cmdline", "environ", "cwd"])
            if name in " ".join(process.info["cmdline"] or []) and mine in str(process.info)
        ]

    def workers(self) -> list[int]:
        """Return the worker's main process and then its children."""
        found = self.part("anb worker")
        return sorted(found, key=lambda pid: psutil.Process(pid).ppid() in found)

    def flush_queue(self) -> None:
        """Lose everything that the queue holds."""
        settings = dict(line.split("=", 1) for line in (self.folder / "anb.env").read_text().splitlines())
        with Celery(broker=settings["ANB_REDIS_URL"], set_as_current=False).connection_for_write() as connection:
            connection.default_channel.client.flushall()

    def logged(self, part: str, *words: str) -> list[str]:
        """Return the lines of a part's log, once one of them has all these words."""
        path, deadline = self.folder / "logs" / f"{part}.log", time.monotonic() + 5
        while True:
            said = path.read_text(encoding="utf-8").splitlines()
            if any(all(word in line for word in words) for line in said):
                return said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)

    def edit(self, video_id: str) -> bytes:
        """Fetch a published edit."""
        answer = self.client().get(f"/api/videos/{video_id}/processed")
        assert answer.status_code == 200, answer.text
        return answer.content


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    client: httpx.Client
    email: str
    password: str

    def upload(self, clip: Path, title: str = "Mi mejor triple") -> dict[str, Any]:
        """Upload a clip and return what the server said."""
        with clip.open("rb") as file:
            made = self.client.post(
                "/api/videos/upload", files={"video_file": (clip.name, file, "video/mp4")}, data={"title": title}
            )
        assert made.status_code == 201, made.text
        answer: dict[str, Any] = made.json()
        return answer

    def wait(self, task_id: str, *states: str) -> dict[str, Any]:
        """Follow a job until it is in one of these states."""
        deadline = time.monotonic() + PATIENCE
        while True:
            job: dict[str, Any] = self.client.get(f"/api/jobs/{task_id}").json()
            if job["state"] in states:
                return job
            assert job["state"] in {"queued", "running"}, job
            assert time.monotonic() < deadline, job
            time.sleep(0.1)

    def published(self, clip: Path | None = None, title: str = "Mi mejor triple") -> dict[str, Any]:
        """Upload a clip, wait for its edit, and return the video."""
        made = self.upload(clip or short_clip(), title)
        self.wait(made["task_id"], "done")
        video: dict[str, Any] = self.client.get(f"/api/videos/{made['video_id']}").json()
        return video


def short_clip() -> Path:
    """Return a clip the site's rules accept."""
    return draw(Clip(seconds=3))


def in_the_middle(site: Site, player: Person) -> dict[str, Any]:
    """Upload a clip and wait until its encoder is in the middle of it."""
    made = player.upload(draw(Clip(seconds=8)))
    deadline = time.monotonic() + PATIENCE
    while not (0 < player.client.get(f"/api/jobs/{made['task_id']}").json()["progress"] < 90 and site.part("ffmpeg")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return made


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def site_environment(folder: Path, port: int, **settings: str) -> dict[str, str]:
    """Return the environment of `anb up` with its data below a folder, and nobody's own settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANB_")}
    return clean | {"ANB_DATA_DIR": str(folder), "ANB_HTTP_PORT": str(port)} | settings


def wait_ready(process: subprocess.Popen[bytes], url: str, log: Path, seconds: float = 60) -> None:
    """Wait until every part answers."""
    deadline = time.monotonic() + seconds
    while True:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/api/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


@contextmanager
def running_alone(**settings: str) -> Iterator[Site]:
    """Run a site of one's own, for tests that break things."""
    with tempfile.TemporaryDirectory(prefix="anb site ") as place:
        folder, log, port = Path(place, "data"), Path(place, "up.log"), free_port()
        environment = site_environment(folder, port, ANB_FREE_BYTES_FLOOR="0", **LIMITS, **IMPATIENT, **settings)
        with log.open("w") as out, subprocess.Popen(UP, env=environment, stdout=out, stderr=out) as process:
            try:
                wait_ready(process, f"http://127.0.0.1:{port}", log)
                yield Site(f"http://127.0.0.1:{port}", folder)
            finally:
                process.send_signal(signal.SIGINT)
                assert process.wait(timeout=20) == 0, log.read_text()


def _start(place: Path) -> str:
    port, folder, log = free_port(), place / "data", place / "up.log"
    environment = site_environment(folder, port, ANB_FREE_BYTES_FLOOR="0", **LIMITS)
    process = shared.keep_running("site", UP, log, env=environment)
    url = f"http://127.0.0.1:{port}"
    wait_ready(process, url, log)
    shared.disown(process)
    return json.dumps([url, str(folder)])


def the_site() -> Site:
    """Return the site of this run, starting it if nobody has yet."""
    url, folder = json.loads(shared.once("site", _start))
    return Site(url, Path(folder))
