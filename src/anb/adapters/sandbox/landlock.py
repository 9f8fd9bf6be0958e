"""Landlock: the kernel's own access rules for files, which need neither root nor another program."""

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from anb.adapters.sandbox.spec import Cell

CREATE_RULESET, ADD_RULE = 444, 445  # the same on every processor
VERSION = 1  # flag: return the version of this kernel
BENEATH = 1  # kind of rule: a file, or everything below a folder

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_FILE, MAKE_REG = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 8
REFER, TRUNCATE = 1 << 13, 1 << 14
RUN = EXECUTE | READ_FILE | READ_DIR
WORK = READ_FILE | READ_DIR | WRITE_FILE | MAKE_REG | REMOVE_FILE | REFER | TRUNCATE
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE  # every right that a rule about a single file may name
# How many rights each version knows, and since when those of network and scopes. Asking for an unknown one fails.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
LATEST_FILE_RIGHTS = 16
NETWORK_SINCE, SCOPES_SINCE = 4, 6
NETWORK = SCOPES = 0b11  # TCP out and in; abstract unix sockets, and signals to processes outside


@cache
def version() -> int:
    """Return Landlock's version on this kernel; 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(int(_syscall(CREATE_RULESET, None, 0, VERSION)), 0)


@contextmanager
def ruleset(cell: Cell) -> Iterator[int]:
    """Lend a ruleset as an open file; it denies every path outside the cell. Raises OSError."""
    known = version()
    rights = (1 << FILE_RIGHTS.get(known, LATEST_FILE_RIGHTS)) - 1
    network = NETWORK if known >= NETWORK_SINCE else 0
    asked = struct.pack("=QQQ", rights, network, SCOPES if known >= SCOPES_SINCE else 0)
    size = 8 if known < NETWORK_SINCE else 16 if known < SCOPES_SINCE else 24
    rules = _checked(_syscall(CREATE_RULESET, asked, size, 0))
    try:
        for path in cell.runs:
            _let(rules, path, RUN & rights)
        for path in cell.reads:
            _let(rules, path, READ_FILE)
        for path in cell.lists:
            _let(rules, path, READ_DIR)
        if cell.writes is not None:
            _let(rules, cell.writes, WORK & rights)
        yield rules
    finally:
        os.close(rules)


def _let(rules: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= OF_FILES
        _checked(_syscall(ADD_RULE, rules, BENEATH, struct.pack("=Qi", rights, place), 0))
    finally:
        os.close(place)


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    words = [ctypes.c_long(word) if isinstance(word, int) else ctypes.c_char_p(word) for word in arguments]
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return int(libc.syscall(ctypes.c_long(number), *words))


def _checked(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), f"Landlock: {os.strerror(ctypes.get_errno())}")
    return answer
