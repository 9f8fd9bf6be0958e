"""Explain to operators and developers why a clip is accepted or refused, and what its edit does and why.

This module decides nothing: the rules are those of `judge`, and the recipe is the one that a worker follows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from anb.errors import Refusal
from anb.media import explain_picture, probe, rules
from anb.media.chains import TURN_FORGOTTEN, ahead, cuts, weaves
from anb.media.check import RuleCheck
from anb.media.clip_part import after_start
from anb.media.explain_picture import Decision
from anb.media.ffmpeg_commands import FfmpegRun, clip, join, whole
from anb.media.probe import Probe, Track
from anb.media.recipe import RATES, RECIPE_VERSION, Brand, Recipe, plan_edit
from anb.media.start import Start
from anb.ports import Prober
from anb.settings import Limits

RESULTS = Path("results")  # placeholder for the folder that a worker makes


@dataclass(frozen=True)
class Explanation:
    """The explanation of a file."""

    probe: Probe | None = None
    checks: tuple[RuleCheck, ...] = ()
    decisions: tuple[Decision, ...] = ()
    runs: tuple[FfmpegRun, ...] = ()
    detail: str = ""  # why the file cannot be probed, for the operator
    recipe: int = field(default=RECIPE_VERSION)

    @property
    def refusal(self) -> Refusal | None:
        """The refusal that the player reads; None where the clip is accepted."""
        return next((check.refusal for check in self.checks if check.refusal), None)


def explain(prober: Prober, limits: Limits, path: Path, start: float = 0) -> Explanation:
    """Probe a file and explain its edit from `start` seconds on. Raises Outage."""
    try:
        facts = probe.examine(prober, path, start)
    except Refusal as refusal:
        opened = RuleCheck("can be opened", "as MP4, MOV or WebM", str(refusal.__cause__), refusal)
        return Explanation(checks=(opened,), detail=str(refusal.__cause__))
    readable = tuple(rules.readable(facts))
    checks = (*readable, *rules.fitting(facts, limits))
    if any(check.refusal for check in readable):
        return Explanation(facts, checks)
    recipe = plan_edit(facts, limits, Brand.ours())
    made = (clip, whole)[not recipe.joinable](recipe, path, RESULTS)
    runs = (made, join(recipe, RESULTS)) if recipe.joinable else (made,)
    return Explanation(facts, checks, tuple(_decisions(after_start(facts), recipe, limits)), runs)


def _decisions(facts: Probe, recipe: Recipe, limits: Limits) -> Iterator[Decision]:
    yield from _tracks(facts)
    yield _beginning(facts)
    if facts.start:
        yield _start(facts.start)
    yield from _oddities(facts)
    yield _length(facts, recipe, limits)
    yield _rate(facts, recipe)
    yield _scan(facts)
    moments = [0, *cuts(facts, recipe.rate, recipe.clip_frames)]
    for number, (frame_format, frame) in enumerate(zip(facts.formats, moments, strict=False)):
        since = f" from {frame / recipe.rate:.2f} s" if number else ""
        yield from explain_picture.decisions(frame_format, since)
    yield from _unused(facts, len(moments))
    yield _joint(recipe)
    yield _lane(facts)


def _tracks(facts: Probe) -> Iterator[Decision]:
    because = "of the tracks that play by default and move, it is the largest"
    yield Decision("track", f"number {facts.index} of {len(facts.tracks)} is edited ({facts.codec})", because)
    for track in facts.tracks:
        if track.index != facts.index:
            yield Decision("track", f"number {track.index} is dropped ({track.kind}, {track.codec})", _dropped(track))


def _dropped(track: Track) -> str:
    if track.kind == "audio":
        return "an edit has no sound"
    if track.kind != "video":
        return "it holds no pictures"
    if track.cover:
        return "it is a cover picture"
    size = f"{track.width}x{track.height}"
    if not track.plays:
        return f"it does not play by default ({size})"
    return (
        f"it holds one picture alone ({size})" if track.frames == 1 else f"another is larger, or comes first ({size})"
    )


def _beginning(facts: Probe) -> Decision:
    if facts.lost:
        does = f"the edit begins {facts.lost:.3f} s after the first picture of the file"
        return Decision("first picture", does, "earlier pictures cannot be decoded")
    return Decision("first picture", "the edit begins with the first picture of the file", "it can be decoded")


def _start(start: Start) -> Decision:
    does = f"the edit begins {float(start.at):.3f} s after that, with the picture shown at {start.wanted:g} s"
    if start.seek is not None:
        because = (
            f"it was asked for; FFmpeg seeks to {float(start.seek):.3f} s by the file's clock, where a keyframe is; "
            f"{float(start.before):.3f} s are decoded before"
        )
    else:
        because = "it was asked for; all pictures before are decoded, for no keyframe that can be sought saves a second"
    return Decision("start", does, because)


def _oddities(facts: Probe) -> Iterator[Decision]:
    if facts.ignore_edit_list:
        because = "it has one entry of duration 0, which means all samples; FFmpeg takes it for none"
        yield Decision("edit list", "it is ignored", because)
    if facts.turns_told > 1 and facts.codec in TURN_FORGOTTEN:
        yield Decision("turn", "what the stream says of it is ignored", "container and stream both tell the same turn")


def _length(facts: Probe, recipe: Recipe, limits: Limits) -> Decision:
    most, seconds = limits.edit_clip_seconds, recipe.clip_frames / recipe.rate
    left = f"{facts.duration:.3f} s are left of the clip" if facts.start else f"the clip lasts {facts.duration:.3f} s"
    whole_clip = f"{left}, and an edit may hold {most:g}"
    bumpers = f"{recipe.bumper_frames} frames before it and as many after it are the bumper"
    return Decision("length", f"{recipe.clip_frames} frames, {seconds:.3f} s of the clip; {bumpers}", whole_clip)


def _rate(facts: Probe, recipe: Recipe) -> Decision:
    own = float(facts.rate)
    told = f"pictures usually follow each other at {own:.3f} a second, {float(facts.average_rate):.3f} on average"
    step = own / recipe.rate
    if step > 1:
        even = f"about every {step:.2f}th picture is shown" if round(step, 1) % 1 else f"one picture in {step:.0f}"
        early = 1000 * ahead(facts.rate, recipe.rate)
        even += f", all moved by {early:.1f} ms so that none falls on the border between two frames"
    else:
        even = "every picture is shown" if step else "one picture has no rate"
    nearest = f"of {', '.join(map(str, RATES))} it is nearest to an even part or multiple"
    return Decision("rate", f"{recipe.rate} a second; {even}", f"{told}; {nearest}")


def _scan(facts: Probe) -> Decision:
    said = f"the container says {facts.field_order}; the first picture holds {'two' if facts.interlaced else 'one'}"
    does = {
        "none": "nothing is deinterlaced",
        "flagged": "pictures that hold two moments by their own flags are deinterlaced",
        "all": "all pictures are deinterlaced",
    }
    if facts.changes or facts.passed:
        return Decision("scan", "each format of pictures by its own flags", "its pictures change on the way")
    return Decision("scan", does[weaves(facts)], f"{said} moment{'s' if facts.interlaced else ''}")


def _unused(facts: Probe, used: int) -> Iterator[Decision]:
    for change in facts.changes[used - 1 :]:
        does = f"the change at {float(change.at):.2f} s has no effect"
        yield Decision("pictures", does, "the edit ends before it")


def _joint(recipe: Recipe) -> Decision:
    if recipe.joinable:
        return Decision("bumper", "it is joined to the clip without coding it again", "both are coded alike")
    return Decision("bumper", "the whole is coded in one pass", "two keyframes would follow each other at a joint")


def _lane(facts: Probe) -> Decision:
    if facts.heavy:
        return Decision("lane", "heavy", "it is HDR, 4K, or has many pictures a second")
    return Decision("lane", "light", "it has neither HDR nor more pixels a second than 1080p at 60")
