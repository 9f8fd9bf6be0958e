"""The launcher of a program that cannot outlive us: it ties itself to its parent, lowers its limits, becomes it.

`python -I -S tether.py --parent=PID [--group=FILE …] [--cpu=S] [--data=BYTES] [--fsize=BYTES] [--nofile=N]
[--landlock=FD] [--seccomp=FD] -- command …`; the standard library alone, and little of it, for it stands before every
probe. `tethered.py` is how the adapters start it.

The kernel kills it when its parent dies, so not even `kill -9` of a worker leaves an FFmpeg behind. Linux sends that
signal when the *thread* that started the child ends, not only the process: who starts one keeps its thread until the
child has ended. Elsewhere than on Linux there is no such signal, and an orphan ends by its own limits.
"""

import os
import resource
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 22, 24, 38
SECCOMP_MODE_FILTER = 2
LANDLOCK_RESTRICT_SELF = 446  # the same number on every processor
FILTER_STEP = 8  # bytes
CANNOT_START = 127  # as a shell says it
OOM_SCORE = "500"  # the victim of choice when memory runs out: a child can be tried again, a server cannot
LIMITS = {
    "cpu": resource.RLIMIT_CPU,  # seconds
    "data": resource.RLIMIT_DATA,  # memory of its own; RLIMIT_AS would count what FFmpeg only reserves
    "fsize": resource.RLIMIT_FSIZE,
    "nofile": resource.RLIMIT_NOFILE,
}


def main(arguments: Sequence[str]) -> None:
    """Tie ourselves to the parent, lower our limits, put up the walls we are given, and become the command."""
    end = list(arguments).index("--")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for argument in arguments[:end]:
        name, value = argument.removeprefix("--").split("=", 1)
        if name in LIMITS:
            _lower(LIMITS[name], int(value))
        else:
            DEEDS[name](value)
    command = list(arguments[end + 1 :])
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the command is what a launcher is for
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(CANNOT_START)


def die_with(parent: str) -> None:
    """Ask the kernel to kill us with our parent, and first when memory runs out."""
    if sys.platform != "linux":
        return
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):  # it died before we asked, and nobody would tell us
        sys.exit(CANNOT_START)
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib starts slowly
        file.write(OOM_SCORE)


def enter(group: str) -> None:
    """Enter a control group by its file of processes."""
    with open(group, "w", encoding="ascii") as file:  # noqa: PTH123 - as above
        file.write("0")  # ourselves


def restrict(rules: str) -> None:
    """Keep to a Landlock ruleset, and to no privilege: what root may do beyond files it does not know of."""
    import ctypes  # noqa: PLC0415 - costs a third of our start

    for capability in range(64):
        if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # not root, or the last one
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if ctypes.CDLL(None, use_errno=True).syscall(LANDLOCK_RESTRICT_SELF, int(rules), 0) != 0:
        raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    os.close(int(rules))


def filter_calls(file: str) -> None:
    """Keep to a filter of system calls."""
    import ctypes  # noqa: PLC0415 - as above

    steps = os.read(int(file), 1 << 16)
    os.close(int(file))
    kept = ctypes.create_string_buffer(steps, len(steps))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    program = Program(len(steps) // FILTER_STEP, ctypes.addressof(kept))
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


DEEDS = {"parent": die_with, "group": enter, "landlock": restrict, "seccomp": filter_calls}


def _prctl(option: int, *values: int) -> None:
    import ctypes  # noqa: PLC0415 - as above; other systems have no use for it

    words = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    if ctypes.CDLL(None, use_errno=True).prctl(option, *words) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option})")


def _lower(limit: int, value: int) -> None:
    _, ceiling = resource.getrlimit(limit)
    most = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
    resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
