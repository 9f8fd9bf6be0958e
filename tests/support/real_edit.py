"""Makes edits of real clips by the real FFmpeg, with short bumpers and a short clip between them."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from anb.adapters.media.encoder import FfmpegEncoder
from anb.adapters.media.prober import LibavProber
from anb.media.edit import edit
from anb.media.picture import Fit, fit
from anb.media.probe import examine
from anb.media.renditions import POSTERS, Rendition
from anb.ports import Ports
from anb.settings import Settings
from support.clips import Clip, draw
from support.fake_edit import edit_settings

RATE = 30
CLIP, BUMPER = 0.5, 0.5  # seconds, unless a test says otherwise


@dataclass
class RealEdit:
    """Makes edits as a worker does; the newest edit is in `folder`, by the names of its renditions."""

    settings: Settings
    prober: LibavProber
    folder: Path
    percents: list[float] = field(default_factory=list)

    def make(self, clip: Clip | Path) -> Path:
        """Make an edit and return its path."""
        original = draw(clip) if isinstance(clip, Clip) else clip
        ports = cast("Ports", SimpleNamespace(prober=self.prober, encoder=FfmpegEncoder(stall=60)))
        with edit(ports, self.settings, original, self._noted) as made:
            for one in made.renditions:
                shutil.copyfile(one.path, self.path(one.rendition))
        return self.path(Rendition.PROCESSED)

    def path(self, rendition: Rendition) -> Path:
        """Return the path of a rendition."""
        forms = {
            Rendition.POSTER: "jpg",
            Rendition.SPRITE: "jpg",
            Rendition.THUMBNAILS: "vtt",
            Rendition.POSTER_640_JPEG: "jpg",
        }
        return self.folder / f"{rendition}.{forms.get(rendition, 'avif' if rendition in POSTERS else 'mp4')}"

    def change(self, **settings: Any) -> None:
        """Continue with other settings."""
        self.settings = self.settings.model_copy(update=settings)

    def fit(self, clip: Clip) -> Fit:
        """Say how a clip fits the frame."""
        return fit(examine(self.prober, draw(clip)))

    def shelf(self) -> list[Path]:
        """List the cached bumpers."""
        return sorted(self.settings.work_dir.glob("bumpers-*/*"))

    def _noted(self, percent: float) -> bool:
        self.percents.append(percent)
        return True


def edit_below(folder: Path) -> RealEdit:
    """Return an edit that works below a folder."""
    settings = edit_settings(folder).model_copy(update={"edit_clip_seconds": CLIP, "edit_bumper_seconds": BUMPER})
    made = folder / "made"
    made.mkdir()
    return RealEdit(settings, LibavProber(folder / "slots", 2, 20), made)
