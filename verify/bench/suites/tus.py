"""A resumable upload of 100 MB, in one chunk and in many, compared with nginx storing each body, SHA-256 and fsync."""

import hashlib
import os
import time
from base64 import b64encode
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

from anb.settings import MIB
from verify.bench import clips, peers
from verify.bench.bench_platform import Rig, platform
from verify.bench.raw_client import PATIENCE
from verify.kit.figures import Figure, Goal, Limit, turns

MEGABYTES = 100
PIECES = (100 * MIB, 5 * MIB)
GOAL = Goal("at least", 0.7, "ratio")
BESIDE = "nginx keeping the same bodies as files, then SHA-256 and fsync of each"
TUS = {"Tus-Resumable": "1.0.0"}


def measure(repeats: int) -> list[Figure]:
    """Send to both in turns. The last chunk, whose answer waits for the probe, is measured separately."""
    clip = clips.weighing(MEGABYTES)
    ours: dict[int, list[float]] = {size: [] for size in PIECES}
    plain: dict[int, list[float]] = {size: [] for size in PIECES}
    ends: list[float] = []
    with platform(ANB_FREE_BYTES_FLOOR="0", ANB_FREE_SHARE_FLOOR="0") as rig:
        store = peers.plain_nginx(rig)
        for size in PIECES:
            _ours(rig, clip, size)  # warms the caches
            for _, mine in turns(repeats):
                if mine:
                    rate, end = _ours(rig, clip, size)
                    ours[size].append(rate)
                    ends.append(end)
                else:
                    plain[size].append(_plain(store, clip, size))
    return [
        Figure("tus", f"PATCH of {_named(size)}", "bytes/s", tuple(ours[size]), Limit(BESIDE, tuple(plain[size])), GOAL)
        for size in PIECES
    ] + [Figure("tus", "from the last byte to the answer: hash, probe, rows", "s", tuple(ends))]


def _named(size: int) -> str:
    return "the whole but its last byte" if size == PIECES[0] else f"{size // MIB} MiB"


def _ours(rig: Rig, clip: Path, size: int) -> tuple[float, float]:
    """Return the bytes per second of all chunks but the last, and the seconds of that: one byte, and the probe."""
    token, whole = {"Authorization": f"Bearer {rig.token()}"}, clip.stat().st_size
    place = begin(rig, whole, token)
    headers = {"Content-Type": "application/offset+octet-stream", **TUS, **token}
    took = 0.0
    for offset in range(0, whole - 1, size):
        end = min(offset + size, whole - 1)
        begun = time.perf_counter()
        ask(rig.port, "PATCH", place, {"Upload-Offset": str(offset), **headers}, clip, offset, end)
        took += time.perf_counter() - begun
    begun = time.perf_counter()
    ask(rig.port, "PATCH", place, {"Upload-Offset": str(whole - 1), **headers}, clip, whole - 1, whole)
    ended = time.perf_counter() - begun
    rig.originals()[-1].unlink()
    return (whole - 1) / took, ended


def begin(rig: Rig, size: int, token: dict[str, str]) -> str:
    """Create an upload. Return its address."""
    metadata = f"title {b64encode(b'Bench').decode()}"
    created = {"Upload-Length": str(size), "Upload-Metadata": metadata, **TUS, **token}
    return ask(rig.port, "POST", "/api/uploads", created)["location"]


def _plain(port: int, clip: Path, size: int) -> float:
    """Return the bytes per second of the same chunks with nginx and this process."""
    whole, took = clip.stat().st_size, 0.0
    for offset in range(0, whole - 1, size):
        begun = time.perf_counter()
        answer = ask(port, "POST", "/store", {}, clip, offset, min(offset + size, whole - 1))
        path = Path(answer["x-stored"])
        with path.open("rb+") as stored:
            hashlib.file_digest(stored, "sha256")
            os.fsync(stored.fileno())
        took += time.perf_counter() - begun
        path.unlink()
    return (whole - 1) / took


def ask(
    port: int, method: str, path: str, headers: dict[str, str], clip: Path | None = None, begin: int = 0, end: int = 0
) -> dict[str, str]:
    """Send a part of a file. Return the headers of the answer. Raises RuntimeError unless it is 2xx."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as wire:
        wire.putrequest(method, path)
        for name, value in {**headers, "Content-Length": str(end - begin)}.items():
            wire.putheader(name, value)
        wire.endheaders()
        if clip is not None:
            with clip.open("rb") as file:
                wire.sock.sendfile(file, begin, end - begin)
        answer = wire.getresponse()
        content = answer.read().decode()
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{path} answered {answer.status}: {content}")
    found = {name.lower(): value for name, value in answer.getheaders()}
    return found | ({"x-stored": content.split(chr(34))[3]} if path == "/store" else {})
