"""The edit's cost beside what others do for the same, and what viewers see of it."""

import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from anb.media.recipe import EDIT, Recipe
from bench import chains, edits, reels
from bench.edits import Cost
from bench.figures import Figure, Goal, Limit
from bench.vmaf import Vmaf

TURNS = 3  # a turn of the first reel takes two minutes of processor
FINE = 93  # VMAF at which hardly anybody sees a difference
OTHERS = "two encodes by ultrafast, CRF 28: cut, scaled and marked; bumpers joined"
FLOOR = "decoding and scaling alone"


def measure(repeats: int) -> list[Figure]:
    """Make the edit of the reels in turns with its peers."""
    turns = min(repeats, TURNS)
    return [
        *_beside_others(turns),
        *(_beside_floor(reel, turns) for reel in (reels.LONG, reels.FAST, reels.SHARP)),
    ]


@dataclass(frozen=True)
class Taken:
    """CPU seconds of each way, turn by turn, and the files they left."""

    cpu: dict[str, tuple[float, ...]]
    files: dict[str, Path]
    bytes: dict[str, int]


def _beside_others(turns: int) -> list[Figure]:
    clip, name = reels.PHONE.path, reels.PHONE.name
    made = edits.written(clip)
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        taken = _take(made, clip, Path(folder), turns)
        seen = {way: Vmaf.of(made, clip, file, reels.PHONE.part) for way, file in taken.files.items()}
        finer = _finer(clip, Path(folder))
    return [
        *_costs(name, taken),
        *_sizes(name, taken),
        *_looks(name, seen, finer),
    ]


def _take(made: Recipe, clip: Path, folder: Path, turns: int) -> Taken:
    """Let each way make the edit, one after the other, as many times."""
    ways: dict[str, Callable[[Path], Cost]] = {
        "edit": lambda at: edits.edit(made, clip, at),
        "two": lambda at: chains.two_encodes(made, clip, at),
        "four": lambda at: chains.four_encodes(made, clip, at),
        "all": lambda at: edits.everything(made, clip, at),
    }
    cpu: dict[str, list[float]] = defaultdict(list)
    files: dict[str, Path] = {}
    for way in ways:
        (folder / way).mkdir()
        edits.lay_bumpers(made, folder / way)
    for _ in range(turns):
        for way, make in ways.items():
            cost = make(folder / way)
            cpu[way].append(cost.cpu)
            files[way] = cost.path
        cpu["floor"].append(chains.floor(made, clip))
    sizes = {way: file.stat().st_size for way, file in files.items()}
    return Taken({way: tuple(all_of) for way, all_of in cpu.items()}, files, sizes)


def _costs(name: str, taken: Taken) -> list[Figure]:
    edit = taken.cpu["edit"]
    four = Limit("four encodes at the edit's own preset and CRF: cut, scaled, marked, joined", taken.cpu["four"])
    what, note = f"CPU of the 720p edit, {name}", "stretch 0.95"
    return [
        Figure("edit", what, "CPU s", edit, Limit(OTHERS, taken.cpu["two"]), Goal("at most", 1.0, "ratio"), note=note),
        Figure("edit", what, "CPU s", edit, four, Goal("at most", 0.4, "ratio")),
        Figure("edit", what, "CPU s", edit, Limit(FLOOR, taken.cpu["floor"]), Goal("at most", 2.0, "ratio")),
        Figure("edit", f"CPU of all outputs, {name}", "CPU s", taken.cpu["all"], Limit("the 720p edit alone", edit),
               Goal("at most", 1.3, "ratio")),
    ]  # fmt: skip


def _sizes(name: str, taken: Taken) -> list[Figure]:
    others = Limit(OTHERS, (taken.bytes["two"] / 1e6,))
    size, goal = (taken.bytes["edit"] / 1e6,), Goal("at most", 0.8, "ratio")
    return [Figure("edit", f"size of the 720p edit, {name}", "MB", size, others, goal, note="stretch 0.7")]


def _looks(name: str, seen: dict[str, Vmaf], finer: str) -> list[Figure]:
    ours = seen["edit"]
    real = reels.real()
    mean, low = (Goal("at least", least, "value") if real else None for least in (89.5, 86))
    gain = {way: (ours.mean - seen[way].mean,) for way in ("two", "four")}
    return [
        Figure("edit", f"VMAF of the 720p edit, {name}", "VMAF", (ours.mean,), goal=mean, note=finer),
        Figure("edit", "its 5th percentile over frames", "VMAF", (ours.low,), goal=low),
        Figure("edit", f"VMAF above {OTHERS}", "VMAF", gain["two"], goal=Goal("at least", 2, "value")),
        Figure("edit", "VMAF above four encodes", "VMAF", gain["four"], goal=Goal("at least", 0, "value")),
    ]


def _finer(clip: Path, folder: Path) -> str:
    """Say what it would cost to make it so fine that hardly anybody sees a difference."""
    at = folder / "finer"
    at.mkdir()
    for crf in range(EDIT.crf - 1, 0, -1):
        made = edits.written(clip, replace(EDIT, crf=crf, most_kbits=100_000, level="4.2"))
        edits.lay_bumpers(made, at)
        cost = edits.edit(made, clip, at)
        vmaf = Vmaf.of(made, clip, cost.path, reels.PHONE.part)
        if vmaf.mean >= FINE:
            break
    return f"{FINE} would take CRF {crf}: {cost.cpu:.1f} CPU s, {cost.bytes / 1e6:.1f} MB"


def _beside_floor(reel: reels.Reel, turns: int) -> Figure:
    clip = reel.path
    made = edits.written(clip)
    ours, floor = [], []
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        edits.lay_bumpers(made, Path(folder))
        for _ in range(turns):
            ours.append(edits.edit(made, clip, Path(folder)).cpu)
            floor.append(chains.floor(made, clip))
    note = f"{clip.stat().st_size / 1e6:.0f} MB; {median(ours) / (made.clip_frames / made.rate):.2f} CPU s a second"
    return Figure(
        "edit", f"CPU of the 720p edit, {reel.name}", "CPU s", tuple(ours), Limit(FLOOR, tuple(floor)), note=note
    )
