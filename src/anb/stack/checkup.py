"""What `anb doctor` looks at, and what it finds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from anb.settings import StackSettings
from anb.stack.folder import DataFolder

State = Literal["ok", "warn", "fail", "off"]


@dataclass(frozen=True)
class Finding:
    """One thing that was examined."""

    part: str
    state: State
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Checkup:
    """The stack as its settings and its data folder describe it."""

    settings: StackSettings
    folder: DataFolder
    running: bool
    environment: Mapping[str, str]  # of what runs, or would

    @classmethod
    def of(cls, settings: StackSettings) -> Self:
        """Look at a data folder, without changing anything in it."""
        folder = DataFolder(settings.data_dir.resolve())
        known = dict(os.environ)
        if folder.environment_file.is_file():
            lines = folder.environment_file.read_text(encoding="utf-8").splitlines()
            known = {name: value for name, _, value in (line.partition("=") for line in lines)} | known
        return cls(settings, folder, folder.root.is_dir() and folder.is_running(), known)

    @property
    def media_root(self) -> Path:
        """Return the share."""
        return self.settings.media_root or self.folder.root / "media"
