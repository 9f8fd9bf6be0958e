"""FFmpeg commands of our edit without the platform, and their cost."""

import resource
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from anb.adapters.media.encoder import find_ffmpeg
from anb.adapters.media.prober import LibavProber
from anb.adapters.sandbox.runner import Sandbox
from anb.media import ffmpeg_commands, probe, recipe, stills
from anb.media.recipe import EDIT, LIGHT, Brand, Encoding, Recipe
from anb.media.renditions import Rendition
from anb.settings import Limits


class Cost(NamedTuple):
    """The cost of making a file."""

    cpu: float  # seconds, of all cores, user and system
    path: Path

    @property
    def bytes(self) -> int:
        """Return the size of the file."""
        return self.path.stat().st_size


@dataclass(frozen=True)
class Alone(Recipe):
    """A recipe for the 720p edit without the other renditions."""

    @property
    def encodings(self) -> dict[Rendition, Encoding]:
        """Return only the encoding of the edit."""
        return {Rendition.PROCESSED: self.edit}

    @property
    def clip_graph(self) -> str:
        """Return the graph of the clip for the edit only."""
        return ";".join([*self.chains, "[clip]null[processed]"])


def written(clip: Path, edit: Encoding = EDIT, light: Encoding = LIGHT) -> Recipe:
    """Return the recipe for a clip, as a worker makes it."""
    with tempfile.TemporaryDirectory() as folder:
        facts = probe.examine(LibavProber(Path(folder), 1, 60, Sandbox("off")), clip)
    return recipe.plan_edit(facts, Limits(), Brand.ours(), edit, light)


def lay_bumpers(clip_recipe: Recipe, folder: Path) -> None:
    """Write the bumpers into a folder, as the platform's cache would."""
    run(ffmpeg_commands.bumper(clip_recipe, folder).arguments)


def everything(clip_recipe: Recipe, clip: Path, folder: Path) -> Cost:
    """Make all renditions as a job does, with the bumpers already in place."""
    cost = _joined(clip_recipe, folder, ffmpeg_commands.clip(clip_recipe, clip, folder).arguments)
    candidates, looks = (folder / name for name in (ffmpeg_commands.CANDIDATES, ffmpeg_commands.LOOKS))
    poster = folder / "poster.jpg"
    poster.write_bytes(stills.best(stills.parted(candidates.read_bytes()), looks.read_bytes()))
    return cost._replace(cpu=cost.cpu + run(ffmpeg_commands.posters(clip_recipe, poster, folder).arguments))


def edit(clip_recipe: Recipe, clip: Path, folder: Path) -> Cost:
    """Make only the 720p edit, as a job does."""
    only = Alone(**{field.name: getattr(clip_recipe, field.name) for field in fields(clip_recipe)})
    arguments = ffmpeg_commands.clip(only, clip, folder).arguments
    stills = [place for place, word in enumerate(arguments) if word == "-map"][1]
    return _joined(only, folder, arguments[:stills])


def run(arguments: Sequence[str]) -> float:
    """Run FFmpeg without the platform. Return its CPU seconds. Raises CalledProcessError."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([find_ffmpeg(), "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _joined(clip_recipe: Recipe, folder: Path, arguments: Sequence[str]) -> Cost:
    cpu = run(arguments)
    for rendition in clip_recipe.encodings:
        ffmpeg_commands.joints_path(folder, rendition).write_text(ffmpeg_commands.joints(clip_recipe, rendition))
    cpu += run(ffmpeg_commands.join(clip_recipe, folder).arguments)
    return Cost(cpu, folder / f"{Rendition.PROCESSED}.mp4")
