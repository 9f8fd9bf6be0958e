"""A filter for the system calls that a sandboxed program does not need, written without a library.

It denies what reaches beyond the program: sockets, other processes, new processes, namespaces, keys, shared memory, and
the parts of the kernel that attackers like best. It also denies what would hide written bytes from the quota of the
folder: files that have no name or lose it. It allows threads, and `execve`, by which the launcher becomes the program.
"""

import errno
import os
import platform
import struct
from collections.abc import Iterator
from contextlib import contextmanager

ALLOW, KILL, DENY = 0x7FFF0000, 0x80000000, 0x00050000  # of a call: allow it, kill the process, answer with an errno
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # of the filter's small instruction set
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, little-endian
ARGUMENT = 8  # bytes of one
CLONE_THREAD = 0x00010000
O_TMPFILE = 0x00400000  # its own bit, without that of O_DIRECTORY
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
X32_BIT = 0x40000000  # x86-64's second set of numbers for the same calls

# Call -> its number on x86-64 and on aarch64; None where it does not exist. From the kernel's tables.
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
    # Kernel memory and queues that no limit of the process counts, and that may outlive it.
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "msgget": (68, 186),
    "semget": (64, 190),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # An open file without a name takes space that the quota does not see.
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
}
CLONE = (56, 220)
# Their flags are in memory, which a filter cannot read; without them the C library falls back to `clone` and `openat`.
UNSEEN = {"clone3": (435, 435), "openat2": (437, 437)}
# Call -> its numbers, which argument holds its flags, and the bits that are denied when all of them are set.
FLAGS: dict[str, tuple[tuple[int | None, int | None], int, tuple[int, ...]]] = {
    "open": ((2, None), 1, (O_TMPFILE,)),
    "openat": ((257, 56), 2, (O_TMPFILE,)),
    "mmap": ((9, 222), 3, (MAP_SHARED, MAP_ANONYMOUS)),
}
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
    for numbers in UNSEEN.values():
        steps += [_step(EQUAL, numbers[column], 0, 1), _deny(errno.ENOSYS)]
    for numbers, argument, bits in FLAGS.values():
        steps += _unless_all(numbers[column], argument, bits)
    steps += [_step(EQUAL, CLONE[column], 1, 0), _step(RETURN, ALLOW)]
    steps += [_step(LOAD, FIRST_ARGUMENT), _step(ANY_BIT, CLONE_THREAD, 1, 0), _deny(errno.EPERM), _step(RETURN, ALLOW)]
    return b"".join(steps)


def _unless_all(number: int | None, argument: int, bits: tuple[int, ...]) -> list[bytes]:
    """Return the steps that allow a call unless all of these bits are set in one of its arguments."""
    if number is None:
        return []
    tests = [_step(ANY_BIT, bit, 0, len(bits) - place) for place, bit in enumerate(bits)]
    steps = [_step(LOAD, FIRST_ARGUMENT + argument * ARGUMENT), *tests, _deny(errno.EPERM), _step(RETURN, ALLOW)]
    return [_step(EQUAL, number, 0, len(steps)), *steps]


@contextmanager
def opened() -> Iterator[int | None]:
    """Lend the filter as an open file, at its beginning; None for an unknown processor."""
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
