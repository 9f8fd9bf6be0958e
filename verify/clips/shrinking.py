"""Shrinks a failing recipe: properties are set to their defaults, one by one, while it still fails."""

from collections.abc import Callable

from verify.clips.properties import DEFAULTS, ClipRecipe, possible


def shrunk(recipe: ClipRecipe, fails: Callable[[ClipRecipe], bool]) -> ClipRecipe:
    """Return a failing recipe from which no property can be left out."""
    for name, _ in recipe.changed:
        values = recipe.values | {name: DEFAULTS[name]}
        smaller = ClipRecipe.of(values)
        if possible(values) and fails(smaller):
            return shrunk(smaller, fails)
    return recipe
