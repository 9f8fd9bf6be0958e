"""Launch a program that cannot outlive its parent.

`python -I -S launcher.py [--signal=N] --parent=PID [--oom=SCORE] [--group=FILE …] [--core=BYTES] [--cpu=S]
[--data=BYTES] [--fsize=BYTES] [--nofile=N] [--landlock=FD] [--seccomp=FD] -- command …`

The launcher ties itself to its parent, lowers its limits, and becomes the command. It imports little of the standard
library and nothing else, because it runs before every probe. `spawn.py` and the supervisor of `anb up` start it.

When the parent dies, the kernel sends the signal (SIGKILL unless told otherwise), so not even `kill -9` of a worker
leaves an FFmpeg behind. Linux sends it when the *thread* that started the child ends, not only the process: keep that
thread until the child has ended. Other systems have no such signal: an orphan ends by its own limits, or the next start
of `anb up` ends it.
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
LIMITS = {
    "core": resource.RLIMIT_CORE,  # bytes
    "cpu": resource.RLIMIT_CPU,  # seconds
    "data": resource.RLIMIT_DATA,  # memory of its own; RLIMIT_AS would count what FFmpeg only reserves
    "fsize": resource.RLIMIT_FSIZE,
    "nofile": resource.RLIMIT_NOFILE,
}
_signal = int(signal.SIGKILL)


def main(arguments: Sequence[str]) -> None:
    """Do what each option says, in order, and become the command."""
    end = list(arguments).index("--")
    for argument in arguments[:end]:
        name, value = argument.removeprefix("--").split("=", 1)
        if name in LIMITS:
            _lower(LIMITS[name], int(value))
        else:
            ACTIONS[name](value)
    command = list(arguments[end + 1 :])
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the command is what a launcher is for
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(CANNOT_START)


def choose_signal(number: str) -> None:
    """Choose the signal that the kernel sends when the parent dies."""
    global _signal  # noqa: PLW0603 - the program is this file
    _signal = int(number)


def die_with(parent: str) -> None:
    """Ask the kernel to end us with our parent."""
    if sys.platform != "linux":
        return
    _prctl(PR_SET_PDEATHSIG, _signal)
    if os.getppid() != int(parent):  # it died before we asked, so the signal would never come
        sys.exit(CANNOT_START)


def be_killed_first(score: str) -> None:
    """Set how soon the kernel kills us when memory runs out, from -1000 (never) to 1000 (first)."""
    if sys.platform == "linux":
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib starts slowly
            file.write(score)


def enter(group: str) -> None:
    """Enter a control group by its file of processes."""
    with open(group, "w", encoding="ascii") as file:  # noqa: PTH123 - as above
        file.write("0")  # ourselves


def restrict(rules: str) -> None:
    """Apply a Landlock ruleset and drop all privileges: Landlock does not limit what root may do beyond files."""
    import ctypes  # noqa: PLC0415 - costs a third of our start

    for capability in range(64):
        if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # not root, or the last one
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if ctypes.CDLL(None, use_errno=True).syscall(LANDLOCK_RESTRICT_SELF, int(rules), 0) != 0:
        raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    os.close(int(rules))


def filter_calls(file: str) -> None:
    """Apply a system call filter."""
    import ctypes  # noqa: PLC0415 - as above

    steps = os.read(int(file), 1 << 16)
    os.close(int(file))
    kept = ctypes.create_string_buffer(steps, len(steps))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    program = Program(len(steps) // FILTER_STEP, ctypes.addressof(kept))
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


ACTIONS = {
    "signal": choose_signal,
    "parent": die_with,
    "oom": be_killed_first,
    "group": enter,
    "landlock": restrict,
    "seccomp": filter_calls,
}


def _prctl(option: int, *values: int) -> None:
    import ctypes  # noqa: PLC0415 - as above; other systems do not need it

    words = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    if ctypes.CDLL(None, use_errno=True).prctl(option, *words) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option})")


def _lower(limit: int, value: int) -> None:
    _, ceiling = resource.getrlimit(limit)
    most = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
    resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
