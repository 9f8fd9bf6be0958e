"""The filter of system calls, interpreted as the kernel interprets it."""

import errno
import mmap
import os
import struct
from typing import NamedTuple

import pytest

from anb.adapters.sandbox import seccomp

X86, ARM = "x86_64", "aarch64"
ALLOW, KILL = 0x7FFF0000, 0x80000000
DENIED, UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
# What FFmpeg, libav and Python need: read, openat, mmap, munmap, futex, ioctl, exit_group, execve, clock_nanosleep.
NEEDED = {X86: (0, 257, 9, 11, 202, 16, 231, 59, 230), ARM: (63, 56, 222, 215, 98, 29, 94, 221, 115)}
THREAD = 0x003D0F00  # the flags of pthread_create
CHILD = 0x01200011  # those of fork


class Call(NamedTuple):
    number: int
    first: int = 0
    architecture: int = 0
    others: tuple[int, ...] = ()


def answer(machine: str, call: Call) -> int:
    """Run the filter over a call, step by step."""
    program = seccomp.program(machine)
    assert program is not None
    steps = list(struct.iter_unpack("=HBBI", program))
    architecture = call.architecture or seccomp.MACHINES[machine][1]
    words = [call.first, *call.others, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=iIQ6Q", call.number, architecture, 0, *words)
    place, held = 0, 0
    while True:
        code, if_so, if_not, value = steps[place]
        place += 1
        if code == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif code == 0x06:
            return int(value)
        else:
            met = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            place += if_so if met else if_not


@pytest.mark.parametrize("machine", [X86, ARM])
class TestFilter:
    def test_what_programs_live_on_is_let(self, machine: str) -> None:
        assert {answer(machine, Call(number)) for number in NEEDED[machine]} == {ALLOW}

    def test_every_call_of_the_list_is_denied(self, machine: str) -> None:
        column = seccomp.MACHINES[machine][0]
        numbers = [numbers[column] for numbers in seccomp.CALLS.values()]
        assert {answer(machine, Call(number)) for number in numbers if number is not None} == {DENIED}

    def test_threads_are_let_and_processes_are_not(self, machine: str) -> None:
        clone = seccomp.CLONE[seccomp.MACHINES[machine][0]]
        assert answer(machine, Call(clone, THREAD)) == ALLOW
        assert answer(machine, Call(clone, CHILD)) == DENIED

    def test_calls_whose_flags_cannot_be_seen_are_not_there(self, machine: str) -> None:
        assert answer(machine, Call(435, THREAD)) == UNKNOWN  # clone3: the C library falls back to clone
        assert answer(machine, Call(437)) == UNKNOWN  # openat2

    def test_a_file_without_a_name_is_denied_and_one_with_a_name_is_let(self, machine: str) -> None:
        openat = {X86: 257, ARM: 56}[machine]
        write, unnamed = os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_TMPFILE
        assert answer(machine, Call(openat, others=(0, write))) == ALLOW
        assert answer(machine, Call(openat, others=(0, unnamed))) == DENIED

    def test_memory_is_the_programs_own(self, machine: str) -> None:
        mapped = {X86: 9, ARM: 222}[machine]
        for flags in (mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.MAP_SHARED, mmap.MAP_PRIVATE):
            assert answer(machine, Call(mapped, others=(0, 0, flags))) == ALLOW
        shared = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS
        assert answer(machine, Call(mapped, others=(0, 0, shared))) == DENIED

    def test_calls_of_another_architecture_end_the_process(self, machine: str) -> None:
        assert answer(machine, Call(0, architecture=0x40000003)) == KILL  # 32-bit x86


def test_the_older_way_to_open_a_file_knows_none_without_a_name_either() -> None:
    assert answer(X86, Call(2, others=(os.O_RDONLY,))) == ALLOW
    assert answer(X86, Call(2, others=(os.O_WRONLY | os.O_TMPFILE,))) == DENIED


def test_the_second_numbers_of_x86_are_not_there() -> None:
    assert answer(X86, Call(0x40000000 + 41)) == UNKNOWN


def test_a_processor_we_do_not_know_has_none() -> None:
    assert seccomp.program("riscv64") is None
