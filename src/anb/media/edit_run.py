"""The FFmpeg runs of an edit: one for the clip and one that joins it to the bumpers, or a single one for both."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from anb.errors import Outage
from anb.logs import logger
from anb.media import bumpers, ffmpeg_commands, mp4, result, stills
from anb.media.ffmpeg_commands import FfmpegRun
from anb.media.probe import Probe
from anb.media.recipe import Recipe
from anb.media.renditions import POSTERS, Rendition
from anb.ports import EncodingFailed, EncodingKilled, EncodingStalled, MachineFailed, Ports
from anb.settings import MIB, Settings

log = logger(__name__)

# Keyframes are seldom further apart. A run that decodes more than this before its first frame may fail because of it.
FAR_SECONDS = 10
# An edit that fails within this time is made again without seeking; a hostile clip may not waste more.
SOUGHT_SECONDS = 10
CONTROL_SECONDS = 20  # for a bumper, which takes five seconds on a busy machine
STILL_BYTES = 2 * MIB  # no picture of ours is this large


class Unfit(Exception):
    """Clip and bumper cannot be joined: their encoding differs, or one of them is broken."""


class ClipBroken(Exception):
    """FFmpeg fails on this clip and on no other: another attempt would end the same. `str()` holds its output."""


class StartOutOfReach(ClipBroken):
    """Too much must be decoded before the start: the stall timeout passes before the first frame."""


class EditProgress:
    """Reports the progress of an edit, in per cent that never decrease."""

    def __init__(self, tell: Callable[[float], bool]) -> None:
        self._tell = tell
        self._percent = 0.0

    def of(self, whole: float) -> Callable[[float], bool]:
        """Return the watcher of a run that makes `whole` seconds of pictures, which is nearly all the work."""
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
        """Add the time of the block to a step."""
        begun = time.monotonic()
        yield
        self.seconds[step] = round(self.seconds.get(step, 0) + time.monotonic() - begun, 3)


@dataclass(frozen=True)
class EditRun:
    """One edit in the making.

    While FFmpeg reads the clip, it is the only writer of `folder`: our files are put there before, and every file found
    there afterwards is treated as untrusted.
    """

    ports: Ports
    settings: Settings
    recipe: Recipe
    original: Path
    folder: Path
    progress: EditProgress
    steps: Steps

    def videos(self) -> dict[Rendition, Probe]:
        """Make the videos, and the raw material of the stills.

        Raises CutShort, Faulty, ClipBroken; Stopped, Outage.
        """
        begun = time.monotonic()
        try:
            return self._videos()
        except (result.Faulty, ClipBroken) as failed:
            if self.recipe.unsought is None or time.monotonic() - begun > SOUGHT_SECONDS:
                raise
            log.warning("media.seek.failed", detail=str(failed))
        return replace(self, recipe=self.recipe.unsought).videos()

    def _videos(self) -> dict[Rendition, Probe]:
        if self.recipe.joinable:
            try:
                return self._joined()
            except result.MissingPictures:
                raise
            except (Unfit, mp4.NotOurs, result.Faulty) as unfit:
                log.warning("media.join.unfit", detail=str(unfit))
                bumpers.forget(self.settings, self.recipe)
        return self._in_one_pass()

    def poster(self) -> bytes:
        """Choose the best still. Raises Faulty."""
        recipe, size = self.recipe.stills, (self.recipe.edit.width, self.recipe.edit.height)
        posters = stills.parted(self._read(ffmpeg_commands.CANDIDATES, recipe.count * STILL_BYTES))
        looks = self._read(ffmpeg_commands.LOOKS, recipe.count * stills.LOOK_BYTES)
        if len(posters) != recipe.count or len(looks) != recipe.count * stills.LOOK_BYTES:
            raise result.Faulty(f"{len(posters)} stills and {len(looks)} bytes of looks, not {recipe.count} of each")
        chosen = stills.best(posters, looks)
        result.check_jpeg(chosen, size)
        return chosen

    def smaller_posters(self, poster: Path) -> dict[Rendition, bytes]:
        """Make the smaller posters of a poster that we wrote elsewhere. Raises Faulty; Stopped, Outage."""
        self._run(ffmpeg_commands.posters(self.recipe, poster, self.folder), self.progress.beside)
        made = {rendition: self._read(rendition, STILL_BYTES) for rendition in POSTERS}
        for rendition, picture in made.items():
            check = result.check_jpeg if rendition is Rendition.POSTER_640_JPEG else result.check_avif
            check(picture, POSTERS[rendition])
        return made

    def sprite(self) -> bytes:
        """Return the sheet of tiles. Raises Faulty."""
        sheet = self._read(ffmpeg_commands.SPRITE, STILL_BYTES)
        result.check_jpeg(sheet, self.recipe.stills.sheet)
        return sheet

    def _joined(self) -> dict[Rendition, Probe]:
        with self.steps.taking("join"):
            bumpers.lend(self.settings, self.recipe, self.folder, lambda order: self._run(order, self.progress.beside))
            for rendition in self.recipe.encodings:
                ffmpeg_commands.joints_path(self.folder, rendition).write_text(
                    ffmpeg_commands.joints(self.recipe, rendition)
                )
        with self.steps.taking("encode"):
            clip = ffmpeg_commands.clip(self.recipe, self.original, self.folder)
            self._encode(clip)
        with self.steps.taking("join"):
            self._join()
        return self._verified()

    def _join(self) -> None:
        for rendition in self.recipe.encodings:
            bumper, clip = (result.plain(self.folder / f"{part}-{rendition}.mp4") for part in ("bumper", "clip"))
            if mp4.description(bumper) != mp4.description(clip):
                raise Unfit(f"{rendition}: bumper and clip are not coded alike")
        try:
            self._run(ffmpeg_commands.join(self.recipe, self.folder), self.progress.beside)
        except Outage as failed:
            raise Unfit(str(failed)) from failed

    def _in_one_pass(self) -> dict[Rendition, Probe]:
        with self.steps.taking("encode"):
            whole = ffmpeg_commands.whole(self.recipe, self.original, self.folder)
            self._encode(whole)
        return self._verified()

    def _verified(self) -> dict[Rendition, Probe]:
        with self.steps.taking("verify"):
            check = partial(result.check_video, self.ports.prober, self.recipe, self.settings)
            return {rendition: check(rendition, self.path(rendition)) for rendition in self.recipe.encodings}

    def path(self, rendition: Rendition) -> Path:
        """Return the path of a video rendition."""
        return self.folder / f"{rendition}.mp4"

    def _read(self, name: str, most_bytes: int) -> bytes:
        return result.plain(self.folder / name, most_bytes).read_bytes()

    def _encode(self, order: FfmpegRun) -> None:
        """Run FFmpeg on the clip itself. Raises ClipBroken where the clip is at fault, Outage where we are."""
        watch = self.progress.of(order.seconds)
        try:
            try:
                self._try(order, watch)
            except EncodingKilled:
                # the machine may have been short of memory; a clip that is killed twice needs too much
                self._try(order, watch)
        except EncodingFailed as failed:
            raise self._blamed(failed) from failed

    def _blamed(self, failure: EncodingFailed) -> ClipBroken | Outage:
        """Find the cause of a failure: if FFmpeg can still make the bumper right now, the clip is at fault."""
        if isinstance(failure, MachineFailed):
            return Outage(str(failure))
        try:
            # In a folder of its own: FFmpeg may not overwrite the bumpers that are ready.
            with TemporaryDirectory(prefix="control-", dir=self.folder.parent) as control:
                self._run(ffmpeg_commands.bumper(self.recipe, Path(control)), self.progress.beside, CONTROL_SECONDS)
        except Outage as ours:
            return Outage(f"{failure}; and on the bumper: {ours}")
        if isinstance(failure, EncodingStalled) and not failure.seconds and self.recipe.before > FAR_SECONDS:
            return StartOutOfReach(f"{self.recipe.before:.1f} s are decoded before the start: {failure}")
        return ClipBroken(str(failure))

    def _try(self, order: FfmpegRun, watch: Callable[[float], bool], most: float = math.inf) -> None:
        limit = min(order.budget, self.settings.job_hard_seconds, most)
        run = self.ports.encoder.run
        run(order.arguments, reads=order.reads, writes=order.writes, watch=watch, limit=limit)

    def _run(self, order: FfmpegRun, watch: Callable[[float], bool], most: float = math.inf) -> None:
        try:
            self._try(order, watch, most)
        except EncodingFailed as failed:
            raise Outage(str(failed)) from failed
