"""The platform of an earlier commit, served next to the present one: what votes are compared with.

It counted its ranking anew for each request and had no log, so it shows what a vote cost before the count.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from verify.kit.results import ROOT

COMMIT = "4b02343"
FOLDER = ROOT / "var" / f"bench-{COMMIT}"
# Run in the earlier commit's own environment, with its own code, until its standard input ends.
SCRIPT = """
import json, sys
from bench.rig import platform
people, clips = map(int, sys.argv[1:])
PEOPLE = '''
INSERT INTO users (email, username, first_name, last_name, city, city_key, country, password_hash)
SELECT %s || n || '@example.com', %s || n, 'Lucía', 'Ríos', 'Bogotá', 'bogota', 'Colombia', '-'
FROM generate_series(1, %s) AS n RETURNING id
'''
CLIPS = '''
INSERT INTO videos (owner_id, title, status, original_key, original_bytes, original_sha256, duration_seconds,
                    uploaded_at, processed_at, published_at)
SELECT owners[1 + mod(n, cardinality(owners))], 'Mi mejor triple ' || n, 'processed', 'originals/' || n, 1, '-', 22,
       now(), now(), now()
FROM generate_series(1, %s) AS n, (SELECT %s::uuid[] AS owners) AS known RETURNING id
'''
with platform() as rig:
    with rig.database() as database:
        owners = [row[0] for row in database.execute(PEOPLE, ["jugador", "jugador", 500])]
        voters = [row[0] for row in database.execute(PEOPLE, ["publico", "publico", people])]
        videos = [str(row[0]) for row in database.execute(CLIPS, [clips, owners])]
        database.execute("ANALYZE")
    tokens = [rig.ports.tokens.issue(voter) for voter in voters]
    print(json.dumps({"port": rig.port, "tokens": tokens, "videos": videos}), flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class EarlierPlatform:
    """Where it listens, people who may vote, and clips."""

    port: int
    tokens: tuple[str, ...]
    videos: tuple[str, ...]


@contextmanager
def platform(people: int, clips: int) -> Iterator[EarlierPlatform | None]:
    """Serve the earlier commit; None if this repository or its packages cannot be had."""
    try:
        folder = _checked_out()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"commit {COMMIT} cannot be run: {error}\n")
        yield None
        return
    command = [str(folder / ".venv/bin/python"), "-c", SCRIPT, str(people), str(clips)]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        known = json.loads(process.stdout.readline()) if process.stdout else {}
        yield EarlierPlatform(known["port"], tuple(known["tokens"]), tuple(known["videos"]))
        process.communicate()


def _checked_out() -> Path:
    """Return the earlier commit with its environment, which the first run makes."""
    if not FOLDER.exists():
        _run("git", "worktree", "add", "--detach", str(FOLDER), COMMIT)
    _run("make", "--silent", f"PYTHON={sys.executable}", ".venv/.run", folder=FOLDER)
    return FOLDER


def _run(*command: str, folder: Path = ROOT) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
