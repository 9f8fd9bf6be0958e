"""The sandbox: a program that opens files of unknown intent sees what is declared here, and nothing else.

How thick its walls are depends on the machine (`sandbox_walls`). What holds everywhere are the tether and its limits;
what holds where the kernel lets us are a filter of system calls and a control group. See docs/decisions/0012.
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

from anb.adapters import sandbox_cgroup, sandbox_landlock, sandbox_seccomp, sandbox_walls
from anb.adapters.sandbox_cell import Cell
from anb.adapters.sandbox_needs import PYTHON, of_python, python
from anb.adapters.sandbox_walls import Bare, Bubblewrap, Kernel, Walls
from anb.adapters.tethered import tethered
from anb.errors import AnbError
from anb.logs import logger
from anb.settings import SandboxMode

log = logger(__name__)

TASKS = 512  # threads of one program, which makes no other; FFmpeg starts several for each core
PROOF_SECONDS = 20
# What a proof tries: the declared file opens, another does not, and there is no socket to be had.
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
    """This machine cannot keep to ANB_SANDBOX=require."""


class Layer(NamedTuple):
    """One layer of the sandbox on this machine; tether and limits hold on all."""

    name: str
    holds: bool
    what: str  # as it is here, where it holds


class Sandbox:
    """Starts programs in cells, behind the thickest walls that this machine has, or behind given ones."""

    def __init__(self, mode: SandboxMode = "auto", walls: Walls | None = None) -> None:
        self._mode = mode
        self._walls = walls

    @contextmanager
    def running(self, command: Sequence[str], cell: Cell, *, memory: int, **limits: int) -> Iterator[Popen[bytes]]:
        """Run a command in a cell, output and errors in pipes; on leaving, all of it is dead.

        The command writes every file's path as `file:/absolute/path`. `memory` is of the whole group, in bytes; the
        other limits are the tether's. Raises OSError when it cannot be started.
        """
        addressed = cell.readdressed(command, lambda path: self.walls.inside(cell, path))
        with ExitStack() as stack:
            groups = stack.enter_context(sandbox_cgroup.capped(memory, TASKS)) if self._mode != "off" else []
            launch = stack.enter_context(self.walls.around(cell, addressed))
            # The groups come first: behind Landlock's walls they are out of reach.
            options = [*(f"--group={group / 'cgroup.procs'}" for group in groups), *launch.tether]
            yield stack.enter_context(
                tethered(launch.command, options=options, files=launch.files, environment=cell.environment, **limits)
            )

    @property
    def walls(self) -> Walls:
        """The walls of this machine. Raises NoSandbox."""
        return self._walls or thickest(self._mode)

    def layers(self) -> list[Layer]:
        """Say which layers hold on this machine, the outermost first. Raises NoSandbox."""
        walls = self.walls
        groups = sandbox_cgroup.works() if self._mode != "off" else ""
        filtered = not isinstance(walls, Bare) and sandbox_seccomp.program() is not None
        return [
            Layer("bubblewrap", isinstance(walls, Bubblewrap), walls.name),
            Layer("Landlock", isinstance(walls, Kernel) and walls.landlock, walls.name),
            Layer("seccomp", filtered, "seccomp"),
            Layer("cgroup", bool(groups), f"cgroup ({groups})"),
        ]


def proved(walls: Walls) -> bool:
    """Try to get out of a cell; say whether it ran, and could not."""
    declared, other = Path(__file__), Path(sandbox_walls.__file__)
    cell = Cell(runs=of_python(), reads=(declared,))
    command = [python(), *PYTHON, "-c", PROOF, f"file:{declared}", walls.denies, str(other)]
    addressed = cell.readdressed(command, lambda path: walls.inside(cell, path))
    try:
        with (
            walls.around(cell, addressed) as launch,
            tethered(launch.command, options=launch.tether, files=launch.files) as process,
        ):
            process.communicate(timeout=PROOF_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return False
    return process.returncode == 0


@cache
def thickest(mode: SandboxMode) -> Walls:
    """Choose the walls, once per process. Raises NoSandbox."""
    if mode == "off":
        return Bare()
    candidates: list[Walls] = [*bubblewraps(), *(kernels() if mode == "auto" else ())]
    for walls in candidates:
        if proved(walls):
            return walls
    if mode == "require":
        raise NoSandbox("ANB_SANDBOX=require, but bubblewrap does not work here: install it, or see `anb doctor`")
    log.warning("adapters.sandbox.none", advice="install bubblewrap; `anb doctor` says more")
    return Bare()


def kernels() -> Iterator[Kernel]:
    """Find what the kernel has, the thicker first."""
    if sandbox_seccomp.program() is not None:
        yield from [Kernel(landlock=True)] * bool(sandbox_landlock.version())
        yield Kernel(landlock=False)


def bubblewraps() -> Iterator[Bubblewrap]:
    """Find what there is of bubblewrap, the thicker first."""
    program = shutil.which("bwrap")
    if sys.platform != "linux" or program is None:
        return
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=PROOF_SECONDS, check=False)
    version = "".join(re.findall(r"[\d.]+", said.stdout)[:1])
    if os.geteuid() == 0 and shutil.which("setpriv"):
        yield Bubblewrap(Path(program), version, own_id=True)
    yield Bubblewrap(Path(program), version, own_id=False)
