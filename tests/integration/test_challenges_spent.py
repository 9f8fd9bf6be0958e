"""One solution of a challenge, sent to several servers: the first lets it through."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from anb.adapters.rate_counters import SharedCounters
from anb.challenges import service as challenges
from anb.challenges.domain import ChallengePurpose, ChallengeSpent
from anb.ports import Ports
from support.challenges import solve
from support.worlds import World

VOTE = ChallengePurpose("vote", UUID(int=1), UUID(int=2))


def test_of_many_at_the_same_moment_one_is_let_through(world: World, redis_url: str) -> None:
    sent, servers = solved(world), [server(world, redis_url) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        faults = list(pool.map(lambda ports: fault(world, ports, sent), servers))
    assert sorted(faults, key=str) == sorted([None, *[ChallengeSpent] * 7], key=str)


def test_while_valkey_is_down_each_server_remembers_what_it_saw(world: World, tmp_path: Path) -> None:
    nobody = f"redis+socket://:x@localhost{tmp_path}/nobody.sock?virtual_host=0"
    sent, servers = solved(world), [server(world, nobody) for _ in range(2)]
    assert [fault(world, ports, sent) for ports in (*servers, *servers)] == [
        None,
        None,
        *[ChallengeSpent] * 2,
    ]


def solved(world: World) -> str:
    world.change(challenge_votes="always", challenge_tries=4)
    return solve(challenges.issue(world.ports, world.settings, VOTE))


def server(world: World, redis_url: str) -> Ports:
    return replace(world.ports, rates=SharedCounters(redis_url))


def fault(world: World, ports: Ports, solution: str) -> Any:
    return challenges.find_fault(ports, world.settings, VOTE, solution)
