"""A file whose first bytes are not a video's is refused while the rest is still arriving, at every endpoint."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from functools import partial

import anyio
import pytest
from starlette.requests import Request
from verify.kit import upload_forms

from anb.adapters.media import prober
from anb.media.unreadable import NotAVideo
from anb.resumable.writing import Writing
from anb.settings import MIB
from anb.videos.uploads import Uploads, receive
from anb.web.upload_threads import UploadThreads
from support.tus import CHUNK_TYPE, TusSender, lock_at
from support.waiting import let_time_pass_async
from support.worlds import World

NOISE = b"noise!" * 10_923  # 64 KiB
WHOLE = 60 * MIB
SAME_SITE = {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def sender(world: World) -> TusSender:
    world.prober.opens = lambda head: prober.demuxer_of(head) is not None
    return TusSender(world.player())


class NoisyConnection:
    """A line that brings 60 MB of noise, and the number of bytes taken."""

    def __init__(self, first: bytes = b"") -> None:
        self.taken = 0
        self._chunks = self._all(first)

    def _all(self, first: bytes) -> Iterator[bytes]:
        yield first
        for _ in range(WHOLE // len(NOISE)):
            self.taken += len(NOISE)
            yield NOISE

    async def receive(self) -> dict[str, object]:
        await let_time_pass_async(0.001, "bytes of a network come one after another, and let other tasks run")
        return {"type": "http.request", "body": next(self._chunks), "more_body": True}

    def request(self, **headers: str) -> Request:
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        return Request({"type": "http", "method": "POST", "headers": named}, self.receive)


def told(answer: dict[str, object]) -> tuple[object, object]:
    return answer["code"], answer["detail"]


@pytest.mark.usefixtures("sender")
def test_a_form_is_refused_long_before_its_end_and_nothing_is_left(world: World) -> None:
    line = NoisyConnection(upload_forms.opening("video_file", "a"))

    async def upload() -> None:
        request = line.request(content_type=upload_forms.CONTENT_TYPE)
        uploads = Uploads(UploadThreads(world.settings), world.database, world.ports, world.settings)
        async with receive(request, uploads):
            pass

    with pytest.raises(NotAVideo):
        anyio.run(upload)
    assert line.taken < 2 * MIB
    assert world.files() == []
    assert world.prober.seen == []


def test_a_chunk_is_refused_long_before_its_end_and_the_upload_with_it(world: World, sender: TusSender) -> None:
    path, line = sender.begin(WHOLE), NoisyConnection()
    writing = Writing(UploadThreads(world.settings), world.database, world.ports, world.settings)
    with pytest.raises(NotAVideo):
        anyio.run(writing.take, line.request(), lock_at(world, sender, path, 0), None)
    assert line.taken < 2 * MIB
    assert world.files() == []
    assert sender.ask("HEAD", path).status_code == 400
    assert sender.ask("GET", path).json()["code"] == "not-a-video"
    assert sender.send(path, 0, b"x").json()["code"] == "not-a-video"


def test_the_words_are_those_of_the_verdict_on_a_whole_file(world: World, sender: TusSender) -> None:
    looked = sender.send(sender.begin(100), 0, b"noise" * 10).json()
    post = partial(world.client.post, "/api/videos/upload", data={"title": "x"}, headers=sender.player.headers)
    form = post(files={"video_file": b"noise" * 10})
    world.prober.opens, world.prober.unreadable = lambda _: True, True
    whole = post(files={"video_file": b"noise" * 10})
    assert (whole.status_code, form.status_code) == (400, 400)
    assert told(looked) == told(form.json()) == told(whole.json())


def test_the_page_says_so_and_keeps_the_title(world: World, sender: TusSender) -> None:
    files, data = {"video_file": b"noise" * 10}, {"title": "Mi mejor triple"}
    answer = world.client.post("/upload", files=files, data=data, headers=sender.player.headers | SAME_SITE)
    assert answer.status_code == 400
    assert NotAVideo().text("es") in answer.text
    assert "Mi mejor triple" in answer.text
    assert world.files() == []


def test_bytes_that_come_with_the_creation_are_looked_at(world: World, sender: TusSender) -> None:
    made = sender.create(WHOLE, content=b"noise" * 10, headers={"Content-Type": CHUNK_TYPE})
    assert (made.status_code, made.json()["code"]) == (400, "not-a-video")
    assert world.files() == []


def test_chunks_of_a_few_bytes_add_up(sender: TusSender) -> None:
    path = sender.begin(100)
    assert [sender.send(path, place, b"noise").status_code for place in (0, 5, 10)] == [204, 204, 400]
    assert sender.ask("GET", path).json()["code"] == "not-a-video"


def checksum(body: bytes) -> str:
    return "sha1 " + b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def test_a_chunk_that_came_altered_is_sent_again_and_not_judged(sender: TusSender) -> None:
    path, body = sender.begin(100), b"\0\0\0\x18ftypisom and more"
    altered = sender.send(path, 0, b"noise" * 5, Upload_Checksum=checksum(body))
    assert altered.status_code == 460
    assert sender.send(path, 0, body, Upload_Checksum=checksum(body)).status_code == 204
    noise = sender.begin(100)
    assert sender.send(noise, 0, b"noise" * 5, Upload_Checksum=checksum(b"noise" * 5)).status_code == 400


@pytest.mark.parametrize("kind", [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"])
def test_whatever_legal_box_comes_first_is_judged_as_a_whole(world: World, sender: TusSender, kind: bytes) -> None:
    body = b"\0\0\0\x10" + kind + b"12345678"
    assert sender.send(sender.begin(len(body)), 0, body).status_code == 204
    assert len(world.prober.seen) == 1


def test_what_looks_like_a_clip_has_its_probe_made_ready_while_it_comes(world: World, sender: TusSender) -> None:
    body = b"\0\0\0\x18ftypisom a clip"
    path = sender.begin(len(body))
    sender.send(path, 0, body[:14])
    made_ready = world.prober.prepared
    assert made_ready > 0
    assert world.prober.seen == []
    headers, form = sender.player.headers, {"video_file": ("x.mp4", body, "video/mp4")}
    world.client.post("/api/videos/upload", files=form, data={"title": "x"}, headers=headers).raise_for_status()
    assert world.prober.prepared > made_ready
    assert len(world.prober.seen) == 1


def test_nothing_is_made_ready_for_noise(world: World, sender: TusSender) -> None:
    sender.send(sender.begin(WHOLE), 0, NOISE)
    assert world.prober.prepared == 0
