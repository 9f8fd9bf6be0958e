"""A resumable upload of 100 MB, in one piece and in many, beside nginx keeping each body, then SHA-256 and fsync."""

import hashlib
import os
import time
from base64 import b64encode
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

from bench import clips, peers
from bench.figures import Figure, Goal, Limit, turns
from bench.rig import Rig, platform
from bench.wire import PATIENCE

MEGABYTES = 100
MIB = 1024 * 1024
PIECES = (100 * MIB, 5 * MIB)
GOAL = Goal("at least", 0.7, "ratio")
BESIDE = "nginx keeping the same bodies as files, then SHA-256 and fsync of each"
TUS = {"Tus-Resumable": "1.0.0"}


def measure(repeats: int) -> list[Figure]:
    """Send here and there in turns; the last piece, whose answer waits for the judge, is counted apart."""
    clip = clips.weighing(MEGABYTES)
    ours: dict[int, list[float]] = {size: [] for size in PIECES}
    plain: dict[int, list[float]] = {size: [] for size in PIECES}
    ends: list[float] = []
    with platform(ANB_FREE_BYTES_FLOOR="0") as rig:
        store = peers.plain_nginx(rig)
        for size in PIECES:
            _ours(rig, clip, size)  # the first one finds everything cold
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
    """Return the bytes a second of all pieces but the last, and the seconds of that: a byte, and the judgement."""
    token, whole = {"Authorization": f"Bearer {rig.token()}"}, clip.stat().st_size
    metadata = f"title {b64encode(b'Bench').decode()}"
    created = {"Upload-Length": str(whole), "Upload-Metadata": metadata, **TUS, **token}
    place = _ask(rig.port, "POST", "/api/uploads", created)["location"]
    headers = {"Content-Type": "application/offset+octet-stream", **TUS, **token}
    took = 0.0
    for offset in range(0, whole - 1, size):
        end = min(offset + size, whole - 1)
        begun = time.perf_counter()
        _ask(rig.port, "PATCH", place, {"Upload-Offset": str(offset), **headers}, clip, offset, end)
        took += time.perf_counter() - begun
    begun = time.perf_counter()
    _ask(rig.port, "PATCH", place, {"Upload-Offset": str(whole - 1), **headers}, clip, whole - 1, whole)
    ended = time.perf_counter() - begun
    rig.originals()[-1].unlink()
    return (whole - 1) / took, ended


def _plain(port: int, clip: Path, size: int) -> float:
    """Return the bytes a second of the same pieces by nginx and this process."""
    whole, took = clip.stat().st_size, 0.0
    for offset in range(0, whole - 1, size):
        begun = time.perf_counter()
        answer = _ask(port, "POST", "/store", {}, clip, offset, min(offset + size, whole - 1))
        path = Path(answer["x-stored"])
        with path.open("rb+") as stored:
            hashlib.file_digest(stored, "sha256")
            os.fsync(stored.fileno())
        took += time.perf_counter() - begun
        path.unlink()
    return (whole - 1) / took


def _ask(
    port: int, method: str, path: str, headers: dict[str, str], clip: Path | None = None, begin: int = 0, end: int = 0
) -> dict[str, str]:
    """Send a part of a file; return the headers of the answer. Raises RuntimeError for whatever is not 2xx."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as wire:
        wire.putrequest(method, path)
        for name, value in {**headers, "Content-Length": str(end - begin)}.items():
            wire.putheader(name, value)
        wire.endheaders()
        if clip is not None:
            with clip.open("rb") as file:
                wire.sock.sendfile(file, begin, end - begin)
        answer = wire.getresponse()
        said = answer.read().decode()
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{path} answered {answer.status}: {said}")
    found = {name.lower(): value for name, value in answer.getheaders()}
    return found | ({"x-stored": said.split(chr(34))[3]} if path == "/store" else {})
