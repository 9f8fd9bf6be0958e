"""The OpenAPI document lists every refusal that an endpoint can answer: checked for every endpoint."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2 as httpx
import pytest
from verify.kit.ports import free_port

from anb.accounts.domain import Role
from anb.db.session import connect
from support.counting_client import leave_uncounted
from support.streaming import ELSEWHERE
from support.worlds import Player, World

NOBODY = UUID(int=7)
# What a tus client sends; other endpoints ignore it.
CHUNK = {
    "Content-Type": "application/offset+octet-stream",
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "1",
    "Upload-Metadata": "title bWlv",
    "Upload-Offset": "0",
}
# `ready` has a refusal of its own, and what is not a picture is refused first. The others do not concern the database.
_FORMS = "signup login refresh confirm forgot reset invitation email/accept email/approve email/stop"
WITHOUT_CALLER = {f"POST /api/auth/{name}" for name in _FORMS.split()}
WORDS = {"rendition": "processed", "slug": "never-seen", "index": "7", "name": "0/000"}
WITHOUT_DATABASE = {
    "GET /api/public/log/verify.py",
    "GET /health",
    "GET /api/health/live",
    "GET /api/health/ready",
    "OPTIONS /api/uploads",
    "PUT /api/me/photo",
}


@dataclass(frozen=True)
class Endpoint:
    """One method at one address, and what the document says about it."""

    method: str
    path: str
    said: Mapping[str, Any]
    bodies: Mapping[str, Any]  # an example of each schema that has one

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def documented(self) -> set[tuple[int, str]]:
        """Return the refusals it may answer, by status and code."""
        return {
            (int(status), code)
            for status, answer in self.said["responses"].items()
            for content in answer.get("content", {}).values()
            for code in content.get("examples", {})
        }

    def ask(self, world: World, *, word: object = NOBODY, headers: Mapping[str, str]) -> httpx.Response:
        """Send a request as it should be, with this text for each id in the address."""
        needed = {
            one["name"]: "ana" for one in self.said.get("parameters", []) if one["in"] == "query" and one["required"]
        }
        return world.client.request(self.method, self.at(word), params=needed, headers=headers, **self._body())

    def at(self, word: object) -> str:
        """Return the address with this text for each id, and with what could be for everything else in it."""
        path = re.sub(r"\{(\w+)\}", lambda found: WORDS.get(found[1], found[0]), self.path)
        return re.sub(r"\{\w+_id\}", str(word), path)

    def _body(self) -> dict[str, Any]:
        for kind, content in self.said.get("requestBody", {}).get("content", {}).items():
            if kind == "multipart/form-data":
                return {"files": {"video_file": ("clip.mp4", b"a clip", "video/mp4")}, "data": {"title": "Triple"}}
            if "$ref" not in content["schema"]:
                return {"content": b"x"}  # a chunk of a file
            return {"json": self.bodies[content["schema"]["$ref"].rpartition("/")[2]]}
        return {}


def endpoints(world: World) -> Iterator[Endpoint]:
    document = world.client.get("/api/openapi.json").json()
    bodies = {name: schema["examples"][0] for name, schema in document["components"]["schemas"].items()
              if "examples" in schema}  # fmt: skip
    for path, methods in document["paths"].items():
        for method, said in methods.items() if path not in ELSEWHERE else ():
            yield Endpoint(method.upper(), path, said, bodies)


def headers_for(endpoint: Endpoint, more: Mapping[str, str]) -> dict[str, str]:
    return {**(CHUNK if "/uploads" in endpoint.path else {}), **more}


def code_of(answer: httpx.Response) -> str:
    """Return the problem's code if the answer is one; for HEAD, which has no body, only the status tells."""
    if answer.request.method == "HEAD":
        return {401: "not-signed-in", 404: "not-found", 503: "unavailable"}.get(answer.status_code, "")
    is_problem = answer.content and answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"]) if is_problem else ""


