"""One race: the platform, the crowd, parts that die meanwhile, and what was counted in the end."""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg

from anb.adapters.clock import SystemClock
from anb.adapters.credentials import SignedTokens
from anb.local.supervisor import child
from verify.kit.outside_count import OutsideCount, inside_differences
from verify.kit.platform import ChaosPlatform, NoTarget, environment
from verify.kit.ports import free_port
from verify.kit.results import ROOT

TOKEN_SECONDS = 4 * 3600
TWICE = 5  # each fifth vote is sent by two processes at the same time
SLUG = "SELECT slug FROM seasons ORDER BY opened_at LIMIT 1"
PEOPLE = """
INSERT INTO users (email, username, first_name, last_name, city, city_key, country, password_hash)
SELECT 'v' || n || '@example.com', 'votante' || n, 'Lucía', 'Ríos', 'Cali', 'cali', 'Colombia', '-'
FROM generate_series(1, %s) AS n RETURNING id
"""
CLIPS = """
INSERT INTO videos (owner_id, title, status, original_key, original_bytes, original_sha256, duration_seconds,
                    uploaded_at, processed_at, published_at, season_id)
SELECT id, 'Mi mejor triple', 'processed', 'originals/' || id, 1, '-', 22, now(), now(), now(),
       (SELECT id FROM seasons ORDER BY opened_at LIMIT 1)
FROM users WHERE id = ANY(%s) RETURNING id
"""
COUNTED = """
SELECT (SELECT count(*) FROM votes WHERE voided_at IS NULL),
       (SELECT count(*) FROM (SELECT DISTINCT voter_id, video_id FROM votes) AS each),
       (SELECT coalesce(sum(votes), 0) FROM clip_tallies), (SELECT coalesce(sum(votes), 0) FROM player_tallies),
       (SELECT count(*) FROM log_leaves WHERE get_byte(entry, 0) = 6), (SELECT count(DISTINCT vote_id) FROM log_leaves),
       (SELECT count(*) FROM pending_entries)
"""
NAMES = ("rows of votes", "rows of different votes", "votes of clips", "votes of players", "leaves of votes",
         "votes that have a leaf", "votes that await the log")  # fmt: skip
SEAL_SECONDS = 60.0  # patience until everything is sealed
TICK = 0.2


@dataclass(frozen=True)
class Death:
    """What dies when a share of the votes is cast."""

    share: float
    part: str
    number: signal.Signals

    @property
    def name(self) -> str:
        """Return what happens, in words."""
        return f"{self.part} {'restarted' if self.number is signal.SIGINT else 'killed'}"


DEATHS = (
    Death(0.15, "reconcile", signal.SIGKILL),
    Death(0.3, "postgres", signal.SIGINT),  # "fast": aborts transactions
    Death(0.45, "reconcile", signal.SIGKILL),
    Death(0.6, "postgres", signal.SIGKILL),
    Death(0.75, "web", signal.SIGKILL),
    Death(0.85, "reconcile", signal.SIGKILL),
)


@dataclass(frozen=True)
class RacePlan:
    """The size of a race, and what dies during it."""

    votes: int
    clips: int
    processes: int
    deaths: tuple[Death, ...] = DEATHS

    @property
    def voters(self) -> int:
        """Return how many people vote, each for every clip."""
        return self.votes // self.clips

    @property
    def wanted(self) -> int:
        """Return how many votes there must be in the end."""
        return self.voters * self.clips


@dataclass
class RaceOutcome:
    """What was cast, broken and counted."""

    plan: RacePlan
    seconds: float = 0  # of voting
    answers: Counter[str] = field(default_factory=Counter)
    broken: dict[str, int] = field(default_factory=dict)  # what died, and after how many votes
    twice: int = 0  # votes that were answered 200 more than once
    counted: dict[str, int] = field(default_factory=dict)
    checkpoints: int = 0  # that were seen meanwhile
    promises: int = 0  # that were checked
    findings: list[str] = field(default_factory=list)


def race(plan: RacePlan, say: Callable[[str], None]) -> RaceOutcome:
    """Run everything, and clean up afterwards."""
    outcome, secret = RaceOutcome(plan), secrets.token_hex(32)
    with tempfile.TemporaryDirectory(prefix="anb-votes-", ignore_cleanup_errors=True) as place:
        folder, port = Path(place), free_port()
        known = environment(folder / "data", port, ANB_SECRET_KEY=secret, ANB_WORKER_PROCESSES="1")
        site = ChaosPlatform(folder / "data", port, known)
        site.start()
        try:
            if not site.wait_up(0, 120):
                raise RuntimeError(f"the platform does not start: {site.log.read_text(encoding='utf-8')}")
            outside = OutsideCount(site.url, folder / "outside")
            votes = _prepare(site, plan, secret)
            say(f"{plan.wanted} votes, some sent twice, by {plan.processes} processes …")
            told = _vote(site, plan, votes, outside, outcome, say)
            say(f"{outcome.seconds:.0f} s; counting again …")
            _judge(site, outside, votes, told, outcome)
        finally:
            site.stop()
    return outcome


