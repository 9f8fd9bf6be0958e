"""Bumpers are rendered once per recipe, rate and size, and kept; each edit takes a copy instead of encoding its own."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from anb.media import orders
from anb.media.orders import Order
from anb.media.recipe import Recipe
from anb.media.renditions import Rendition
from anb.media.workplace import shelf
from anb.settings import Settings


def lend(settings: Settings, recipe: Recipe, folder: Path, render: Callable[[Order], None]) -> None:
    """Lay the bumpers of a recipe into a folder that nobody else has written to, rendering them if nobody has yet."""
    try:
        for rendition, kept in _kept(settings, recipe).items():
            shutil.copyfile(kept, folder / _name(rendition))
    except FileNotFoundError:
        render(orders.bumper(recipe, folder))
        for rendition, kept in _kept(settings, recipe).items():
            copy = shutil.copyfile(folder / _name(rendition), folder / "kept.mp4")
            copy.replace(kept)  # whole or not at all; of two workers that render at once, either's will do


def forget(settings: Settings, recipe: Recipe) -> None:
    """Have the bumpers of a recipe rendered anew next time."""
    for kept in _kept(settings, recipe).values():
        kept.unlink(missing_ok=True)


def _kept(settings: Settings, recipe: Recipe) -> dict[Rendition, Path]:
    """Say where each is kept, by all that it is made of."""
    order = orders.bumper(recipe, Path("/"))
    made_of = hashlib.sha256(repr(order.arguments).encode() + recipe.brand.bumper.read_bytes()).hexdigest()[:16]
    return {rendition: shelf(settings) / f"{made_of}-{rendition}.mp4" for rendition in recipe.encodings}


def _name(rendition: Rendition) -> str:
    return f"bumper-{rendition}.mp4"
