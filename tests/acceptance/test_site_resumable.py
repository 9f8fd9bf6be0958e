"""Resumable uploads through nginx, with a real clip: a public client, cuts, and a web server killed in the middle."""

import hashlib
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx2 as httpx
import psutil
import pytest
from tusclient.client import TusClient

from anb.settings import MIB
from anb.web.upload_threads import BATCH_BYTES
from support.clips import Clip, draw
from support.site import PATIENCE, Person, Site, running_alone, short_clip
from support.waiting import let_time_pass, looks, until

TUS = {"Tus-Resumable": "1.0.0"}
BUFFER = 256 * 1024  # nginx passes on this many bytes at once, and drops its buffer when the client disconnects
CHUNK = TUS | {"Content-Type": "application/offset+octet-stream"}


def begin(player: Person, clip: bytes) -> str:
    title = b64encode(b"Triple desde la esquina").decode()
    headers = TUS | {"Upload-Length": str(len(clip)), "Upload-Metadata": f"title {title}"}
    made = player.client.post("/api/uploads", headers=headers)
    assert made.status_code == 201, made.text
    path: str = made.headers["location"]
    return path


def send(player: Person, path: str, offset: int, body: bytes) -> httpx.Response:
    return player.client.patch(path, content=body, headers=CHUNK | {"Upload-Offset": str(offset)})


def offset_of(player: Person, path: str) -> int:
    """Ask for the offset as a client that returns does: again and again while the server is down."""
    for seen in looks(lambda: player.client.head(path, headers=TUS), PATIENCE, pause=0.2):
        if seen.status_code == 200:
            return int(seen.headers["upload-offset"])
        assert seen.status_code in {423, 502, 503}, seen.status_code
    raise AssertionError


def begin_to_send(site: Site, player: Person, path: str, offset: int, length: int, body: bytes) -> socket.socket:
    """Send the head of a chunk and some of its bytes, and hold back the rest."""
    address = urlsplit(site.url)
    wire = socket.create_connection((address.hostname or "", address.port or 80))
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: {address.netloc}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\n"
        f"Authorization: {player.client.headers['Authorization']}\r\nContent-Length: {length}\r\n"
        "Content-Type: application/offset+octet-stream\r\n\r\n"
    )
    wire.sendall(head.encode() + body)
    return wire


def original(player: Person, video_id: str) -> bytes:
    video = player.client.get(f"/api/videos/{video_id}").json()
    return player.client.get(video["original_url"]).content


class TestClients:
    def test_tuspy_uploads_a_clip_in_chunks_and_it_becomes_an_edit(self, site: Site) -> None:
        player, clip = site.player(), short_clip()
        with clip.open("rb") as file:
            uploader = client(site, player).uploader(
                file_stream=file, chunk_size=150_000, metadata={"title": "Con tuspy"}, upload_checksum=True
            )
            uploader.upload()
        (video,) = player.client.get("/api/videos").json()
        assert video["title"] == "Con tuspy"
        task = player.client.head(urlsplit(str(uploader.url)).path, headers=TUS).headers["anb-task-id"]
        assert player.wait(task, "done")["video_id"] == video["video_id"]
        assert original(player, video["video_id"]) == clip.read_bytes()

    def test_tuspy_goes_on_where_it_was_cut(self, site: Site) -> None:
        player = site.player()
        with short_clip().open("rb") as file:
            first = client(site, player).uploader(file_stream=file, chunk_size=100_000, metadata={"title": "Con tuspy"})
            first.upload_chunk()  # type: ignore[no-untyped-call]
            again = client(site, player).uploader(file_stream=file, chunk_size=100_000, url=first.url)
            assert again.offset == 100_000
            again.upload()
        assert len(player.client.get("/api/videos").json()) == 1


def client(site: Site, player: Person) -> TusClient:
    return TusClient(f"{site.url}/api/uploads", headers={"Authorization": player.client.headers["Authorization"]})


