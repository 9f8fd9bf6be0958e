"""A player on the internet: signs up, uploads, follows, votes, downloads, and repeats requests that were cut."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2 as httpx

from verify.lab import network
from verify.lab.site_address import SiteAddress

PATIENCE = 120  # seconds for an answer, while a missing share may return
WORD = "balon-naranja-7"
UNDER_WAY = 409
OVER = ("done", "failed", "dead", "cancelled")


class NeverAnswered(Exception):
    """Only cuts and outages until patience was over; the text contains the request and the answers."""


class RequestRefused(Exception):
    """The site refused, and it was not an outage; the text contains the request and the reason."""


@dataclass(frozen=True)
class AcceptedUpload:
    """An upload that was answered 201."""

    task: str
    video: str
    sha256: str


class LabPlayer:
    """A signed-in player. Safe to use from several threads."""

    def __init__(self, door: SiteAddress) -> None:
        self.email = f"{uuid4().hex}@example.com"
        self.heard: list[tuple[float, int | str]] = []  # when, and the status or the error
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
        """Send a request once. Return the answer, or None if it was cut."""
        with network.within("client"):
            try:
                answer = self._http.request(method, path, **more)
            except httpx.TransportError as error:
                self.heard.append((time.time(), repr(error)))
                return None
        self.heard.append((time.time(), answer.status_code))
        return answer

    def sure(self, method: str, path: str, seconds: float = PATIENCE, **more: Any) -> httpx.Response:  # noqa: ANN401
        """Repeat a request until the answer is not an outage. Return it. Raises NeverAnswered, RequestRefused."""
        deadline, last = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            answer = self.ask(method, path, **more)
            if answer is not None and answer.is_success:
                return answer
            if answer is not None and answer.status_code < 500 and answer.status_code != UNDER_WAY:
                raise RequestRefused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
            last = "cut" if answer is None else f"{answer.status_code} {answer.text[:200]}"
            time.sleep(0.5)
        raise NeverAnswered(f"{method} {path}: {last}")

    def upload(self, clip: bytes, title: str, seconds: float = PATIENCE) -> AcceptedUpload:
        """Upload a clip, again with the same key if the answer was lost. Raises NeverAnswered."""
        answer = self.sure("POST", "/api/videos/upload", seconds, **form(clip, title, uuid4().hex))
        return taken(answer.json(), clip)

    def job(self, clip: AcceptedUpload) -> Mapping[str, Any]:
        """Return the state of a clip's job."""
        job: Mapping[str, Any] = self.sure("GET", f"/api/jobs/{clip.task}").json()
        return job

    def wait_done(self, clips: list[AcceptedUpload], seconds: float) -> None:
        """Wait until the jobs of all clips have ended. Raises NeverAnswered."""
        deadline, left = time.monotonic() + seconds, list(clips)
        while left:
            left = [clip for clip in left if self.job(clip)["state"] not in OVER]
            if left and time.monotonic() > deadline:
                raise NeverAnswered(
                    f"{len(left)} of {len(clips)} jobs are not over after {seconds:g} s: {left[0].task}"
                )
            time.sleep(0.5)

    def processed(self, clip: AcceptedUpload) -> bytes:
        """Download the edit of a clip."""
        details = self.sure("GET", f"/api/videos/{clip.video}").json()
        return self.sure("GET", details["processed_url"]).content

    def vote(self, video: str) -> None:
        """Vote for a video."""
        self.sure("POST", f"/api/public/videos/{video}/vote", headers={"Idempotency-Key": uuid4().hex})

    def ranking(self) -> list[dict[str, Any]]:
        """Return the public ranking."""
        entries: list[dict[str, Any]] = self.sure("GET", "/api/public/rankings").json()
        return entries

    def slowly(self, path: str, pause: float) -> Iterator[bytes]:
        """Download something in chunks, with a pause after each."""
        with network.within("client"), self._http.stream("GET", path) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_bytes(64 * 1024):
                yield chunk
                time.sleep(pause)


def form(clip: bytes, title: str, key: str) -> dict[str, Any]:
    """Return an upload as a browser's form sends it."""
    return {
        "files": {"video_file": ("clip.mp4", clip, "video/mp4")},
        "data": {"title": title},
        "headers": {"Idempotency-Key": key},
    }


def taken(told: Mapping[str, Any], clip: bytes) -> AcceptedUpload:
    """Return the accepted upload from the body of a 201."""
    return AcceptedUpload(told["task_id"], told["video_id"], hashlib.sha256(clip).hexdigest())
