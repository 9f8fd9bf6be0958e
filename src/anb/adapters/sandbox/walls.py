"""The walls of the sandbox: bubblewrap where it works, else the kernel's own. Each is proved before it is used."""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from anb.adapters.sandbox import landlock as kernel_landlock
from anb.adapters.sandbox import seccomp
from anb.adapters.sandbox.requirements import of_program
from anb.adapters.sandbox.spec import Cell

READS, WRITES = "/in", "/out"
PACKAGE = Path(__file__).parents[2]
NOBODY = 65534  # user id inside, where outside it can only be our own
OWN_ID = 61_000  # user and group id, where we may choose one: a number that systems do not assign


@dataclass(frozen=True)
class Launch:
    """How to start a command behind walls."""

    command: list[str]
    options: tuple[str, ...] = ()  # of the launcher
    files: tuple[int, ...] = ()  # open files it inherits


class Walls(Protocol):
    """One way to confine a program to its cell."""

    name: str
    denies: str  # what a proof must not reach: files, sockets

    def inside(self, cell: Cell, path: Path) -> Path:
        """Return where the program finds a path of its cell."""

    @contextmanager
    def around(self, cell: Cell, command: Sequence[str]) -> Iterator[Launch]:
        """Lend the means to start a command in a cell. Raises OSError."""


class Bubblewrap:
    """Namespaces of its own: no network, no other process, and a disk that holds only the cell."""

    def __init__(self, program: Path, version: str, *, own_id: bool) -> None:
        self._program = program
        self._setpriv = Path(shutil.which("setpriv") or "/nowhere") if own_id else None
        self.denies = "files" if seccomp.program() is None else "files and sockets"
        self.name = f"bubblewrap {version}" + (f", as user {OWN_ID}" if own_id else "")

    def inside(self, cell: Cell, path: Path) -> Path:
        """Return a path that does not reveal the media root; files of the package keep their own path."""
        if path in cell.reads and path.is_relative_to(PACKAGE):
            return path
        if path in cell.reads:
            return Path(READS, str(cell.reads.index(path)))
        return Path(WRITES) / path.relative_to(cell.writes or "/nowhere")

    @contextmanager
    def around(self, cell: Cell, command: Sequence[str]) -> Iterator[Launch]:
        """Lend bubblewrap's command. Under root, the program gets a user of its own if that user can read its files."""
        own = self._setpriv if all(_for_all(path) for path in cell.reads) else None
        runs = cell.runs | (of_program(own) if own else frozenset())
        if os.geteuid() == 0 and cell.writes:
            os.chown(cell.writes, *(OWN_ID if own else 0,) * 2)
        with seccomp.opened() as filter_:
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
        """Yield the mounts of the cell; parent folders are created, not shown."""
        binds = [("--ro-bind", path, path) for path in sorted(runs)]
        binds += [("--ro-bind", path, self.inside(cell, path)) for path in cell.reads]
        binds += [("--bind", cell.writes, Path(WRITES))] if cell.writes else []
        for folder in sorted({parent for _, _, target in binds for parent in target.parents} - {Path("/")}):
            yield from ("--perms", "0755", "--dir", str(folder))
        for how, source, target in binds:
            yield from (how, str(source), str(target))
        yield from ("--remount-ro", "/", "--chdir", "/")


# An ordinary user needs a user namespace. Root does not, and may become another user inside. Then the program must not
# be the first process inside: bubblewrap, which has no privileges outside, could not signal it when we die. Bubblewrap
# can signal its own first process, and when that one ends the kernel ends the others.
_USERS = ("--as-pid-1", "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY))
_ROOTS = tuple(word for cap in ("SETUID", "SETGID", "SETPCAP") for word in ("--cap-add", f"CAP_{cap}"))


def _become(setpriv: Path) -> list[str]:
    ids = [f"--reuid={OWN_ID}", f"--regid={OWN_ID}", "--clear-groups"]
    return [str(setpriv), *ids, "--inh-caps=-all", "--bounding-set=-all", "--"]


def _for_all(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)


class LandlockWalls:
    """No helper program: Landlock denies every file outside the cell, the filter denies sockets and processes."""

    def __init__(self, *, landlock: bool) -> None:
        self.landlock = landlock
        self.name = f"Landlock {kernel_landlock.version()}" if landlock else "seccomp alone"
        self.denies = "files and sockets" if landlock else "sockets"

    def inside(self, _cell: Cell, path: Path) -> Path:
        """Return the path itself: nothing is mounted elsewhere."""
        return path

    @contextmanager
    def around(self, cell: Cell, command: Sequence[str]) -> Iterator[Launch]:
        """Lend the command itself; the launcher sets up the walls before it becomes the command."""
        with ExitStack() as stack:
            files = {}
            if self.landlock:
                rules = kernel_landlock.ruleset(cell)
                files["landlock"] = stack.enter_context(rules)
            filter_ = stack.enter_context(seccomp.opened())
            if filter_ is not None:
                files["seccomp"] = filter_
            yield Launch(
                list(command), tuple(f"--{name}={file}" for name, file in files.items()), tuple(files.values())
            )


class NoWalls:
    """No walls: only the limits of the launcher hold."""

    name = denies = "nothing"

    def inside(self, _cell: Cell, path: Path) -> Path:
        """Return the path itself."""
        return path

    @contextmanager
    def around(self, _cell: Cell, command: Sequence[str]) -> Iterator[Launch]:
        """Lend the command itself."""
        yield Launch(list(command))
