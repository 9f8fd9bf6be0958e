"""A download of 50 MB by its owner, compared with nginx sending the same file without authorisation."""

import time
from concurrent.futures import ThreadPoolExecutor

from verify.bench import clips, peers
from verify.bench.bench_platform import platform
from verify.bench.raw_client import Form, download, upload
from verify.kit.figures import Figure, Goal, Limit, turns

GOAL = Goal("at least", 0.9, "ratio")
PEOPLE, FETCHES = 8, 32  # at once, and per sample: fewer take too little time to measure
Door = tuple[int, str, str]  # port, path, token


def measure(repeats: int) -> list[Figure]:
    """Fetch the original with a bearer token, and the same file without authorisation, in turns."""
    form = Form(clips.weighing(50))
    size = form.clip.stat().st_size
    with platform() as rig:
        token, port = rig.token(), peers.plain_nginx(rig)
        video = upload(rig.port, "/api/videos/upload", form, token)["video_id"]
        key = rig.originals()[-1].relative_to(rig.plan.media_root)
        ours, plain = (rig.port, f"/api/videos/{video}/original", token), (port, f"/files/{key}", "")
        at_once = _compare(ours, plain, PEOPLE, size, repeats)
        in_a_row = _compare(ours, plain, 1, size, repeats)
    note = "a loopback moves 50 MB in some 16 ms; asking the application first takes 1 to 3 more"
    return [
        Figure("download", f"download of 50 MB through authorisation, {PEOPLE} at once", "bytes/s", *at_once, GOAL),
        Figure("download", "the same, one after another", "bytes/s", *in_a_row, note=note),
    ]


def _compare(ours: Door, plain: Door, people: int, size: int, repeats: int) -> tuple[tuple[float, ...], Limit]:
    """Return our rates and the limit."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    for door in (ours, plain):
        _rate(door, people, size)
    for _, mine in turns(repeats):
        rates[mine].append(_rate(ours if mine else plain, people, size))
    return tuple(rates[True]), Limit("nginx sending the same file, nobody asked", tuple(rates[False]))


def _rate(door: Door, people: int, size: int) -> float:
    begun = time.perf_counter()
    with ThreadPoolExecutor(people) as pool:
        fetched = list(pool.map(lambda _: download(*door), range(FETCHES)))
    if fetched != [size] * FETCHES:
        raise RuntimeError(f"{door[1]}: {fetched} bytes of {size}")
    return FETCHES * size / (time.perf_counter() - begun)
