"""Which preset, CRF and options the edit should have: rate, VMAF and CPU of many, as a table and a picture in docs/."""

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
from bench import chains, curves, edits, reels, results
from bench.vmaf import Vmaf

PAGE, PICTURE = results.ROOT / "docs/tuning.md", results.ROOT / "docs/tuning.svg"
BEGIN, END = "<!-- table by `python -m bench.tuning` -->", "<!-- end of table -->"
SPEEDS = {  # presets as they are, and those with options of ours
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
    """One way of coding, measured."""

    way: str
    crf: int
    cpu: float  # seconds
    mbits: float  # a second
    vmaf: float
    low: float  # VMAF of the frame that 95 of 100 are above


def main() -> None:
    """Measure each way on the reel of 1080p30, and write what was found."""
    console = Console()
    clip = reels.PHONE.path
    points = []
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        for point in _measured(clip, Path(folder)):
            console.print(f"{point.way}, CRF {point.crf}: {point.cpu:.1f} CPU s, {point.vmaf:.1f} VMAF")
            points.append(point)
    _keep(points)
    PICTURE.write_text(curves.drawn([(point.way, point.mbits, point.vmaf) for point in points]), encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{_table(points)}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _measured(clip: Path, folder: Path) -> Iterator[Point]:
    others = edits.written(clip)
    cost = chains.two_encodes(others, clip, folder)
    yield _point(OTHERS, chains.HASTY.crf, cost, Vmaf.of(others, clip, cost.path, reels.PHONE.part), others.duration)
    for way, encoding in SPEEDS.items():
        for crf in CRFS:
            made = edits.written(clip, replace(encoding, crf=crf))
            edits.lay_bumpers(made, folder)
            cost = edits.edit(made, clip, folder)
            yield _point(way, crf, cost, Vmaf.of(made, clip, cost.path, reels.PHONE.part), made.duration)


def _point(way: str, crf: int, cost: edits.Cost, seen: Vmaf, seconds: float) -> Point:
    return Point(way, crf, cost.cpu, cost.bytes * 8e-6 / seconds, seen.mean, seen.low)


def _keep(points: list[Point]) -> None:
    now, commit = datetime.now(UTC), results.commit() or "no-commit"
    said = {"date": f"{now:%Y-%m-%dT%H:%M:%SZ}", "commit": commit, "reel": reels.PHONE.name, "real": reels.real()}
    run = {**said, "machine": results.machine(), "versions": results.versions()}
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
