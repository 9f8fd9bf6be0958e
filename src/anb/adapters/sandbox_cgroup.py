"""A control group for each program in the sandbox, where we may make one: memory and threads of the whole group."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path

PREFIX = "anb-"
PATIENCE = 2.0  # seconds until the last of a group is gone
# Controller -> its limit in version 1, where each has a tree of its own, and in version 2.
LIMITS = {"memory": ("memory.limit_in_bytes", "memory.max"), "pids": ("pids.max", "pids.max")}

_numbers = count()


@contextmanager
def capped(memory: int, tasks: int) -> Iterator[list[Path]]:
    """Lend groups for one program: it enters them by their `cgroup.procs`. None where we may not make any."""
    limits = {"memory": memory, "pids": tasks}
    with ExitStack() as stack:
        yield [stack.enter_context(_group(tree, limits)) for tree in trees()]


def works() -> str:
    """Name what of a group can be limited here; empty for nothing."""
    with capped(memory=1 << 30, tasks=64) as groups:
        held = {name for group in groups for name, files in LIMITS.items() if any((group / f).exists() for f in files)}
    return " and ".join(sorted(held))


@cache
def trees(proc: Path = Path("/proc/self")) -> tuple[Path, ...]:
    """Return the groups below which we may make our own, each tried once."""
    return tuple(tree for tree in _candidates(proc) if _takes(tree))


def _candidates(proc: Path) -> Iterator[Path]:
    """Look at our own groups in version 1; in version 2 at the one above ours, when it was handed to us."""
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
    """Say whether systemd has handed this group over (Delegate=yes with DelegateSubgroup=)."""
    try:
        return os.getxattr(place, "user.delegate") == b"1"
    except OSError:
        return False


def _takes(tree: Path) -> bool:
    try:
        # Version 2 only; version 1 has no such file, and lets nobody make one.
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
    """Remove a group; the kernel lets us only once everybody in it is gone."""
    deadline = time.monotonic() + PATIENCE
    while group.exists():
        try:
            group.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                return  # the next who comes by sweeps it
            time.sleep(0.005)


def _sweep(tree: Path) -> None:
    """Remove what killed workers of ours have left."""
    for group in tree.glob(f"{PREFIX}*"):
        owner = group.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            with suppress(OSError):
                group.rmdir()
