"""Runs a command that is told to end when its parent dies: `python -I -S leash.py SIGNAL PARENT COMMAND …`.

A file of its own, without imports of ours, so that it starts in a few milliseconds. Where the kernel knows no such
leash (it is Linux's), the command just runs and the next start clears what was left.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    number, parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != int(parent):  # it died before the leash was on
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - no shell wanted