class TestCuts:
    def test_what_came_before_a_cut_is_kept(self, site: Site) -> None:
        player, clip = site.player(), short_clip().read_bytes()
        path, half = begin(player, clip), len(clip) // 2
        begin_to_send(site, player, path, 0, len(clip), clip[:half]).close()
        offset = next(seen for seen in looks(lambda: offset_of(player, path), 10, pause=0.1) if seen >= half - BUFFER)
        assert offset <= half
        done = send(player, path, offset, clip[offset:])
        assert original(player, done.headers["anb-video-id"]) == clip

    @pytest.mark.slow
    def test_a_dead_connection_yields_to_its_client_and_its_bytes_are_kept(self, site: Site) -> None:
        player, clip = site.player(), short_clip().read_bytes()
        path, half = begin(player, clip), len(clip) // 2
        seen = -1
        with begin_to_send(site, player, path, 0, len(clip), clip[:half]):  # and not one byte more
            # The row is updated once a second: an offset that two requests agree on is final.
            for offset in looks(lambda: offset_of(player, path), 20, pause=1.5):
                if offset == seen and offset >= half - BATCH_BYTES:
                    break
                seen = offset
            done = send(player, path, offset, clip[offset:])
            assert done.status_code == 204, done.text
        assert original(player, done.headers["anb-video-id"]) == clip

    def test_a_chunk_too_large_for_nginx_is_a_413_problem(self, site: Site) -> None:
        player = site.player()
        path = begin(player, b"x" * 1000)
        with begin_to_send(site, player, path, 0, 200 * MIB, b"x") as wire:
            answer = wire.recv(65536).decode()
        assert answer.startswith("HTTP/1.1 413")
        assert "application/problem+json" in answer

    def test_nobody_sends_a_chunk_before_saying_who_they_are(self, site: Site) -> None:
        player = site.player()
        path = begin(player, b"x" * 1000)
        answer = site.client().patch(path, content=b"x" * 1000, headers=CHUNK | {"Upload-Offset": "0"})
        assert answer.status_code == 401
        assert player.client.head(path, headers=TUS).headers["upload-offset"] == "0"


@pytest.fixture(scope="module")
def alone() -> Iterator[Site]:
    """A site of the test's own, to break."""
    with running_alone() as made:
        yield made


@pytest.mark.slow
class TestKill:
    def test_a_web_server_killed_in_the_middle_of_a_chunk_costs_only_the_last_second(self, alone: Site) -> None:
        player, clip = alone.player(), draw(Clip(seconds=6)).read_bytes()
        path, half = begin(player, clip), len(clip) // 2
        with begin_to_send(alone, player, path, 0, len(clip), clip[:half]):
            until(lambda: offset_of(player, path) >= half - BUFFER, pause=0.2)
            kill_web(alone)
        assert offset_of(player, path) >= half - BUFFER
        seen = go_on(player, path, clip)
        kept = original(player, seen["video_id"])
        assert hashlib.sha256(kept).digest() == hashlib.sha256(clip).digest()
        player.wait(seen["task_id"], "done")

    @pytest.mark.parametrize("seconds", [0.0, 0.05, 0.15, 0.4])
    def test_killed_while_the_clip_is_judged_and_registered_it_is_one_video(self, alone: Site, seconds: float) -> None:
        player = alone.player()
        clip = draw(Clip(seconds=4)).read_bytes()
        path = begin(player, clip)
        with begin_to_send(alone, player, path, 0, len(clip), clip):
            let_time_pass(seconds, "the web server is to be killed at some moment of judging and registering")
            kill_web(alone)
        seen = go_on(player, path, clip)
        assert [video["video_id"] for video in player.client.get("/api/videos").json()] == [seen["video_id"]]
        assert original(player, seen["video_id"]) == clip


def go_on(player: Person, path: str, clip: bytes) -> dict[str, str]:
    """Do what a client does after a cut: ask, continue, ask again, until the server says how the upload ended."""
    deadline = time.monotonic() + PATIENCE
    while (offset := offset_of(player, path)) < len(clip):
        assert send(player, path, offset, clip[offset:]).status_code in {204, 409, 423, 502, 503}
        assert time.monotonic() < deadline
    seen: dict[str, str] = player.client.get(path).json()
    assert seen["state"] == "accepted"
    return seen


def kill_web(site: Site) -> None:
    """Kill the process that takes uploads, and its children."""
    for pid in site.part("anb uploads"):
        server = psutil.Process(pid)
        for process in (server, *server.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # a child ends with its parent
                process.kill()
