"""A generated contest: votes, the ranking, lists, the log and its proofs, each with what it is compared with.

Every part can be run on its own: `contest-votes`, `contest-ranking` and so on. They share two filled platforms.
"""

from collections.abc import Callable, Mapping
from functools import partial

from verify.bench.contest import farms
from verify.bench.contest.filling import ContestSize
from verify.bench.contest.freshness import fresh
from verify.bench.contest.proving import proved, rebuilt, verified, weighed
from verify.bench.contest.serving import accepted, listed, ranked
from verify.bench.contest.stage import Stage, stages
from verify.kit.figures import Figure

TENTH, WHOLE = 1_000_000, 10_000_000  # votes
Part = Callable[[Stage, Stage, int], list[Figure]]
# Weighed first, before the others add votes; rebuilt last, since every player's row is new then.
PARTS: Mapping[str, Part] = {
    "bytes": weighed,
    "ranking": ranked,
    "lists": listed,
    "proofs": proved,
    "verify": verified,
    "votes": accepted,
    "fresh": fresh,
    "rebuild": rebuilt,
}


def suites(votes: int) -> dict[str, Callable[[int], list[Figure]]]:
    """Return the suite and each of its parts, for a contest with a number of votes."""
    size = ContestSize.of(votes)
    parts = {f"contest-{name}": partial(_measure, size, [part]) for name, part in PARTS.items()}
    return {"contest": partial(measure, size), **parts, "contest-fraud": farms.simulated}


def measure(size: ContestSize, repeats: int) -> list[Figure]:
    """Measure everything."""
    return _measure(size, list(PARTS.values()), repeats) + farms.simulated()


def _measure(size: ContestSize, parts: list[Part], repeats: int) -> list[Figure]:
    with stages(size) as (large, small):
        return [figure for part in parts for figure in part(large, small, repeats)]
