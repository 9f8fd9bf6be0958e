"""The sandbox: a program that opens untrusted files sees only what its cell declares.

How strong its walls are depends on the machine (`walls`). The launcher and its limits hold everywhere; a system call
filter and a control group hold where the kernel allows them. See docs/decisions/0012.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from subprocess import Popen
from typing import NamedTuple

from anb.adapters.sandbox import cgroup, landlock, quota, seccomp
from anb.adapters.sandbox.requirements import PYTHON, of_python, python
from anb.adapters.sandbox.spec import Cell
from anb.adapters.sandbox.walls import Bubblewrap, LandlockWalls, NoWalls, Walls
from anb.errors import AnbError
from anb.logs import logger
from anb.process import launcher
from anb.process.spawn import spawned
from anb.settings import SandboxMode

log = logger(__name__)

TASKS = 512  # threads of one program, which starts no other; FFmpeg starts several for each core
PROOF_SECONDS = 20
# What a proof tries: the declared file opens, another does not, and no socket can be made.
PROOF = """
import socket, sys
open(sys.argv[1].removeprefix("file:")).close()
for attempt in [lambda: open(sys.argv[3])] * ("files" in sys.argv[2]) + [socket.socket] * ("sockets" in sys.argv[2]):
    try:
        attempt()
    except OSError:
        continue
    sys.exit("it got out")
"""


class NoSandbox(AnbError):
    """This machine cannot satisfy ANB_SANDBOX=require."""


class Layer(NamedTuple):
    """One layer of the sandbox on this machine; launcher and limits always hold."""

    name: str
    holds: bool
    what: str  # its description here, where it holds


class Sandbox:
    """Starts programs in cells, behind given walls or the strongest that this machine has."""

    def __init__(self, mode: SandboxMode = "auto", walls: Walls | None = None) -> None:
        self._mode = mode
        self._walls = walls

    @contextmanager
    def running(
        self,
        command: Sequence[str],
        cell: Cell,
        *,
        memory: int,
        disk: int | None = None,
        stdin: int = subprocess.DEVNULL,
        **limits: int,
    ) -> Iterator[Popen[bytes]]:
        """Run a command in a cell, with output and errors in pipes; on leaving, every process of it has ended.

        The command writes each file's path as `file:/absolute/path`. `memory` limits the whole group, `disk` all files
        of the folder that it writes, in bytes; `stdin` is an open file; the other limits are the launcher's.
        Raises OSError when it cannot be started, and QuotaExceeded when it was killed for writing too much.
        """
        addressed = cell.readdressed(command, lambda path: self.walls.inside(cell, path))
        with ExitStack() as stack:
            groups = stack.enter_context(cgroup.capped(memory, TASKS)) if self._mode != "off" else []
            launch = stack.enter_context(self.walls.around(cell, addressed))
            # Groups come first: behind Landlock they are out of reach.
            options = [*(f"--group={group / 'cgroup.procs'}" for group in groups), *launch.options]
            process = stack.enter_context(
                spawned(
                    launch.command,
                    options=options,
                    files=launch.files,
                    environment=cell.environment,
                    stdin=stdin,
                    **limits,
                )
            )
            if disk is not None and cell.writes is not None:
                stack.enter_context(quota.kept(process, cell.writes, disk))
            yield process

    @property
    def walls(self) -> Walls:
        """The walls of this machine. Raises NoSandbox."""
        return self._walls or thickest(self._mode)

    def layers(self) -> list[Layer]:
        """Say which layers hold on this machine, the outermost first. Raises NoSandbox."""
        walls = self.walls
        groups = cgroup.works() if self._mode != "off" else ""
        filtered = not isinstance(walls, NoWalls) and seccomp.program() is not None
        return [
            Layer("bubblewrap", isinstance(walls, Bubblewrap), walls.name),
            Layer("Landlock", isinstance(walls, LandlockWalls) and walls.landlock, walls.name),
            Layer("seccomp", filtered, "seccomp"),
            Layer("cgroup", bool(groups), f"cgroup ({groups})"),
        ]


def proved(walls: Walls) -> bool:
    """Try to break out of a cell; return whether the program ran and stayed inside."""
    declared, other = Path(__file__), Path(launcher.__file__)
    cell = Cell(runs=of_python(), reads=(declared,))
    command = [python(), *PYTHON, "-c", PROOF, f"file:{declared}", walls.denies, str(other)]
    addressed = cell.readdressed(command, lambda path: walls.inside(cell, path))
    try:
        with (
            walls.around(cell, addressed) as launch,
            spawned(launch.command, options=launch.options, files=launch.files) as process,
        ):
            process.communicate(timeout=PROOF_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return False
    return process.returncode == 0


@cache
def thickest(mode: SandboxMode) -> Walls:
    """Choose the walls, once per process. Raises NoSandbox."""
    if mode == "off":
        return NoWalls()
    candidates: list[Walls] = [*bubblewraps(), *(kernels() if mode == "auto" else ())]
    for walls in candidates:
        if proved(walls):
            return walls
    if mode == "require":
        raise NoSandbox("ANB_SANDBOX=require, but bubblewrap does not work here: install it, or see `anb doctor`")
    log.warning("adapters.sandbox.none", advice="install bubblewrap; `anb doctor` says more")
    return NoWalls()


def kernels() -> Iterator[LandlockWalls]:
    """Yield the walls that the kernel offers, the stronger first."""
    if seccomp.program() is not None:
        yield from [LandlockWalls(landlock=True)] * bool(landlock.version())
        yield LandlockWalls(landlock=False)


def bubblewraps() -> Iterator[Bubblewrap]:
    """Yield the walls that bubblewrap offers, the stronger first."""
    program = shutil.which("bwrap")
    if sys.platform != "linux" or program is None:
        return
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=PROOF_SECONDS, check=False)
    version = "".join(re.findall(r"[\d.]+", said.stdout)[:1])
    if os.geteuid() == 0 and shutil.which("setpriv"):
        yield Bubblewrap(Path(program), version, own_id=True)
    yield Bubblewrap(Path(program), version, own_id=False)
