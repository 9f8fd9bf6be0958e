"""The order in which the shared disk writes: a file is named once its bytes are safe, and its name is synced, too."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from verify.chaos import writes

PROGRAM = """
import sys
from pathlib import Path
from anb.adapters.storage.disk import SharedDisk
sys.stdin.readline()
SharedDisk(Path(sys.argv[1])).adopt(Path(sys.executable), "edits/ab/x.mp4")
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace on this machine")
def test_a_power_cut_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    share, record = tmp_path / "share", tmp_path / "record"
    share.mkdir()
    command = [sys.executable, "-c", PROGRAM, str(share)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as program, writes.watched([program.pid], record):
        while "TracerPid:\t0" in Path(f"/proc/{program.pid}/status").read_text():
            assert program.poll() is None
        program.communicate("\n", timeout=30)
    seen = writes.judge(record, share)
    assert (program.returncode, seen.renames, seen.findings) == (0, 1, [])
