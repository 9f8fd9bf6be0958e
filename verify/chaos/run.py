"""One run: the platform, the load, the faults, the recovery, and the evidence."""

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

from anb.local.supervisor import child
from verify.chaos import faults, journal, settling, writes
from verify.chaos.clients import WEB_SOCKET, WORD, ChaosClient
from verify.chaos.conductor import Score, order, possible, strike
from verify.chaos.evidence import ChaosEvidence
from verify.chaos.fault_context import FaultContext
from verify.chaos.mail_sink import MailSink
from verify.chaos.organizer import appoint
from verify.chaos.share import open_share
from verify.kit import numbered_clips
from verify.kit.outside_count import OutsideCount
from verify.kit.platform import ChaosPlatform, environment
from verify.kit.ports import free_port
from verify.kit.results import ROOT

LOAD = ("upload", "vote", "doubt", "look", "join", "roam", "roam", "follow", "organize")
WORKERS = 2
SETTINGS = numbered_clips.SETTINGS | {
    "ANB_WORKER_PROCESSES": str(WORKERS),
    "ANB_FREE_SHARE_FLOOR": "0",
    "ANB_FREE_BYTES_FLOOR": "0",  # so that a full share fails during a write
    "ANB_TOKEN_SECONDS": "14400",
    "ANB_MAIL_FROM": "no-reply@anb.example",
    "ANB_SMTP_SECONDS": "3",  # so that a server that is silent for seconds is one that does not answer
    "ANB_MAIL_LEASE_SECONDS": "12",
    "ANB_FRAUD_BLOCK_VOTES": "1",
}
WARM_SECONDS = 8.0  # of load before the first fault, during which writes are watched


@dataclass(frozen=True)
class ChaosPlan:
    """The length of a run."""

    seed: int
    faults: int
    seconds: float  # after which no fault begins
    outage_seconds: float = 0  # of the long outage of the queue; 0: no outage

    @property
    def logs(self) -> Path:
        """Return the folder of logs and journals."""
        return Path(tempfile.gettempdir(), f"anb-chaos-logs-{os.getuid()}-{self.seed}")


@dataclass(frozen=True)
class ChaosOutcome:
    """The results to judge."""

    score: Score
    seen: ChaosEvidence
    order: writes.WriteOrder | None  # None if the writes could not be watched
    seconds: float


def run(plan: ChaosPlan, say: Callable[[str], None]) -> ChaosOutcome:
    """Run everything, and clean up afterwards."""
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="anb-chaos-", ignore_cleanup_errors=True) as place,
        open_share(Path(place)) as share,
        closing(journal.Journal(Path(place, "chaos.jsonl"))) as own,
    ):
        folder, port = Path(place), free_port()
        mail = MailSink()
        known = environment(folder / "data", port, ANB_MEDIA_ROOT=str(share.root), ANB_SMTP_URL=mail.url, **SETTINGS)
        mail.start()
        site = ChaosPlatform(folder / "data", port, known)
        site.start()
        try:
            if not site.wait_up(WORKERS, 120):
                raise RuntimeError(f"the platform does not start: {site.log.read_text(encoding='utf-8')}")
            context = FaultContext(site, share, random.Random(plan.seed + 1), own, mail, WORKERS, plan.outage_seconds)
            score, outside = Score(), OutsideCount(site.url, folder / "outside")
            _appoint(site, own)
            with _load(site, folder):
                written = _watch_writes(context, folder)
                _break(plan, context, outside, score, say)
            say(f"{score.faults} faults in {time.monotonic() - begun:.0f} s; waiting for accepted uploads …")
            settling.settle(site, own)
            settling.sweep(site, share.root)
            seen = settling.gather(site, share.root, own.folder, score, mail, outside)
        finally:
            site.stop()
            mail.stop()
            _keep_logs(folder, plan.logs)
    return ChaosOutcome(score, seen, written, time.monotonic() - begun)


@contextmanager
def _load(site: ChaosPlatform, folder: Path) -> Iterator[None]:
    """Keep the clients running while the block runs."""
    journals = [folder / f"{number}-{kind}.jsonl" for number, kind in enumerate(LOAD)]
    log = folder / "clients.log"
    commands = [
        [sys.executable, "-m", "verify.chaos.clients", kind, site.url, str(path), str(number)]
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


def _watch_writes(context: FaultContext, folder: Path) -> writes.WriteOrder | None:
    """Put load on the platform before the first fault, and watch the order of its writes."""
    if writes.why_not():
        time.sleep(WARM_SECONDS)
        return None
    mains = [context.site.main(part) for part in ("web", "uploads", "worker")]
    pids = [process.pid for main in mains for process in (main, *main.children())]
    record = folder / "writes.txt"
    with writes.watched(pids, record):
        time.sleep(WARM_SECONDS)
    return writes.judge(record, context.share.root)


def _appoint(site: ChaosPlatform, own: journal.Journal) -> None:
    """Make a person an organizer, as an operator does, and keep what the clients need to know."""
    person = ChaosClient(site.url, own)
    command = [sys.executable, "-m", "anb", "user", "role", person.email, "organizer"]
    subprocess.run(command, env=site.environment, check=True, stdout=subprocess.DEVNULL)
    appoint(site.url, own.folder, person.email, WORD)
    (own.folder / WEB_SOCKET).write_text(site.environment["ANB_WEB_SOCKET"], "utf-8")


def _break(
    plan: ChaosPlan, context: FaultContext, outside: OutsideCount, score: Score, say: Callable[[str], None]
) -> None:
    """Inject faults until there are enough. Faults that come once in a run come in the middle."""
    deadline = time.monotonic() + plan.seconds
    once = list(faults.ONCE) if plan.outage_seconds else []
    following = order(possible(faults.EVERY, context, score), random.Random(plan.seed))
    while score.faults < plan.faults and time.monotonic() < deadline:
        chosen = [once.pop()] if once and score.faults >= plan.faults // 2 else next(following)
        say(f"{score.faults + 1}: {' + '.join(fault.name for fault in chosen)}")
        strike(chosen, context, score)
        settling.look(context.site, outside)


def _keep_logs(folder: Path, logs: Path) -> None:
    shutil.rmtree(logs, ignore_errors=True)
    shutil.copytree(folder / "data" / "logs", logs)
    for path in (*folder.glob("*.jsonl"), *folder.glob("*.log"), *folder.glob("writes.txt")):
        shutil.copy(path, logs)
