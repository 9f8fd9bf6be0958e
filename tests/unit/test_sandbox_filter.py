"""The filter of system calls, read as the kernel reads it."""

import errno
import struct
from typing import NamedTuple

import pytest

from anb.adapters import sandbox_seccomp as seccomp

X86, ARM = "x86_64", "aarch64"
ALLOW, KILL = 0x7FFF0000, 0x80000000
DENIED, UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
# What FFmpeg, libav and Python live on: read, openat, mmap, munmap, futex, ioctl, exit_group, execve, clock_nanosleep.
NEEDED = {X86: (0, 257, 9, 11, 202, 16, 231, 59, 230), ARM: (63, 56, 222, 215, 98, 29, 94, 221, 115)}
THREAD = 0x003D0F00  # the flags of pthread_create
CHILD = 0x01200011  # those of fork


class Call(NamedTuple):
    number: int
    first: int = 0
    architecture: int = 0


def answer(machine: str, call: Call) -> int:
    """Run the filter over a call, step by step."""
    program = seccomp.program(machine)
    assert program is not None
    steps = list(struct.iter_unpack("=HBBI", program))
    architecture = call.architecture or seccomp.MACHINES[machine][1]
    data = struct.pack("=iIQ6Q", call.number, architecture, 0, call.first, 0, 0, 0, 0, 0)
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
        assert answer(machine, Call(435, THREAD)) == UNKNOWN  # its flags cannot be seen; the C library goes on to clone

    def test_calls_of_another_architecture_end_the_process(self, machine: str) -> None:
        assert answer(machine, Call(0, architecture=0x40000003)) == KILL  # 32-bit x86


def test_the_second_numbers_of_x86_are_not_there() -> None:
    assert answer(X86, Call(0x40000000 + 41)) == UNKNOWN


def test_a_processor_we_do_not_know_has_none() -> None:
    assert seccomp.program("riscv64") is None
