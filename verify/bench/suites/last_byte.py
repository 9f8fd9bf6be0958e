"""Time from an upload's last byte to its answer, compared with `fsync` of the same file: the wait at the end."""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

from anb.settings import MIB
from verify.bench import clips
from verify.bench.bench_platform import Rig, platform
from verify.bench.raw_client import PATIENCE, Form
from verify.bench.suites import tus
from verify.kit.figures import Figure, Goal, Limit, percentile, turns
from verify.kit.upload_forms import CONTENT_TYPE

MEGABYTES = (50, 100)
LEAST_TURNS = 20  # of which the p95 is the second slowest
CHUNK_BYTES = 5 * MIB
GOALS = (Goal("at most", 2, "ratio"), Goal("at most", 0.2, "value"))
BESIDE = "fsync of the same file, written in one go"
Send = Callable[[Rig, Path], float]


def measure(repeats: int) -> list[Figure]:
    """Send each clip in each way and with its peer, in turns."""
    repeats = max(repeats, LEAST_TURNS)
    ways: dict[str, Send] = {"multipart": _multipart, "tus in one PATCH": _whole, "tus in chunks of 5 MiB": _chunks}
    figures: list[Figure] = []
    with platform(ANB_FREE_BYTES_FLOOR="0", ANB_FREE_SHARE_FLOOR="0") as rig:
        for megabytes in MEGABYTES:
            clip = clips.weighing(megabytes)
            for way, send in ways.items():
                figures += _beside(f"{way}, {megabytes} MB", rig, clip, send, repeats)
    return figures


def _beside(name: str, rig: Rig, clip: Path, send: Send, repeats: int) -> list[Figure]:
    send(rig, clip)  # warms the caches
    taken: dict[bool, list[float]] = {True: [], False: []}
    for _, mine in turns(repeats):
        taken[mine].append(send(rig, clip) if mine else _synced(rig.folder, clip))
        if mine:
            rig.originals()[-1].unlink()
    ours, p95 = tuple(taken[True]), percentile(taken[True], 95)
    peer = percentile(taken[False], 95)
    limit = Limit(f"{BESIDE}, p95", (peer,))
    return [Figure("last-byte", f"last byte to answer, p95, {name}", "s", ours, limit, goal, at=p95) for goal in GOALS]


def _synced(folder: Path, clip: Path) -> float:
    """Return the seconds of `fsync` of a copy that was just written."""
    with tempfile.NamedTemporaryFile(dir=folder) as copy, clip.open("rb") as source:
        while chunk := source.read(MIB):
            copy.write(chunk)
        copy.flush()
        begun = time.perf_counter()
        os.fsync(copy.fileno())
        return time.perf_counter() - begun


def _multipart(rig: Rig, clip: Path) -> float:
    form, token = Form(clip), rig.token()
    headers = {"Content-Type": CONTENT_TYPE, "Content-Length": str(form.size), "Authorization": f"Bearer {token}"}
    with closing(HTTPConnection("127.0.0.1", rig.port, timeout=PATIENCE)) as wire, clip.open("rb") as file:
        _open(wire, "POST", "/api/videos/upload", headers)
        wire.send(form.head)
        wire.sock.sendfile(file)
        wire.send(form.tail[:-1])
        return _last(wire, form.tail[-1:])


def _whole(rig: Rig, clip: Path) -> float:
    return _tus(rig, clip, clip.stat().st_size)


def _chunks(rig: Rig, clip: Path) -> float:
    return _tus(rig, clip, CHUNK_BYTES)


def _tus(rig: Rig, clip: Path, size: int) -> float:
    token, whole = {"Authorization": f"Bearer {rig.token()}"}, clip.stat().st_size
    place = tus.begin(rig, whole, token)
    headers = {"Content-Type": "application/offset+octet-stream", **tus.TUS, **token}
    last = (whole - 1) // size * size
    for offset in range(0, last, size):
        tus.ask(rig.port, "PATCH", place, {"Upload-Offset": str(offset), **headers}, clip, offset, offset + size)
    with closing(HTTPConnection("127.0.0.1", rig.port, timeout=PATIENCE)) as wire, clip.open("rb") as file:
        _open(wire, "PATCH", place, {"Upload-Offset": str(last), "Content-Length": str(whole - last), **headers})
        wire.sock.sendfile(file, last, whole - 1 - last)
        file.seek(whole - 1)
        return _last(wire, file.read())


def _open(wire: HTTPConnection, method: str, path: str, headers: dict[str, str]) -> None:
    wire.putrequest(method, path)
    for name, value in headers.items():
        wire.putheader(name, value)
    wire.endheaders()


def _last(wire: HTTPConnection, byte: bytes) -> float:
    """Send the last byte. Return the seconds until the answer. Raises RuntimeError unless it is 2xx."""
    begun = time.perf_counter()
    wire.send(byte)
    answer = wire.getresponse()
    content = answer.read()
    seconds = time.perf_counter() - begun
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"answered {answer.status}: {content.decode(errors='replace')}")
    return seconds
