"""A control group for each program in the sandbox, where we may make one: it limits memory and threads together."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path

PREFIX = "anb-"
PATIENCE = 2.0  # seconds to wait until the last process of a group has ended
# Controller -> its limit in version 1, where each has a tree of its own, and in version 2.
LIMITS = {"memory": ("memory.limit_in_bytes", "memory.max"), "pids": ("pids.max", "pids.max")}

_numbers = count()


@contextmanager
def capped(memory: int, tasks: int) -> Iterator[list[Path]]:
    """Lend groups for one program, which joins them by their `cgroup.procs`. Empty where we may not make any."""
    limits = {"memory": memory, "pids": tasks}
    with ExitStack() as stack:
        yield [stack.enter_context(_group(tree, limits)) for tree in trees()]


def works() -> str:
    """Name what a group can limit here; empty for nothing."""
    with capped(memory=1 << 30, tasks=64) as groups:
        held = {name for group in groups for name, files in LIMITS.items() if any((group / f).exists() for f in files)}
    return " and ".join(sorted(held))


@cache
def trees(proc: Path = Path("/proc/self")) -> tuple[Path, ...]:
    """Return the groups below which we may make our own, each tried once."""
    return tuple(tree for tree in _candidates(proc) if _takes(tree))


def _candidates(proc: Path) -> Iterator[Path]:
    """Yield our own groups in version 1; in version 2 the one above ours, if it was delegated to us."""
    places = {}
    with suppress(OSError):
        for line in (proc / "cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            places[controllers] = path
        for kind, root, point, options in _mounts(proc):
            for controllers, path in places.items():
                if not path.startswith(root):
                    continue
                place = point / path[len(root) :].lstrip("/")
                if kind == "cgroup2" and not controllers and _is_ours(place.parent):
                    yield place.parent
                elif kind == "cgroup" and controllers in LIMITS and controllers in options:
                    yield place


def _mounts(proc: Path) -> Iterator[tuple[str, str, Path, list[str]]]:
    for line in (proc / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        _, _, _, root, point, *_ = before.split()
        kind, _, options = after.split(maxsplit=2)
        yield kind, root.rstrip("/"), Path(point), options.split(",")


def _is_ours(place: Path) -> bool:
    """Say whether systemd has delegated this group (Delegate=yes with DelegateSubgroup=)."""
    try:
        return os.getxattr(place, "user.delegate") == b"1"
    except OSError:
        return False


def _takes(tree: Path) -> bool:
    try:
        # Version 2 only; version 1 has no such file, and does not allow creating one.
        with suppress(OSError), (tree / "cgroup.subtree_control").open("r+") as control:
            control.write("+memory +pids")
        with _group(tree, {"memory": 1 << 30, "pids": 64}):
            return True
    except OSError:
        return False


@contextmanager
def _group(tree: Path, limits: dict[str, int]) -> Iterator[Path]:
    _sweep(tree)
    group = tree / f"{PREFIX}{os.getpid()}-{next(_numbers)}"
    group.mkdir()
    try:
        for name, files in LIMITS.items():
            for file in files:
                if (group / file).exists():
                    (group / file).write_text(str(limits[name]))
        yield group
    finally:
        _remove(group)


def _remove(group: Path) -> None:
    """Remove a group and its processes: the kernel allows it only once all of them have ended."""
    deadline = time.monotonic() + PATIENCE
    while group.exists():
        try:
            group.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                return  # the next `_sweep` removes it
            _kill(group)
            time.sleep(0.005)


def _kill(group: Path) -> None:
    """Kill the processes in a group: a bubblewrap that is killed while it starts leaves a child that waits forever."""
    with suppress(OSError):
        for process in (group / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)


def _sweep(tree: Path) -> None:
    """Remove the groups that killed workers have left."""
    for group in tree.glob(f"{PREFIX}*"):
        owner = group.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            _kill(group)
            with suppress(OSError):
                group.rmdir()
