"""A process of a crowd: it votes for clips by SQL, or it counts, until it is done or killed.

Its arguments are JSON on the standard input.
"""

import json
import sys
from pathlib import Path

import psycopg

from anb.counting import service
from anb.db.session import connect
from support.waiting import until
from support.worlds import settings_for

VOTE = """
insert into votes (voter_id, video_id, season_id, jury) select %s, id, season_id, false from videos where id = %s
on conflict do nothing
"""


def vote(url: str, voters: list[str], clips: list[str]) -> None:
    """Cast each voter's vote for each clip; what a lost connection leaves unknown is cast again."""
    waiting = [(voter, clip) for voter in voters for clip in clips]

    def cast() -> bool:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                while waiting:
                    connection.execute(VOTE, waiting[-1])
                    waiting.pop()
        except psycopg.OperationalError:
            return False
        return True

    until(cast, 120, told=lambda: f"{len(waiting)} votes are left")


def count(url: str, redis_url: str, folder: str) -> None:
    """Seal a few entries at a time, for ever."""
    settings = settings_for(Path(folder), url, redis_url)
    database = connect(settings)
    while True:
        service.step(database, settings, 40)


if __name__ == "__main__":
    if sys.argv[1] == "vote":
        vote(*json.load(sys.stdin))
    else:
        count(*json.load(sys.stdin))