def _prepare(site: ChaosPlatform, plan: RacePlan, secret: str) -> list[tuple[str, str]]:
    """Make people and clips; return a token and a clip for each vote, clip by clip."""
    tokens = SignedTokens(secret, TOKEN_SECONDS, SystemClock())
    people: list[UUID] = [row[0] for row in site.query(PEOPLE, plan.voters + plan.clips)]
    clips = [str(row[0]) for row in site.query(CLIPS, people[: plan.clips])]
    voting = [tokens.issue(voter) for voter in people[plan.clips :]]
    return [(token, clip) for token in voting for clip in clips]


def _vote(
    site: ChaosPlatform, plan: RacePlan, votes: list[tuple[str, str]], outside: OutsideCount, outcome: RaceOutcome,
    say: Callable[[str], None],
) -> list[tuple[list[int], dict[str, Any]]]:  # fmt: skip
    """Let the processes vote while parts die; return the numbers of the votes of each, and what it was told."""
    shares = list(share_out(plan))
    folder, begun = site.folder.parent, time.monotonic()
    slug = str(site.query(SLUG)[0][0])
    left = list(plan.deaths)
    with _crowd(site, folder, [[votes[number] for number in share] for share in shares]) as going:
        while any(one.poll() is None for one in going):
            time.sleep(TICK)
            with suppress(psycopg.OperationalError):
                cast = int(site.query("SELECT count(*) FROM votes")[0][0])
                if left and cast >= left[0].share * plan.wanted:
                    _break(site, left.pop(0), cast, outcome, say)
            outside.look(slug)
    outcome.seconds = time.monotonic() - begun
    if failed := [one.returncode for one in going if one.returncode]:
        raise RuntimeError(f"voters ended with {failed}: {(folder / 'voters.log').read_text('utf-8')}")
    outcome.findings += [f"{death.name}: it never came to it" for death in left]
    outcome.checkpoints = outside.seen(slug)
    results = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("voters-*.result"))]
    return list(zip(shares, results, strict=True))


def _break(site: ChaosPlatform, death: Death, cast: int, outcome: RaceOutcome, say: Callable[[str], None]) -> None:
    with suppress(psutil.NoSuchProcess, NoTarget):
        site.main(death.part).send_signal(death.number)
        outcome.broken[f"{death.name} at {death.share:.0%}"] = cast
        say(f"{death.name} after {cast} votes")


def share_out(plan: RacePlan) -> Iterator[list[int]]:
    """Yield the votes of each process, by number; every fifth vote is also its neighbour's, at about the same time."""
    for process in range(plan.processes):
        yield [
            number
            for number in range(plan.wanted)
            if number % plan.processes == process or (number % TWICE == 0 and (number + 1) % plan.processes == process)
        ]


@contextmanager
def _crowd(
    site: ChaosPlatform, folder: Path, shares: list[list[tuple[str, str]]]
) -> Iterator[list[subprocess.Popen[bytes]]]:
    going = []
    for number, share in enumerate(shares):
        plan = folder / f"voters-{number}.plan"
        plan.write_text(json.dumps({"port": site.port, "votes": share}), "utf-8")
        command = [sys.executable, "-m", "verify.votes.voters", str(plan), str(plan.with_suffix(".result"))]
        going.append(child.spawn(command, log=folder / "voters.log", folder=ROOT, environment=os.environ))
    try:
        yield going
    finally:
        for one in going:
            child.end(one, signal.SIGKILL, 10)


def _judge(
    site: ChaosPlatform, outside: OutsideCount, votes: list[tuple[str, str]],
    told: list[tuple[list[int], dict[str, Any]]], outcome: RaceOutcome,
) -> None:  # fmt: skip
    """Count again: from the rows, the tallies and the log, inside and outside."""
    slug, wanted = str(site.query(SLUG)[0][0]), outcome.plan.wanted
    deadline = time.monotonic() + SEAL_SECONDS
    while not (_counted(site)[NAMES[-1]] == 0 and site.is_up(0)) and time.monotonic() < deadline:
        time.sleep(TICK)
    outcome.counted = _counted(site)
    for name, number in outcome.counted.items():
        if number != (0 if name == NAMES[-1] else wanted):
            outcome.findings.append(f"{name}: {number} of {wanted}")
    answered = Counter(share[place] for share, said in told for place in said["accepted"])
    outcome.twice = sum(times > 1 for times in answered.values())
    outcome.findings += [f"{outcome.twice} votes were answered 200 twice"] * bool(outcome.twice)
    promises = [str(promise) for _, said in told for promise in said["promises"]]
    outcome.promises = len(promises)
    for _, said in told:
        outcome.answers.update(said["answers"])
        outcome.findings += [str(each) for each in said["strange"]]
    outcome.findings += inside_differences(site, "count", "verify")
    outcome.findings += outside.differences(slug, promises)
    assert len(votes) == wanted


def _counted(site: ChaosPlatform) -> dict[str, int]:
    try:
        return dict(zip(NAMES, map(int, site.query(COUNTED)[0]), strict=True))
    except psycopg.OperationalError:
        return {NAMES[-1]: -1}
