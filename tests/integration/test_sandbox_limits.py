"""How much memory, threads and disk a program in the sandbox may take; and that its process group ends with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from anb.adapters.sandbox import cgroup
from anb.adapters.sandbox.quota import QuotaExceeded, taken
from anb.adapters.sandbox.requirements import of_python
from anb.adapters.sandbox.spec import Cell
from anb.adapters.sandbox.walls import Walls
from anb.settings import MIB
from support.cells import EACH, attempts, run

KILLED = {-signal.SIGKILL, 128 + signal.SIGKILL}
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
GROUPS = pytest.mark.skipif(not cgroup.trees(), reason="no control group may be made here")
EATER = "held = []\nfor _ in range(400): held.append(b'x' * (1 << 20))\nprint('ate it all')"
MADE = "sys.argv[1].removeprefix('file:')"
MANY_FILES = f"""
import sys
for number in range(2000):
    with open({MADE} + str(number), "wb") as file:
        file.write(bytes(1 << 20))
"""
EMPTY_FILES = f"""
import sys
for number in range(100_000):
    open({MADE} + str(number), "wb").close()
"""
RESERVED = f"""
import os, sys, time
with open({MADE}, "wb") as file:
    os.posix_fallocate(file.fileno(), 0, 50 << 20)
    time.sleep(20)
"""
THREADS = """
import threading, time
started = 0
try:
    for _ in range(900):
        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
        started += 1
except RuntimeError:
    pass
