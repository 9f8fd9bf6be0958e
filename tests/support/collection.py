"""The calls of the assignment, as another team's test collection makes them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2 as httpx

WORD = "StrongPass123"  # the assignment's own


@dataclass
class Collection:
    """Runs one after another against a platform; `ready` waits until a clip is open to votes."""

    client: httpx.Client
    clip: bytes
    ready: Callable[[dict[str, Any]], None]
    answers: list[httpx.Response] = field(default_factory=list)

    def call(self, method: str, path: str, expected: set[int], token: str = "", **more: Any) -> Any:
        """Send a request, keep the answer, and compare it with the contract. Returns the answer's JSON."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.client.request(method, path, headers=headers, **more)
        self.answers.append(answer)
        assert answer.status_code in expected, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def enter(self, name: str) -> str:
        """Sign a person up and in; return the token."""
        email = f"{name.lower()}-{uuid4().hex}@example.com"
        form = {"first_name": name, "last_name": "Gómez", "email": email, "city": "Bogotá", "country": "Colombia"}
        words = {"password1": WORD, "password2": WORD}
        self.call("POST", "/api/auth/signup", {400}, json=form | words | {"password2": "Otra-distinta-1"})
        self.call("POST", "/api/auth/signup", {201}, json=form | words)
        self.call("POST", "/api/auth/signup", {400}, json=form | words)
        self.call("POST", "/api/auth/login", {401}, json={"email": email, "password": "WrongPass123"})
        told = self.call("POST", "/api/auth/login", {200}, json={"email": email, "password": WORD})
        return str(told["access_token"])

    def upload(self, token: str) -> dict[str, Any]:
        """Send the clip; each run sends it twice, as other teams' collections do."""
        files = {"video_file": ("clip.mp4", self.clip, "video/mp4")}
        told: dict[str, Any] = self.call(
            "POST", "/api/videos/upload", {201}, token, files=files, data={"title": "Mi mejor tiro"}
        )
        return told

    def run(self, number: int) -> None:
        """Make all nine calls, correctly and incorrectly; a person without an account tries to sign in."""
        player, voter = self.enter("John"), self.enter("Vera")
        # A few runs share it: they wait for no edit of half a minute, and six failures for one account within
        # a minute count as guesses.
        stranger = f"noexiste{number // 4}@example.com"
        self.call("POST", "/api/auth/login", {401}, json={"email": stranger, "password": WORD})
        self.call("POST", "/api/videos/upload", {401}, files={"video_file": ("x.mp4", b"x")}, data={"title": "x"})
        text = {"video_file": ("notes.txt", b"no clip at all, only some words", "text/plain")}
        self.call("POST", "/api/videos/upload", {400}, player, files=text, data={"title": "x"})
        first, again = self.upload(player), self.upload(player)
        assert first["task_id"] != again["task_id"]
        self.call("GET", "/api/videos", {401})
        assert len(self.call("GET", "/api/videos", {200}, player)) == 2
        # Whether its edit is ready already depends on the machine.
        self.call("DELETE", f"/api/videos/{again['video_id']}", {200, 400}, player)
        self.ready(first)
        self._vote(player, voter, first["video_id"])

    def _vote(self, player: str, voter: str, video_id: str) -> None:
        path = f"/api/videos/{video_id}"
        assert self.call("GET", path, {200}, player)["processed_url"]
        self.call("GET", path, {403}, voter)
        self.call("GET", f"/api/videos/{uuid4()}", {404}, player)
        self.call("GET", "/api/public/videos", {200})
        vote = f"/api/public/videos/{video_id}/vote"
        self.call("POST", vote, {401})
        self.call("POST", vote, {200}, voter)
        self.call("POST", vote, {400}, voter)
        self.call("GET", "/api/public/rankings", {200})
        self.call("GET", "/api/public/rankings", {200}, params={"city": "Bogotá"})
        self.call("GET", "/api/public/rankings", {400}, params={"limit": "many"})
        self.call("DELETE", path, {400}, player)
