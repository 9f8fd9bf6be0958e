"""5,000 live streams with one message a second: memory, processor and delay, and the waits for pages meanwhile."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import psutil

from anb.engines.nginx import SHARED_PATHS
from anb.local.plan import HEALTH, answers
from anb.local.supervisor.service_spec import ServiceSpec
from verify.bench import peers, visits
from verify.bench.bench_platform import ROOT, WEB, Rig, platform
from verify.bench.flood_process import during
from verify.bench.listeners import Listeners, ListenerTally
from verify.bench.process_usage import children, spent, weigh
from verify.bench.suites.reads import FILL
from verify.bench.verdicts import RequestOutcome, wait
from verify.kit.figures import Figure, Goal, Limit, percentile, turns

STREAMS = 5000
SECONDS = 45.0
AFTER = 6.0  # seconds for the last change to arrive, and to measure the memory
BETWEEN = 1.03  # seconds between two changes: not the hub's interval of 1, or every change would have the same age
JOBS = """
ALTER TABLE jobs DISABLE TRIGGER USER;
INSERT INTO jobs (owner_id, state, attempt, worker, lease_expires_at, started_at)
SELECT (SELECT min(id::text)::uuid FROM users), 'running', 1, 'bench:1', now() + interval '1 day', now()
FROM generate_series(1, {streams});
"""
BESIDE = "Starlette's StreamingResponse over the same hub, served the same way"
LESS, RATIO = Goal("at most", 1, "ratio"), Goal("at most", 3, "ratio")
MILLISECONDS, NONE = Goal("at most", 2000, "value"), Goal("at most", 0, "value")
Visited = Mapping[str, list[RequestOutcome]]


@dataclass(frozen=True)
class StreamServer:
    """One of the two servers: its nginx, and the words that identify its processes."""

    port: int
    process: tuple[str, ...]
    nginx: str

    def families(self) -> tuple[list[psutil.Process], list[psutil.Process]]:
        """Return the processes that hold the streams, and their nginx. Raises RuntimeError if one is missing."""
        found = children(*self.process), children(self.nginx)
        if [len(family) for family in found] != [1, 1]:
            raise RuntimeError(f"{self}: {found}")
        return found


@dataclass(frozen=True)
class StreamsRun:
    """The measurements while all streams were open."""

    memory: tuple[float, float]  # growth in MiB since before the first stream: process, nginx
    cores: tuple[float, float]  # of a core: process, nginx
    delays: list[float]  # seconds from a change to its message
    idle: Visited
    busy: Visited
    heard: ListenerTally


def measure(repeats: int) -> list[Figure]:
    """Hold the streams with our server and with the peer in turns."""
    with platform(
        (*WEB, "streams"), ANB_STREAM_MOST=str(STREAMS + 100), ANB_FREE_BYTES_FLOOR="0", ANB_FREE_SHARE_FLOOR="0"
    ) as rig:
        paths, token = _prepare(rig)
        ours, theirs = StreamServer(rig.port, ("anb streams",), "data/nginx/nginx.conf"), _peer(rig)
        runs: dict[StreamServer, list[StreamsRun]] = {ours: [], theirs: []}
        bare = {door: [weigh(family)[0] for family in door.families()] for door in runs}
        for _, mine in turns(repeats):
            door = ours if mine else theirs
            listeners = Listeners(door.port, paths, token, SECONDS + AFTER)
            runs[door].append(_turn(rig, door, listeners, bare[door]))
    return figures(runs[ours], runs[theirs])


def figures(ours: list[StreamsRun], theirs: list[StreamsRun]) -> list[Figure]:
    """Judge the streams against the peer, and pages against themselves."""

    def beside(name: str, unit: str, of: str, place: int, goal: Goal | None, factor: float = 1) -> Figure:
        mine, peer = (tuple(factor * getattr(turn, of)[place] for turn in turns) for turns in (ours, theirs))
        return Figure("streams", f"{name}, {STREAMS:,} streams at one message a second", unit, mine,
                      Limit(BESIDE, peer), goal)  # fmt: skip

    late, peers_late = ([percentile(turn.delays, 95) * 1000 for turn in turns] for turns in (ours, theirs))
    faults = tuple(float(turn.heard.faults.total()) for turn in ours)
    share = max(turn.heard.processor_share for turn in [*ours, *theirs])
    median = ", ".join(f"{percentile(turn.delays, 50) * 1000:.0f}" for turn in ours)
    fault_counts = "; ".join(f"{name}: {number}" for turn in ours for name, number in turn.heard.faults.items())
    return [
        beside("memory of the process (PSS), grown by", "MiB", "memory", 0, LESS),
        beside("memory of nginx (PSS), grown by", "MiB", "memory", 1, None),
        beside("processor of the process", "% of a core", "cores", 0, LESS, 100),
        beside("processor of nginx", "% of a core", "cores", 1, None, 100),
        Figure("streams", "from a change to its message, p95", "ms", tuple(late), Limit(BESIDE, tuple(peers_late)),
               MILLISECONDS, note=f"median {median} ms; the hub looks once a second"),
        *(_page(name, ours) for name in ours[0].busy),
        Figure("streams", "streams refused, cut or left behind", "errors", faults, None, NONE, sum(faults),
               f"{fault_counts or 'none'}; the clients took {share:.0%} of a core"),
    ]  # fmt: skip


def delays(changed: Mapping[int, float], heard: ListenerTally) -> list[float]:
    """Return the delay of each message that reports one of our changes."""
    return [moment - when for number, when in changed.items() for moment in heard.arrivals.get(number, [])]


def _page(name: str, held: list[StreamsRun]) -> Figure:
    busy, idle = (tuple(_p95(getattr(turn, when)[name]) for turn in held) for when in ("busy", "idle"))
    beside = Limit("the same page, idle, in the same minute", idle)
    return Figure("streams", f"p95 of {name} meanwhile", "ms", busy, beside, RATIO)


def _p95(visited: list[RequestOutcome]) -> float:
    return 1000 * wait(visited, visits.EXPECTED)


def _turn(rig: Rig, door: StreamServer, listeners: Listeners, bare: Sequence[float]) -> StreamsRun:
    requests = {name: asked for name, asked in visits.pages(iter(())).items() if name != "vote"}
    families = door.families()
    with rig.database() as database:  # resets the last turn's progress
        database.execute("UPDATE jobs SET progress = 0")
    idle = asyncio.run(visits.visit(door.port, requests, SECONDS / 3))

    def held() -> tuple[Visited, dict[int, float], tuple[float, float], tuple[float, float]]:
        before, begun = [spent(family) for family in families], time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            changing = pool.submit(_change, rig)
            busy = asyncio.run(visits.visit(door.port, requests, SECONDS))
            changed = changing.result()
        seconds = time.monotonic() - begun
        cores = [(spent(family) - had) / seconds for family, had in zip(families, before, strict=True)]
        memory = [weigh(family)[0] - had for family, had in zip(families, bare, strict=True)]
        return busy, changed, (memory[0], memory[1]), (cores[0], cores[1])

    (busy, changed, memory, cores), received = during(listeners, held)
    if not isinstance(received, ListenerTally):
        raise TypeError(received)
    if behind := len(listeners.paths) - len(received.arrivals.get(max(changed), [])):
        received.faults["did not hear the last change"] += behind
    return StreamsRun(memory, cores, delays(changed, received), idle, busy, received)


def _change(rig: Rig) -> dict[int, float]:
    """Change every job once a second. Return the moment of each change by its per cent."""
    changed: dict[int, float] = {}
    begun = time.monotonic()
    with rig.database() as database:
        for number in range(1, int(SECONDS / BETWEEN) - 1):
            time.sleep(max(0, begun + number * BETWEEN - time.monotonic()))
            database.execute("UPDATE jobs SET progress = %s", [number])
            changed[number] = time.monotonic()
    return changed


def _prepare(rig: Rig) -> tuple[tuple[str, ...], str]:
    """Fill the site and start jobs of one player. Return the paths of their streams, and the player's token."""
    with rig.database() as database:
        database.execute(FILL)
        database.execute(JOBS.format(streams=STREAMS))
        jobs: list[tuple[UUID, UUID]] = database.execute("SELECT id, owner_id FROM jobs").fetchall()
    return tuple(f"/api/jobs/{job}/events" for job, _ in jobs), rig.ports.tokens.issue(jobs[0][1])


def _peer(rig: Rig) -> StreamServer:
    socket = rig.folder / "peer.sock"
    command = [
        "/usr/bin/env",
        f"ANB_WEB_SOCKET={socket}",
        f"PYTHONPATH={ROOT}",
        sys.executable,
        "-m",
        "verify.bench.stream_peer",
    ]
    rig.add(ServiceSpec("peer", "peer", command, rig.folder, ready=lambda: answers(f"http://peer{HEALTH}", socket)))
    port = peers.door(rig, "peer", rig.plan.web_socket, streams=socket, shared_paths=SHARED_PATHS)
    return StreamServer(port, ("anb peer", "verify.bench.stream_peer"), "door-peer/nginx.conf")
