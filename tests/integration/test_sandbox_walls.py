"""Nothing gets out of a cell, whichever walls it has: each test tries, from inside."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from anb.adapters.sandbox import landlock
from anb.adapters.sandbox.walls import Bubblewrap, Walls
from support.cells import EACH, attempts, run

INSIDE = "sys.argv[1].removeprefix('file:')"
OUTSIDE = "sys.argv[2].removeprefix('file:')"
DENIED = {"PermissionError", "FileNotFoundError", "OSError"}


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """One player's clip, in a folder with another's."""
    for name in ("clip", "other"):
        (tmp_path / name).write_text(f"{name} of a player")
    return tmp_path / "clip"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@EACH
class TestFiles:
    def test_what_was_declared_can_be_read_and_the_folder_written(self, walls: Walls, clip: Path, folder: Path) -> None:
        tried = {"read": f"open({INSIDE}).read()", "write": f"open({OUTSIDE}, 'w').write('done')"}
        assert attempts(walls, tried, [clip], folder) == {"read": "clip of a player", "write": 4}
        assert (folder / "made").read_text() == "done"

    def test_nothing_else_can_be_read(self, walls: Walls, clip: Path) -> None:
        others = [str(clip.with_name("other")), "/etc/passwd", "/proc/1/environ", str(Path(__file__))]
        told = attempts(
            walls, {path: f"open({path!r}).read()" for path in others} | {"list": "os.listdir('/etc')"}, [clip]
        )
        assert set(told.values()) <= DENIED

    def test_what_is_read_cannot_be_written(self, walls: Walls, clip: Path) -> None:
        told = attempts(walls, {"write": f"open({INSIDE}, 'a')", "remove": f"os.unlink({INSIDE})"}, [clip])
        assert set(told.values()) <= DENIED
        assert clip.read_text() == "clip of a player"

    def test_nothing_can_be_written_elsewhere(self, walls: Walls, clip: Path) -> None:
        stray = f"anb-stray-{os.getpid()}"
        places = [Path("/"), Path(tempfile.gettempdir()), Path("/dev/shm"), clip.parent, Path(sys.prefix), Path("/in")]  # noqa: S108
        told = attempts(walls, {str(place): f"open({str(place / stray)!r}, 'w')" for place in places}, [clip])
        assert set(told.values()) <= DENIED
        assert not [place for place in places if (place / stray).exists()]

    def test_a_link_left_in_the_folder_leads_nowhere(self, walls: Walls, clip: Path, folder: Path) -> None:
        (folder / "made").symlink_to(clip.with_name("other"))
        told = attempts(walls, {"read": f"open({OUTSIDE}).read()", "write": f"open({OUTSIDE}, 'a')"}, [clip], folder)
        assert set(told.values()) <= DENIED
        assert clip.with_name("other").read_text() == "other of a player"

    def test_it_is_told_nothing_of_the_share(self, walls: Walls, clip: Path) -> None:
        if isinstance(walls, Bubblewrap):
            told = attempts(walls, {"address": "sys.argv[1]", "listed": "os.listdir('/in')"}, [clip])
            assert told == {"address": "file:/in/0", "listed": ["0"]}


@EACH
class TestOthers:
    def test_there_is_no_socket(self, walls: Walls) -> None:
        kinds = ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"]
        tried = {kind: f"__import__('socket').socket(__import__('socket').{kind})" for kind in kinds}
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            port = server.getsockname()[1]
            tried["call"] = f"__import__('socket').create_connection(('127.0.0.1', {port}), 2)"
            told = attempts(walls, tried)
            server.setblocking(False)
            with pytest.raises(BlockingIOError):
                server.accept()
        assert set(told.values()) <= DENIED

    def test_it_makes_no_process(self, walls: Walls) -> None:
        told = attempts(walls, {"fork": "os.fork()", "spawn": f"os.spawnv(0, {sys.executable!r}, ['x'])"})
        assert set(told.values()) <= DENIED

    def test_it_cannot_signal_us_or_look_into_us(self, walls: Walls) -> None:
        us = os.getpid()
        told = attempts(walls, {"look": f"open('/proc/{us}/environ').read()", "signal": f"os.kill({us}, 0)"})
        assert told["look"] in DENIED
        if isinstance(walls, Bubblewrap) or landlock.version() >= landlock.SCOPES_SINCE:
            assert told["signal"] in {"PermissionError", "ProcessLookupError"}

    def test_it_makes_no_namespace_and_traces_nobody(self, walls: Walls) -> None:
        call = "__import__('ctypes').CDLL(None).{}"
        told = attempts(walls, {name: call.format(name) for name in ("unshare(0x10000000)", "ptrace(0, 0, 0, 0)")})
        assert set(told.values()) == {-1}

    def test_it_has_no_privilege_and_gets_none(self, walls: Walls) -> None:
        tried = {"chown": "os.setuid(0) if os.getuid() else os.chroot('/')", "nice": "os.nice(-5)"}
        assert set(attempts(walls, tried).values()) <= DENIED

    def test_it_knows_none_of_our_secrets(self, walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANB_SECRET_KEY", "a secret")
        told = attempts(walls, {"environment": "' '.join(os.environ)"})
        assert not {"ANB_SECRET_KEY", "HOME", "PATH"} & set(told["environment"].split())

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
    def test_as_root_it_is_somebody_whom_nobody_knows(self, walls: Walls, clip: Path, folder: Path) -> None:
        if "61000" in walls.name:
            attempts(walls, {"write": f"open({OUTSIDE}, 'w').close()"}, [clip], folder)
            assert (folder / "made").stat().st_uid == 61_000


@EACH
class TestEnd:
    def test_threads_are_let_up_to_a_number(self, walls: Walls) -> None:
        tried = {"threads": "[(t.start(), t.join())[1] for t in [__import__('threading').Thread()] * 1]"}
        assert attempts(walls, tried)["threads"] == [None]

    def test_its_exit_and_its_words_come_out(self, walls: Walls) -> None:
        ended = run(walls, "import sys; print('said'); sys.stderr.write('complained'); sys.exit(7)")
        assert (ended.code, ended.said, ended.complained) == (7, b"said\n", b"complained")

    def test_a_crash_is_told_from_a_failure(self, walls: Walls) -> None:
        ended = run(walls, "import ctypes; ctypes.string_at(0)")
        assert ended.code in {-signal.SIGSEGV, 128 + signal.SIGSEGV}

    def test_it_dies_with_a_worker_killed_by_9(self, walls: Walls) -> None:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, walls.name],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
        )
        assert worker.stdout
        worker.stdout.readline()
        family = psutil.Process(worker.pid).children(recursive=True)
        assert family
        worker.kill()
        worker.wait()
        worker.stdout.close()
        _, alive = psutil.wait_procs(family, timeout=3)
        assert alive == []


WORKER = """
import sys
from anb.adapters.sandbox.runner import Sandbox
from anb.adapters.sandbox.spec import Cell
from anb.adapters.sandbox.requirements import PYTHON, of_python, python
from support.cells import WALLS
command = [python(), *PYTHON, "-c", "import time; print('begun', flush=True); time.sleep(77)"]
(walls,) = [walls for walls in WALLS if walls.name == sys.argv[1]]
with Sandbox(walls=walls).running(command, Cell(of_python()), memory=1 << 29) as process:
    print(process.stdout.readline(), flush=True)
    process.wait()
"""
