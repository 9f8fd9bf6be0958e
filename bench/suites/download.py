"""A download of 50 MB by its owner, beside nginx sending the same file to anybody."""

import time

from bench import clips, peers
from bench.figures import Figure, Goal, Limit, turns
from bench.rig import platform
from bench.wire import Form, download, upload

GOAL = Goal("at least", 0.9, "ratio")
FETCHES = 8  # of one sample, one after another: one alone takes too little time to measure


def measure(repeats: int) -> list[Figure]:
    """Fetch the original with a bearer token, and the same file without any question, in turns."""
    form = Form(clips.weighing(50))
    size = form.clip.stat().st_size
    with platform() as rig:
        token, port = rig.token(), peers.plain_nginx(rig)
        video = upload(rig.port, "/api/videos/upload", form, token)["video_id"]
        key = rig.originals()[-1].relative_to(rig.plan.media_root)
        doors = {True: (rig.port, f"/api/videos/{video}/original", token), False: (port, f"/files/{key}", "")}
        rates: dict[bool, list[float]] = {True: [], False: []}
        for door in doors.values():
            _rate(size, *door)
        for _, mine in turns(repeats):
            rates[mine].append(_rate(size, *doors[mine]))
    limit = Limit("nginx sending the same file, nobody asked", tuple(rates[False]))
    return [Figure("download", "download of 50 MB through authorisation", "bytes/s", tuple(rates[True]), limit, GOAL)]


def _rate(size: int, port: int, path: str, token: str) -> float:
    begun = time.perf_counter()
    for _ in range(FETCHES):
        got = download(port, path, token)
        if got != size:
            raise RuntimeError(f"{path}: {got} bytes of {size}")
    return FETCHES * size / (time.perf_counter() - begun)
