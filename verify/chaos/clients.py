"""The load, one process per client: it uploads, votes, reads lists, uses bad networks, or follows a clip live.

Run `python -m verify.chaos.clients KIND URL JOURNAL NUMBER`. A client writes every answer to its journal before it
continues, and repeats a request that was cut, as a browser would. SIGTERM ends it after the current request.
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

from verify.chaos import bad_networks, stream_follower
from verify.chaos.journal import Journal
from verify.chaos.organizer import ChaosOrganizer, OrganizerActs
from verify.chaos.share import NO_SLOW_UPLOADS
from verify.kit import numbered_clips

PATIENCE = 30  # seconds for an answer
OUTSTANDING = 3  # clips of one player without an edit
VOTERS = 6
DOUBTERS = 3
DOUBTFUL = "198.51.100.7"  # an address of theirs; votes from this machine are not judged
WEB_SOCKET = "web-socket"  # a file next to the journals that names the web server's socket
UNDER_WAY = 409  # the first attempt of this upload, whose answer was lost, is still running
PAUSE = 0.7
WORD = "balon-naranja-7"

stopping = threading.Event()


class ChaosClient:
    """A signed-in player, with a journal of the answers."""

    def __init__(self, url: str, journal: Journal, network: str = "") -> None:
        self.email = f"{uuid4().hex}@example.com"
        self.journal = journal
        self.network = ""  # the bad network that its requests use now
        # nginx would tell that every client is on this machine. At its socket, the web server believes the header.
        door = httpx.HTTPTransport(uds=(journal.folder / WEB_SOCKET).read_text("utf-8")) if network else None
        self.http = httpx.Client(base_url=url, timeout=PATIENCE, transport=door)
        self.http.headers |= {"X-Forwarded-For": network} if network else {}
        name = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
        words = {"email": self.email, "password1": WORD, "password2": WORD}
        self.http.post("/api/auth/signup", json=name | words).raise_for_status()
        answer = self.http.post("/api/auth/login", json={"email": self.email, "password": WORD}).raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def ask(self, method: str, path: str, **more: object) -> httpx.Response | None:
        """Send a request. Return the answer, or None if it was cut. Failures are in the journal."""
        sent = time.time()
        try:
            answer = self.http.request(method, path, **more)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            self.journal.write("cut", path=path, sent=sent, why=repr(error), network=self.network)
            return None
        if answer.status_code >= 500:
            self.journal.write("broken", path=path, sent=sent, status=answer.status_code, detail=answer.text[:300])
        return answer

    def upload(self, code: int, clip: bytes | None = None, **more: object) -> str | None:
        """Upload a clip once. Return its task if it was accepted, "" if it was refused, None to try again."""
        clip = clip or numbered_clips.draw(code)
        known = {"code": code, "sha256": hashlib.sha256(clip).hexdigest(), "email": self.email, **more}
        self.journal.write("sending", **known)
        answer = self.ask(
            "POST", "/api/videos/upload", files={"video_file": ("clip.mp4", clip, "video/mp4")},
            data={"title": f"Clip {code}"}, headers={"Idempotency-Key": f"{self.email}-{code}"},
        )  # fmt: skip
        if answer is None or answer.status_code >= 500 or answer.status_code == UNDER_WAY:
            return None
        if self.is_too_late(answer):
            return None
        if answer.status_code != 201:
            self.journal.write("refused", **known, status=answer.status_code, detail=answer.text[:300])
            return ""
        body = answer.json()
        self.journal.write("accepted", **known, task=body["task_id"], video=body["video_id"])
        task: str = body["task_id"]
        return task

    def is_too_late(self, answer: httpx.Response) -> bool:
        """Say whether a clip is refused because its season takes votes and no clips any more; the next one will."""
        kind = answer.headers.get("content-type", "")
        return answer.status_code == 400 and "problem" in kind and answer.json()["code"] == "uploads-closed"

    def vote(self, video: str) -> None:
        """Vote until there is an answer."""
        while not stopping.is_set():
            self.journal.write("voting", email=self.email, video=video)
            answer = self.ask("POST", f"/api/public/videos/{video}/vote")
            if answer is not None and answer.status_code < 500:
                if answer.status_code == 200:
                    self.journal.write("voted", email=self.email, video=video, promise=answer.json()["promise"])
                return
            stopping.wait(PAUSE)

    def is_over(self, task: str) -> bool:
        """Return whether a job has ended."""
        answer = self.ask("GET", f"/api/jobs/{task}")
        return answer is not None and answer.status_code == 200 and answer.json()["finished_at"] is not None


def upload(url: str, journal: Journal, number: int) -> None:
    """Upload clip after clip, a few at a time, each until it is accepted."""
    player, code, waiting = ChaosClient(url, journal), number << 12, list[str]()
    journal.write("ready")
    while not stopping.is_set():
        waiting = [task for task in waiting if not player.is_over(task)]
        if len(waiting) < OUTSTANDING:
            task = player.upload(code)
            if task:
                waiting.append(task)
            if task is not None:  # otherwise send the same clip again
                code += 1
        stopping.wait(PAUSE)


def vote(url: str, journal: Journal, number: int) -> None:
    """Let several people vote for public videos, each for every video in the end."""
    _vote(number, journal, [ChaosClient(url, journal) for _ in range(VOTERS)], PAUSE / 2)


def doubt(url: str, journal: Journal, number: int) -> None:
    """Let people vote by programs of one address, each for the same clips: most of their votes are held."""
    _vote(number, journal, [ChaosClient(url, journal, DOUBTFUL) for _ in range(DOUBTERS)], PAUSE, alike=True)


def _vote(number: int, journal: Journal, voters: list[ChaosClient], pause: float, *, alike: bool = False) -> None:
    chance = random.Random(number)
    voted: set[tuple[str, str]] = set()
    journal.write("ready")
    while not stopping.is_set():
        voter = chance.choice(voters)
        listed = voter.ask("GET", "/api/public/videos?limit=50")
        public = listed.json() if listed is not None and listed.status_code == 200 else []
        unvoted = [clip["video_id"] for clip in public if (voter.email, clip["video_id"]) not in voted]
        if unvoted:
            video = unvoted[-1] if alike else chance.choice(unvoted)
            voter.vote(video)
            voted.add((voter.email, video))
        stopping.wait(pause)


def look(url: str, journal: Journal, _number: int) -> None:
    """Read lists, again and again."""
    person = ChaosClient(url, journal)
    journal.write("ready")
    while not stopping.is_set():
        for path in ("/api/public/videos", "/api/public/rankings", "/api/videos"):
            person.ask("GET", path)
            stopping.wait(PAUSE / 3)


def join(url: str, journal: Journal, _number: int) -> None:
    """Sign up person after person, each of whom must get a mail."""
    person = ChaosClient(url, journal)
    journal.write("ready")
    while not stopping.is_set():
        email = f"{uuid4().hex}@example.com"
        body = {"first_name": "Ana", "last_name": "Gil", "city": "Cali", "country": "Colombia", "email": email}
        answer = person.ask("POST", "/api/auth/signup", json=body | {"password1": WORD, "password2": WORD})
        if answer is not None and answer.status_code == 201:
            journal.write("joined", email=email)
        stopping.wait(2 * PAUSE)


def roam(url: str, journal: Journal, number: int) -> None:
    """Upload clip after clip, each over another bad network (`chaos.bad_networks`)."""
    player, code, waiting = ChaosClient(url, journal), number << 12, list[str]()
    pause = journal.folder / NO_SLOW_UPLOADS
    journal.write("ready")
    while not stopping.is_set():
        if pause.exists():
            stopping.wait(PAUSE)
            continue
        waiting = [task for task in waiting if not player.is_over(task)]
        if len(waiting) < OUTSTANDING:
            task = bad_networks.send(player, code)
            if task:
                waiting.append(task)
            if task is not None:
                code += 1
        stopping.wait(PAUSE)


def follow(url: str, journal: Journal, number: int) -> None:
    """Upload clip after clip, and follow each live to its end (`chaos.stream_follower`)."""
    player, code = ChaosClient(url, journal), number << 12
    journal.write("ready")
    while not stopping.is_set():
        task = player.upload(code)
        if task:
            stream_follower.listen(player, task, stopping)
        if task is not None:
            code += 1
        stopping.wait(PAUSE)


def organize(url: str, journal: Journal, number: int) -> None:
    """Act as an organizer, again and again (`chaos.organizer`)."""
    acts = OrganizerActs(ChaosOrganizer(url, journal, stopping), random.Random(number))
    journal.write("ready")
    while not stopping.is_set():
        acts.act()
        stopping.wait(PAUSE)


KINDS: dict[str, Callable[[str, Journal, int], None]] = {
    "upload": upload, "vote": vote, "doubt": doubt, "look": look, "join": join, "roam": roam, "follow": follow,
    "organize": organize,
}  # fmt: skip


def main(kind: str, url: str, journal: str, number: str) -> None:
    """Run one client until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    KINDS[kind](url, Journal(Path(journal)), int(number))


if __name__ == "__main__":
    main(*sys.argv[1:])
