"""Every endpoint that takes a body, through nginx, follows RFC 9110: codings, slow bodies, trailing slashes."""

import http.client
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from uuid import UUID

import pytest
from verify.kit import upload_forms

from support.site import Person, Site, running_alone
from support.wire import open_request

ID = UUID(int=7)
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
CHUNK_TYPE = "application/offset+octet-stream"
BEGUN = upload_forms.opening("video_file", "c") + b"\0\0\0\x18ftypisom"
TITLE = b64encode(b"x").decode()


@dataclass(frozen=True)
class UploadEndpoint:
    """An address that takes a body, and what makes a request for it valid."""

    method: str
    path: str
    kind: str = "application/json"
    person: bool = False  # a browser that asks for a page

    def headers(self, player: Person) -> dict[str, str]:
        """Return the headers of a signed-in player."""
        token = player.client.headers["Authorization"]
        ours = {"Cookie": f"anb={token.removeprefix('Bearer ')}", "Sec-Fetch-Site": "same-origin", "Accept": HTML}
        theirs = {"Authorization": token, "Tus-Resumable": "1.0.0", "Upload-Metadata": f"title {TITLE}"}
        return (ours if self.person else theirs) | {"Content-Type": self.kind}


FORM, WORDS = upload_forms.CONTENT_TYPE, "application/x-www-form-urlencoded"
CLIPS = (
    UploadEndpoint("POST", "/api/videos/upload", FORM),
    UploadEndpoint("POST", "/upload", FORM, person=True),
    UploadEndpoint("POST", "/api/uploads", CHUNK_TYPE),
    UploadEndpoint("PATCH", "/api/uploads/{id}", CHUNK_TYPE),
)
DOORS = (
    *CLIPS,
    *(UploadEndpoint("POST", f"/api/auth/{verb}") for verb in ("signup", "login")),
    *(UploadEndpoint("POST", path, WORDS, person=True) for path in ("/signup", "/login", f"/videos/{ID}/vote")),
    UploadEndpoint("POST", f"/api/public/videos/{ID}/vote"),
    UploadEndpoint("PUT", "/api/admin/drain"),
    UploadEndpoint("DELETE", f"/api/videos/{ID}"),
)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.path}")
def test_a_coded_body_is_415_and_told_what_is_taken(site: Site, door: UploadEndpoint) -> None:
    player = site.player()
    headers = door.headers(player) | {"Content-Encoding": "gzip", "Upload-Offset": "0", "Upload-Length": "10"}
    answer = site.client().request(door.method, door.path.format(id=ID), content=b"x" * 10, headers=headers)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    if door.person:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "Content-Encoding" in answer.text
    else:
        assert (answer.headers["content-type"], answer.json()["code"]) == ("application/problem+json", "unknown-coding")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "/api/admin/drain", 403, "organizers-only"),
        ("DELETE", "/api/admin/drain", 403, "organizers-only"),
        ("DELETE", f"/api/videos/{ID}", 404, "video-not-found"),
        ("PATCH", f"/api/uploads/{ID}", 404, "upload-not-found"),
        ("DELETE", f"/api/uploads/{ID}", 404, "upload-not-found"),
        ("POST", f"/api/jobs/{ID}/cancel", 404, "job-not-found"),
    ],
)
@pytest.mark.parametrize("end", ["/", "//"])
def test_a_slash_changes_nothing_whatever_the_method_and_with_a_body(
    site: Site, method: str, path: str, status: int, code: str, end: str
) -> None:
    player = site.player()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": CHUNK_TYPE}
    answer = player.client.request(method, path + end, content=b"x" * 10, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.fixture(scope="module")
def impatient() -> Iterator[Site]:
    """A site that ends a request after three seconds of silence."""
    with running_alone(ANB_UPLOAD_FLOOR_SECONDS="3") as made:
        yield made


@pytest.mark.slow
def test_a_clip_that_comes_too_slowly_is_408_and_its_connection_ends(impatient: Site) -> None:
    player = impatient.player()
    made = {"Tus-Resumable": "1.0.0", "Upload-Length": "1000000", "Upload-Metadata": f"title {TITLE}"}
    path = player.client.post("/api/uploads", headers=made).headers["location"]
    more = {"Upload-Offset": "0", "Upload-Length": "1000000"}
    with ExitStack() as held:
        wires = []
        for door in CLIPS:
            address = path if door.method == "PATCH" else door.path
            wire = open_request(impatient, door.method, address, door.headers(player) | more, length=900_000)
            wires.append(held.enter_context(closing(wire)))
            wire.sendall(BEGUN if door.kind == FORM else b"\0\0\0\x18ftypisom")
        for door, wire in zip(CLIPS, wires, strict=True):
            answer = http.client.HTTPResponse(wire)
            answer.begin()
            body = answer.read()
            assert (answer.status, answer.getheader("connection")) == (408, "close"), door
            assert answer.getheader("content-type") == (
                "text/html; charset=utf-8" if door.person else "application/problem+json"
            )
            assert (b"upload-too-slow" in body) != door.person, body
            assert wire.recv(1) == b"", "no second request fits behind what never came"
