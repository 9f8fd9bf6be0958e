"""Our edit's own runs of FFmpeg with nothing around them, and what they cost."""

import resource
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from anb.adapters.ffmpeg import find_ffmpeg
from anb.adapters.libav import LibavProber
from anb.adapters.sandbox import Sandbox
from anb.media import orders, probe, recipe
from anb.media.recipe import EDIT, LIGHT, Brand, Encoding, Recipe
from anb.media.renditions import Rendition
from anb.settings import Limits


class Cost(NamedTuple):
    """What making a file took."""

    cpu: float  # seconds, of all cores, of users and system
    path: Path

    @property
    def bytes(self) -> int:
        """Return how long the file is."""
        return self.path.stat().st_size


@dataclass(frozen=True)
class Alone(Recipe):
    """A recipe less all that goes with the 720p edit."""

    @property
    def encodings(self) -> dict[Rendition, Encoding]:
        """The only one."""
        return {Rendition.PROCESSED: self.edit}

    @property
    def clip_graph(self) -> str:
        """The clip alone."""
        return ";".join([*self.chains, "[clip]null[processed]"])


def written(clip: Path, edit: Encoding = EDIT, light: Encoding = LIGHT) -> Recipe:
    """Write the recipe for a clip as a worker does."""
    with tempfile.TemporaryDirectory() as folder:
        facts = probe.examine(LibavProber(Path(folder), 1, 60, Sandbox("off")), clip)
    return recipe.write(facts, Limits(), Brand.ours(), edit, light)


def lay_bumpers(made: Recipe, folder: Path) -> None:
    """Lay the bumpers into a folder, as the shelf would."""
    run(orders.bumper(made, folder).arguments)


def everything(made: Recipe, clip: Path, folder: Path) -> Cost:
    """Make all that a job makes, where the bumpers lie already."""
    return _joined(made, folder, orders.clip(made, clip, folder).arguments)


def edit(made: Recipe, clip: Path, folder: Path) -> Cost:
    """Make the 720p edit as a job does, and nothing else."""
    only = Alone(**{field.name: getattr(made, field.name) for field in fields(made)})
    arguments = orders.clip(only, clip, folder).arguments
    stills = [place for place, word in enumerate(arguments) if word == "-map"][1]
    return _joined(only, folder, arguments[:stills])


def run(arguments: Sequence[str]) -> float:
    """Run FFmpeg by itself; return the seconds of CPU it took. Raises CalledProcessError."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([find_ffmpeg(), "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _joined(made: Recipe, folder: Path, arguments: Sequence[str]) -> Cost:
    cpu = run(arguments)
    for rendition in made.encodings:
        orders.joints_path(folder, rendition).write_text(orders.joints(made, rendition))
    cpu += run(orders.join(made, folder).arguments)
    return Cost(cpu, folder / f"{Rendition.PROCESSED}.mp4")
