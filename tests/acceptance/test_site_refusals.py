"""Refusals as clients receive them, nginx's own included: each is a problem document, and no file is left behind."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from verify.kit import upload_forms

from anb.settings import MIB
from support.clips import Clip, draw
from support.site import Person, Site, short_clip
from support.waiting import until


def files(site: Site) -> set[Path]:
    return {path for path in (site.folder / "media").rglob("*") if path.is_file()}


def refuse(player: Person, body: bytes, **data: str) -> tuple[int, str, str]:
    answer = player.client.post(
        "/api/videos/upload", files={"video_file": ("clip.mp4", body, "video/mp4")}, data={"title": "x"} | data
    )
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"], answer.json()["detail"]


class TestRules:
    @pytest.mark.parametrize(
        ("clip", "code", "value"),
        [
            (Clip(seconds=1), "clip-too-short", "1 s"),
            (Clip(seconds=9), "clip-too-long", "9 s"),
            (Clip(seconds=3, width=1280, height=720), "resolution-too-low", "1280"),
            (Clip(seconds=3, codec="mpeg4"), "unsupported-codec", "MPEG-4"),
            (Clip(seconds=3, codec="mpeg4", container="avi"), "not-a-video", ""),
        ],
        ids=lambda value: str(value)[:24] if isinstance(value, str) else None,
    )
    def test_each_names_the_value_it_found(self, site: Site, clip: Clip, code: str, value: str) -> None:
        status, found, detail = refuse(site.player(), draw(clip).read_bytes())
        assert (status, found) == (400, code)
        assert value in detail

    def test_a_playlist_named_mp4_opens_nothing(self, site: Site) -> None:
        playlist = f"#EXTM3U\n#EXTINF:3,\nfile://{short_clip()}\n#EXT-X-ENDLIST\n".encode()
        assert refuse(site.player(), playlist)[:2] == (400, "not-a-video")

    def test_refused_files_leave_nothing_behind(self, site: Site) -> None:
        player, ours = site.player(), [b"only text, of nobody else", short_clip().read_bytes()[:49_999]]
        for content in ours:
            refuse(player, content)
        assert player.client.get("/api/videos").json() == []
        assert not [path for path in files(site) if content_of(path) in ours]


def content_of(path: Path) -> bytes:
    """Return a file's content if it still exists: other tests upload at the same time, some of them slowly."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


class TestSize:
    def test_a_request_too_large_is_400_by_nginx_before_a_byte_is_stored(self, site: Site) -> None:
        player = site.player()
        address = urlsplit(site.url)
        with socket.create_connection((address.hostname or "", address.port or 80)) as wire:
            head = (
                f"POST /api/videos/upload HTTP/1.1\r\nHost: {address.netloc}\r\n"
                f"Authorization: {player.client.headers['Authorization']}\r\n"
                f"Content-Type: {upload_forms.CONTENT_TYPE}\r\nContent-Length: {200 * MIB}\r\n\r\n"
            )
            wire.sendall(head.encode())
            answer = wire.recv(65536).decode()
        assert answer.startswith("HTTP/1.1 400")
        assert "application/problem+json" in answer

    def test_a_file_one_byte_over_is_400_by_us(self, site: Site) -> None:
        status, code, _ = refuse(site.player(), b"\0\0\0\x18ftypisom".ljust(100 * MIB + 1, b"\0"))
        assert (status, code) == (400, "too-many-bytes")

    def test_a_json_body_too_large_is_a_problem_document(self, site: Site) -> None:
        answer = site.client().post("/api/auth/login", content=b"x" * (2 * MIB))
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"


class TestCutOff:
    def test_an_upload_cut_at_half_leaves_nothing(self, site: Site) -> None:
        player, address = site.player(), urlsplit(site.url)
        body = upload_forms.opening("video_file", "c") + b"\0\0\0\x18ftypisom".ljust(4 * MIB, b"\0")
        before = files(site)
        with socket.create_connection((address.hostname or "", address.port or 80)) as wire:
            head = (
                f"POST /api/videos/upload HTTP/1.1\r\nHost: {address.netloc}\r\n"
                f"Authorization: {player.client.headers['Authorization']}\r\n"
                f"Content-Type: {upload_forms.CONTENT_TYPE}\r\nContent-Length: {8 * MIB}\r\n\r\n"
            )
            wire.sendall(head.encode() + body)
            arriving = until(lambda: [path for path in files(site) - before if size(path) >= 3 * MIB])
        until(lambda: not any(path.exists() for path in arriving))
        assert player.client.get("/api/videos").json() == []


def size(path: Path) -> int:
    """Return a file's size; 0 if it has been removed."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class TestDoors:
    @pytest.mark.parametrize("path", ["/api/videos", "/api/jobs/0198c000-0000-7000-8000-000000000000"])
    def test_without_a_token_it_is_401(self, site: Site, path: str) -> None:
        answer = site.client().get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")

    def test_an_unknown_address_of_the_api_is_a_404_problem(self, site: Site) -> None:
        answer = site.client().get("/api/nada")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")

    def test_nobody_uploads_before_saying_who_they_are(self, site: Site) -> None:
        answer = site.client().post("/api/videos/upload", files={"video_file": ("c", b"x" * MIB)})
        assert answer.status_code == 401

    def test_every_answer_carries_the_headers_that_protect_people(self, site: Site) -> None:
        answer = site.client().get("/api/public/videos")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "nginx/" not in answer.headers.get("server", "")
