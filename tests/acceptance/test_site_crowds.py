"""Small crowds: each request is served or told when to retry. Durations decide nothing here."""

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from verify.bench.client import post
from verify.bench.dribbles import Dribbles
from verify.bench.flood_process import during
from verify.bench.floods import Flood, SignIns, UploadFlood
from verify.bench.suites.crowd_web import Visited
from verify.bench.verdicts import CrowdTally
from verify.bench.visits import EXPECTED, pages, visit

from support.site import Person, Site, short_clip

SECONDS = 10.0
DRIBBLES = 100


def token(person: Person) -> str:
    return str(person.client.headers["Authorization"]).removeprefix("Bearer ")


def sign_ins(site: Site, port: int, _: Path) -> Flood:
    player = site.player()
    return SignIns(port, player.email, player.password, SECONDS)


def dribbles(site: Site, port: int, _: Path) -> Flood:
    return Dribbles(port, tuple(token(site.player()) for _ in range(4)), DRIBBLES, SECONDS)


def uploads(site: Site, port: int, clip: Path) -> Flood:
    return UploadFlood(port, tuple(token(site.player()) for _ in range(4)), clip, SECONDS, most_of_each=1)


@pytest.mark.slow
@pytest.mark.parametrize("crowd", [sign_ins, dribbles, uploads])
def test_everybody_is_served_or_told_when_to_come_back(site: Site, crowd: Callable[[Site, int, Path], Flood]) -> None:
    port = int(site.url.rpartition(":")[2])
    flood = crowd(site, port, short_clip())
    voter = token(site.player())
    # Of a video that does not exist: the vote takes the whole path and changes nothing.
    nobody = "/api/public/videos/00000000-0000-7000-8000-{:012d}/vote"
    votes = (post(nobody.format(number), Authorization=f"Bearer {voter}") for number in count())

    def visited() -> Visited:
        return asyncio.run(visit(port, pages(votes), SECONDS))

    seen, told = during(flood, visited)
    assert not told.faults, told
    assert told.outcomes.total(), told
    for name, answers in seen.items():
        tally = CrowdTally()
        for answer in answers:
            tally.add(answer, {404} if name == "vote" else EXPECTED)
        assert not tally.faults, (name, tally)
        assert tally.outcomes.total() == len(answers) > 0
