"""The whole platform as people meet it: `anb up` in a folder of its own, behind nginx, for short clips."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil

from support import shared
from support.clips import Clip, draw

# The rules of the contest, with shorter clips: a test must not take a minute to see an edit.
LIMITS = {"ANB_CLIP_MIN_SECONDS": "2", "ANB_CLIP_MAX_SECONDS": "8", "ANB_EDIT_CLIP_SECONDS": "4"}
PATIENCE = 90  # seconds for an edit of a few seconds, on a busy machine


@dataclass(frozen=True)
class Site:
    """Where the platform runs."""

    url: str
    folder: Path  # its data

    def client(self) -> httpx.Client:
        """Return somebody's HTTP client."""
        return httpx.Client(base_url=self.url, timeout=60)

    def player(self, name: str = "Lucía", city: str = "Bogotá") -> "Person":
        """Sign somebody up and in, through nginx."""
        email, word = f"{uuid4().hex}@example.com", "balon-naranja-7"
        client = self.client()
        body = {"first_name": name, "last_name": "Ríos", "email": email, "city": city, "country": "Colombia"}
        made = client.post("/api/auth/signup", json=body | {"password1": word, "password2": word})
        assert made.status_code == 201, made.text
        token = client.post("/api/auth/login", json={"email": email, "password": word}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return Person(client, email, word)

    def part(self, name: str) -> list[int]:
        """Return the processes of the platform whose command has these words."""
        mine = str(self.folder)
        return [
            process.pid
            for process in psutil.process_iter(["cmdline", "environ"])
            if name in " ".join(process.info["cmdline"] or []) and mine in str(process.info["environ"])
        ]


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


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_site(folder: Path, port: int, *options: str, **settings: str) -> subprocess.Popen[bytes]:
    """Run `anb up` with its data below a folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANB_")}
    return subprocess.Popen(
        [sys.executable, "-m", "anb", "up", *options],
        env=clean | {"ANB_DATA_DIR": str(folder), "ANB_HTTP_PORT": str(port)} | settings,
        stdin=subprocess.DEVNULL,
        stdout=folder.with_suffix(".log").open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


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


def stop_site(process: subprocess.Popen[bytes]) -> int:
    """Stop it as Ctrl-C does, and return its exit status."""
    process.send_signal(signal.SIGINT)
    return process.wait(timeout=20)


def _start(place: Path) -> str:
    port, folder = free_port(), place / "data"
    process = start_site(folder, port, "--no-demo", ANB_FREE_BYTES_FLOOR="0", **LIMITS)
    shared.keep_running("site", process.pid)
    url = f"http://127.0.0.1:{port}"
    wait_ready(process, url, folder.with_suffix(".log"))
    return json.dumps([url, str(folder)])


def the_site() -> Site:
    """Return the site of this run, starting it if nobody has yet."""
    url, folder = json.loads(shared.once("site", _start))
    return Site(url, Path(folder))
