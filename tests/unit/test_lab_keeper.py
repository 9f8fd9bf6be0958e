"""The power supply of a lab's host: a cut ends the kernel and whatever it started, and it starts again."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from deploy.lab.line import Line

ROOT = Path(__file__).parents[2]
# What a kernel does: something of it leaves its session.
KERNEL = "#!/bin/sh\necho $$ > main\nsetsid sh -c 'echo $$ > helper; exec sleep 600' &\nexec sleep 600\n"
WALLS = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="process namespaces are root's to make")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    kernel = tmp_path / "kernel"
    kernel.write_text(KERNEL, encoding="ascii")
    kernel.chmod(0o755)
    keeper = [sys.executable, "-m", "deploy.lab.keeper", str(tmp_path), str(kernel)]
    with subprocess.Popen([*WALLS, *keeper], cwd=ROOT, stdin=subprocess.DEVNULL) as process:
        await_file(tmp_path / "helper")
        yield Line("host", "127.0.0.1", tmp_path)
        process.kill()


def await_file(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_text(encoding="ascii").strip()):
        assert time.monotonic() < deadline, f"{path.name} is not there"
        time.sleep(0.05)


def sleepers(folder: Path) -> int:
    """Count the processes whose working folder is the host's: the keeper, and what its kernel is made of."""
    found = 0
    for entry in Path("/proc").iterdir():
        try:
            found += entry.name.isdigit() and (entry / "cwd").readlink() == folder and "sleep" in name_of(entry)
        except OSError:  # it ended while we looked
            continue
    return found


def name_of(process: Path) -> str:
    return (process / "comm").read_text(encoding="ascii")


class TestPower:
    def test_a_cut_leaves_nothing_of_the_kernel_not_even_what_left_its_session(self, line: Line) -> None:
        deadline = time.monotonic() + 20
        while sleepers(line.folder) < 2:  # the helper has told its number before it sleeps
            assert time.monotonic() < deadline
            time.sleep(0.05)
        line.cut_power()
        assert sleepers(line.folder) == 0

    def test_power_given_back_starts_it_again(self, line: Line) -> None:
        line.cut_power()
        (line.folder / "helper").unlink()
        line.give_power()
        await_file(line.folder / "helper")
        assert sleepers(line.folder) >= 1

    def test_outside_a_process_namespace_of_its_own_it_does_not_begin(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "deploy.lab.keeper", str(tmp_path), "true"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "process namespace of its own" in done.stderr
