"""An upload of 100 MB, compared with nginx storing the same body as a file, SHA-256 and fsync of that file."""

import hashlib
import os
import time
from pathlib import Path

from verify.bench import clips, peers
from verify.bench.bench_platform import Rig, platform
from verify.bench.raw_client import Form, upload
from verify.kit.figures import Figure, Goal, Limit, turns

MEGABYTES = 102
GOAL = Goal("at least", 0.6, "ratio")
BESIDE = "nginx keeping the same body as a file, then SHA-256 and fsync of it"


def measure(repeats: int) -> list[Figure]:
    """Upload to both in turns. Probe each clip again, alone, to measure the probe."""
    form = Form(clips.weighing(MEGABYTES))
    ours: list[float] = []
    probes: list[float] = []
    plain: list[float] = []
    with platform() as rig:
        store = peers.plain_nginx(rig)
        _ours(rig, form)  # warms the caches
        _plain(store, form)
        for _, mine in turns(repeats):
            if mine:
                took, probe = _ours(rig, form)
                ours.append(took)
                probes.append(probe)
            else:
                plain.append(_plain(store, form))
    size = form.clip.stat().st_size
    limit = Limit(BESIDE, tuple(size / took for took in plain))
    less = tuple(size / (took - probe) for took, probe in zip(ours, probes, strict=True))
    return [
        Figure("upload", "upload of 100 MB, less the probe", "bytes/s", less, limit, GOAL),
        Figure("upload", "upload of 100 MB, in full", "bytes/s", tuple(size / took for took in ours), limit),
        Figure("upload", "the probe of it, alone", "s", tuple(probes), note="a child process that reads every packet"),
    ]


def _ours(rig: Rig, form: Form) -> tuple[float, float]:
    """Return the seconds of an upload, and of its probe."""
    token = rig.token()  # each account may send a file only once
    begun = time.perf_counter()
    upload(rig.port, "/api/videos/upload", form, token)
    took = time.perf_counter() - begun
    original = rig.originals()[-1]
    prober = rig.ports.prober
    begun = time.perf_counter()
    prober.probe(original)
    probe = time.perf_counter() - begun
    original.unlink()
    return took, probe


def _plain(port: int, form: Form) -> float:
    """Return the seconds of the same with nginx and this process."""
    begun = time.perf_counter()
    path = Path(upload(port, "/store", form)["stored"])
    with path.open("rb+") as stored:
        hashlib.file_digest(stored, "sha256")
        os.fsync(stored.fileno())
    took = time.perf_counter() - begun
    path.unlink()
    return took
