"""The command that boots a lab host: a kernel of its own, its memory, its disk, its tap, the place of its seed."""

import os
from collections.abc import Collection
from pathlib import Path

from deploy.lab.addresses import Place

QUIET = ("quiet", "systemd.show_status=0", "selinux=0", "audit=0")


def processor(number: int, usable: Collection[int] | None = None) -> int:
    """Return which of this machine's processors a host is kept on, by its number among the hosts."""
    known = sorted(usable or os.sched_getaffinity(0))
    return known[number % len(known)]


def command(place: Place, folder: Path, image: Path, mib: int, cpu: int) -> list[str]:
    """Return the command. What the host writes goes to `root.cow` in its folder, over the image that all share.

    The kernel and its processes are traced by one another, one at a time: kept on one processor, a system call takes a
    quarter of the time that it takes when they are woken on another.
    """
    return [
        "taskset",
        "--cpu-list",
        str(cpu),
        "linux.uml",
        f"mem={mib}M",
        f"ubd0={folder / 'root.cow'},{image}",
        "root=/dev/ubda",
        "rw",
        f"hostfs={folder / 'seed'}",
        f"vec0:transport=tap,ifname={place.port},depth=128,gro=1,mac={place.mac}",
        f"vec1:transport=tap,ifname={place.line_port}",
        f"lab.line={place.line}",
        f"uml_dir={folder}",
        "con0=null,fd:1",
        "con=null",
        *QUIET,
    ]
