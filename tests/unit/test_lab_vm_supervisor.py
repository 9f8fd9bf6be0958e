"""The power supply of a lab host: a cut ends the kernel and all it started, and the host starts again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from verify.lab.host_client import HostClient

from support.waiting import until

ROOT = Path(__file__).parents[2]
# Like a kernel: one of its processes leaves its session.
KERNEL = "#!/bin/sh\necho $$ > main\nsetsid sh -c 'echo $$ > helper; exec sleep 600' &\nexec sleep 600\n"
WALLS = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="process namespaces are root's to make")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[HostClient]:
    kernel = tmp_path / "kernel"
    kernel.write_text(KERNEL, encoding="ascii")
    kernel.chmod(0o755)
    supervisor = [sys.executable, "-m", "verify.lab.vm_supervisor", str(tmp_path), str(kernel)]
    with subprocess.Popen([*WALLS, *supervisor], cwd=ROOT, stdin=subprocess.DEVNULL) as process:
        await_file(tmp_path / "helper")
        yield HostClient("host", "127.0.0.1", tmp_path)
        process.kill()


def await_file(path: Path) -> None:
    until(lambda: path.exists() and path.read_text(encoding="ascii").strip(), told=lambda: path.name)


def sleepers(folder: Path) -> int:
    """Count the processes whose working folder is the host's: the keeper, and the processes of its kernel."""
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
    def test_a_cut_leaves_nothing_of_the_kernel_not_even_what_left_its_session(self, line: HostClient) -> None:
        until(lambda: sleepers(line.folder) >= 2)  # the helper writes its number before it sleeps
        line.cut_power()
        assert sleepers(line.folder) == 0

    def test_power_given_back_starts_it_again(self, line: HostClient) -> None:
        line.cut_power()
        (line.folder / "helper").unlink()
        line.give_power()
        await_file(line.folder / "helper")
        assert sleepers(line.folder) >= 1

    def test_outside_a_process_namespace_of_its_own_it_does_not_begin(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "verify.lab.vm_supervisor", str(tmp_path), "true"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "process namespace of its own" in done.stderr
