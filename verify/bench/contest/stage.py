"""Two filled platforms side by side: the large contest, and a small one that it is compared with."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from verify.bench import peers
from verify.bench.bench_platform import Rig, platform
from verify.bench.contest.filling import SMALL, ContestSize, fill

PARTS = ("web", "reconcile")  # the reconciler counts
PATIENCE = 600  # seconds for the first comparison
WEB_PROCESSES = 2  # as a web server of ours has them
VOTERS = 1000  # people who vote through nginx; as many others vote by SQL


@dataclass
class Stage:
    """A platform with a contest."""

    rig: Rig
    size: ContestSize
    season_id: UUID
    port: int  # of an nginx that does not share lists
    _clips: Iterator[int] = field(default_factory=count)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Access tokens of people who have not voted."""
        issue = self.rig.ports.tokens.issue
        return tuple(issue(self.person(number)) for number in range(1, VOTERS + 1))

    def person(self, number: int) -> UUID:
        """Return one of the people who have not voted, counted from 1."""
        return _id("u", self.size.players + self.size.voters + number)

    def fresh_clips(self, number: int) -> tuple[str, ...]:
        """Return clips that none of these people has voted for."""
        return tuple(str(_id("v", next(self._clips) % self.size.clips)) for _ in range(number))


@contextmanager
def stages(size: ContestSize) -> Iterator[tuple[Stage, Stage]]:
    """Run and fill both platforms: the large one first, then the small one."""
    processes = str(WEB_PROCESSES)
    with platform(PARTS, ANB_WEB_PROCESSES=processes) as large, platform(PARTS, ANB_WEB_PROCESSES=processes) as small:
        yield _filled(large, size), _filled(small, SMALL)


def _filled(rig: Rig, size: ContestSize) -> Stage:
    season_id = fill(rig, size)
    _settle(rig, season_id)
    return Stage(rig, size, season_id, peers.door(rig, "unshared", rig.plan.web_socket))


def _settle(rig: Rig, season_id: UUID) -> None:
    """Wait until the season was compared for the first time: later comparisons are minutes apart."""
    deadline = time.monotonic() + PATIENCE
    with rig.database() as database:
        compared = "SELECT 1 FROM count_comparisons WHERE season_id = %s"
        while time.monotonic() < deadline and database.execute(compared, [season_id]).fetchone() is None:
            time.sleep(1)


def _id(kind: str, number: int) -> UUID:
    """Return an id as `filling` makes it."""
    return UUID(hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest())
