"""Somebody on the internet: signs up, uploads, follows, votes, downloads; asks again when a request was cut."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2 as httpx

from deploy.lab import fabric
from deploy.lab.door import Door

PATIENCE = 120  # seconds for an answer: a share that is away is waited for
WORD = "balon-naranja-7"
UNDER_WAY = 409
OVER = ("done", "failed", "dead", "cancelled")


class NeverAnswered(Exception):
    """Nothing but cuts and outages until the patience ended; the text says what was asked and heard."""


class Refused(Exception):
    """The site would not, and it was no outage; the text says what was asked and its reason."""


@dataclass(frozen=True)
class Taken:
    """An upload that was answered 201."""

    task: str
    video: str
    sha256: str


class Player:
    """Somebody signed in. Safe to use from several threads."""

    def __init__(self, door: Door) -> None:
        self.email = f"{uuid4().hex}@example.com"
        self.heard: list[tuple[float, int | str]] = []  # when, and the status or why there was none
        self._http = httpx.Client(base_url=door.url, verify=door.trust, timeout=PATIENCE, http2=False)
        name = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
        words = {"email": self.email, "password1": WORD, "password2": WORD}
        self.sure("POST", "/api/auth/signup", json=name | words)
        self.sign_in()

    def sign_in(self) -> None:
        """Get a token."""
        answer = self.sure("POST", "/api/auth/login", json={"email": self.email, "password": WORD})
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:  # noqa: ANN401 - handed on
        """Ask once; None when the request was cut."""
        with fabric.within("client"):
            try:
                answer = self._http.request(method, path, **more)
            except httpx.TransportError as error:
                self.heard.append((time.time(), repr(error)))
                return None
        self.heard.append((time.time(), answer.status_code))
        return answer

    def sure(self, method: str, path: str, seconds: float = PATIENCE, **more: Any) -> httpx.Response:  # noqa: ANN401
        """Ask until there is an answer that is no outage, and return it. Raises NeverAnswered, Refused."""
        deadline, said = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            answer = self.ask(method, path, **more)
            if answer is not None and answer.is_success:
                return answer
            if answer is not None and answer.status_code < 500 and answer.status_code != UNDER_WAY:
                raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
            said = "cut" if answer is None else f"{answer.status_code} {answer.text[:200]}"
            time.sleep(0.5)
        raise NeverAnswered(f"{method} {path}: {said}")

    def upload(self, clip: bytes, title: str, seconds: float = PATIENCE) -> Taken:
        """Upload a clip, again under the same key where the answer was lost. Raises NeverAnswered."""
        answer = self.sure("POST", "/api/videos/upload", seconds, **form(clip, title, uuid4().hex))
        return taken(answer.json(), clip)

    def job(self, clip: Taken) -> Mapping[str, Any]:
        """Return where a clip's processing stands."""
        seen: Mapping[str, Any] = self.sure("GET", f"/api/jobs/{clip.task}").json()
        return seen

    def wait_done(self, clips: list[Taken], seconds: float) -> None:
        """Wait until the jobs of all clips are over. Raises NeverAnswered."""
        deadline, left = time.monotonic() + seconds, list(clips)
        while left:
            left = [clip for clip in left if self.job(clip)["state"] not in OVER]
            if left and time.monotonic() > deadline:
                raise NeverAnswered(
                    f"{len(left)} of {len(clips)} jobs are not over after {seconds:g} s: {left[0].task}"
                )
            time.sleep(0.5)

    def processed(self, clip: Taken) -> bytes:
        """Download the edit of a clip."""
        seen = self.sure("GET", f"/api/videos/{clip.video}").json()
        return self.sure("GET", seen["processed_url"]).content

    def vote(self, video: str) -> None:
        """Vote for a video."""
        self.sure("POST", f"/api/public/videos/{video}/vote", headers={"Idempotency-Key": uuid4().hex})

    def ranking(self) -> list[dict[str, Any]]:
        """Return the public ranking."""
        seen: list[dict[str, Any]] = self.sure("GET", "/api/public/rankings").json()
        return seen

    def slowly(self, path: str, pause: float) -> Iterator[bytes]:
        """Download something a piece at a time, waiting after each."""
        with fabric.within("client"), self._http.stream("GET", path) as answer:
            answer.raise_for_status()
            for piece in answer.iter_bytes(64 * 1024):
                yield piece
                time.sleep(pause)


def form(clip: bytes, title: str, key: str) -> dict[str, Any]:
    """Return an upload as a browser's form sends it."""
    return {
        "files": {"video_file": ("clip.mp4", clip, "video/mp4")},
        "data": {"title": title},
        "headers": {"Idempotency-Key": key},
    }


def taken(told: Mapping[str, Any], clip: bytes) -> Taken:
    """Return what the body of a 201 says of a clip."""
    return Taken(told["task_id"], told["video_id"], hashlib.sha256(clip).hexdigest())
