"""Slow and stalled lines through nginx: an upload continues, or resumes at the acknowledged offset."""

import os
import threading
from itertools import takewhile

import pytest

from support.site import Person, Site
from support.waiting import looks
from support.wire import drip, open_chunk, status_of, throttled

TUS = {"Tus-Resumable": "1.0.0"}
SLOW = 60_000  # bytes a second: the slowest line that we support
HEAD = b"\0\0\0\x18ftypisom"  # or its first bytes would have it refused as noise


def begin(player: Person, size: int) -> str:
    headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": "title VHJpcGxl"}
    made = player.client.post("/api/uploads", headers=headers)
    assert made.status_code == 201, made.text
    path: str = made.headers["location"]
    return path


def offset_of(player: Person, path: str) -> int:
    seen = player.client.head(path, headers=TUS)
    assert seen.status_code == 200, seen.status_code
    return int(seen.headers["upload-offset"])


@pytest.mark.parametrize("at", [0, 150_000, 199_999], ids=["start", "middle", "last byte"])
def test_a_chunk_stalled_for_longer_than_a_sign_of_life_goes_on(site: Site, at: int) -> None:
    player, body = site.player(), HEAD + os.urandom(200_000 - len(HEAD))
    path = begin(player, len(body) + 1)
    with open_chunk(site, player, path, 0, len(body)) as wire:
        drip(wire, [(body[:at], 2.5), (body[at:], 0)])
        assert status_of(wire) == 204
    assert offset_of(player, path) == len(body)


def test_what_a_slow_line_brought_is_acknowledged_while_it_still_sends(site: Site) -> None:
    player, body, seen = site.player(), HEAD + os.urandom(8 * SLOW - len(HEAD)), list[int]()
    sent = threading.Event()
    path = begin(player, len(body) + 1)

    def watch() -> None:
        seen.extend(takewhile(lambda _: not sent.is_set(), looks(lambda: offset_of(player, path), 120, pause=0.5)))

    watcher = threading.Thread(target=watch)
    with open_chunk(site, player, path, 0, len(body)) as wire:
        watcher.start()
        drip(wire, throttled(body, SLOW))
        sent.set()
        watcher.join()
        assert status_of(wire) == 204
    assert seen == sorted(seen)
    assert len(set(seen)) >= 3
