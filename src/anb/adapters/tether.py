"""The launcher of a program that cannot outlive us: it ties itself to its parent, lowers its limits, becomes it.

`python -I -S tether.py --parent=PID [--cpu=S] [--data=BYTES] [--fsize=BYTES] [--nofile=N] -- command …`; the standard
library alone, and little of it, for it stands before every probe. `tethered.py` is how the adapters start it.

The kernel kills it when its parent dies, so not even `kill -9` of a worker leaves an FFmpeg behind. Linux sends that
signal when the *thread* that started the child ends, not only the process: who starts one keeps its thread until the
child has ended. Elsewhere than on Linux there is no such signal, and an orphan ends by its own limits.
"""

import os
import resource
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
CANNOT_START = 127  # as a shell says it
OOM_SCORE = "500"  # the victim of choice when memory runs out: a child can be tried again, a server cannot
LIMITS = {
    "cpu": resource.RLIMIT_CPU,  # seconds
    "data": resource.RLIMIT_DATA,  # memory of its own; RLIMIT_AS would count what FFmpeg only reserves
    "fsize": resource.RLIMIT_FSIZE,
    "nofile": resource.RLIMIT_NOFILE,
}


def main(arguments: Sequence[str]) -> None:
    """Tie ourselves to the parent, lower our limits, and become the command."""
    end = list(arguments).index("--")
    options = dict(argument.removeprefix("--").split("=", 1) for argument in arguments[:end])
    _die_with(int(options.pop("parent")))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, value in options.items():
        _lower(LIMITS[name], int(value))
    command = list(arguments[end + 1 :])
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the command is what a launcher is for
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(CANNOT_START)


def _die_with(parent: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - costs a third of our start, and other systems have no use for it

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before we asked, and nobody would tell us
        sys.exit(CANNOT_START)
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib starts slowly
        file.write(OOM_SCORE)


def _lower(limit: int, value: int) -> None:
    _, ceiling = resource.getrlimit(limit)
    most = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
    resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
