"""Repairs the queue's file before each start of Valkey.

Uses the standard library only: Debian's unit of Valkey lets nothing be mapped as code but what its `ExecPaths` name, so
a compiled library of a wheel cannot be loaded there.
"""

from pathlib import Path

from anb.engines import append_only

DATA = "/var/lib/valkey"


def repair() -> None:
    """Set aside a file damaged by a power failure; the queue then starts empty. systemd runs it before each start."""
    aside = append_only.set_aside_if_torn(Path(DATA))
    if aside:
        print(f"anb-host: the queue's file was damaged; it is kept in {aside}, and jobs are sent again", flush=True)
