"""Compares presets, CRF and options for the edit: rate, VMAF and CPU, as a table and a picture in docs/."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import typer
from rich.console import Console

from anb.media.recipe import EDIT, Encoding
from verify.bench import chains, edits, rate_curves, sample_clips
from verify.bench.vmaf import Vmaf
from verify.kit import results

PAGE, PICTURE = results.ROOT / "docs/tuning.md", results.ROOT / "docs/tuning.svg"
BEGIN, END = "<!-- table by `python -m verify.bench.tuning` -->", "<!-- end of table -->"
SPEEDS = {  # presets without and with our options
    "ultrafast": Encoding(preset="ultrafast", x264=""),
    "superfast": Encoding(preset="superfast", x264=""),
    "veryfast": Encoding(preset="veryfast", x264=""),
    "faster": Encoding(preset="faster", x264=""),
    "medium": Encoding(preset="medium", x264=""),
    "veryfast, subme=1 me=dia": Encoding(preset="veryfast", x264="subme=1:me=dia"),
    "superfast, mbtree, 3 B-frames": replace(EDIT, x264="mbtree=1:rc-lookahead=10"),
    "ours": EDIT,
    "ours, one thread": replace(EDIT, threads=1),
}
CRFS = (21, 23, 26)
OTHERS = "two encodes, ultrafast"


class Point(NamedTuple):
    """One measured way of encoding."""

    way: str
    crf: int
    cpu: float  # seconds
    mbits: float  # per second
    vmaf: float
    low: float  # VMAF that 95 of 100 frames exceed


def main() -> None:
    """Measure each way with the reel of 1080p30, and write the results."""
    console = Console()
    clip = sample_clips.PHONE.path
    points = []
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        for point in _measured(clip, Path(folder)):
            console.print(f"{point.way}, CRF {point.crf}: {point.cpu:.1f} CPU s, {point.vmaf:.1f} VMAF")
            points.append(point)
    _keep(points)
    PICTURE.write_text(rate_curves.drawn([(point.way, point.mbits, point.vmaf) for point in points]), encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{_table(points)}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _measured(clip: Path, folder: Path) -> Iterator[Point]:
    others = edits.written(clip)
    cost = chains.two_encodes(others, clip, folder)
    yield _point(
        OTHERS, chains.HASTY.crf, cost, Vmaf.of(others, clip, cost.path, sample_clips.PHONE.part), others.duration
    )
    for way, encoding in SPEEDS.items():
        for crf in CRFS:
            clip_recipe = edits.written(clip, replace(encoding, crf=crf))
            edits.lay_bumpers(clip_recipe, folder)
            cost = edits.edit(clip_recipe, clip, folder)
            yield _point(
                way, crf, cost, Vmaf.of(clip_recipe, clip, cost.path, sample_clips.PHONE.part), clip_recipe.duration
            )


def _point(way: str, crf: int, cost: edits.Cost, seen: Vmaf, seconds: float) -> Point:
    return Point(way, crf, cost.cpu, cost.bytes * 8e-6 / seconds, seen.mean, seen.low)


def _keep(points: list[Point]) -> None:
    now, commit = datetime.now(UTC), results.commit() or "no-commit"
    result = {
        "date": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "commit": commit,
        "reel": sample_clips.PHONE.name,
        "real": sample_clips.real(),
    }
    run = {**result, "machine": results.machine(), "versions": results.versions()}
    path = results.FOLDER / "tuning" / f"{now:%Y-%m-%d}-{commit[:10]}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {**run, "points": [point._asdict() for point in points]}
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _table(points: list[Point]) -> str:
    rows = [
        f"| {way} | {crf} | {cpu:.1f} | {mbits:.2f} | {vmaf:.1f} | {low:.1f} |"
        for way, crf, cpu, mbits, vmaf, low in points
    ]
    return "\n".join(["| way | CRF | CPU s | Mbit/s | VMAF | 5th pct |", "|---|---|---|---|---|---|", *rows])


if __name__ == "__main__":
    typer.run(main)
