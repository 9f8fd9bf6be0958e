"""The whole platform as people meet it: `anb up` in a folder of its own, behind nginx, for short clips."""

import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import psutil
import psycopg
from celery import Celery
from verify.kit.ports import free_port

from anb.settings import read_env_file
from support import shared
from support.clips import Clip, draw
from support.waiting import let_time_pass, looks, until

# The rules of the contest, with shorter clips: a test must not wait a minute for an edit.
LIMITS = {"ANB_CLIP_MIN_SECONDS": "2", "ANB_CLIP_MAX_SECONDS": "8", "ANB_EDIT_CLIP_SECONDS": "4"}
UP = [sys.executable, "-m", "anb", "up", "--no-demo"]
# Heartbeats so frequent that a test sees a death within seconds.
IMPATIENT = {
    "ANB_HEARTBEAT_SECONDS": "0.5",
    "ANB_LEASE_SECONDS": "3",
    "ANB_RECONCILE_SECONDS": "1",
    "ANB_RESEND_SECONDS": "3",
}
# The process names of Granian and Celery where the package setproctitle happens to be installed.
TITLES = {"anb web": "granian asgi", "anb worker": "[celeryd:"}
# However full the disk of this machine is.
ANY_ROOM = {"ANB_FREE_BYTES_FLOOR": "0", "ANB_FREE_SHARE_FLOOR": "0"}
OTHER_ORIGIN = "http://club.localhost"  # another site, whose pages may use this one
# The site speaks plain HTTP; reading the certificates of the machine for each client took half of these tests' time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
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
        """Return an HTTP client; it is closed when the test ends."""
        client = httpx.Client(base_url=self.url, timeout=60, verify=NO_TLS)
        _open.append(client)
        return client

    def player(self, name: str = "Lucía", city: str = "Bogotá") -> "Person":
        """Sign a player up and in, through nginx."""
        email, word = f"{uuid4().hex}@example.com", "balon-naranja-7"
        body = {"first_name": name, "last_name": "Ríos", "email": email, "city": city, "country": "Colombia"}
        made = self._when_there_is_room("/api/auth/signup", body | {"password1": word, "password2": word})
        assert made.status_code == 201, made.text
        return self.sign_in(email, word)

    def sign_in(self, email: str, word: str) -> "Person":
        """Sign in to an existing account."""
        client = self.client()
        token = self._when_there_is_room("/api/auth/login", {"email": email, "password": word}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return Person(client, email, word)

    def _when_there_is_room(self, path: str, body: dict[str, str]) -> httpx.Response:
        """Post a request that needs a hash: when many do so at once, the site says when to retry."""
        client = self.client()
        for answer in looks(lambda: client.post(path, json=body), 60, pause=0):
            if answer.status_code != 503:
                return answer
            let_time_pass(float(answer.headers["Retry-After"]), "the site says when to come again")
        raise AssertionError

    def part(self, name: str) -> list[int]:
        """Return the processes of the platform whose command has these words."""
        mine, names = str(self.folder), {name, TITLES.get(name, name)}
        return [
            process.pid
            for process in psutil.process_iter(["cmdline", "environ", "cwd"])
            if any(one in " ".join(process.info["cmdline"] or []) for one in names) and mine in str(process.info)
        ]

    def workers(self) -> list[int]:
        """Return the worker's main process and then its children."""
        found = self.part("anb worker")
        return sorted(found, key=lambda pid: psutil.Process(pid).ppid() in found)

    def command(self, *words: str) -> None:
        """Run a command as the site's operator does."""
        environment = {**os.environ, "ANB_DATA_DIR": str(self.folder)}
        subprocess.run([sys.executable, "-m", "anb", *words], env=environment, check=True, capture_output=True)

    def original_of(self, video_id: str) -> Path:
        """Return the path of a video's original."""
        url = read_env_file(self.folder / "anb.env")["ANB_DATABASE_URL"]
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT original_key FROM videos WHERE id = %s", [video_id]).fetchone()
        assert row is not None
        return self.folder / "media" / str(row[0])

    def flush_queue(self) -> None:
        """Lose all messages in the queue."""
        settings = read_env_file(self.folder / "anb.env")
        with Celery(broker=settings["ANB_REDIS_URL"], set_as_current=False).connection_for_write() as connection:
            connection.default_channel.client.flushall()

    def logged(self, part: str, *words: str) -> list[str]:
        """Return the lines of a part's log, once one of them has all these words."""
        path = self.folder / "logs" / f"{part}.log"
        for said in looks(lambda: path.read_text(encoding="utf-8").splitlines(), 5):
            if any(all(word in line for word in words) for line in said):
                return said
        raise AssertionError

    def edit(self, video_id: str) -> bytes:
        """Fetch a published edit."""
        answer = self.client().get(f"/api/videos/{video_id}/processed")
        assert answer.status_code == 200, answer.text
        return answer.content


@dataclass(frozen=True)
class Person:
    """A signed-in player."""

    client: httpx.Client
    email: str
    password: str

    def upload(self, clip: Path, title: str = "Mi mejor triple") -> dict[str, Any]:
        """Upload a clip and return the server's answer."""
        with clip.open("rb") as file:
            made = self.client.post(
                "/api/videos/upload", files={"video_file": (clip.name, file, "video/mp4")}, data={"title": title}
            )
        assert made.status_code == 201, made.text
        answer: dict[str, Any] = made.json()
        return answer

    def wait(self, task_id: str, *states: str) -> dict[str, Any]:
        """Follow a job until it is in one of these states."""
        for job in looks(lambda: self.follow(task_id), PATIENCE, pause=0.1):
            if job["state"] in states:
                return job
            assert job["state"] in {"queued", "running"}, job
        raise AssertionError

    def follow(self, task_id: str) -> dict[str, Any]:
        """Return the API's description of a job."""
        job: dict[str, Any] = self.client.get(f"/api/jobs/{task_id}").json()
        return job

    def published(self, clip: Path | None = None, title: str = "Mi mejor triple") -> dict[str, Any]:
        """Upload a clip, wait for its edit, and return the video."""
        made = self.upload(clip or short_clip(), title)
        self.wait(made["task_id"], "done")
        video: dict[str, Any] = self.client.get(f"/api/videos/{made['video_id']}").json()
        return video


def short_clip() -> Path:
    """Return a clip that the site's rules accept."""
    return draw(Clip(seconds=3))


def in_the_middle(site: Site, player: Person) -> dict[str, Any]:
    """Upload a clip and wait until its encoder is in the middle of it."""
    made = player.upload(draw(Clip(seconds=8)))
    until(lambda: 0 < player.follow(made["task_id"])["progress"] < 90 and site.part("ffmpeg"), PATIENCE)
    return made


def site_environment(folder: Path, port: int, **settings: str) -> dict[str, str]:
    """Return the environment of `anb up` with its data below a folder, without the developer's own settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANB_")}
    return clean | {"ANB_DATA_DIR": str(folder), "ANB_HTTP_PORT": str(port)} | settings


def wait_ready(process: subprocess.Popen[bytes], url: str, log: Path, seconds: float = 120) -> None:
    """Wait until every part answers."""

    def is_ready() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(f"{url}/api/health/ready", verify=NO_TLS).status_code == 200
        except httpx.TransportError:
            return False

    until(is_ready, seconds, pause=0.1, told=log.read_text)


@contextmanager
def running_alone(**settings: str) -> Iterator[Site]:
    """Run a site of the test's own, for tests that break things."""
    with tempfile.TemporaryDirectory(prefix="anb site ") as place:
        folder, log, port = Path(place, "data"), Path(place, "up.log"), free_port()
        environment = site_environment(folder, port, **LIMITS, **ANY_ROOM, **IMPATIENT, **settings)
        with log.open("w") as out, subprocess.Popen(UP, env=environment, stdout=out, stderr=out) as process:
            try:
                wait_ready(process, f"http://127.0.0.1:{port}", log)
                yield Site(f"http://127.0.0.1:{port}", folder)
            finally:
                process.send_signal(signal.SIGINT)
                assert process.wait(timeout=20) == 0, log.read_text()


def _start(place: Path) -> str:
    port, folder, log = free_port(), place / "data", place / "up.log"
    environment = site_environment(folder, port, **LIMITS, **ANY_ROOM, ANB_CORS_ORIGINS=OTHER_ORIGIN)
    process = shared.keep_running("site", UP, log, env=environment)
    url = f"http://127.0.0.1:{port}"
    wait_ready(process, url, log)
    shared.disown(process)
    return json.dumps([url, str(folder)])


def the_site() -> Site:
    """Return the site of this run, starting it on first use."""
    url, folder = json.loads(shared.once("site", _start))
    return Site(url, Path(folder))