def told(endpoint: Endpoint, answer: httpx.Response, code: str) -> bool:
    """Say whether the answer is a refusal, and check that the document lists it."""
    refused = code_of(answer) == code
    if refused:
        assert (answer.status_code, code) in endpoint.documented(), f"{endpoint.name} does not tell of {code}"
    return refused


@pytest.fixture
def organizer(world: World) -> Player:
    """Return one who may do all that an organizer may, and more."""
    return world.promoted(world.player("Olga Organiza"), Role.ADMINISTRATOR)


def test_a_cookie_from_another_site_is_documented_wherever_something_changes(world: World, organizer: Player) -> None:
    cookie = f"__Host-anb={organizer.headers['Authorization'].partition(' ')[2]}"
    there = {"Cookie": cookie, "Origin": "https://elsewhere.example"}
    asked = {one.name: told(one, one.ask(world, headers=headers_for(one, there)), "foreign-origin")
             for one in endpoints(world)}  # fmt: skip
    changing = {one.name for one in endpoints(world) if one.method not in {"GET", "HEAD", "OPTIONS"}}
    assert {name for name, refused in asked.items() if refused} == changing - WITHOUT_CALLER


def test_an_id_that_cannot_be_one_is_documented_wherever_there_is_one(world: World, organizer: Player) -> None:
    for one in endpoints(world):
        if "_id}" in one.path:  # any text may be a season's or a person's name
            answer = one.ask(world, word="no-id", headers=headers_for(one, organizer.headers))
            assert told(one, answer, "not-found"), one.name


def test_an_id_of_nothing_is_documented(world: World, organizer: Player) -> None:
    juror = world.promoted(world.player("Julia Jurado"), Role.JUROR)
    for one in endpoints(world):
        if "{" in one.path:
            who = juror if "/jury/clips/" in one.path else organizer
            answer = one.ask(world, headers=headers_for(one, who.headers))
            assert answer.status_code == 404, one.name
            assert told(one, answer, code_of(answer))


def test_a_parameter_that_cannot_be_is_documented_wherever_there_is_one(world: World, organizer: Player) -> None:
    juror = world.promoted(world.player("Julia Jurado"), Role.JUROR)
    for one in endpoints(world):
        # What FastAPI reads: our own code reads the headers of tus, and any If-None-Match is valid.
        taken = {item["name"] for item in one.said.get("parameters", []) if item["in"] == "query"}
        taken |= {item["name"] for item in one.said.get("parameters", []) if item["name"] == "Idempotency-Key"}
        if taken:
            wrong = {"Idempotency-Key": "two words"}
            answer = world.client.request(
                one.method,
                one.at(NOBODY),
                params={"limit": "0", "expires": "-1", "side": "no-side", "season": "No", "most": "0", "version": "0"},
                headers=headers_for(one, (juror if one.path.startswith("/api/jury") else organizer).headers | wrong),
            )
            assert told(one, answer, "invalid-field"), one.name


def test_a_database_that_does_not_answer_is_documented_wherever_it_is_asked(world: World, organizer: Player) -> None:
    nowhere = world.settings.model_copy(update={"database_url": f"postgresql://anb@127.0.0.1:{free_port()}/anb"})
    leave_uncounted(world.client)
    there, world.client.app.state.database = world.database, connect(nowhere)  # type: ignore[attr-defined]
    try:
        asked = {one.name: told(one, one.ask(world, headers=headers_for(one, organizer.headers)), "unavailable")
                 for one in endpoints(world)}  # fmt: skip
    finally:
        world.client.app.state.database = there  # type: ignore[attr-defined]
    assert {name for name, refused in asked.items() if not refused} == WITHOUT_DATABASE


def test_an_account_that_is_gone_is_documented_where_a_token_outlives_it(world: World) -> None:
    gone = {"Authorization": f"Bearer {world.ports.tokens.issue(NOBODY)}"}
    for one in endpoints(world):
        answer = one.ask(world, headers=headers_for(one, gone))
        if answer.status_code >= 400:
            assert told(one, answer, code_of(answer))
