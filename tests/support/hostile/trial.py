"""What the product does with one file made to harm, from its arrival to its edit, and all that it touched meanwhile."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psutil

from anb.adapters import sandbox_cgroup
from anb.adapters.ffmpeg import FfmpegEncoder
from anb.adapters.libav import LibavProber
from anb.adapters.sandbox import Sandbox
from anb.errors import Refusal
from anb.media import probe, rules
from anb.media.edit import EditRefused, edit
from anb.media.workplace import SHELF_PREFIX
from anb.ports import Ports
from anb.settings import SandboxMode, Settings
from support.hostile.case import Bait, Maker, mp4
from support.hostile.watch import Watch, watching

# The rules as they are, but for sizes and lengths: hostile files are small and short.
PROBE_SECONDS = 10.0
EDIT_SECONDS = 30.0


@dataclass(frozen=True)
class Outcome:
    """How it ended, and what else happened."""

    verdict: str  # refused or edited; anything else was raised
    why: str
    seconds: float
    touched: set[str]  # decoys
    called: int
    left: list[str]  # files, processes and control groups


@dataclass(frozen=True)
class Yard:
    """A place with decoys, watched, and the ports of a worker."""

    folder: Path
    settings: Settings
    ports: Ports
    watch: Watch

    @property
    def bait(self) -> Bait:
        """What there is to reach."""
        return Bait(self.folder / "decoys" / "decoy.mp4", self.watch.url)

    def put_through(self, make: Maker, name: str = "clip.mp4") -> Outcome:
        """Make a file, let the product have it, and look around. Raises whatever is neither a refusal nor an edit."""
        path = self.folder / "arrived" / name
        others = set(psutil.Process().children())  # a product that the run shares edits what other tests send it
        make(path, self.bait)
        self.watch.touched()
        begun = time.monotonic()
        verdict, why = self._judged(path)
        seconds = time.monotonic() - begun
        path.unlink()
        touched = self.watch.touched() - {path.name}
        return Outcome(verdict, why, seconds, touched, self.watch.called(), self._left(others))

    def _judged(self, path: Path) -> tuple[str, str]:
        try:
            facts = probe.examine(self.ports.prober, path)
            rules.judge(facts, self.settings)
            with edit(self.ports, self.settings, path, lambda _: True) as made:
                return "edited", f"{made.frames} frames"
        except Refusal as refusal:
            return "refused", f"{refusal.code}: {refusal.__cause__ or refusal}"
        except EditRefused as refused:
            return "refused", refused.detail

    def _left(self, others: set[psutil.Process]) -> list[str]:
        work = self.settings.work_dir
        found_files = [path for path in work.rglob("*") if path.is_file() and path.suffix != ".lock"]
        files = [str(path) for path in found_files if not path.parent.name.startswith(SHELF_PREFIX)]  # kept bumpers
        new = set(psutil.Process().children()) - others
        processes = [str(process) for child in new for process in _with_descendants(child) if _alive(process)]
        groups = (tree.glob(f"{sandbox_cgroup.PREFIX}{os.getpid()}-*") for tree in sandbox_cgroup.trees())
        return [*files, *processes, *(str(group) for found in groups for group in found)]


@contextmanager
def yard(folder: Path, mode: SandboxMode = "auto") -> Iterator[Yard]:
    """Lay out a yard below a folder. The decoy lies both elsewhere and beside the file."""
    for name in ("decoys", "arrived"):
        (folder / name).mkdir()
        (folder / name / "decoy.mp4").write_bytes(mp4())
    settings = Settings(
        database_url="postgresql://nobody@localhost/none",
        redis_url="redis://localhost",
        media_root=folder / "media",
        secret_key="x" * 32,
        work_dir=folder / "work",
        clip_min_seconds=0.3,
        clip_min_side=16,
        edit_clip_seconds=0.4,
        edit_bumper_seconds=0.1,
        job_hard_seconds=EDIT_SECONDS,
    )
    sandbox = Sandbox(mode)
    prober = LibavProber(settings.work_dir / "probes", 2, PROBE_SECONDS, sandbox)
    ports = SimpleNamespace(prober=prober, encoder=FfmpegEncoder(EDIT_SECONDS, sandbox=sandbox))
    with watching(folder / "decoys", folder / "arrived") as watch:
        yield Yard(folder, settings, cast("Ports", ports), watch)


def _with_descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _alive(process: psutil.Process) -> bool:
    try:
        return "bwrap" in process.name() or "ffmpeg" in process.name() or "libav_child" in " ".join(process.cmdline())
    except psutil.Error:
        return False
