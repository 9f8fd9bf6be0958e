"""Resumable uploads through nginx, with a real clip: a public client, cuts, and a web server killed in the middle."""

import hashlib
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import psutil
import pytest
from tusclient.client import TusClient

from anb.web.desk import BATCH_BYTES
from support.clips import Clip, draw
from support.site import PATIENCE, Person, Site, running_alone, short_clip

TUS = {"Tus-Resumable": "1.0.0"}
BUFFER = 256 * 1024  # nginx passes on so much at once, and drops what it holds when its client hangs up
PIECE = TUS | {"Content-Type": "application/offset+octet-stream"}


def begin(player: Person, clip: bytes) -> str:
    title = b64encode(b"Triple desde la esquina").decode()
    headers = TUS | {"Upload-Length": str(len(clip)), "Upload-Metadata": f"title {title}"}
    made = player.client.post("/api/uploads", headers=headers)
    assert made.status_code == 201, made.text
    path: str = made.headers["location"]
    return path


def send(player: Person, path: str, offset: int, body: bytes) -> httpx.Response:
    return player.client.patch(path, content=body, headers=PIECE | {"Upload-Offset": str(offset)})


def offset_of(player: Person, path: str) -> int:
    """Ask where to go on, as a client does that comes back: again while the server is away."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = player.client.head(path, headers=TUS)
        if seen.status_code == 200:
            return int(seen.headers["upload-offset"])
        assert seen.status_code in {423, 502, 503}, seen.status_code
        assert time.monotonic() < deadline
        time.sleep(0.2)


def begin_to_send(site: Site, player: Person, path: str, offset: int, length: int, body: bytes) -> socket.socket:
    """Send the head of a piece and some of its bytes, and leave the rest in the air."""
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


def parts(site: Site) -> set[Path]:
    return set((site.folder / "media" / "incoming").glob("*.part"))


class TestClients:
    def test_tuspy_uploads_a_clip_in_pieces_and_it_becomes_an_edit(self, site: Site) -> None:
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
        deadline = time.monotonic() + 10
        while (offset := offset_of(player, path)) < half - BUFFER and time.monotonic() < deadline:
            time.sleep(0.1)
        assert half - BUFFER <= offset <= half
        done = send(player, path, offset, clip[offset:])
        assert original(player, done.headers["anb-video-id"]) == clip

    def test_a_dead_connection_yields_to_its_client_and_its_bytes_are_kept(self, site: Site) -> None:
        player, clip = site.player(), short_clip().read_bytes()
        path, half = begin(player, clip), len(clip) // 2
        deadline, seen = time.monotonic() + 10, -1
        with begin_to_send(site, player, path, 0, len(clip), clip[:half]):  # and never a byte more
            while (offset := offset_of(player, path)) != seen or offset < half - BATCH_BYTES:
                assert time.monotonic() < deadline
                seen = offset
                time.sleep(1.5)  # the row learns of bytes once a second
            done = send(player, path, offset, clip[offset:])
            assert done.status_code == 204, done.text
        assert original(player, done.headers["anb-video-id"]) == clip

    def test_a_piece_too_large_for_nginx_is_a_413_problem(self, site: Site) -> None:
        player = site.player()
        path = begin(player, b"x" * 1000)
        with begin_to_send(site, player, path, 0, 200 * 1024 * 1024, b"x") as wire:
            answer = wire.recv(65536).decode()
        assert answer.startswith("HTTP/1.1 413")
        assert "application/problem+json" in answer

    def test_nobody_sends_a_piece_before_saying_who_they_are(self, site: Site) -> None:
        player = site.player()
        path = begin(player, b"x" * 1000)
        before = parts(site)
        answer = site.client().patch(path, content=b"x" * 1000, headers=PIECE | {"Upload-Offset": "0"})
        assert answer.status_code == 401
        assert parts(site) <= before


@pytest.fixture(scope="module")
def alone() -> Iterator[Site]:
    """A site of one's own, to break."""
    with running_alone() as made:
        yield made


@pytest.mark.slow
class TestKill:
    def test_a_web_server_killed_in_the_middle_of_a_piece_costs_only_the_last_second(self, alone: Site) -> None:
        player, clip = alone.player(), draw(Clip(seconds=6)).read_bytes()
        path, half = begin(player, clip), len(clip) // 2
        with begin_to_send(alone, player, path, 0, len(clip), clip[:half]):
            deadline = time.monotonic() + 20
            while offset_of(player, path) < half - BUFFER and time.monotonic() < deadline:
                time.sleep(0.2)
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
            time.sleep(seconds)
            kill_web(alone)
        seen = go_on(player, path, clip)
        assert [video["video_id"] for video in player.client.get("/api/videos").json()] == [seen["video_id"]]
        assert original(player, seen["video_id"]) == clip


def go_on(player: Person, path: str, clip: bytes) -> dict[str, str]:
    """Do what a client does that was cut: ask, go on, ask again, until it is told how it ended."""
    deadline = time.monotonic() + PATIENCE
    while (offset := offset_of(player, path)) < len(clip):
        assert send(player, path, offset, clip[offset:]).status_code in {204, 409, 423, 502, 503}
        assert time.monotonic() < deadline
    seen: dict[str, str] = player.client.get(path).json()
    assert seen["state"] == "accepted"
    return seen


def kill_web(site: Site) -> None:
    """Kill the web server and whatever works for it."""
    for pid in site.part("anb web"):
        server = psutil.Process(pid)
        for process in (server, *server.children(recursive=True)):
            process.kill()
