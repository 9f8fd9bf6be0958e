"""The walls of the sandbox: bubblewrap where it works, else the kernel's own; each is proved before it is trusted."""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from anb.adapters import sandbox_landlock, sandbox_seccomp
from anb.adapters.sandbox_cell import Cell
from anb.adapters.sandbox_needs import of_program

READS, WRITES = "/in", "/out"
PACKAGE = Path(__file__).parents[1]
NOBODY = 65534  # who it is inside, where outside it cannot be anybody but us
OWN_ID = 61_000  # of user and group, where we may choose: a number no system gives to anybody


@dataclass(frozen=True)
class Launch:
    """How to start a command behind walls."""

    command: list[str]
    tether: tuple[str, ...] = ()  # options of the tether
    files: tuple[int, ...] = ()  # open files it inherits


class Walls(Protocol):
    """One way to keep a program in its cell."""

    name: str
    denies: str  # what a proof must not get at: files, sockets

    def inside(self, cell: Cell, path: Path) -> Path:
        """Return where the program finds a path of its cell."""

    @contextmanager
    def around(self, cell: Cell, command: Sequence[str]) -> Iterator[Launch]:
        """Lend what starts a command in a cell. Raises OSError."""


class Bubblewrap:
    """Namespaces of its own: no network, no other process, and a disk made of nothing but the cell."""

    def __init__(self, program: Path, version: str, *, own_id: bool) -> None:
        self._program = program
        self._setpriv = Path(shutil.which("setpriv") or "/nowhere") if own_id else None
        self.denies = "files" if sandbox_seccomp.program() is None else "files and sockets"
        self.name = f"bubblewrap {version}" + (f", as user {OWN_ID}" if own_id else "")

    def inside(self, cell: Cell, path: Path) -> Path:
        """Return a path that says nothing of the share's; what is part of the package keeps its own."""
        if path in cell.reads and path.is_relative_to(PACKAGE):
            return path
        if path in cell.reads:
            return Path(READS, str(cell.reads.index(path)))
        return Path(WRITES) / path.relative_to(cell.writes or "/nowhere")

    @contextmanager
    def around(self, cell: Cell, command: Sequence[str]) -> Iterator[Launch]:
        """Lend the command of bubblewrap. As root, who runs in the cell is nobody on this system, if they can read."""
        own = self._setpriv if all(_for_all(path) for path in cell.reads) else None
        runs = cell.runs | (of_program(own) if own else frozenset())
        if os.geteuid() == 0 and cell.writes:
            os.chown(cell.writes, *(OWN_ID if own else 0,) * 2)
        with sandbox_seccomp.opened() as filter_:
            arguments = [
                *[str(self._program), "--die-with-parent", "--new-session", "--clearenv"],
                *["--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"],
                *["--hostname", "cell", "--cap-drop", "ALL", *(_ROOTS if own else _USERS)],
                *(word for name, value in cell.environment.items() for word in ("--setenv", name, value)),
                *self._disk(cell, runs),
                *(["--seccomp", str(filter_)] if filter_ is not None else []),
                *["--", *(_become(own) if own else []), *command],
            ]
            yield Launch(arguments, files=() if filter_ is None else (filter_,))

    def _disk(self, cell: Cell, runs: frozenset[Path]) -> Iterator[str]:
        """Lay out what can be seen; the folders above are made, not shown."""
        binds = [("--ro-bind", path, path) for path in sorted(runs)]
        binds += [("--ro-bind", path, self.inside(cell, path)) for path in cell.reads]
        binds += [("--bind", cell.writes, Path(WRITES))] if cell.writes else []
        for folder in sorted({parent for _, _, target in binds for parent in target.parents} - {Path("/")}):
            yield from ("--perms", "0755", "--dir", str(folder))
        for how, source, target in binds:
            yield from (how, str(source), str(target))
        yield from ("--remount-ro", "/", "--chdir", "/")


# An ordinary user needs a user namespace; root does not, and may become somebody else inside. Then the program must not
# be the first process in there: bubblewrap, which has no privileges outside, could not signal it when we die. Its own
# first process it can, and with that one the kernel ends all the rest.
_USERS = ("--as-pid-1", "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY))
_ROOTS = tuple(word for cap in ("SETUID", "SETGID", "SETPCAP") for word in ("--cap-add", f"CAP_{cap}"))


def _become(setpriv: Path) -> list[str]:
    ids = [f"--reuid={OWN_ID}", f"--regid={OWN_ID}", "--clear-groups"]
    return [str(setpriv), *ids, "--inh-caps=-all", "--bounding-set=-all", "--"]


def _for_all(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)


class Kernel:
    """No program but the kernel: Landlock denies every file outside the cell, the filter sockets and processes."""

    def __init__(self, *, landlock: bool) -> None:
        self.landlock = landlock
        self.name = f"Landlock {sandbox_landlock.version()}" if landlock else "seccomp alone"
        self.denies = "files and sockets" if landlock else "sockets"

    def inside(self, _cell: Cell, path: Path) -> Path:
        """Return the path itself: there is one disk."""
        return path

    @contextmanager
    def around(self, cell: Cell, command: Sequence[str]) -> Iterator[Launch]:
        """Lend the command itself; the tether puts up the walls before it becomes it."""
        with ExitStack() as stack:
            files = {}
            if self.landlock:
                rules = sandbox_landlock.ruleset(cell.runs, cell.reads, cell.writes)
                files["landlock"] = stack.enter_context(rules)
            filter_ = stack.enter_context(sandbox_seccomp.opened())
            if filter_ is not None:
                files["seccomp"] = filter_
            yield Launch(
                list(command), tuple(f"--{name}={file}" for name, file in files.items()), tuple(files.values())
            )


class Bare:
    """No walls: only the limits of the tether hold."""

    name = denies = "nothing"

    def inside(self, _cell: Cell, path: Path) -> Path:
        """Return the path itself."""
        return path

    @contextmanager
    def around(self, _cell: Cell, command: Sequence[str]) -> Iterator[Launch]:
        """Lend the command itself."""
        yield Launch(list(command))
