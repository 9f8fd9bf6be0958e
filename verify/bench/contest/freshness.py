"""How long a vote takes until the ranking shows it, and until a signed checkpoint has it, as anyone sees it by HTTP."""

import json
import threading
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from uuid import UUID, uuid4

from anb.contest import service as contest
from anb.db.session import connect
from verify.bench.contest.ballots import SqlVotes, beside
from verify.bench.contest.serving import SUITE, best_rate
from verify.bench.contest.stage import VOTERS, Stage
from verify.bench.load import VoteLoad, drive
from verify.kit.figures import Figure, Goal, percentile

SECONDS = 20.0
RATE, PROBES, POLL = 500, 20, 0.02  # votes and probes a second; seconds between two looks
PATIENCE = 120.0  # seconds for the last votes to be sealed
SHARE = 0.8  # of the best rate through nginx
RANKED, SEALED = Goal("at most", 1, "value"), Goal("at most", 2, "value")
PROBE = """
WITH player AS (
    INSERT INTO users (email, username, first_name, last_name, city, city_key, country, password_hash)
    VALUES (%(name)s || '@example.com', %(name)s, 'Lucía', 'Ríos', %(name)s, %(name)s, 'Colombia', '-') RETURNING id
), clip AS (
    INSERT INTO videos (owner_id, season_id, title, status, original_key, original_bytes, original_sha256,
        duration_seconds, processed_at, published_at)
    SELECT id, %(season)s, 'Mi mejor triple', 'processed', 'originals/' || id, 1, '-', 22, now(), now() FROM player
    RETURNING id
)
SELECT id FROM clip
"""
INDEXES = "SELECT index FROM votes JOIN log_leaves ON vote_id = votes.id WHERE video_id = %s ORDER BY votes.id"
Seen = list[tuple[float, int]]  # when, and how much


def fresh(large: Stage, small: Stage, repeats: int) -> list[Figure]:
    """Follow the votes for one clip in a city of its own, while others are cast by SQL, and then through nginx."""
    del small, repeats  # each is a long run of many votes already
    figures = _followed(large, f"{RATE} votes/s by SQL", 0)
    return figures + _followed(large, f"{SHARE:.0%} of the best through nginx", SHARE * best_rate(large))


def _followed(stage: Stage, beside_what: str, through_nginx: float) -> list[Figure]:
    clip, city = _probe(stage)
    votes, ranking, checkpoints = SqlVotes(stage, PROBES, clip=str(clip), first=1), Seen(), Seen()
    stopped = threading.Event()
    looks = [
        threading.Thread(target=_look, args=(stage.port, f"/api/public/rankings?city={city}", ranking, stopped)),
        threading.Thread(target=_look, args=(stage.port, _checkpoint(stage), checkpoints, stopped)),
    ]
    for look in looks:
        look.start()
    with beside(votes), ExitStack() as others:
        if through_nginx:
            clips = stage.fresh_clips(int(through_nginx * SECONDS / VOTERS) + 2)
            tokens = stage.tokens
            drive(VoteLoad(stage.rig.port, "", seconds=SECONDS, rate=through_nginx, tokens=tokens, videos=clips))
        else:
            others.enter_context(beside(SqlVotes(stage, RATE)))
            time.sleep(SECONDS)
    _settle(stage)
    stopped.set()
    for look in looks:
        look.join()
    with stage.rig.database() as database:
        indexes = [row[0] for row in database.execute(INDEXES, [clip])]
    ranked = waits_of(votes.cast_at, range(1, len(votes.cast_at) + 1), ranking)
    sealed = waits_of(votes.cast_at, [index + 1 for index in indexes], checkpoints)
    note = f"{len(ranked)} votes followed, looked at every {POLL * 1000:.0f} ms; p50 {percentile(ranked, 50):.2f} s"
    return [
        Figure(SUITE, f"vote → ranking, p99, {beside_what}", "s", tuple(ranked), None, RANKED,
               percentile(ranked, 99), note),
        Figure(SUITE, f"vote → signed checkpoint, p99, {beside_what}", "s", tuple(sealed), None, SEALED,
               percentile(sealed, 99), note),
    ]  # fmt: skip


def _settle(stage: Stage) -> None:
    """Wait until nothing awaits the log, and the last look has seen it."""
    deadline = time.monotonic() + PATIENCE
    with stage.rig.database() as database:
        while time.monotonic() < deadline and database.execute("SELECT 1 FROM pending_entries LIMIT 1").fetchone():
            time.sleep(0.1)
    time.sleep(2)


def _probe(stage: Stage) -> tuple[UUID, str]:
    """Add a player with a clip in a city without others; return the clip and the city."""
    city = f"faro{uuid4().hex[:8]}"
    with stage.rig.database() as database:
        row = database.execute(PROBE, {"name": city, "season": stage.season_id}).fetchone()
    time.sleep(2)  # until its opening is sealed
    return (row or [UUID(int=0)])[0], city


def _checkpoint(stage: Stage) -> str:
    database = connect(stage.rig.settings)
    with database.reading() as uow:
        season = contest.current_season(uow)
    database.close()
    return f"/api/public/log/{season.slug if season else ''}/checkpoint"


def _look(port: int, path: str, seen: Seen, stopped: threading.Event) -> None:
    """Note the number of votes, or of leaves, whenever it is another one."""
    wire = HTTPConnection("127.0.0.1", port)
    while not stopped.wait(POLL):
        wire.request("GET", path)
        body = wire.getresponse().read()
        now = time.perf_counter()
        found = json.loads(body)[0]["votes"] if body.startswith(b"[{") else int(body.split(b"\n")[1])
        if not seen or seen[-1][1] != found:
            seen.append((now, found))


def waits_of(cast_at: list[float], needed: list[int] | range, seen: Seen) -> list[float]:
    """Return how long each vote took until as much was seen as it needs."""
    waits, place = [], 0
    for at, least in zip(cast_at, needed, strict=True):
        while seen[place][1] < least:
            place += 1
        waits.append(max(0.0, seen[place][0] - at))
    return waits
