"""What proof costs: inclusion proofs, the verification from outside, a rebuild, and the bytes that a vote takes."""

import json
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import text

from anb.counting import service as counting
from anb.db.session import Database, connect
from anb.votelog import publishing
from anb.votelog import service as votelog
from anb.votelog.merkle import TILE_WIDTH
from anb.votelog.tiles import TileName
from verify.bench.contest.serving import SUITE
from verify.bench.contest.stage import Stage
from verify.kit.figures import Figure, Goal, Limit, percentile
from verify.kit.results import ROOT

PROOFS = 200  # of each size in each turn
THRICE = Goal("at most", 3, "ratio")
GROUPED = "SELECT count(*) FROM (SELECT video_id, count(*) FROM votes WHERE season_id = :season GROUP BY 1) AS one"
OF_VOTES = ("votes", "log_leaves", "log_hashes", "voter_pseudonyms")
OF_CLIPS = ("clip_tallies", "player_tallies")
STORED, INSTANCE = 0.115, 13  # dollars of a GB and of the instance, a month (us-east-1, docs/prices.md)


def proved(large: Stage, small: Stage, repeats: int) -> list[Figure]:
    """Make receipts of random leaves, at both sizes in turns."""
    random = Random(1)
    waits: tuple[list[float], list[float]] = ([], [])
    with closing(connect(large.rig.settings)) as many, closing(connect(small.rig.settings)) as few:
        sizes = [_size(many, large), _size(few, small)]
        for _ in range(repeats):
            for side, (database, stage) in enumerate(((many, large), (few, small))):
                indexes = [random.randrange(sizes[side]) for _ in range(PROOFS)]
                waits[side].append(_p95(database, stage.season_id, indexes))
    limit = Limit(f"the same at {sizes[1]:,} leaves", tuple(waits[1]))
    note = f"{sizes[0]:,} leaves; from the request for a receipt to its text, in process"
    return [Figure(SUITE, "inclusion proof, p95", "ms", tuple(waits[0]), limit, THRICE, note=note)]


def _size(database: Database, stage: Stage) -> int:
    with database.reading() as uow:
        return publishing.head(uow, stage.season_id).size


def _p95(database: Database, season_id: UUID, indexes: list[int]) -> float:
    waits = []
    for index in indexes:
        begun = time.perf_counter()
        with database.reading() as uow:
            publishing.prove(uow, season_id, index)
        waits.append(1000 * (time.perf_counter() - begun))
    return percentile(waits, 95)


def verified(large: Stage, small: Stage, repeats: int) -> list[Figure]:
    """Write the log as files, and verify it as an outsider does, in turns with the hashing alone."""
    del small
    folder = large.rig.folder / "log"
    leaves = _publish(large, folder)
    runs = [_outside(folder) for _ in range(min(repeats, 3))]
    seconds, plain = ([run[name] for run in runs] for name in ("seconds", "plain"))
    note = f"{leaves:,} leaves, processor time of one process; downloading aside"
    limit = Limit("two calls of hashlib a leaf, in the same process", tuple(plain))
    each = tuple(1e7 / leaves * one for one in seconds)
    return [
        Figure(SUITE, "verification from outside", "s", tuple(seconds), limit, THRICE, note=note),
        Figure(SUITE, "verification from outside, of ten million leaves", "s", each, None, Goal("at most", 60, "value"),
               note="as many as there are, scaled" if leaves < 10**7 else ""),
        Figure(SUITE, "verification from outside, memory", "MB", tuple(run["memory"] for run in runs), None,
               Goal("at most", 1000, "value"), note=f"{leaves:,} leaves"),
    ]  # fmt: skip


def _publish(stage: Stage, folder: Path) -> int:
    """Write the files of the log into a folder, as they are served; return how many leaves there are."""
    folder.mkdir(exist_ok=True)
    with closing(connect(stage.rig.settings)) as database, database.reading() as uow:
        head = publishing.head(uow, stage.season_id)
        keys = publishing.keys(uow, stage.season_id, stage.rig.settings)
        (folder / "key").write_text("".join(f"{key}\n" for key in keys), "utf-8")
        (folder / "checkpoint").write_text(head.checkpoint, "utf-8")
        (folder / "checkpoints").write_text("[]", "utf-8")
        for number in range(-(-head.size // TILE_WIDTH)):
            name = TileName(None, number, min(TILE_WIDTH, head.size - number * TILE_WIDTH)).path
            path = folder / "tile" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(publishing.tile(uow, stage.season_id, name))
    return head.size


def _outside(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "verify.bench.contest.outside", str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def rebuilt(large: Stage, small: Stage, repeats: int) -> list[Figure]:
    """Rebuild the tallies and the ranking from the log, in turns with one GROUP BY; then compare everything."""
    del small
    took, grouped = [], []
    with closing(connect(large.rig.settings)) as database:
        for _ in range(min(repeats, 3)):
            grouped.append(_grouped(database, large.season_id))
            with database.transaction() as uow:
                for table in OF_CLIPS:  # a rebuild writes only what differs: let it be everything
                    uow.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
            begun = time.perf_counter()
            with database.transaction() as uow:
                votelog.rebuild(uow, large.season_id)
            took.append(time.perf_counter() - begun)
        differences = counting.compare_season(database, large.season_id)
    if differences:
        raise RuntimeError(f"rows, tallies and log differ: {differences[:3]}")
    limit = Limit("one GROUP BY clip over the votes", tuple(grouped))
    note = f"{large.size.votes:,} votes, no tallies before; rows, tallies and log were equal afterwards"
    return [Figure(SUITE, "rebuild of tallies and ranking", "s", tuple(took), limit, THRICE, note=note)]


def _grouped(database: Database, season_id: UUID) -> float:
    begun = time.perf_counter()
    with database.transaction() as uow:
        uow.execute(text("SET LOCAL statement_timeout = 0"))
        uow.execute(text(GROUPED), {"season": season_id})
    return time.perf_counter() - begun


def weighed(large: Stage, small: Stage, repeats: int) -> list[Figure]:
    """Divide the bytes of what a vote adds, with indexes, by the votes; tallies grow with clips and players alone."""
    del small, repeats
    with large.rig.database() as database:
        votes, leaves = (
            _number(database.execute(f"SELECT count(*) FROM {name}").fetchone())  # noqa: S608 - our own names
            for name in ("votes", "log_leaves")
        )
        bytes_of = {
            name: _number(database.execute("SELECT pg_total_relation_size(%s::regclass)", [name]).fetchone())
            for name in (*OF_VOTES, *OF_CLIPS)
        }
    counted = {"votes": votes, "voter_pseudonyms": votes, "log_leaves": leaves, "log_hashes": leaves}
    parts = {name: bytes_of[name] / counted[name] for name in OF_VOTES}
    each, tallies = sum(parts.values()), sum(bytes_of[name] for name in OF_CLIPS) / 1e6
    stored = each * 1e8 / 1e9
    said = ", ".join(f"{name} {size:.0f}" for name, size in parts.items())
    cost = f"{stored:.0f} GB, ${stored * STORED:.2f} a month on RDS gp3, next to ${INSTANCE} for a db.t3.micro"
    note = f"{said}; tallies {tallies:.0f} MB in all. 100 million votes: {cost}"
    return [Figure(SUITE, "bytes a vote, with indexes and log", "bytes", (each,), note=note)]


def _number(row: tuple[int, ...] | None) -> int:
    return row[0] if row else 0
