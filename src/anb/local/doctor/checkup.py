"""The input and the findings of `anb doctor`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from anb.local.data_folder import DataFolder
from anb.settings import StackSettings, read_env_file

State = Literal["ok", "warn", "fail", "off"]


@dataclass(frozen=True)
class CheckResult:
    """One finding."""

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
    environment: Mapping[str, str]  # of the running stack, or of the one that would start

    @classmethod
    def of(cls, settings: StackSettings) -> Self:
        """Read a data folder without changing anything in it."""
        folder = DataFolder(settings.data_dir.resolve())
        known = read_env_file(folder.environment_file) | dict(os.environ)
        return cls(settings, folder, folder.root.is_dir() and folder.is_running(), known)

    @property
    def media_root(self) -> Path:
        """Return the media root."""
        return self.settings.media_root or self.folder.root / "media"
