"""Take clips of the corpus the way of the product: probe, rules, edit; with the real prober, sandbox and FFmpeg."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from anb.adapters.ffmpeg import FfmpegEncoder
from anb.adapters.libav import LibavProber
from anb.media import probe, rules
from anb.media.edit import edit
from anb.media.workplace import SHELF_PREFIX
from anb.ports import Ports
from anb.settings import Settings


class Studio:
    """A worker's part that edits, with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        prober, encoder = LibavProber(folder / "slots", 2, 30), FfmpegEncoder(stall=120)
        self._ports = cast("Ports", SimpleNamespace(prober=prober, encoder=encoder))

    @contextmanager
    def edited(self, original: Path, limits: Mapping[str, float]) -> Iterator[Path]:
        """Lend the edit of a clip. Raises what the product raises."""
        settings = self._settings(limits)
        self.judge(original, limits)
        with edit(self._ports, settings, original, lambda _: True) as made:
            yield made.path
        left = [path.name for path in settings.work_dir.iterdir() if not path.name.startswith(SHELF_PREFIX)]
        assert left == [], "something of the edit was left behind"

    def judge(self, original: Path, limits: Mapping[str, float]) -> probe.Probe:
        """Probe a clip and hold it against the rules. Raises the refusal of the first it breaks."""
        facts = probe.examine(self._ports.prober, original)
        rules.judge(facts, self._settings(limits))
        return facts

    def _settings(self, limits: Mapping[str, float]) -> Settings:
        known = {"database_url": "postgresql://nobody@localhost/none", "redis_url": "redis://localhost"}
        place = {"media_root": self._folder, "work_dir": self._folder / "work", "secret_key": "x" * 32}
        return Settings.model_validate(known | place | dict(limits))
