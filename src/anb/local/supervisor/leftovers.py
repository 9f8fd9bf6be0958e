"""The processes of a data folder, found by the mark they carry, and ended when a killed run has left them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from anb.local.supervisor.child import MARK, PART

# PostgreSQL and nginx overwrite their environment; they are recognised by their working folder.
ENGINES = {"postgres", "nginx", "valkey-server"}


def end_all(folder: Path, patience: float = 3) -> int:
    """End every process of a data folder, with `patience` seconds to end on their own; return their number."""
    found = [process for process in _ours(folder) if process.pid != os.getpid()]
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(found, timeout=patience)
    _kill(stubborn)
    return len(found)


def kill_part(folder: Path, part: str) -> None:
    """Kill the descendants of a service that died, such as an encoder of a killed worker."""
    _kill(list(_of_part(folder, part)))


def find_part(folder: Path, part: str) -> psutil.Process | None:
    """Return the running process of a service; None where it does not run."""
    return next(_of_part(folder, part), None)


def _of_part(folder: Path, part: str) -> Iterator[psutil.Process]:
    return (process for process in _ours(folder) if _environment(process).get(PART) == part)


def _ours(folder: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        if _environment(process).get(MARK) == str(folder) or _works_inside(process, folder):
            yield process


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):  # it ended meanwhile, or belongs to another user
        return {}


def _works_inside(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.name() in ENGINES and Path(process.cwd()).is_relative_to(folder)
    except (psutil.Error, OSError):
        return False


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=3)
