"""A challenge: solved once, in time, for the act it was made for, by a client that did the work."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from anb.challenges import service
from anb.challenges.domain import (
    ChallengeExpired,
    ChallengeNeeded,
    ChallengePurpose,
    ChallengeSpent,
    ChallengeWrong,
    NoChallengeKey,
)
from anb.ports import Ports
from anb.settings import Settings
from support.challenges import solve
from support.fakes import FakeCounters, SteadyClock

CLIP, ACCOUNT = UUID(int=1), UUID(int=2)
VOTE = ChallengePurpose("vote", ACCOUNT, CLIP)


@cache
def settings() -> Settings:
    return Settings(
        database_url="postgresql://anb@db/anb",
        redis_url="redis://queue/0",
        media_root="/srv/media",
        secret_key="x" * 32,
        challenge_tries=4,
    )


@pytest.fixture
def ports() -> Ports:
    clock = SteadyClock()
    return cast("Ports", SimpleNamespace(clock=clock, rates=FakeCounters(clock)))


def fault(ports: Ports, solution: str | None, purpose: ChallengePurpose = VOTE) -> type[ChallengeNeeded] | None:
    return service.find_fault(ports, settings(), purpose, solution)


def solved(ports: Ports, purpose: ChallengePurpose = VOTE) -> str:
    return solve(service.issue(ports, settings(), purpose))


def tampered(solution: str, change: Callable[[dict[str, Any]], object]) -> str:
    read = json.loads(base64.b64decode(solution))
    change(read)
    return base64.b64encode(json.dumps(read).encode()).decode()


def test_a_solution_is_good_for_one_time(ports: Ports) -> None:
    solution = solved(ports)
    assert [fault(ports, solution) for _ in range(3)] == [None, ChallengeSpent, ChallengeSpent]
    assert fault(ports, solved(ports)) is None


def test_what_was_spent_is_known_for_as_long_as_the_challenge_lives(ports: Ports) -> None:
    solution, clock = solved(ports), cast("SteadyClock", ports.clock)
    assert fault(ports, solution) is None
    clock.ahead += timedelta(seconds=settings().challenge_seconds - 2)
    assert fault(ports, solution) is ChallengeSpent
    clock.ahead += timedelta(seconds=3)
    assert fault(ports, solution) is ChallengeExpired


def test_a_challenge_that_has_expired_by_the_librarys_clock(ports: Ports) -> None:
    cast("SteadyClock", ports.clock).ahead = timedelta(seconds=-2 * settings().challenge_seconds)
    assert fault(ports, solved(ports)) is ChallengeExpired


@pytest.mark.parametrize("solution", [None, ""])
def test_nothing_was_sent(ports: Ports, solution: str | None) -> None:
    assert fault(ports, solution) is ChallengeNeeded


@pytest.mark.parametrize(
    "purpose",
    [replace(VOTE, about=uuid4()), replace(VOTE, account_id=uuid4()), replace(VOTE, act="sign-up")],
    ids=["another clip", "another account", "another act"],
)
def test_a_solution_is_for_one_act_and_not_spent_on_others(ports: Ports, purpose: ChallengePurpose) -> None:
    solution = solved(ports)
    assert fault(ports, solution, purpose) is ChallengeWrong
    assert fault(ports, solution) is None


@pytest.mark.parametrize(
    "sent",
    ["x", "é", base64.b64encode(b"[]").decode(), base64.b64encode(b'{"challenge": 7}').decode(),
     base64.b64encode(b"[" * 90_000).decode(), base64.b64encode(b'{"challenge": {"parameters": []}}').decode()],
    ids=["no base64", "no ASCII", "a list", "a number", "deep", "no parameters"],
)  # fmt: skip
def test_what_is_no_solution_is_wrong(ports: Ports, sent: str) -> None:
    assert fault(ports, sent) is ChallengeWrong


@pytest.mark.parametrize(
    "change",
    [
        lambda read: read["challenge"]["parameters"].update(expiresAt=9_999_999_999),
        lambda read: read["challenge"]["parameters"].update(expiresAt=None),
        lambda read: read["challenge"]["parameters"].update(keyPrefix="00"),
        lambda read: read["challenge"]["parameters"].update(cost=1),
        lambda read: read["challenge"]["parameters"].pop("keySignature"),
        lambda read: read["challenge"]["parameters"]["data"].update(about=str(uuid4())),
        lambda read: read["challenge"].update(signature="0" * 64),
        lambda read: read["challenge"].pop("signature"),
        lambda read: read["solution"].update(derivedKey="0" * 64),
        lambda read: read["solution"].update(derivedKey=read["challenge"]["parameters"]["keyPrefix"]),
        lambda read: read["solution"].update(derivedKey=7),
    ],
    ids=["lives longer", "lives for ever", "less to find", "fewer rounds", "no proof", "another clip", "signature",
         "no signature", "no work", "what the challenge says", "a number"],
)  # fmt: skip
def test_a_client_cannot_change_its_challenge_or_guess_a_solution(
    ports: Ports, change: Callable[[dict[str, Any]], object]
) -> None:
    assert fault(ports, tampered(solved(ports), change)) is ChallengeWrong


def test_challenges_of_another_key_are_not_ours(ports: Ports) -> None:
    other = settings().model_copy(update={"secret_key": SecretStr("y" * 32)})
    assert fault(ports, solve(service.issue(ports, other, VOTE))) is ChallengeWrong


def test_a_process_without_a_key_makes_no_challenge(ports: Ports) -> None:
    with pytest.raises(NoChallengeKey):
        service.issue(ports, settings().model_copy(update={"secret_key": None}), VOTE)


@pytest.mark.parametrize("tries", [2, 3, 40])
def test_the_work_is_between_half_of_the_tries_and_all(ports: Ports, tries: int) -> None:
    known = settings().model_copy(update={"challenge_tries": tries})
    needed = {json.loads(base64.b64decode(solve(service.issue(ports, known, VOTE))))["solution"]["counter"] + 1
              for _ in range(8)}  # fmt: skip
    assert min(needed) >= tries // 2 + 1
    assert max(needed) <= tries
