"""The waits of visitors while a crowd signs in, dribbles or uploads, compared with an idle site at the same time."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import httpx2 as httpx

from verify.bench import clips, visits
from verify.bench.bench_platform import Rig, platform
from verify.bench.client import post
from verify.bench.dribbles import Dribbles
from verify.bench.flood_process import during
from verify.bench.floods import Flood, SignIns, UploadFlood
from verify.bench.suites.reads import FILL
from verify.bench.verdicts import CrowdTally, RequestOutcome, wait
from verify.kit.figures import Figure, Goal, Limit

SECONDS = 16.0
REST = 6.0  # seconds after a flood for its connections to end
WARM_UP = 3.0
PLAYERS = 60
DRIBBLES = 1000
DRIBBLERS = 40
UPLOADS = 20
MEGABYTES = 50
PASSWORD = "balon-naranja-7"  # noqa: S105 - of an account that exists only during the suite
MORE_PLAYERS = f"""
INSERT INTO users (email, username, first_name, last_name, city, city_key, country, password_hash)
SELECT 'c' || n || '@example.com', 'publico' || n, 'Lucía', 'Ríos', 'Bogotá', 'bogota', 'Colombia', '-'
FROM generate_series(1, {PLAYERS}) AS n RETURNING id
"""  # noqa: S608 - our own number
BESIDE = "the same page, idle, in the same minute"
RATIO, MILLISECONDS, NONE = Goal("at most", 3, "ratio"), Goal("at most", 250, "value"), Goal("at most", 0, "value")
Visited = dict[str, list[RequestOutcome]]


@dataclass(frozen=True)
class CrowdRun:
    """Visits to an idle site and during a flood, and the answers that the flood got."""

    idle: Visited
    busy: Visited
    flood: CrowdTally

    @property
    def faults(self) -> CrowdTally:
        """Return all faults: of visits and of the flood."""
        tally = CrowdTally(faults=self.flood.faults.copy())
        for answer in (one for ones in [*self.idle.values(), *self.busy.values()] for one in ones):
            tally.add(answer, visits.EXPECTED)
        return tally


def measure(repeats: int) -> list[Figure]:
    """Let each crowd come `repeats` times, each after the same number of seconds without it."""
    with platform(ANB_FREE_BYTES_FLOOR="0", ANB_FREE_SHARE_FLOOR="0") as rig:
        requests, floods = _prepare(rig)
        asyncio.run(visits.visit(rig.port, requests, WARM_UP))
        turns: dict[str, list[CrowdRun]] = {name: [] for name in floods}
        for _ in range(repeats):
            for name, flood in floods.items():
                turns[name].append(_turn(rig, requests, flood))
    return [figure for name in turns for figure in figures(name, turns[name])]


def figures(crowd: str, turns: list[CrowdRun]) -> list[Figure]:
    """Judge a crowd: each page compared with itself on an idle site, the slowest page, and the errors."""
    figures_of_pages = [_page(crowd, name, turns) for name in turns[0].busy]
    slowest = tuple(max(_p95(answers) for answers in turn.busy.values()) for turn in turns)
    faults = tuple(float(turn.faults.faults.total()) for turn in turns)
    told = "; ".join(str(turn.flood) for turn in turns)
    share = max(turn.flood.processor_share for turn in turns)
    fault_counts = "; ".join(f"{name}: {number}" for turn in turns for name, number in turn.faults.faults.items())
    return [
        *figures_of_pages,
        Figure("crowd-web", f"p95 of the slowest page during {crowd}", "ms", slowest, goal=MILLISECONDS, note=told),
        Figure("crowd-web", f"errors during {crowd}", "errors", faults, None, NONE, sum(faults),
               f"{fault_counts or 'none'}; the clients took {share:.0%} of a core"),
    ]  # fmt: skip


def _page(crowd: str, name: str, turns: list[CrowdRun]) -> Figure:
    busy, idle = (tuple(_p95(getattr(turn, when)[name]) for turn in turns) for when in ("busy", "idle"))
    refused = sum(answer.is_refusal for turn in turns for answer in turn.busy[name])
    settled = ", ".join(f"{_p95(turn.busy[name][len(turn.busy[name]) // 2 :]):.0f}" for turn in turns)
    visited = sum(len(turn.busy[name]) for turn in turns)
    note = f"{visited} visits, {refused} refused; p95 of the second half of each turn: {settled} ms"
    return Figure("crowd-web", f"p95 of {name} during {crowd}", "ms", busy, Limit(BESIDE, idle), RATIO, note=note)


def _p95(answers: list[RequestOutcome]) -> float:
    return 1000 * wait(answers, visits.EXPECTED)


def _turn(rig: Rig, requests: visits.Requests, flood: Flood) -> CrowdRun:
    def visited() -> Visited:
        return asyncio.run(visits.visit(rig.port, requests, SECONDS))

    idle = visited()
    busy, tally = during(flood, visited)
    for path in rig.originals():
        path.unlink()
    time.sleep(REST)
    return CrowdRun(idle, busy, tally)


def _prepare(rig: Rig) -> tuple[visits.Requests, dict[str, Flood]]:
    """Fill the site and return the requests of visitors and crowds. Tokens are issued directly: sign-in is measured."""
    with rig.database() as database:
        database.execute(FILL)
        players: list[UUID] = [row[0] for row in database.execute(MORE_PLAYERS).fetchall()]
        videos: list[UUID] = [row[0] for row in database.execute("SELECT id FROM videos ORDER BY id").fetchall()]
    issue = rig.ports.tokens.issue
    tokens = tuple(issue(player) for player in players)
    email = _sign_up(rig)
    floods: dict[str, Flood] = {
        "50 sign-ins a second": SignIns(rig.port, email, PASSWORD, SECONDS),
        f"{DRIBBLES:,} dribbling uploads": Dribbles(rig.port, tokens[:DRIBBLERS], DRIBBLES, SECONDS),
        f"{UPLOADS} uploads of {MEGABYTES} MB": UploadFlood(
            rig.port, tokens[-UPLOADS:], clips.weighing(MEGABYTES), SECONDS
        ),
    }
    return visits.pages(_votes(tokens, videos)), floods


def _votes(tokens: tuple[str, ...], videos: list[UUID]) -> Iterator[bytes]:
    for number in count():
        token, video = tokens[number % len(tokens)], videos[number]
        yield post(f"/api/public/videos/{video}/vote", Authorization=f"Bearer {token}")


def _sign_up(rig: Rig) -> str:
    email = "publico@example.com"
    names = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
    words = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    httpx.post(f"{rig.plan.local}/api/auth/signup", json=names | words).raise_for_status()
    return email
