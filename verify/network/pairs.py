"""A covering array: few cells that together contain every possible pair of values."""

import random
from collections.abc import Iterable, Sequence
from itertools import combinations

from verify.network.cells import NetworkCell

Value = tuple[str, str]
Pair = frozenset[Value]


def values(cell: NetworkCell) -> list[Value]:
    """Return a cell's value on each axis. The length of a stall is an axis of its own."""
    axes = {
        "door": cell.door,
        "client": cell.client,
        "protocol": cell.protocol,
        "bandwidth": cell.bandwidth,
        "event": cell.event.kind,
        "place": cell.event.place if cell.event.has_place else "",
        "stall": f"{cell.event.seconds:g}" if cell.event.kind == "stall" else "",
    }
    return [(axis, value) for axis, value in axes.items() if value]


def pairs(cell: NetworkCell) -> set[Pair]:
    """Return the pairs of values in a cell."""
    return {frozenset(pair) for pair in combinations(values(cell), 2)}


def covering(cells: Sequence[NetworkCell], seed: int, most: int | None = None) -> list[NetworkCell]:
    """Choose cells until every pair is covered, or there are `most`. The same seed gives the same cells.

    Greedy: each cell adds the most new pairs; chance decides between equals.
    """
    shuffled = list(cells)
    random.Random(seed).shuffle(shuffled)
    known = {cell: pairs(cell) for cell in shuffled}
    left = set().union(*known.values())
    chosen: list[NetworkCell] = []
    while left and (most is None or len(chosen) < most):
        best = max(shuffled, key=lambda cell: len(known[cell] & left))
        chosen.append(best)
        left -= known[best]
    return chosen


def missing(chosen: Iterable[NetworkCell], cells: Iterable[NetworkCell]) -> set[Pair]:
    """Return the pairs of all cells that no chosen cell contains."""
    return set().union(*map(pairs, cells)) - set().union(*map(pairs, chosen))
