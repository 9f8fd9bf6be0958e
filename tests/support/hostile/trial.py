"""What the product does with one hostile file, from its arrival to its edit, and everything it touched meanwhile."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psutil

from anb.adapters.media.encoder import FfmpegEncoder
from anb.adapters.media.prober import LibavProber
from anb.adapters.sandbox import cgroup
from anb.adapters.sandbox.runner import Sandbox
from anb.errors import Refusal
from anb.media import probe, rules
from anb.media.edit import EditRejected, edit
from anb.media.work_folder import SHELF_PREFIX
from anb.ports import Ports
from anb.settings import SandboxMode, Settings
from support.hostile.case import Bait, Maker, mp4
from support.hostile.watch import FileWatch, watching

# The rules as they are, except for sizes and lengths: hostile files are small and short.
PROBE_SECONDS = 10.0
EDIT_SECONDS = 30.0


@dataclass(frozen=True)
class TrialOutcome:
    """How it ended, and what else happened."""

    verdict: str  # refused or edited; anything else was raised
    why: str
    seconds: float
    touched: set[str]  # decoys
    called: int
    left: list[str]  # files, processes and control groups


@dataclass(frozen=True)
class SandboxProbe:
    """A folder with decoys, watched, and the ports of a worker."""

    folder: Path
    settings: Settings
    ports: Ports
    watch: FileWatch

    @property
    def bait(self) -> Bait:
        """What there is to reach."""
        return Bait(self.folder / "decoys" / "decoy.mp4", self.watch.url)

    def put_through(self, make: Maker, name: str = "clip.mp4") -> TrialOutcome:
        """Make a file, run the product on it, and look around. Raises whatever is neither a refusal nor an edit."""
        path = self.folder / "arrived" / name
        others = set(psutil.Process().children())  # a product that the run shares also edits what other tests send it
        make(path, self.bait)
        self.watch.touched()
        begun = time.monotonic()
        verdict, why = self._judged(path)
        seconds = time.monotonic() - begun
        path.unlink()
        touched = self.watch.touched() - {path.name}
        return TrialOutcome(verdict, why, seconds, touched, self.watch.called(), self._left(others))

    def _judged(self, path: Path) -> tuple[str, str]:
        try:
            facts = probe.examine(self.ports.prober, path)
            rules.judge(facts, self.settings)
            with edit(self.ports, self.settings, path, lambda _: True) as made:
                return "edited", f"{made.frames} frames"
        except Refusal as refusal:
            return "refused", f"{refusal.code}: {refusal.__cause__ or refusal}"
        except EditRejected as refused:
            return "refused", refused.detail

    def _left(self, others: set[psutil.Process]) -> list[str]:
        work = self.settings.work_dir
        found_files = [path for path in work.rglob("*") if path.is_file() and path.suffix != ".lock"]
        files = [str(path) for path in found_files if not path.parent.name.startswith(SHELF_PREFIX)]  # cached bumpers
        new = set(psutil.Process().children()) - others
        processes = [str(process) for child in new for process in _with_descendants(child) if _alive(process)]
        groups = (tree.glob(f"{cgroup.PREFIX}{os.getpid()}-*") for tree in cgroup.trees())
        return [*files, *processes, *(str(group) for found in groups for group in found)]


@contextmanager
def sandbox_probe(folder: Path, mode: SandboxMode = "auto") -> Iterator[SandboxProbe]:
    """Prepare the folders of a probe. The decoy is both in another folder and in the file's own."""
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
        yield SandboxProbe(folder, settings, cast("Ports", ports), watch)


def _with_descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _alive(process: psutil.Process) -> bool:
    try:
        return "bwrap" in process.name() or "ffmpeg" in process.name() or "probe_child" in " ".join(process.cmdline())
    except psutil.Error:
        return False
