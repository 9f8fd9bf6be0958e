"""How much a program in the sandbox may take: of memory, of threads, of disk; and that its group goes with it."""

import os
import signal
from pathlib import Path

import pytest

from anb.adapters import sandbox_cgroup
from anb.adapters.sandbox_cell import Cell
from anb.adapters.sandbox_needs import of_python
from anb.adapters.sandbox_walls import Walls
from support.cells import EACH, run

KILLED = {-signal.SIGKILL, 128 + signal.SIGKILL}
MIB = 1024 * 1024
GROUPS = pytest.mark.skipif(not sandbox_cgroup.trees(), reason="no control group may be made here")
EATER = "held = []\nfor _ in range(400): held.append(b'x' * (1 << 20))\nprint('ate it all')"
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


@GROUPS
@EACH
def test_no_group_is_left(walls: Walls) -> None:
    run(walls, "pass")
    mine = f"{sandbox_cgroup.PREFIX}{os.getpid()}-*"
    assert [group for tree in sandbox_cgroup.trees() for group in tree.glob(mine)] == []
