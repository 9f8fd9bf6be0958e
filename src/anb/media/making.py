"""The runs of FFmpeg that make an edit: one of the clip and one that joins it to the bumpers, or one of the whole."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from anb.errors import Outage
from anb.logs import logger
from anb.media import bumpers, mp4, orders, result, stills
from anb.media.orders import Order
from anb.media.probe import Probe
from anb.media.recipe import Recipe
from anb.media.renditions import Rendition
from anb.ports import EncodingFailed, Ports
from anb.settings import Settings

log = logger(__name__)

STILL_BYTES = 2 * 1024 * 1024  # no JPEG of ours has as many


class Unfit(Exception):
    """Clip and bumper cannot be joined: they are not coded alike, or one of them is broken."""


class Progress:
    """Tells how far an edit is, in per cent that never go back."""

    def __init__(self, tell: Callable[[float], bool]) -> None:
        self._tell = tell
        self._percent = 0.0

    def of(self, whole: float) -> Callable[[float], bool]:
        """Return the watcher of a run that makes so many seconds, which are nearly all of the work."""
        return lambda seconds: self._reached(100 * seconds / whole)

    def beside(self, _seconds: float) -> bool:
        """Watch a run that is a small part of the work."""
        return self._reached(0)

    def _reached(self, percent: float) -> bool:
        self._percent = min(max(self._percent, percent), 100.0)
        return self._tell(self._percent)


class Steps:
    """How long each step took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def taking(self, step: str) -> Iterator[None]:
        """Time the block as a step, or as more of it."""
        begun = time.monotonic()
        yield
        self.seconds[step] = round(self.seconds.get(step, 0) + time.monotonic() - begun, 3)


@dataclass(frozen=True)
class Making:
    """One edit in the making.

    FFmpeg has `folder` to itself while it reads the clip: what we lay there is there before, and what we find there
    after is looked at as if a stranger had left it.
    """

    ports: Ports
    settings: Settings
    recipe: Recipe
    original: Path
    folder: Path
    progress: Progress
    steps: Steps

    def videos(self) -> dict[Rendition, Probe]:
        """Make the moving pictures, and what the stills are made of. Raises CutShort, Faulty, Stopped, Outage."""
        if self.recipe.joinable:
            try:
                return self._joined()
            except result.CutShort:
                raise
            except (Unfit, mp4.NotOurs, result.Faulty) as unfit:
                log.warning("media.join.unfit", detail=str(unfit))
                bumpers.forget(self.settings, self.recipe)
        return self._in_one_pass()

    def poster(self) -> bytes:
        """Choose the best still. Raises Faulty."""
        recipe, size = self.recipe.stills, (self.recipe.edit.width, self.recipe.edit.height)
        posters = stills.parted(self._read(orders.POSTERS, recipe.count * STILL_BYTES))
        looks = self._read(orders.LOOKS, recipe.count * stills.LOOK_BYTES)
        if len(posters) != recipe.count or len(looks) != recipe.count * stills.LOOK_BYTES:
            raise result.Faulty(f"{len(posters)} stills and {len(looks)} bytes of looks, not {recipe.count} of each")
        chosen = stills.best(posters, looks)
        result.check_jpeg(chosen, size)
        return chosen

    def sprite(self) -> bytes:
        """Return the sheet of small pictures. Raises Faulty."""
        sheet = self._read(orders.SPRITE, STILL_BYTES)
        result.check_jpeg(sheet, self.recipe.stills.sheet)
        return sheet

    def _joined(self) -> dict[Rendition, Probe]:
        with self.steps.taking("join"):
            bumpers.lend(self.settings, self.recipe, self.folder, lambda order: self._run(order, self.progress.beside))
            for rendition in self.recipe.encodings:
                orders.joints_path(self.folder, rendition).write_text(orders.joints(self.recipe, rendition))
        with self.steps.taking("encode"):
            clip = orders.clip(self.recipe, self.original, self.folder)
            self._run(clip, self.progress.of(clip.seconds))
        with self.steps.taking("join"):
            self._join()
        return self._verified()

    def _join(self) -> None:
        for rendition in self.recipe.encodings:
            bumper, clip = (result.plain(self.folder / f"{part}-{rendition}.mp4") for part in ("bumper", "clip"))
            if mp4.description(bumper) != mp4.description(clip):
                raise Unfit(f"{rendition}: bumper and clip are not coded alike")
        try:
            self._run(orders.join(self.recipe, self.folder), self.progress.beside)
        except Outage as failed:
            raise Unfit(str(failed)) from failed

    def _in_one_pass(self) -> dict[Rendition, Probe]:
        with self.steps.taking("encode"):
            whole = orders.whole(self.recipe, self.original, self.folder)
            self._run(whole, self.progress.of(whole.seconds))
        return self._verified()

    def _verified(self) -> dict[Rendition, Probe]:
        with self.steps.taking("verify"):
            check = partial(result.check_video, self.ports.prober, self.recipe, self.settings)
            return {rendition: check(rendition, self.path(rendition)) for rendition in self.recipe.encodings}

    def path(self, rendition: Rendition) -> Path:
        """Say where a result with moving pictures lies."""
        return self.folder / f"{rendition}.mp4"

    def _read(self, name: str, most_bytes: int) -> bytes:
        return result.plain(self.folder / name, most_bytes).read_bytes()

    def _run(self, order: Order, watch: Callable[[float], bool]) -> None:
        limit = min(order.budget, self.settings.job_hard_seconds)
        run = self.ports.encoder.run
        try:
            run(order.arguments, reads=order.reads, writes=order.writes, watch=watch, limit=limit)
        except EncodingFailed as failed:
            raise Outage(str(failed)) from failed
