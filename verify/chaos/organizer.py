"""An organizer who acts while the platform breaks: moderates, reviews votes, closes and reopens the season.

An act that got no answer, or an outage, is repeated until there is one: each is harmless when repeated.
"""

import random
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2 as httpx

from verify.chaos.journal import Journal
from verify.kit.outside_count import PATIENCE

PAUSE = 0.5  # seconds before an act is repeated
MODERATED = {"moderated": True, "asks_confirmation": False, "asks_consent": False}
WHY = "Ensayo de fallas"
VERDICT = {"reason": "other-people", "text": WHY}
HIDDEN = 3  # clips at a time
REFUSES, RESTORES, TAKES_DOWN = 0.1, 0.4, 0.1  # chances
TOKEN = "organizer.token"  # noqa: S105 - the name of a file next to the journals


class ChaosOrganizer:
    """An organizer who is signed in, with the journal of the process that acts."""

    def __init__(self, url: str, journal: Journal, stopping: threading.Event | None = None) -> None:
        self.journal = journal
        self._stopping = stopping or threading.Event()
        token = (journal.folder / TOKEN).read_text("ascii")
        self._http = httpx.Client(base_url=url, timeout=PATIENCE, headers={"Authorization": f"Bearer {token}"})

    def ask(self, method: str, path: str, **body: object) -> httpx.Response | None:
        """Ask until there is an answer other than an outage; None if the client is told to stop meanwhile."""
        more = {"json": body} if method != "GET" else {}
        while not self._stopping.is_set():
            answer = self._ask(method, f"/api/admin/{path}", **more)
            if answer is not None:
                return answer
            self._stopping.wait(PAUSE)
        return None

    def _ask(self, method: str, path: str, **more: object) -> httpx.Response | None:
        sent = time.time()
        try:
            answer = self._http.request(method, path, **more)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            self.journal.write("cut", path=path, sent=sent, why=repr(error))
            return None
        if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return answer
        self.journal.write("broken", path=path, sent=sent, status=answer.status_code, detail=answer.text[:300])
        return None

    def find(self, path: str) -> list[dict[str, Any]]:
        """Return a list, or nothing."""
        answer = self.ask("GET", path)
        return answer.json() if answer is not None and answer.status_code == HTTPStatus.OK else []

    def public(self) -> list[dict[str, Any]]:
        """Return the newest public clips, or nothing."""
        answer = self._ask("GET", "/api/public/videos?limit=50")
        return answer.json() if answer is not None and answer.status_code == HTTPStatus.OK else []

    def moderate(self, video: str, verb: str, **body: object) -> bool:
        """Act on a clip, and note what was answered; return whether it was done."""
        self.journal.write("acting", act=verb, video=video)
        answer = self.ask("POST", f"moderation/{video}/{verb}", **body)
        done = answer is not None and answer.status_code == HTTPStatus.OK
        if done:
            self.journal.write("acted", act=verb, video=video)
        return done

    def review(self, clip: dict[str, Any], verb: str) -> None:
        """Release or void the held votes of a clip."""
        seen = {"video_id": clip["video_id"], "up_to": clip["newest"]}
        self.ask("POST", f"held-votes/{verb}", **seen, reason=WHY)
        self.journal.write("reviewed", act=verb, votes=clip["held"])

    def close(self, slug: str) -> None:
        """Close a season early."""
        self._act_on_season(f"seasons/{slug}/close", "season-closed", reason=WHY)

    def reopen(self, slug: str) -> None:
        """Let votes of a closed season count again."""
        self._act_on_season(f"seasons/{slug}/reopen", "season-not-closed", reason=WHY)

    def open_next(self, number: int) -> None:
        """Open another season, whose clips wait for an organizer."""
        self._act_on_season("seasons", "season-open", name=f"Temporada {number}", rules=MODERATED)

    def _act_on_season(self, path: str, done_before: str, **body: object) -> None:
        """Act until it is done, or an attempt whose answer was lost has done it."""
        answer = self.ask("POST", path, **body)
        assert answer is not None
        if answer.status_code >= HTTPStatus.BAD_REQUEST and answer.json()["code"] != done_before:
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text}")


class OrganizerActs:
    """What an organizer does one after another; chance decides."""

    def __init__(self, organizer: ChaosOrganizer, chance: random.Random) -> None:
        self._organizer = organizer
        self._chance = chance
        self._hidden: list[str] = []

    def act(self) -> None:
        """Decide on the clips that wait and on doubtful votes; hide, restore or take down a clip."""
        self._decide()
        self._review()
        public = [clip["video_id"] for clip in self._organizer.public()]
        if len(self._hidden) > HIDDEN or (self._hidden and self._chance.random() < RESTORES):
            self._organizer.moderate(self._hidden.pop(0), "approve", reason=WHY)
        elif public and self._chance.random() < TAKES_DOWN:
            self._organizer.moderate(self._chance.choice(public), "take-down", **VERDICT, confirm=True)
        elif len(public) > HIDDEN:
            video = self._chance.choice(public)
            if self._organizer.moderate(video, "hide", reason=WHY):
                self._hidden.append(video)

    def _decide(self) -> None:
        for clip in self._organizer.find("moderation?limit=20"):
            if self._chance.random() < REFUSES:
                self._organizer.moderate(clip["video_id"], "refuse", **VERDICT)
            else:
                self._organizer.moderate(clip["video_id"], "approve", reason=WHY)

    def _review(self) -> None:
        held = self._organizer.find("held-votes")
        if held:
            self._organizer.review(self._chance.choice(held), self._chance.choice(("release", "void")))


def appoint(url: str, folder: Path, email: str, word: str) -> None:
    """Sign in a person who was just made an organizer, and keep the token next to the journals."""
    answer = httpx.post(f"{url}/api/auth/login", json={"email": email, "password": word}, timeout=PATIENCE)
    (folder / TOKEN).write_text(answer.raise_for_status().json()["access_token"], "ascii")
