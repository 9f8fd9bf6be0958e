"""The tools of a proof: the hosts, the database, and players outside."""

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

from verify.lab.player import AcceptedUpload, LabPlayer
from verify.lab.site import LabSite
from verify.lab.site_address import SiteAddress, find
from verify.lab.workspace import LabWorkspace

PSQL = " ".join((*database.psql(f"{CURRENT}/site", database.NAME), "-Atq"))
QUEUE = "REDISCLI_AUTH=$(cat /etc/anb/valkey-operator) valkey-cli --user operator"  # on the file server
POLL = 0.5


class Broken(Exception):
    """A promise was not kept; the text says which and how."""


@dataclass(frozen=True)
class ProofVerdict:
    """The result of a proof."""

    figure: str
    holds: bool
    notes: tuple[str, ...] = ()
    decides: bool = True  # False: the result depends on the machine as much as on the platform


@dataclass
class ProofRun:
    """One run of the proofs with one lab."""

    site: LabSite
    workspace: LabWorkspace
    say: Callable[[str], None]
    begun: float  # time.monotonic() when the run began
    successor: Callable[[], Bundle]  # the next release, built in the background
    peaks: dict[str, float] = field(default_factory=dict)  # host -> highest memory in use, in MiB
    codes: Iterator[int] = field(default_factory=lambda: iter(range(1, 1 << 15)))

    def door(self) -> SiteAddress:
        """Return the site's address, after checking its certificate with the fingerprint that the web server shows."""
        return find(self.site)

    def player(self) -> LabPlayer:
        """Return a new player who is signed in."""
        return LabPlayer(self.door())

    def rows(self, query: str, seconds: float = 60) -> list[dict[str, Any]]:
        """Query the database on its own host."""
        wrapped = f"select coalesce(json_agg(t), '[]') from ({query}) t"
        found: list[dict[str, Any]] = json.loads(
            self.site.line("database").run(f"{PSQL} <<'SQL'\n{wrapped}\nSQL", seconds)
        )
        return found

    def files(self) -> dict[str, str]:
        """Return the SHA-256 of every file on the share by key, computed on the file server."""
        listed = self.site.line("file").run(f"cd {MEDIA} && find . -type f -print0 | xargs -0r sha256sum", 300)
        return {
            name.removeprefix("./"): digest for digest, name in (line.split(None, 1) for line in listed.splitlines())
        }


def on_each(lab: ProofRun, hosts: Iterable[str], script: str, seconds: float) -> None:
    """Run a script on several hosts at once. Raises HostFailed if one fails."""
    with ThreadPoolExecutor() as together:
        tellings = [together.submit(lab.site.line(name).run, script, seconds) for name in hosts]
        for telling in tellings:
            telling.result()


def check(kept: bool, promise: str) -> None:  # noqa: FBT001 - the condition is the point of it
    """Raise Broken with the promise unless it was kept."""
    if not kept:
        raise Broken(promise)


def wait_until(what: str, holds: Callable[[], bool], seconds: float) -> float:
    """Wait until a condition holds. Return how long that took. Raises Broken."""
    begun = time.monotonic()
    while not holds():
        check(time.monotonic() - begun < seconds, f"{what}: not within {seconds:g} s")
        time.sleep(POLL)
    return time.monotonic() - begun


def all_whole(lab: ProofRun, player: LabPlayer, taken: list[AcceptedUpload]) -> list[str]:
    """Return the faults of accepted uploads: each must have a complete edit of the clip that was sent."""
    files, wrong = lab.files(), []
    videos = lab.rows("select id::text, status, original_key, original_sha256 from videos")
    known = {row["id"]: row for row in videos}
    columns = "video_id::text, kind, key, sha256"
    renditions = lab.rows(f"select {columns} from renditions union all select {columns} from poster_files")
    kinds = sorted({row["kind"] for row in renditions})
    for clip in taken:
        row = known.get(clip.video)
        if row is None or row["status"] != "processed":
            wrong.append(f"{clip.video} is {row and row['status']}")
            continue
        own = [one for one in renditions if one["video_id"] == clip.video]
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
def timed(lab: ProofRun, what: str) -> Iterator[None]:
    """Report how long the block takes."""
    begun = time.monotonic()
    yield
    lab.say(f"  {what}: {time.monotonic() - begun:.0f} s")
