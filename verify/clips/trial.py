"""Puts one generated clip through the product: probe, rules, edit. Returns the verdict and the cost."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from anb.errors import Refusal
from anb.media.edit import EditRejected
from anb.media.ffmpeg_commands import BUDGET_FACTOR
from support.corpus.editor import CorpusEditor
from verify.clips import drawing, judge, model, spent
from verify.clips.properties import ClipRecipe

LIMITS = {
    "clip_min_side": model.LEAST_SIDE,
    "clip_min_seconds": model.LEAST_SECONDS,
    "edit_clip_seconds": model.EDIT_SECONDS,
    "edit_bumper_seconds": model.BUMPER_SECONDS,
}
BUDGET = float(BUDGET_FACTOR)  # CPU seconds per second of clip: FFmpeg's limit of wall time
SAID = 600  # characters of a program's output
Verdict = Literal["right", "refused rightly", "wrong", "not made"]


@dataclass(frozen=True)
class ClipOutcome:
    """The outcome of a clip."""

    recipe: str
    verdict: Verdict
    faults: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0  # of probe and edit, per second of clip in the edit; 0 without an edit
    refused: str = ""  # the code of a correct refusal
    shrunk: str = ""  # a smaller recipe that also fails


def put_through(recipe: ClipRecipe, folder: Path) -> ClipOutcome:
    """Draw a clip, process it as the product does, and judge the result."""
    place = folder / f"trial-{os.getpid()}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        clip = drawing.draw(recipe, place)
    except (AssertionError, OSError, RuntimeError, ValueError) as error:
        return ClipOutcome(str(recipe), "not made", [str(error)[-SAID:]])
    return _judged(recipe, CorpusEditor(folder / f"editor-{os.getpid()}"), clip)


def warm_up(folder: Path) -> None:
    """Make the bumpers of each rate, so that their cost does not count for a clip."""
    for rate in model.RATES:
        put_through(ClipRecipe.of({"rate": str(rate)}), folder)


def _judged(recipe: ClipRecipe, editor: CorpusEditor, clip: Path) -> ClipOutcome:
    wanted = model.expected(recipe)
    try:
        with spent.counted() as seconds, editor.edited(clip, LIMITS) as edit:
            cost = seconds() / model.EDIT_SECONDS
            faults = [f"edited, not {wanted.refused}"] if wanted.refused else judge.faults(wanted, edit)
        return ClipOutcome(str(recipe), "wrong" if faults else "right", faults, cost)
    except Refusal as refusal:
        if refusal.code == wanted.refused:
            return ClipOutcome(str(recipe), "refused rightly", refused=refusal.code)
        fault = f"refused: {refusal.code} ({refusal.text('en')}; {refusal.__cause__}), not {wanted.refused}"
    except EditRejected as refusal:
        fault = f"refused in the edit: {refusal.reason.text('en')} ({refusal.detail[-SAID:]})"
    except Exception as error:  # noqa: BLE001 - any other error is a finding, reported with its clip
        fault = f"{type(error).__name__}: {str(error)[-SAID:]}"
    return ClipOutcome(str(recipe), "wrong", [fault])
