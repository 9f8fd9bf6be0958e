"""The cost of the edit compared with other ways to make it, and its quality for viewers."""

import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from anb.media.recipe import EDIT, Recipe
from verify.bench import chains, edits, sample_clips
from verify.bench.edits import Cost
from verify.bench.vmaf import Vmaf
from verify.kit.figures import Figure, Goal, Limit

TURNS = 3  # one of the first reel takes two minutes of CPU
FINE = 93  # VMAF at which viewers hardly see a difference
OTHERS = "two encodes by ultrafast, CRF 28: cut, scaled and marked; bumpers joined"
FLOOR = "decoding and scaling alone"


def measure(repeats: int) -> list[Figure]:
    """Make the edit of the reels and its peers in turns."""
    turns = min(repeats, TURNS)
    return [
        *_beside_others(turns),
        *(_beside_floor(reel, turns) for reel in (sample_clips.LONG, sample_clips.FAST, sample_clips.SHARP)),
    ]


@dataclass(frozen=True)
class CpuSamples:
    """CPU seconds of each way, per turn, and the resulting files."""

    cpu: dict[str, tuple[float, ...]]
    files: dict[str, Path]
    bytes: dict[str, int]


def _beside_others(turns: int) -> list[Figure]:
    clip, name = sample_clips.PHONE.path, sample_clips.PHONE.name
    clip_recipe = edits.written(clip)
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        taken = _take(clip_recipe, clip, Path(folder), turns)
        scores = {way: Vmaf.of(clip_recipe, clip, file, sample_clips.PHONE.part) for way, file in taken.files.items()}
        finer = _finer(clip, Path(folder))
    return [
        *_costs(name, taken),
        *_sizes(name, taken),
        *_looks(name, scores, finer),
    ]


def _take(clip_recipe: Recipe, clip: Path, folder: Path, turns: int) -> CpuSamples:
    """Make the edit in each way in turns."""
    ways: dict[str, Callable[[Path], Cost]] = {
        "edit": lambda at: edits.edit(clip_recipe, clip, at),
        "two": lambda at: chains.two_encodes(clip_recipe, clip, at),
        "four": lambda at: chains.four_encodes(clip_recipe, clip, at),
        "all": lambda at: edits.everything(clip_recipe, clip, at),
    }
    cpu: dict[str, list[float]] = defaultdict(list)
    files: dict[str, Path] = {}
    for way in ways:
        (folder / way).mkdir()
        edits.lay_bumpers(clip_recipe, folder / way)
    for _ in range(turns):
        for way, make in ways.items():
            cost = make(folder / way)
            cpu[way].append(cost.cpu)
            files[way] = cost.path
        cpu["floor"].append(chains.floor(clip_recipe, clip))
    sizes = {way: file.stat().st_size for way, file in files.items()}
    return CpuSamples({way: tuple(all_of) for way, all_of in cpu.items()}, files, sizes)


def _costs(name: str, taken: CpuSamples) -> list[Figure]:
    edit = taken.cpu["edit"]
    four = Limit("four encodes at the edit's own preset and CRF: cut, scaled, marked, joined", taken.cpu["four"])
    what = f"CPU of the 720p edit, {name}"
    return [
        Figure("edit", what, "CPU s", edit, Limit(OTHERS, taken.cpu["two"]), Goal("at most", 0.72, "ratio")),
        Figure("edit", what, "CPU s", edit, four, Goal("at most", 0.4, "ratio")),
        Figure("edit", what, "CPU s", edit, Limit(FLOOR, taken.cpu["floor"]), Goal("at most", 1.9, "ratio")),
        Figure("edit", f"CPU of all outputs, {name}", "CPU s", taken.cpu["all"], Limit("the 720p edit alone", edit),
               Goal("at most", 1.2, "ratio")),
    ]  # fmt: skip


def _sizes(name: str, taken: CpuSamples) -> list[Figure]:
    others = Limit(OTHERS, (taken.bytes["two"] / 1e6,))
    size, goal = (taken.bytes["edit"] / 1e6,), Goal("at most", 0.8, "ratio")
    return [Figure("edit", f"size of the 720p edit, {name}", "MB", size, others, goal, note="stretch 0.7")]


def _looks(name: str, scores: dict[str, Vmaf], finer: str) -> list[Figure]:
    ours = scores["edit"]
    real = sample_clips.real()
    mean, low = (Goal("at least", least, "value") if real else None for least in (89.5, 86))
    gain = {way: (ours.mean - scores[way].mean,) for way in ("two", "four")}
    return [
        Figure("edit", f"VMAF of the 720p edit, {name}", "VMAF", (ours.mean,), goal=mean, note=finer),
        Figure("edit", "its 5th percentile over frames", "VMAF", (ours.low,), goal=low),
        Figure("edit", f"VMAF above {OTHERS}", "VMAF", gain["two"], goal=Goal("at least", 2, "value")),
        Figure("edit", "VMAF above four encodes", "VMAF", gain["four"], goal=Goal("at least", 0, "value")),
    ]


def _finer(clip: Path, folder: Path) -> str:
    """Return the cost of an edit so fine that viewers hardly see a difference."""
    at = folder / "finer"
    at.mkdir()
    for crf in range(EDIT.crf - 1, 0, -1):
        finer = edits.written(clip, replace(EDIT, crf=crf, most_kbits=100_000, level="4.2"))
        edits.lay_bumpers(finer, at)
        cost = edits.edit(finer, clip, at)
        vmaf = Vmaf.of(finer, clip, cost.path, sample_clips.PHONE.part)
        if vmaf.mean >= FINE:
            break
    return f"{FINE} would take CRF {crf}: {cost.cpu:.1f} CPU s, {cost.bytes / 1e6:.1f} MB"


def _beside_floor(reel: sample_clips.Reel, turns: int) -> Figure:
    clip = reel.path
    plan = edits.written(clip)
    ours, floor = [], []
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        edits.lay_bumpers(plan, Path(folder))
        for _ in range(turns):
            ours.append(edits.edit(plan, clip, Path(folder)).cpu)
            floor.append(chains.floor(plan, clip))
    note = f"{clip.stat().st_size / 1e6:.0f} MB; {median(ours) / (plan.clip_frames / plan.rate):.2f} CPU s a second"
    return Figure(
        "edit", f"CPU of the 720p edit, {reel.name}", "CPU s", tuple(ours), Limit(FLOOR, tuple(floor)), note=note
    )