print(started, flush=True)
__import__("os")._exit(0)
"""


@EACH
class TestMemory:
    @GROUPS
    def test_who_takes_more_than_the_group_may_is_killed(self, walls: Walls) -> None:
        assert run(walls, EATER, memory=900 * MIB).said == b"ate it all\n"
        ended = run(walls, EATER, memory=100 * MIB)
        assert (ended.code in KILLED, ended.said) == (True, b"")

    def test_without_a_group_it_is_refused_more_memory(self, walls: Walls) -> None:
        ended = run(walls, EATER, memory=900 * MIB, data=100 * MIB)
        assert ended.code == 1
        assert b"MemoryError" in ended.complained

    @GROUPS
    def test_threads_end_at_a_number(self, walls: Walls) -> None:
        assert 400 < int(run(walls, THREADS).said) < 900


@EACH
class TestDisk:
    def test_no_file_grows_beyond_its_limit(self, walls: Walls, tmp_path: Path) -> None:
        code = "import sys\nopen(sys.argv[1].removeprefix('file:'), 'wb').write(bytes(100_000))"
        cell = Cell(of_python(), writes=tmp_path)
        assert run(walls, code, [f"file:{tmp_path}/made"], cell, fsize=50_000).code != 0
        assert (tmp_path / "made").stat().st_size <= 50_000
        assert run(walls, code, [f"file:{tmp_path}/made"], cell, fsize=200_000).code == 0

    def test_many_small_files_together_end_at_a_quota(self, walls: Walls, tmp_path: Path) -> None:
        with pytest.raises(QuotaExceeded, match="at most 10485760"):
            run(walls, MANY_FILES, [f"file:{tmp_path}/made"], Cell(of_python(), writes=tmp_path), disk=10 * MIB)
        # Each file is within its limit, and the group had only a twentieth of a second beyond the quota.
        assert 10 * MIB < taken(tmp_path) < 400 * MIB

    def test_many_empty_files_end_at_a_quota_too(self, walls: Walls, tmp_path: Path) -> None:
        with pytest.raises(QuotaExceeded):
            run(walls, EMPTY_FILES, [f"file:{tmp_path}/made"], Cell(of_python(), writes=tmp_path), disk=MIB)

    def test_room_that_is_only_reserved_counts(self, walls: Walls, tmp_path: Path) -> None:
        with pytest.raises(QuotaExceeded):
            run(walls, RESERVED, [f"file:{tmp_path}/made"], Cell(of_python(), writes=tmp_path), disk=10 * MIB)

    def test_who_keeps_to_the_quota_hears_nothing_of_it(self, walls: Walls, tmp_path: Path) -> None:
        code = "import sys\nopen(sys.argv[1].removeprefix('file:'), 'wb').write(bytes(100_000))"
        cell = Cell(of_python(), writes=tmp_path)
        assert run(walls, code, [f"file:{tmp_path}/made"], cell, disk=MIB).code == 0


@EACH
class TestHiddenBytes:
    """What would use disk or memory that neither quota nor limit counts."""

    def test_no_file_is_without_a_name(self, walls: Walls, tmp_path: Path) -> None:
        tried = {
            "unnamed": "os.open(os.path.dirname(sys.argv[1].removeprefix('file:')), os.O_TMPFILE | os.O_WRONLY)",
            "unlinked": f"[open({MADE}, 'w').close(), os.unlink({MADE})]",
            "renamed": f"os.rename({MADE}, {MADE} + '2')",
        }
        assert set(attempts(walls, tried, writes=tmp_path).values()) <= {"PermissionError", "OSError"}
        assert [path.name for path in tmp_path.iterdir()] == ["made"]

    def test_there_is_no_shared_memory_of_either_kind_and_no_queue(self, walls: Walls) -> None:
        # A key of its own: an entry left in the kernel's lists would be visible to all processes.
        key, libc = 0x414E42, "__import__('ctypes').CDLL(None)"
        tried = {
            "shmget": f"{libc}.shmget({key}, 1 << 20, 0o1600)",
            "semget": f"{libc}.semget({key}, 1, 0o1600)",
            "msgget": f"{libc}.msgget({key}, 0o1600)",
            "shm_open": f"{libc}.shm_open(b'/anb-hostile', 0o102, 0o600)",
            "mq_open": f"{libc}.mq_open(b'/anb-hostile', 0o102, 0o600, None)",
        }
        assert set(attempts(walls, tried).values()) == {-1}
        listed = [Path("/proc/sysvipc", kind).read_text(encoding="ascii") for kind in ("shm", "sem", "msg")]
        assert not [line for text in listed for line in text.splitlines() if line.split()[0] == str(key)]

    def test_there_is_no_memory_that_is_a_file(self, walls: Walls) -> None:
        libc = "__import__('ctypes').CDLL(None)"
        tried = {"memfd": "os.memfd_create('x')", "secret": f"{libc}.syscall(447, 0)", "shm": "os.listdir('/dev/shm')"}
        told = attempts(walls, tried)
        assert (told["memfd"], told["secret"]) == ("PermissionError", -1)
        assert told["shm"] in {"PermissionError", "FileNotFoundError"}

    def test_memory_shared_with_nobody_yet_is_denied_for_its_limit_does_not_hold(self, walls: Walls) -> None:
        told = attempts(walls, {"shared": "__import__('mmap').mmap(-1, 1 << 20)"})
        assert told["shared"] == "PermissionError"


@GROUPS
def test_whoever_outlives_a_program_in_its_group_is_ended_with_it() -> None:
    with subprocess.Popen(SLEEP) as left:
        with cgroup.capped(memory=1 << 30, tasks=8) as groups:
            for group in groups:
                (group / "cgroup.procs").write_text(str(left.pid))
        assert left.wait(10) == -signal.SIGKILL
    assert not [group for group in groups if group.exists()]


@GROUPS
def test_what_a_killed_worker_left_in_its_group_is_ended_by_the_next_who_comes_by() -> None:
    tree = cgroup.trees()[0]
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    group = tree / f"{cgroup.PREFIX}{dead.pid}-0"
    group.mkdir()
    with subprocess.Popen(SLEEP) as left:
        (group / "cgroup.procs").write_text(str(left.pid))
        with cgroup.capped(memory=1 << 30, tasks=8):
            assert left.wait(10) == -signal.SIGKILL
    with cgroup.capped(memory=1 << 30, tasks=8):
        assert not group.exists()


@GROUPS
@EACH
def test_no_group_is_left(walls: Walls) -> None:
    run(walls, "pass")
    mine = f"{cgroup.PREFIX}{os.getpid()}-*"
    assert [group for tree in cgroup.trees() for group in tree.glob(mine)] == []
