"""Finds the cause of the most expensive clip: its cost with each of its properties set to the default."""

from collections.abc import Callable

from verify.clips.properties import DEFAULTS, ClipRecipe, possible


def without(recipe: ClipRecipe, cost: Callable[[ClipRecipe], float]) -> dict[str, float]:
    """Return the cost of the clip without each property that can be left out, the cheapest, so the cause, first.

    `cost` returns 0 for a clip that is not edited, which is not a cause.
    """
    found = {}
    for name, value in recipe.changed:
        values = recipe.values | {name: DEFAULTS[name]}
        if possible(values) and (spent := cost(ClipRecipe.of(values))):
            found[f"{name}={value}"] = round(spent, 2)
    return dict(sorted(found.items(), key=lambda each: each[1]))
