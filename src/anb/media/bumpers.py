"""Bumpers are rendered once per recipe, rate and size, and kept; each edit copies them instead of encoding its own."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from anb.media import ffmpeg_commands
from anb.media.ffmpeg_commands import FfmpegRun
from anb.media.recipe import Recipe
from anb.media.renditions import Rendition
from anb.media.work_folder import shelf
from anb.settings import Settings


def lend(settings: Settings, recipe: Recipe, folder: Path, render: Callable[[FfmpegRun], None]) -> None:
    """Put the bumpers of a recipe into a folder that no other program has written to; render missing ones."""
    try:
        for rendition, kept in _kept(settings, recipe).items():
            shutil.copyfile(kept, folder / _name(rendition))
    except FileNotFoundError:
        for rendition in recipe.encodings:  # what was copied is ours, and FFmpeg may not overwrite it
            (folder / _name(rendition)).unlink(missing_ok=True)
        render(ffmpeg_commands.bumper(recipe, folder))
        for rendition, kept in _kept(settings, recipe).items():
            copy = shutil.copyfile(folder / _name(rendition), folder / "kept.mp4")
            copy.replace(kept)  # whole or not at all; when two workers render at once, either result will do


def forget(settings: Settings, recipe: Recipe) -> None:
    """Delete the bumpers of a recipe, so that the next edit renders them."""
    for kept in _kept(settings, recipe).values():
        kept.unlink(missing_ok=True)


def _kept(settings: Settings, recipe: Recipe) -> dict[Rendition, Path]:
    """Return the path of each kept bumper, which depends on everything that it is made of."""
    order = ffmpeg_commands.bumper(recipe, Path("/"))
    made_of = hashlib.sha256(repr(order.arguments).encode() + recipe.brand.bumper.read_bytes()).hexdigest()[:16]
    return {rendition: shelf(settings) / f"{made_of}-{rendition}.mp4" for rendition in recipe.encodings}


def _name(rendition: Rendition) -> str:
    return f"bumper-{rendition}.mp4"
