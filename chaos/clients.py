"""The steady load, a process each: somebody who uploads, somebody who votes, somebody who only looks.

`python -m chaos.clients KIND URL JOURNAL NUMBER`. Each writes down what it was told before it goes on; one whose
request is cut asks again, as a browser would. SIGTERM ends it after the request under way.
"""

import hashlib
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx2 as httpx

from chaos import clips
from chaos.journal import Journal

PATIENCE = 30  # seconds for an answer
OUTSTANDING = 3  # clips of one player that have no edit yet
VOTERS = 6
UNDER_WAY = 409  # the first try of this upload, whose answer never came, is not over yet
PAUSE = 0.7
WORD = "balon-naranja-7"

stopping = threading.Event()


class Person:
    """Somebody signed in, and what they were told."""

    def __init__(self, url: str, journal: Journal) -> None:
        self.email = f"{uuid4().hex}@example.com"
        self.journal = journal
        self.http = httpx.Client(base_url=url, timeout=PATIENCE)
        name = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
        words = {"email": self.email, "password1": WORD, "password2": WORD}
        self.http.post("/api/auth/signup", json=name | words).raise_for_status()
        answer = self.http.post("/api/auth/login", json={"email": self.email, "password": WORD}).raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def ask(self, method: str, path: str, **more: object) -> httpx.Response | None:
        """Send a request; None when it was cut. What went wrong stands in the journal."""
        sent = time.time()
        try:
            answer = self.http.request(method, path, **more)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            self.journal.write("cut", path=path, sent=sent, why=repr(error))
            return None
        if answer.status_code >= 500:
            self.journal.write("broken", path=path, sent=sent, status=answer.status_code, detail=answer.text[:300])
        return answer

    def upload(self, code: int) -> str | None:
        """Upload a clip once; return its task when it was taken, "" when it was refused, None when to try again."""
        clip = clips.draw(code)
        known = {"code": code, "sha256": hashlib.sha256(clip).hexdigest(), "email": self.email}
        self.journal.write("sending", **known)
        answer = self.ask(
            "POST", "/api/videos/upload", files={"video_file": ("clip.mp4", clip, "video/mp4")},
            data={"title": f"Clip {code}"}, headers={"Idempotency-Key": f"{self.email}-{code}"},
        )  # fmt: skip
        if answer is None or answer.status_code >= 500 or answer.status_code == UNDER_WAY:
            return None
        if answer.status_code != 201:
            self.journal.write("refused", **known, status=answer.status_code, detail=answer.text[:300])
            return ""
        told = answer.json()
        self.journal.write("accepted", **known, task=told["task_id"], video=told["video_id"])
        task: str = told["task_id"]
        return task

    def vote(self, video: str) -> None:
        """Vote until there is an answer."""
        while not stopping.is_set():
            self.journal.write("voting", email=self.email, video=video)
            answer = self.ask("POST", f"/api/public/videos/{video}/vote")
            if answer is not None and answer.status_code < 500:
                if answer.status_code == 200:
                    self.journal.write("voted", email=self.email, video=video)
                return
            stopping.wait(PAUSE)

    def is_over(self, task: str) -> bool:
        """Say whether a job has ended."""
        answer = self.ask("GET", f"/api/jobs/{task}")
        return answer is not None and answer.status_code == 200 and answer.json()["finished_at"] is not None


def upload(url: str, journal: Journal, number: int) -> None:
    """Upload clip after clip, a few at a time, each until it is taken."""
    player, code, waiting = Person(url, journal), number << 12, list[str]()
    journal.write("ready")
    while not stopping.is_set():
        waiting = [task for task in waiting if not player.is_over(task)]
        if len(waiting) < OUTSTANDING:
            task = player.upload(code)
            if task:
                waiting.append(task)
            if task is not None:  # else the same clip again
                code += 1
        stopping.wait(PAUSE)


def vote(url: str, journal: Journal, number: int) -> None:
    """Let several people vote for what is public, each for everything in the end."""
    chance, voters = random.Random(number), [Person(url, journal) for _ in range(VOTERS)]
    voted: set[tuple[str, str]] = set()
    journal.write("ready")
    while not stopping.is_set():
        voter = chance.choice(voters)
        listed = voter.ask("GET", "/api/public/videos?limit=50")
        public = listed.json() if listed is not None and listed.status_code == 200 else []
        left = [clip["video_id"] for clip in public if (voter.email, clip["video_id"]) not in voted]
        if left:
            video = chance.choice(left)
            voter.vote(video)
            voted.add((voter.email, video))
        stopping.wait(PAUSE / 2)


def look(url: str, journal: Journal, _number: int) -> None:
    """Look at lists, again and again."""
    person = Person(url, journal)
    journal.write("ready")
    while not stopping.is_set():
        for path in ("/api/public/videos", "/api/public/rankings", "/api/videos"):
            person.ask("GET", path)
            stopping.wait(PAUSE / 3)


KINDS: dict[str, Callable[[str, Journal, int], None]] = {"upload": upload, "vote": vote, "look": look}


def main(kind: str, url: str, journal: str, number: str) -> None:
    """Be one of them until told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    KINDS[kind](url, Journal(Path(journal)), int(number))


if __name__ == "__main__":
    main(*sys.argv[1:])
