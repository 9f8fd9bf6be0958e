"""Runs corpus clips through the product: probe, rules, edit; with the real prober, sandbox and FFmpeg."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from anb.adapters.media.encoder import FfmpegEncoder
from anb.adapters.media.prober import LibavProber
from anb.media import probe, rules
from anb.media.edit import FinishedEdit, edit
from anb.media.work_folder import SHELF_PREFIX
from anb.ports import Ports
from anb.settings import Settings


class CorpusEditor:
    """The editing part of a worker, with its own folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        prober, encoder = LibavProber(folder / "slots", 2, 30), FfmpegEncoder(stall=120)
        self.ports = cast("Ports", SimpleNamespace(prober=prober, encoder=encoder))

    @contextmanager
    def edited(self, original: Path, limits: Mapping[str, float], start: float = 0) -> Iterator[Path]:
        """Yield the edit of a clip. Raises what the product raises."""
        with self.made(original, limits, start) as made:
            yield made.path

    @contextmanager
    def made(self, original: Path, limits: Mapping[str, float], start: float = 0) -> Iterator[FinishedEdit]:
        """Yield all renditions of a clip. Raises what the product raises."""
        settings = self._settings(limits)
        self.judge(original, limits, start)
        with edit(self.ports, settings, original, lambda _: True, start) as made:
            yield made
        left = [path.name for path in settings.work_dir.iterdir() if not path.name.startswith(SHELF_PREFIX)]
        assert left == [], "something of the edit was left behind"

    def judge(self, original: Path, limits: Mapping[str, float], start: float = 0) -> probe.Probe:
        """Probe a clip and check it against the rules. Raises the refusal of the first broken rule."""
        facts = probe.examine(self.ports.prober, original, start)
        rules.judge(facts, self._settings(limits))
        return facts

    def _settings(self, limits: Mapping[str, float]) -> Settings:
        known = {"database_url": "postgresql://nobody@localhost/none", "redis_url": "redis://localhost"}
        place = {"media_root": self._folder, "work_dir": self._folder / "work", "secret_key": "x" * 32}
        return Settings.model_validate(known | place | dict(limits))
