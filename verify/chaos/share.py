"""The share of the run: a small file system that can be full, read-only, or unresponsive like a dead NFS server.

It is a tmpfs in this run's mount namespace, behind bindfs (FUSE) if that is installed: while bindfs is stopped, the
share does not answer. If the machine does not allow this, the share is a plain folder, and those faults are skipped.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from anb.local.supervisor import child
from anb.settings import MIB

BYTES = 512 * MIB
STEPS = (4 * MIB, 64 * 1024, 4096)
WITHIN = "CHAOS_NAMESPACE"
NO_SLOW_UPLOADS = "no-slow-uploads"  # a file next to the share while clients on bad networks may not begin
PATIENCE = 60  # seconds for current writers to end


class Share:
    """The folder of the platform's files."""

    def __init__(self, root: Path, backing: Path, why_not: str | None, bindfs: psutil.Process | None) -> None:
        self.root = root
        self.why_not = why_not  # why it cannot be full or read-only
        self.bindfs = bindfs  # the process to stop for an unresponsive share
        self._backing = backing

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no byte free."""
        filler = self._backing / "filler"
        with filler.open("wb") as file:
            for step in STEPS:
                _take(file.fileno(), step)
        try:
            yield
        finally:
            filler.unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Make it read-only. The kernel refuses while a file is open for writing, so slow uploads have to end first."""
        pause = self._backing.with_name(NO_SLOW_UPLOADS)
        pause.touch()
        try:
            self._remount("ro")
        finally:
            pause.unlink()
        try:
            yield
        finally:
            self._remount("rw")

    def _remount(self, how: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while (done := _run("mount", "-o", f"remount,{how}", str(self._backing))) is not None:
            if time.monotonic() > deadline:
                raise RuntimeError(done)
            time.sleep(0.02)


def enter_namespace() -> None:
    """Restart this program in a mount namespace of its own. Continue without one if the machine does not allow it."""
    if WITHIN in os.environ:
        return
    alone = ["--user", "--map-root-user"] * (os.geteuid() != 0)
    command = ["unshare", *alone, "--mount", "--propagation", "private", "--"]
    why_not = _run(*command, "true")
    os.environ[WITHIN] = why_not or "private"
    if why_not is None:
        os.execvp("unshare", [*command, sys.executable, "-m", "verify.chaos", *sys.argv[1:]])  # noqa: S606


@contextmanager
def open_share(folder: Path) -> Iterator[Share]:
    """Make a share below a folder, and remove it afterwards."""
    root, backing = folder / "share", folder / "backing"
    root.mkdir()
    backing.mkdir()
    why_not = None if os.environ.get(WITHIN) == "private" else f"no mount namespace: {os.environ.get(WITHIN)}"
    why_not = why_not or _run("mount", "-t", "tmpfs", "-o", f"size={BYTES}", "chaos", str(backing))
    if why_not:
        yield Share(root, backing, why_not, None)
        return
    bindfs = _bind(backing, root)
    try:
        yield Share(root if bindfs else backing, backing, None, bindfs)
    finally:
        if bindfs:
            bindfs.kill()
            bindfs.wait(5)
            _run("umount", "-l", str(root))
        _run("umount", "-l", str(backing))


def _bind(backing: Path, root: Path) -> psutil.Process | None:
    if shutil.which("bindfs") is None or not Path("/dev/fuse").exists():
        return None
    command = ["bindfs", "-f", "--multithreaded", str(backing), str(root)]
    process = child.spawn(
        command, log=root.with_name("bindfs.log"), folder=backing.parent, environment=os.environ,
        when_orphaned=signal.SIGKILL,
    )  # fmt: skip
    deadline = time.monotonic() + 5
    while not root.is_mount():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            return None
        time.sleep(0.02)
    return psutil.Process(process.pid)


def _take(file: int, step: int) -> None:
    while True:
        try:
            os.posix_fallocate(file, os.fstat(file).st_size, step)
        except OSError:
            return


def _run(*command: str) -> str | None:
    """Run a command. Return why it failed, or None."""
    if shutil.which(command[0]) is None:
        return f"no {command[0]} here"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip() or f"{command[0]}: exit code {done.returncode}"
