"""Clients on bad networks as part of the load: slow, stalling, one byte at a time, cut, with lost answers.

Each upload goes through the network matrix's proxy. Clips are made large enough to take a while.
"""

import asyncio
import hashlib
import random
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from verify.kit import numbered_clips, upload_forms
from verify.kit.network_faults import NetworkFault
from verify.kit.progress import ByteCounter
from verify.kit.shaping import shaped

if TYPE_CHECKING:
    from verify.chaos.clients import ChaosClient

RATE = 60_000  # bytes per second
PADDING = 120_000  # bytes: two seconds at that rate
EVENTS = (
    NetworkFault("nothing"),
    NetworkFault("stall", "middle", 2.5),
    NetworkFault("stall", "last", 8),
    NetworkFault("one-byte"),
    NetworkFault("reset", "middle"),
    NetworkFault("lost-reply", "last"),
)
ASKS = 20  # requests of one upload before its player continues later
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = TUS | {"Content-Type": "application/offset+octet-stream"}
WAITS = frozenset({409, 423, 429})


def send(player: "ChaosClient", code: int) -> str | None:
    """Upload a clip over a bad network, in one request or in chunks. Return the same as `ChaosClient.upload`.

    The clip's number chooses the network and thereby its padding, so a repeated upload sends the same bytes.
    """
    event = random.Random(code).choice(EVENTS)
    clip = numbered_clips.draw(code) if event.kind == "one-byte" else padded(numbered_clips.draw(code))
    direct = player.http.base_url
    with _line(direct.host, direct.port or 80, event, len(clip)) as port:
        player.http.base_url, player.network = f"http://127.0.0.1:{port}", str(event)
        try:
            if code % 2:
                return player.upload(code, clip, network=str(event))
            return _in_chunks(player, code, clip)
        finally:
            player.http.base_url, player.network = direct, ""


def padded(clip: bytes) -> bytes:
    """Return the same clip with a box at its end that every player skips."""
    return upload_forms.pad(clip, len(clip) + PADDING)


def _in_chunks(player: "ChaosClient", code: int, clip: bytes) -> str | None:
    """Upload with tus. After a cut, ask for the offset and continue."""
    known = {"code": code, "sha256": hashlib.sha256(clip).hexdigest(), "email": player.email, "network": player.network}
    player.journal.write("sending", **known)
    place, offset = "", -1
    for _ in range(ASKS):
        if not place:
            creation = {"Upload-Length": str(len(clip)), "Upload-Metadata": f"title {b64encode(b'Clip').decode()}"}
            key = {"Idempotency-Key": f"{player.email}-{code}"}
            answer = player.ask("POST", "/api/uploads", headers=TUS | creation | key)
            place = answer.headers.get("location", "") if answer is not None else ""
        elif offset < 0:
            answer = player.ask("HEAD", place, headers=TUS)
        else:
            headers = CHUNK | {"Upload-Offset": str(offset)}
            answer = player.ask("PATCH", place, headers=headers, content=clip[offset:])
        if answer is None or answer.status_code >= 500 or answer.status_code in WAITS:
            offset = -1
            continue
        if player.is_too_late(answer):
            return None
        if answer.status_code >= 400:
            player.journal.write("refused", **known, status=answer.status_code, detail=answer.text[:300])
            return ""
        if task := answer.headers.get("anb-task-id", ""):
            player.journal.write("accepted", **known, task=task, video=answer.headers["anb-video-id"])
            return str(task)
        offset = int(answer.headers.get("upload-offset", "0"))
    return None


@contextmanager
def _line(host: str, port: int, event: NetworkFault, size: int) -> Iterator[int]:
    """Run a bad network in a thread. Return its port."""
    rate = None if event.kind == "one-byte" else RATE
    progress = ByteCounter(size, goes_up=True, is_plain=True)
    loop, ready, over, ports = asyncio.new_event_loop(), threading.Event(), asyncio.Event(), list[int]()

    async def serve() -> None:
        async with shaped((host, port), rate, event, progress) as line:
            ports.append(line.port)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()], daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
