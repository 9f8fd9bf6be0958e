"""Votes that are cast by SQL at a steady rate, while something else is measured."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from verify.bench.contest.stage import VOTERS, Stage

# As the application casts a vote: a trigger decides, another notes it for the log.
CAST = """
INSERT INTO votes (voter_id, video_id, season_id, jury, cast_at) VALUES (%s, %s, %s, false, clock_timestamp())
ON CONFLICT DO NOTHING
"""


@dataclass
class SqlVotes:
    """A thread that casts votes; each is one transaction."""

    stage: Stage
    rate: float
    clip: str | None = None  # all for this one, instead of one clip after the other
    first: int = VOTERS + 1
    cast_at: list[float] = field(default_factory=list)  # when each was committed

    def run(self, stopped: threading.Event) -> None:
        """Cast votes until told to stop."""
        begun, voters = time.perf_counter(), range(self.first, self.stage.size.spare + 1)
        with self.stage.rig.database() as database:
            while True:
                clip = self.clip or self.stage.fresh_clips(1)[0]
                for voter in voters:
                    if stopped.wait(max(0, begun + len(self.cast_at) / self.rate - time.perf_counter())):
                        return
                    database.execute(CAST, [self.stage.person(voter), clip, self.stage.season_id])
                    self.cast_at.append(time.perf_counter())


@contextmanager
def beside(votes: SqlVotes) -> Iterator[SqlVotes]:
    """Cast votes while the block runs."""
    stopped = threading.Event()
    thread = threading.Thread(target=votes.run, args=(stopped,))
    thread.start()
    try:
        yield votes
    finally:
        stopped.set()
        thread.join()
