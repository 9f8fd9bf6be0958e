"""A worker's desk with nothing real on it: edits of whatever a prober says, by an FFmpeg that only writes files."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from anb.media.edit import Made, edit
from anb.media.recipe import RECIPE_VERSION
from anb.ports import Ports, Unreadable
from anb.settings import Settings
from support.fakes import EDIT, GOOD_CLIP, LIGHT, FakeEncoder

SHELF = f"bumpers-{RECIPE_VERSION}"
JOINED = ["bumper-light.mp4", "sprite.jpg", "light.mp4"]


@dataclass
class Files:
    """A prober that knows an original and what is made of it."""

    facts: dict[str, dict[str, Any] | None]

    def probe(self, path: Path) -> Mapping[str, object]:
        facts = self.facts[path.name]
        if facts is None:
            raise Unreadable("cannot be read")
        return deepcopy(facts)


@dataclass
class Desk:
    """A worker's desk: settings with a work folder, and an edit of whatever the prober says."""

    settings: Settings
    encoder: Any
    prober: Files
    percents: list[float] = field(default_factory=list)
    go_on: Callable[[float], bool] = lambda _: True

    def edit(self) -> Made:
        def on_progress(percent: float) -> bool:
            self.percents.append(percent)
            return self.go_on(percent)

        ports = cast("Ports", SimpleNamespace(prober=self.prober, encoder=self.encoder))
        with edit(ports, self.settings, Path("/share/original.mp4"), on_progress) as made:
            assert all(one.path.stat().st_size for one in made.renditions)
        assert not any(one.path.exists() for one in made.renditions)
        return made

    def runs(self) -> list[str]:
        """What FFmpeg was asked for, run by run: the last thing that each made."""
        return [run[-1].rpartition("/")[2] for run in self.encoder.runs]

    def left(self) -> list[str]:
        return sorted(path.name for path in self.settings.work_dir.glob("*"))


def furnish(folder: Path) -> Desk:
    """Furnish a desk below a folder."""
    settings = Settings(
        database_url="postgresql://nobody@localhost/none",
        redis_url="redis://localhost",
        media_root=folder,
        secret_key="x" * 32,
        work_dir=folder / "work",
    )
    known: dict[str, dict[str, Any] | None] = {"original.mp4": GOOD_CLIP, "processed.mp4": EDIT, "light.mp4": LIGHT}
    return Desk(settings, FakeEncoder(), Files(deepcopy(known)))
