"""Compares ways to encode and scale the light edit: CPU of all outputs compared with the edit, rate and VMAF."""

import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path
from statistics import median

import typer
from rich.console import Console
from rich.table import Table

from anb.media.recipe import EDIT, LIGHT, Encoding, Recipe
from anb.media.renditions import Rendition
from verify.bench import edits, sample_clips
from verify.bench.vmaf import Vmaf

SCALER = "[large]scale={width}:{height}:flags={flags}"
LOOKING_AHEAD = replace(LIGHT, preset="superfast", x264=EDIT.x264)
WAYS: dict[str, tuple[Encoding, str]] = {
    "as it is": (LIGHT, "bicubic"),
    "scaled by area": (LIGHT, "area"),
    "scaled by bilinear": (LIGHT, "bilinear"),
    "veryfast, subme=1 me=dia": (replace(LIGHT, x264="subme=1:me=dia"), "bicubic"),
    "as the edit, CRF 24": (LOOKING_AHEAD, "bicubic"),
    "as the edit, CRF 23": (replace(LOOKING_AHEAD, crf=23), "bicubic"),
    "as the edit, CRF 23, by area": (replace(LOOKING_AHEAD, crf=23), "area"),
}


@dataclass(frozen=True)
class Scaled(Recipe):
    """A recipe that scales the light edit with another algorithm."""

    flags: str = "bicubic"

    @property
    def clip_graph(self) -> str:
        """Return the same graph with one filter changed."""
        size = {"width": self.light.width, "height": self.light.height}
        return super().clip_graph.replace(
            SCALER.format(flags="bicubic", **size), SCALER.format(flags=self.flags, **size)
        )


def main(turns: int = 3) -> None:
    """Make all outputs of the reel of 1080p30 in each way, in turns with the edit alone."""
    clip, plain = sample_clips.PHONE.path, edits.written(sample_clips.PHONE.path)
    table = Table("way", "CPU s of all", "relative to the edit", "light, Mbit/s", "light, VMAF", "5th pct")
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as place:
        folder = Path(place)
        for way, (light, flags) in WAYS.items():
            scaled = Scaled(**{field.name: getattr(plain, field.name) for field in fields(plain)}, flags=flags)
            scaled = replace(scaled, light=light)
            edits.lay_bumpers(scaled, folder)
            whole, alone = [], []
            for _ in range(turns):
                whole.append(edits.everything(scaled, clip, folder).cpu)
                alone.append(edits.edit(plain, clip, folder).cpu)
            edits.everything(scaled, clip, folder)
            path = folder / f"{Rendition.LIGHT}.mp4"
            score = Vmaf.of(scaled, clip, path, sample_clips.PHONE.part, (light.width, light.height))
            rate, beside = path.stat().st_size * 8e-6 / scaled.duration, median(whole) / median(alone)
            figures = (median(whole), beside, rate, score.mean, score.low)
            table.add_row(way, *(f"{figure:.2f}" for figure in figures))
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
