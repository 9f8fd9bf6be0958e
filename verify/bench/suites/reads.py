"""The public list with 10,000 videos, compared with fixed JSON from a similar endpoint behind the same nginx."""

import sys

import httpx2 as httpx

from anb.local.plan import answers
from anb.local.supervisor.service_spec import ServiceSpec
from verify.bench import fixed_json, peers
from verify.bench.bench_platform import ROOT, Rig, platform
from verify.bench.load import Load, LoadTally, drive
from verify.kit.figures import Figure, Goal, Limit, percentile

PATH = "/api/public/videos"
FILL = """
INSERT INTO users (email, username, first_name, last_name, city, city_key, country, password_hash)
SELECT 'p' || n || '@example.com', 'jugador' || n, 'Lucía', 'Ríos', 'Bogotá', 'bogota', 'Colombia', '-'
FROM generate_series(1, 500) AS n;

INSERT INTO videos (owner_id, title, status, original_key, original_bytes, original_sha256, duration_seconds,
                    uploaded_at, processed_at, published_at)
SELECT u.id, 'Mi mejor triple ' || n, 'processed', 'originals/' || n, 1, '-', 22,
       now(), now(), now() - make_interval(secs => n)
FROM generate_series(1, 10000) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM users) AS u ON u.number = 1 + n % 500;

INSERT INTO renditions (video_id, kind, key, bytes, sha256, media_type, recipe, seconds)
SELECT v.id, kind, 'edits/' || v.id || kind, 1, '-', 'video/mp4', 3,
       CASE WHEN kind IN ('processed', 'light') THEN 27 END
FROM videos AS v, unnest(ARRAY['processed', 'light', 'poster', 'sprite', 'thumbnails']) AS kind;

INSERT INTO votes (voter_id, video_id, season_id, jury)
SELECT u.id, v.id, (SELECT id FROM seasons LIMIT 1), u.number = 1
FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM users) AS u
JOIN (SELECT id, owner_id, row_number() OVER (ORDER BY id) AS number FROM videos) AS v
  ON v.owner_id <> u.id AND (u.number + v.number) % 100 = 0;

ANALYZE;
"""


def measure(repeats: int) -> list[Figure]:
    """Request uncached, fixed and cached in turns, each at 64 connections."""
    with platform() as rig:
        with rig.database() as database:
            database.execute(FILL)
        body = httpx.get(f"{rig.plan.local}{PATH}").raise_for_status().content
        loads = {
            "uncached": Load(peers.door(rig, "list", rig.plan.web_socket), PATH),
            "fixed": Load(_fixed(rig, body), fixed_json.PATH),
            "cached": Load(rig.port, PATH),
        }
        tallies: dict[str, list[LoadTally]] = {name: [] for name in loads}
        for _ in range(repeats):
            for name, load in loads.items():
                tallies[name].append(drive(load))
    beside = f"fixed JSON of {len(body)} bytes from a def endpoint, same server, same nginx"
    limit = Limit(beside, tuple(tally.rate for tally in tallies["fixed"]))
    return [
        _figure("GET /api/public/videos, uncached", tallies["uncached"], limit, 0.2),
        _figure("GET /api/public/videos, shared for 1 s", tallies["cached"], limit, 1.0),
    ]


def _fixed(rig: Rig, body: bytes) -> int:
    """Serve this body like the web application, behind nginx. Return nginx's port."""
    socket, kept = rig.folder / "fixed.sock", rig.folder / "fixed.json"
    kept.write_bytes(body)
    settings = {fixed_json.BODY: str(kept), "ANB_WEB_SOCKET": str(socket), "PYTHONPATH": str(ROOT)}
    set_them = [f"{name}={value}" for name, value in settings.items()]
    command = ["/usr/bin/env", *set_them, sys.executable, "-m", "verify.bench.fixed_json"]
    rig.add(
        ServiceSpec(
            "fixed", "fixed", command, rig.folder, ready=lambda: answers(f"http://fixed{fixed_json.PATH}", socket)
        )
    )
    return peers.door(rig, "fixed", socket, ready=fixed_json.PATH)


def _figure(name: str, tallies: list[LoadTally], limit: Limit, goal: float) -> Figure:
    waits = [wait for tally in tallies for wait in tally.waits]
    return Figure(
        suite="reads",
        name=name,
        unit="requests/s",
        samples=tuple(tally.rate for tally in tallies),
        limit=limit,
        goal=Goal("at least", goal, "ratio"),
        note=f"p95 {percentile(waits, 95) * 1000:.0f} ms at 64 connections, 10,000 videos",
    )
