"""A covering array: few recipes that together contain every possible pair of values."""

import random
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from verify.clips.properties import FORBIDDEN, OF_MORE, PROPERTIES, ClipRecipe, Values, left_beside, possible

Value = tuple[str, str]
Pair = frozenset[Value]
SAMPLE = Path(__file__).with_name("sample.txt")
CANDIDATES = 5  # recipes from which the best is taken


def pairs_of(values: Values) -> set[Pair]:
    """Return all pairs of values in a recipe."""
    return {frozenset(pair) for pair in combinations(values.items(), 2)}


def completed(values: Values, chance: random.Random) -> dict[str, str] | None:
    """Choose the open properties at random, so that the clip can be made; None if that is impossible."""
    if not possible(values):
        return None
    return _completed(dict(values), {name: left_beside(values, name) for name in PROPERTIES.keys() - values}, chance)


def _completed(values: dict[str, str], left: dict[str, list[str]], chance: random.Random) -> dict[str, str] | None:
    """`left` holds the remaining values of each open property."""
    if not left:
        return values
    # The most constrained property first, so that contradictions appear early; chance decides between equals.
    fewest = min(map(len, left.values()))
    name = chance.choice(sorted(name for name, each in left.items() if len(each) == fewest))
    for value in chance.sample(left[name], len(left[name])):
        whole = {**values, name: value}
        never = FORBIDDEN[name, value]
        others = {n: [v for v in each if (n, v) not in never] for n, each in left.items() if n != name}
        bound = {n for names, _ in OF_MORE if name in names for n in names} & others.keys()
        others |= {n: [v for v in others[n] if v in left_beside(whole, n)] for n in bound}
        if found := _completed(whole, others, chance):
            return found
    return None


def covering(seed: int, kept: Iterable[ClipRecipe] = ()) -> list[ClipRecipe]:
    """Add recipes to the kept ones until every possible pair occurs. The same seed gives the same recipes.

    Greedy: each recipe begins with a missing pair. Of several random completions, the one with most new pairs is taken.
    """
    chosen = list(kept)
    chance, held = random.Random(seed), set().union(*(pairs_of(recipe.values) for recipe in chosen))
    for pair in sorted(_pairs(), key=sorted):
        if pair in held or not possible(dict(pair)):
            continue
        made = (completed(dict(pair), chance) for _ in range(CANDIDATES))
        best = max((each for each in made if each), key=lambda each: len(pairs_of(each) - held), default=None)
        if best:
            held |= pairs_of(best)
            chosen.append(ClipRecipe.of(best))
    return chosen


def by_chance(seed: int, count: int) -> list[ClipRecipe]:
    """Return recipes with random values."""
    chance = random.Random(seed)
    made = (completed({}, chance) for _ in range(count))
    return [ClipRecipe.of(values) for values in made if values]


def sample() -> list[ClipRecipe]:
    """Return the stored covering array."""
    return [ClipRecipe.parse(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


def still_possible() -> Iterator[ClipRecipe]:
    """Return the stored recipes that the current rules allow."""
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        with suppress(ValueError):
            yield ClipRecipe.parse(line)


def missing(recipes: Iterable[ClipRecipe]) -> set[Pair]:
    """Return the possible pairs that no recipe contains."""
    held = set().union(*(pairs_of(recipe.values) for recipe in recipes))
    found: set[Pair] = set()
    for pair in _pairs() - held:
        if pair not in found and (whole := completed(dict(pair), random.Random(0))):
            found |= pairs_of(whole)
    return found - held


def _pairs() -> set[Pair]:
    every = [(name, value) for name, values in PROPERTIES.items() for value in values]
    return {frozenset((one, other)) for one, other in combinations(every, 2) if one[0] != other[0]}
