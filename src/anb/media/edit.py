"""Make the edit of an original: one pass on local disk, believed only after a probe of the result."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from anb.errors import AnbError, Bilingual, Outage, Refusal
from anb.media import hlg, probe, result, rules
from anb.media.recipe import Brand, Recipe, write
from anb.ports import EncodingFailed, Ports
from anb.settings import Settings

FOLDER_PREFIX = "edit-"

UNREADABLE_TO_ITS_END = Bilingual(
    es="No pudimos leer tu video hasta el final; parece dañado. Expórtalo o cópialo de nuevo y vuelve a subirlo.",
    en="We could not read your video to its end; it seems damaged. Export or copy it again, then upload it again.",
)


class EditRefused(AnbError):
    """The file is at fault: trying again would end the same. The player reads `reason`, the operator `detail`."""

    def __init__(self, reason: Bilingual, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Made:
    """A finished edit on local disk; it lasts as long as the block that made it."""

    path: Path
    duration: float  # seconds
    frames: int
    bytes: int
    timings: dict[str, float]  # seconds of each step


@contextmanager
def edit(ports: Ports, settings: Settings, original: Path, on_progress: Callable[[float], bool]) -> Iterator[Made]:
    """Make an edit and lend it to the block; nothing of it stays on local disk after.

    `on_progress` is called several times a second with the per cent done; when it answers False the work ends with
    Stopped. Raises EditRefused when the file is at fault, Outage when we are.
    """
    timings: dict[str, float] = {}
    with _timed(timings, "probe"):
        recipe = _recipe(ports, settings, original)
    _sweep(settings)
    with TemporaryDirectory(prefix=FOLDER_PREFIX, dir=settings.work_dir) as folder:
        path = Path(folder, "edit.mp4")
        with _timed(timings, "encode"):
            _encode(ports, settings, recipe, original, path, _per_cent(recipe, on_progress))
        with _timed(timings, "verify"):
            made = _verified(ports, settings, recipe, path)
        yield Made(path, made.duration, made.frames, made.bytes, timings)


def _recipe(ports: Ports, settings: Settings, original: Path) -> Recipe:
    try:
        facts = probe.examine(ports.prober, original)
        rules.judge_readable(facts)
    except Refusal as refusal:
        reason = Bilingual(refusal.text("es"), refusal.text("en"))
        raise EditRefused(reason, f"{refusal} {refusal.__cause__ or ''}".strip()) from refusal
    return write(facts, settings, Brand.ours())


def _per_cent(recipe: Recipe, on_progress: Callable[[float], bool]) -> Callable[[float], bool]:
    return lambda seconds: on_progress(min(100 * seconds / recipe.duration, 100))


def _encode(
    ports: Ports, settings: Settings, recipe: Recipe, original: Path, path: Path, watch: Callable[[float], bool]
) -> None:
    reads = [original.absolute(), recipe.brand.watermark.absolute(), recipe.brand.bumper.absolute(), hlg.TABLE]
    arguments, folder = recipe.arguments(original, path), path.parent.absolute()
    try:
        ports.encoder.run(arguments, reads=reads, writes=folder, watch=watch, limit=settings.job_hard_seconds)
    except EncodingFailed as failed:
        raise Outage(str(failed)) from failed


def _verified(ports: Ports, settings: Settings, recipe: Recipe, path: Path) -> probe.Probe:
    """Probe what was made. Raises EditRefused where the clip ended early, Outage where else it is wrong."""
    try:
        made = probe.examine(ports.prober, path)
    except probe.NotAVideo as refusal:
        raise Outage(f"the result cannot be read: {refusal.__cause__}") from refusal
    if result.lacks_frames(recipe, made):
        raise EditRefused(UNREADABLE_TO_ITS_END, f"{made.frames} frames of {recipe.frames}")
    if found := list(result.faults(recipe, made, settings)):
        raise Outage(f"the result is not what the recipe says: {'; '.join(found)}")
    return made


def _sweep(settings: Settings) -> None:
    """Remove what a killed worker left: no edit takes longer than the hard limit, so older folders have no owner."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    for folder in settings.work_dir.glob(f"{FOLDER_PREFIX}*"):
        try:
            forsaken = time.time() - folder.stat().st_mtime > 2 * settings.job_hard_seconds
        except FileNotFoundError:
            continue  # its owner has just removed it
        if forsaken:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _timed(timings: dict[str, float], step: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    timings[step] = round(time.monotonic() - begun, 3)
