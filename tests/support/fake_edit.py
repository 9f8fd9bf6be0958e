"""An edit without real media, of whatever a prober says, by an FFmpeg that only writes files."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from anb.media.edit import FinishedEdit, edit
from anb.media.recipe import RECIPE_VERSION
from anb.ports import Ports, Unreadable
from anb.settings import Settings
from support.fakes import EDIT, GOOD_CLIP, LIGHT, FakeEncoder, started

SHELF = f"bumpers-{RECIPE_VERSION}"
JOINED = ["bumper-light.mp4", "sprite.jpg", "light.mp4"]
FINISHED = [*JOINED, "poster-640-jpeg"]


@dataclass
class Files:
    """A prober that knows an original and the files made of it."""

    facts: dict[str, dict[str, Any] | Unreadable]

    def probe(self, path: Path, start: float = 0) -> Mapping[str, object]:
        facts = self.facts[path.name]
        if isinstance(facts, Unreadable):
            raise facts
        facts = deepcopy(facts)
        if start:
            facts["video"]["start"] = started(start)
        return facts


@dataclass
class FakeEdit:
    """Settings with a work folder, and an edit of whatever the prober says."""

    settings: Settings
    encoder: Any
    prober: Files
    percents: list[float] = field(default_factory=list)
    go_on: Callable[[float], bool] = lambda _: True

    def edit(self, start: float = 0) -> FinishedEdit:
        def on_progress(percent: float) -> bool:
            self.percents.append(percent)
            return self.go_on(percent)

        ports = cast("Ports", SimpleNamespace(prober=self.prober, encoder=self.encoder))
        with edit(ports, self.settings, Path("/share/original.mp4"), on_progress, start) as made:
            assert all(one.path.stat().st_size for one in made.renditions)
        assert not any(one.path.exists() for one in made.renditions)
        return made

    def runs(self) -> list[str]:
        """What FFmpeg was asked for in each run: the last file that each made."""
        return [run[-1].rpartition("/")[2] for run in self.encoder.runs]

    def left(self) -> list[str]:
        return sorted(path.name for path in self.settings.work_dir.glob("*"))


def edit_settings(folder: Path) -> Settings:
    """Return the settings of an edit below a folder, which needs neither database nor queue."""
    return Settings(
        database_url="postgresql://nobody@localhost/none",
        redis_url="redis://localhost",
        media_root=folder,
        secret_key="x" * 32,
        work_dir=folder / "work",
    )


def fake_edit(folder: Path) -> FakeEdit:
    """Return an edit that works below a folder."""
    settings = edit_settings(folder)
    known: dict[str, dict[str, Any] | Unreadable] = {
        "original.mp4": GOOD_CLIP, "processed.mp4": EDIT, "light.mp4": LIGHT,
    }  # fmt: skip
    return FakeEdit(settings, FakeEncoder(), Files(deepcopy(known)))
