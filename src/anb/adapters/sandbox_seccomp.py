"""The system calls a program in the sandbox has no use for: a filter for the kernel, written without a library.

It denies what reaches beyond the program: sockets, other processes, new processes, namespaces, keys, and the corners of
the kernel that attackers like best. Threads are let; so is `execve`, by which the launcher becomes the program.
"""

import errno
import os
import platform
import struct
from collections.abc import Iterator
from contextlib import contextmanager

ALLOW, KILL, DENY = 0x7FFF0000, 0x80000000, 0x00050000  # of a call: let it, end the process, answer with an errno
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # of a filter's small machine
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # where they lie in struct seccomp_data, little-endian
CLONE_THREAD = 0x00010000
X32_BIT = 0x40000000  # x86-64's second set of numbers for the same calls

# Call -> its number on x86-64 and on aarch64; None where there is none. From the kernel's tables.
CALLS: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "fork": (57, None),
    "vfork": (58, None),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "fanotify_init": (300, 262),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "mq_open": (240, 180),
    "vmsplice": (278, 75),
    "syslog": (103, 116),
}
CLONE, CLONE3 = (56, 220), (435, 435)
# Machine -> its column above, and the kernel's name for it (AUDIT_ARCH_…).
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def program(machine: str | None = None) -> bytes | None:
    """Return the filter, or None for a processor whose numbers we do not have."""
    column, architecture = MACHINES.get(machine or platform.machine(), (0, 0))
    if not architecture:
        return None
    steps = [_step(LOAD, ARCHITECTURE), _step(EQUAL, architecture, 1, 0), _step(RETURN, KILL), _step(LOAD, NUMBER)]
    steps += [_step(AT_LEAST, X32_BIT, 0, 1), _deny(errno.ENOSYS)] if column == 0 else []
    for numbers in CALLS.values():
        number = numbers[column]
        steps += [_step(EQUAL, number, 0, 1), _deny(errno.EPERM)] if number is not None else []
    # Its flags lie in memory, where no filter can look; the C library tries `clone` when there is none.
    steps += [_step(EQUAL, CLONE3[column], 0, 1), _deny(errno.ENOSYS)]
    steps += [_step(EQUAL, CLONE[column], 1, 0), _step(RETURN, ALLOW)]
    steps += [_step(LOAD, FIRST_ARGUMENT), _step(ANY_BIT, CLONE_THREAD, 1, 0), _deny(errno.EPERM), _step(RETURN, ALLOW)]
    return b"".join(steps)


@contextmanager
def opened() -> Iterator[int | None]:
    """Lend the filter as an open file, from its beginning; None where there is none."""
    filter_ = program()
    if filter_ is None:
        yield None
        return
    file = os.memfd_create("seccomp")
    try:
        os.write(file, filter_)
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    """Return one instruction: struct sock_filter, its jumps counted from the next one."""
    return struct.pack("=HBBI", code, if_so, if_not, value)


def _deny(number: int) -> bytes:
    return _step(RETURN, DENY | number)
