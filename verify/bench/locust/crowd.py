"""The load of `crowd-web` for Locust: visitors, and crowds that sign in, dribble or upload (docs/how-to/crowds.md)."""

import json
import os
import secrets
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from locust import HttpUser, User, constant_throughput, events, task
from locust.env import Environment

from verify.bench.load_target import refuse_others
from verify.bench.raw_client import START, Form
from verify.bench.verdicts import RequestOutcome
from verify.kit.upload_forms import CONTENT_TYPE

CLIP = os.environ.get("CROWD_CLIP", "")
PASSWORD = secrets.token_urlsafe(12)
LENGTH = 1_000_000
BETWEEN_BYTES = 2  # seconds
HOLD = float(os.environ.get("CROWD_HOLD", "60"))  # seconds until a dribbler gives up and reconnects
OF_EACH = 25  # dribblers per account, which may send 32 uploads at once
TAKEN: list[str] = []  # a token for every 25 dribblers
NUMBERS = count()


def ask_whose(environment: Environment, **_: object) -> None:
    """Refuse other people's addresses before any request is sent."""
    if environment.host:
        refuse_others(environment.host, os.environ)


events.init.add_listener(ask_whose)  # type: ignore[no-untyped-call]
events.test_start.add_listener(ask_whose)  # type: ignore[no-untyped-call]


class CrowdUser(HttpUser):
    """A person with an account. Answers are judged as in the bench: served, or refused with Retry-After."""

    abstract = True
    token = ""

    def on_start(self) -> None:
        """Sign up and in."""
        refuse_others(self.host, os.environ)
        self.email = f"{secrets.token_hex(16)}@example.com"
        names = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
        words = {"email": self.email, "password1": PASSWORD, "password2": PASSWORD}
        while not self.token:
            self.ask("POST", "/api/auth/signup", {201, 400, 409}, body=names | words)
            body_text = self.ask(
                "POST", "/api/auth/login", {200, 401}, body={"email": self.email, "password": PASSWORD}
            )
            self.token = json.loads(body_text or b"{}").get("access_token", "")
            time.sleep(1)

    def ask(
        self,
        method: str,
        path: str,
        expected: set[int],
        name: str = "",
        body: Mapping[str, str] | None = None,
        clip: IO[bytes] | None = None,
    ) -> bytes:
        """Send a request and judge the answer. Return its body if it is expected, else nothing."""
        files = clip and {"video_file": ("crowd.mp4", clip, "video/mp4"), "title": (None, "Crowd")}
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with self.client.request(
            method, path, name or path, json=body, files=files, headers=headers, timeout=60, catch_response=True
        ) as answer:
            status = answer.status_code or 0
            outcome = RequestOutcome(status, 0, "Retry-After" in (answer.headers or {}), str(answer.error or ""))
            if (fault := outcome.fault(expected)) is not None:
                answer.failure(fault)
                return b""
            answer.success()
            return answer.content or b"" if status in expected else b""


class VisitorUser(CrowdUser):
    """Opens the home page, the list or the ranking, or votes: one of them a second."""

    fixed_count = 20
    wait_time = constant_throughput(1)

    @task
    def see_home(self) -> None:
        """Open the home page."""
        self.ask("GET", "/", {200})

    @task
    def see_ranking(self) -> None:
        """Open the ranking."""
        self.ask("GET", "/api/public/rankings", {200})

    @task(2)
    def see_list_and_vote(self) -> None:
        """Vote for a clip of the first page; a second vote for it is refused with 400 or 409."""
        if clips := json.loads(self.ask("GET", "/api/public/videos", {200}) or b"[]"):
            path = f"/api/public/videos/{secrets.choice(clips)['video_id']}/vote"
            self.ask("POST", path, {200, 400, 409}, "vote")


class SignInUser(CrowdUser):
    """Signs in once a second, with a wrong password every second time. Fifty of them are a crowd."""

    fixed_count = 50
    wait_time = constant_throughput(1)

    @task
    def sign_in(self) -> None:
        """Sign in."""
        word, expected = (PASSWORD, {200}) if next(NUMBERS) % 2 else ("no-es-esta-clave", {401})
        self.ask("POST", "/api/auth/login", expected, "sign-in", {"email": self.email, "password": word})


class UploadUser(CrowdUser):
    """Uploads the clip that CROWD_CLIP names, again and again."""

    fixed_count = 20

    @task
    def upload(self) -> None:
        """Send a form."""
        with Path(CLIP).open("rb") as clip:
            self.ask("POST", "/api/videos/upload", {201}, clip=clip)


class DribblerAccount(CrowdUser):
    """Provides a token for dribblers: forty accounts for a thousand of them."""

    fixed_count = 40

    def on_start(self) -> None:
        """Sign in and share the token."""
        super().on_start()
        TAKEN.append(self.token)

    @task
    def wait(self) -> None:
        """Do nothing else."""
        time.sleep(HOLD)


class Dribbler(User):
    """Holds an upload open and sends a byte now and then."""

    fixed_count = 1000

    @task
    def dribble(self) -> None:
        """Send a head, then bytes. A proper refusal is as good as being served."""
        refuse_others(self.host, os.environ)
        if not TAKEN:
            time.sleep(1)
            return
        begun = time.monotonic()
        answer = hold(self.host or "", TAKEN[next(NUMBERS) // OF_EACH % len(TAKEN)])
        fault = answer and answer.fault(())
        self.environment.events.request.fire(
            request_type="DRIBBLE",
            name="upload, held or refused",
            response_time=1000 * (time.monotonic() - begun),
            response_length=0,
            exception=RuntimeError(fault) if fault else None,
            context={},
        )
        time.sleep(BETWEEN_BYTES)


def hold(host: str, token: str) -> RequestOutcome | None:
    """Dribble until the answer, which is returned, or until it is time to hang up."""
    begun, place = time.monotonic(), urlsplit(host)
    try:
        with socket.create_connection((place.hostname or "", place.port or 80), timeout=30) as wire:
            wire.sendall(request(place.netloc, token))
            wire.settimeout(BETWEEN_BYTES)
            while time.monotonic() < begun + HOLD:
                wire.sendall(b"\0")
                with suppress(TimeoutError):
                    return read(wire.recv(65536), time.monotonic() - begun)
    except OSError as error:
        return RequestOutcome(0, time.monotonic() - begun, cause=type(error).__name__)
    return None


def request(netloc: str, token: str) -> bytes:
    """Return the head of an upload, and of the form in its body."""
    headers = {
        "Host": netloc,
        "Authorization": f"Bearer {token}",
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(LENGTH),
    }
    lines = ["POST /api/videos/upload HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + Form(Path()).head + START


def read(head: bytes, seconds: float) -> RequestOutcome:
    """Return the outcome according to the head of an answer."""
    if not head:
        return RequestOutcome(0, seconds, cause="hung up")
    return RequestOutcome(int(head.split()[1]), seconds, b"\r\nretry-after:" in head.lower())
