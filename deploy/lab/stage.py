"""What a proof has to work with: the hosts, the database's own words, and people outside."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from deploy.hosts import database
from deploy.hosts.bundle import Bundle
from deploy.hosts.definitions import CURRENT, MEDIA
from deploy.lab.door import Door, find
from deploy.lab.ground import Ground
from deploy.lab.player import Player, Taken
from deploy.lab.site import Site

PSQL = " ".join((*database.psql(f"{CURRENT}/site", database.NAME), "-Atq"))
QUEUE = "REDISCLI_AUTH=$(cat /etc/anb/valkey-operator) valkey-cli --user operator"  # on the file server
POLL = 0.5


class Broken(Exception):
    """A promise was not kept; the text says which and how."""


@dataclass(frozen=True)
class Verdict:
    """What a proof found."""

    figure: str
    holds: bool
    notes: tuple[str, ...] = ()
    decides: bool = True  # False: it says as much about the machine as about us


@dataclass
class Stage:
    """One run of the proofs over one lab."""

    site: Site
    ground: Ground
    say: Callable[[str], None]
    begun: float  # time.monotonic() when the run began
    successor: Callable[[], Bundle]  # the next release, made beside everything else
    peaks: dict[str, float] = field(default_factory=dict)  # MiB in use at most, by host
    codes: Iterator[int] = field(default_factory=lambda: iter(range(1, 1 << 15)))

    def door(self) -> Door:
        """Return the way to the site, its certificate held against the fingerprint that the web server shows."""
        return find(self.site)

    def player(self) -> Player:
        """Return somebody new who is signed in."""
        return Player(self.door())

    def rows(self, query: str, seconds: float = 60) -> list[dict[str, Any]]:
        """Ask the database on its own host."""
        wrapped = f"select coalesce(json_agg(t), '[]') from ({query}) t"
        found: list[dict[str, Any]] = json.loads(
            self.site.line("database").run(f"{PSQL} <<'SQL'\n{wrapped}\nSQL", seconds)
        )
        return found

    def files(self) -> dict[str, str]:
        """Return the SHA-256 of every file on the share, by its key, as the file server itself has it."""
        listed = self.site.line("file").run(f"cd {MEDIA} && find . -type f -print0 | xargs -0r sha256sum", 300)
        return {
            name.removeprefix("./"): digest for digest, name in (line.split(None, 1) for line in listed.splitlines())
        }


def on_each(stage: Stage, hosts: Iterable[str], script: str, seconds: float) -> None:
    """Run a script on several hosts at once. Raises HostFailed where it fails."""
    with ThreadPoolExecutor() as together:
        tellings = [together.submit(stage.site.line(name).run, script, seconds) for name in hosts]
        for telling in tellings:
            telling.result()


def check(kept: bool, promise: str) -> None:  # noqa: FBT001 - a condition is what it is about
    """Raise Broken, with the promise, unless it was kept."""
    if not kept:
        raise Broken(promise)


def wait_until(what: str, holds: Callable[[], bool], seconds: float) -> float:
    """Wait until something holds and return how long that took. Raises Broken."""
    begun = time.monotonic()
    while not holds():
        check(time.monotonic() - begun < seconds, f"{what}: not within {seconds:g} s")
        time.sleep(POLL)
    return time.monotonic() - begun


def all_whole(stage: Stage, player: Player, taken: list[Taken]) -> list[str]:
    """Return what is wrong with uploads that were answered 201: each is a whole edit of the very clip that was sent."""
    files, wrong = stage.files(), []
    videos = stage.rows("select id::text, status, original_key, original_sha256 from videos")
    known = {row["id"]: row for row in videos}
    made = stage.rows("select video_id::text, kind, key, sha256 from renditions")
    kinds = sorted({row["kind"] for row in made})
    for clip in taken:
        row = known.get(clip.video)
        if row is None or row["status"] != "processed":
            wrong.append(f"{clip.video} is {row and row['status']}")
            continue
        own = [one for one in made if one["video_id"] == clip.video]
        if sorted(one["kind"] for one in own) != kinds:
            wrong.append(f"{clip.video} has {[one['kind'] for one in own]} of {kinds}")
        if row["original_sha256"] != clip.sha256 or files.get(row["original_key"]) != clip.sha256:
            wrong.append(f"the original of {clip.video} is not what was sent")
        wrong += [f"{one['key']} is damaged or missing" for one in own if files.get(one["key"]) != one["sha256"]]
        served = player.processed(clip)
        if hashlib.sha256(served).hexdigest() not in {one["sha256"] for one in own}:
            wrong.append(f"the edit of {clip.video} is not served whole")
    return wrong


@contextmanager
def timed(stage: Stage, what: str) -> Iterator[None]:
    """Say how long something took."""
    begun = time.monotonic()
    yield
    stage.say(f"  {what}: {time.monotonic() - begun:.0f} s")
