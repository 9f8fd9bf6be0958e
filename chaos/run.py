"""One run: the platform, the load, the faults, the calm after them, and the evidence."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
from bench.rig import ROOT, free_port

from anb.stack import child
from chaos import clips, evidence, faults, journal, writes
from chaos.conduct import Score, order, possible, strike
from chaos.evidence import Evidence
from chaos.ground import Ground
from chaos.share import open_share
from chaos.stack import Site, environment

LOAD = ("upload", "upload", "vote", "look")
WORKERS = 2
ATTEMPTS = 3  # the default of ANB_JOB_ATTEMPTS and ANB_JOB_DEATHS, which a run keeps
SETTINGS = clips.SETTINGS | {
    "ANB_WORKER_PROCESSES": str(WORKERS),
    "ANB_FREE_BYTES_FLOOR": "0",  # so that a full share is met in the middle of a write
    "ANB_TOKEN_SECONDS": "14400",
}
WARM_SECONDS = 8.0  # of load before the first fault; meanwhile the writes are watched
OLD_SECONDS = 2 * 24 * 3600  # beyond the age from which the sweeper takes files
SETTLE_SECONDS = 240.0  # patience for what was accepted, after the last fault


@dataclass(frozen=True)
class Plan:
    """How long a run is."""

    seed: int
    faults: int
    seconds: float  # after which no fault is begun
    outage_seconds: float = 0  # of the long outage of the queue; 0: none

    @property
    def logs(self) -> Path:
        """Return where a run leaves its logs and journals."""
        return Path(tempfile.gettempdir(), f"anb-chaos-logs-{os.getuid()}-{self.seed}")


@dataclass(frozen=True)
class Outcome:
    """What a run leaves to be judged."""

    score: Score
    seen: Evidence
    order: writes.Order | None  # None where nobody could watch
    seconds: float


def run(plan: Plan, say: Callable[[str], None]) -> Outcome:
    """Run the whole of it; nothing is left afterwards."""
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="anb-chaos-", ignore_cleanup_errors=True) as place,
        open_share(Path(place)) as share,
        closing(journal.Journal(Path(place, "chaos.jsonl"))) as own,
    ):
        folder, port = Path(place), free_port()
        known = environment(folder / "data", port, ANB_MEDIA_ROOT=str(share.root), **SETTINGS)
        site = Site(folder / "data", port, known)
        site.start()
        try:
            if not site.wait_up(WORKERS, 120):
                raise RuntimeError(f"the platform does not start: {site.log.read_text(encoding='utf-8')}")
            ground = Ground(site, share, random.Random(plan.seed + 1), own, WORKERS, plan.outage_seconds)
            score = Score()
            with _load(site, folder):
                written = _watch_writes(ground, folder)
                _break(plan, ground, score, say)
            say(f"{score.faults} faults in {time.monotonic() - begun:.0f} s; waiting for what was accepted …")
            _settle(site, folder)
            _sweep(site, share.root)
            seen = _evidence(site, share.root, folder, score)
        finally:
            site.stop()
            _keep_logs(folder, plan.logs)
    return Outcome(score, seen, written, time.monotonic() - begun)


@contextmanager
def _load(site: Site, folder: Path) -> Iterator[None]:
    """Keep the clients going while the block runs."""
    journals = [folder / f"{number}-{kind}.jsonl" for number, kind in enumerate(LOAD)]
    log = folder / "clients.log"
    commands = [
        [sys.executable, "-m", "chaos.clients", kind, site.url, str(path), str(number)]
        for number, (kind, path) in enumerate(zip(LOAD, journals, strict=True))
    ]
    going = [child.spawn(command, log=log, folder=ROOT, environment=os.environ) for command in commands]
    try:
        deadline = time.monotonic() + 60
        while not all(path.is_file() and path.stat().st_size for path in journals):
            if time.monotonic() > deadline or any(one.poll() is not None for one in going):
                raise RuntimeError(log.read_text(encoding="utf-8"))
            time.sleep(0.05)
        yield
        if died := [one.args for one in going if one.poll() is not None]:
            raise RuntimeError(f"{died}: {log.read_text(encoding='utf-8')}")
    finally:
        for one in going:
            one.terminate()
        for one in going:
            child.end(one, signal.SIGTERM, 60)


def _watch_writes(ground: Ground, folder: Path) -> writes.Order | None:
    """Load the platform before the first fault, and watch in which order it writes."""
    if writes.why_not():
        time.sleep(WARM_SECONDS)
        return None
    mains = [ground.site.main(part) for part in ("web", "worker")]
    pids = [process.pid for main in mains for process in (main, *main.children())]
    record = folder / "writes.txt"
    with writes.watched(pids, record):
        time.sleep(WARM_SECONDS)
    return writes.judge(record, ground.share.root)


def _break(plan: Plan, ground: Ground, score: Score, say: Callable[[str], None]) -> None:
    """Inject faults until there were enough; what comes once in a run comes in the middle of it."""
    deadline = time.monotonic() + plan.seconds
    once = list(faults.ONCE) if plan.outage_seconds else []
    following = order(possible(faults.EVERY, ground, score), random.Random(plan.seed))
    while score.faults < plan.faults and time.monotonic() < deadline:
        chosen = [once.pop()] if once and score.faults >= plan.faults // 2 else next(following)
        say(f"{score.faults + 1}: {' + '.join(fault.name for fault in chosen)}")
        strike(chosen, ground, score)


def _keep_logs(folder: Path, logs: Path) -> None:
    shutil.rmtree(logs, ignore_errors=True)
    shutil.copytree(folder / "data" / "logs", logs)
    for path in (*folder.glob("*.jsonl"), *folder.glob("*.log"), *folder.glob("writes.txt")):
        shutil.copy(path, logs)


def _settle(site: Site, folder: Path) -> None:
    """Wait until every accepted upload has ended, or patience has."""
    accepted = [entry.facts["task"] for entry in journal.read(folder) if entry.say == "accepted"]
    left = "SELECT count(*) FROM jobs WHERE id = ANY(%s::uuid[]) AND finished_at IS NULL"
    deadline = time.monotonic() + SETTLE_SECONDS
    while site.query(left, accepted)[0][0] and time.monotonic() < deadline:
        time.sleep(0.5)


def _sweep(site: Site, share: Path) -> None:
    """Let every file be old, and the sweeper take what no row knows; what a row knows has to stay."""
    long_ago = time.time() - OLD_SECONDS
    for path in share.rglob("*"):
        if path.is_file():
            os.utime(path, (long_ago, long_ago))
    command = [sys.executable, "-m", "anb", "storage", "sweep", "--delete"]
    subprocess.run(command, env=site.environment, check=True, stdout=subprocess.DEVNULL)


def _evidence(site: Site, share: Path, folder: Path, score: Score) -> Evidence:
    known = evidence.gather(site.environment["ANB_DATABASE_URL"], share)
    return Evidence(
        journal=journal.read(folder),
        faults=[(one.begun, one.ended) for one in score.struck],
        shown_votes=_shown(site.url),
        attempts=ATTEMPTS,
        **known,
    )


def _shown(url: str) -> dict[str, int]:
    """Return the votes of each public video, as everybody sees them."""
    time.sleep(1.5)  # the list may be a second old
    shown: dict[str, int] = {}
    address: str | None = "/api/public/videos?limit=100"
    with httpx.Client(base_url=url, timeout=30) as client:
        while address:
            answer = client.get(address).raise_for_status()
            shown |= {clip["video_id"]: clip["votes"] for clip in answer.json()}
            address = answer.links.get("next", {}).get("url")
    return shown
