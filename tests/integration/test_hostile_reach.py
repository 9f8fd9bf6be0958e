"""What a hostile file could reach without walls, files that are not videos, and a compromised probe."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import av
import pytest

from anb.adapters.media import prober as prober_module
from anb.adapters.media.child_run import environment
from anb.adapters.media.prober import CHILD, MODULES, LibavProber
from anb.adapters.sandbox.requirements import PYTHON, of_python, python
from anb.adapters.sandbox.runner import Sandbox
from anb.adapters.sandbox.walls import Walls
from anb.adapters.storage import disk
from anb.adapters.storage.disk import SharedDisk
from anb.errors import Outage
from anb.media.probe import examine
from anb.ports import Unreadable
from anb.settings import MIB
from support.cells import EACH
from support.hostile.case import mp4
from support.hostile.corpus import ALL, REACHING
from support.hostile.trial import SandboxProbe, sandbox_probe
from support.worlds import World

STRACE = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
OPENED = re.compile(r'(?:open|openat|execve)\((?:AT_FDCWD, )?"([^"]+)"[^\n]*= \d')

LET = {"allowed_extensions": "ALL", "protocol_whitelist": "file,http,tcp"}
# What a C library looks for in any program's name; a cell does not have it, and programs do not need it.
OF_THE_SYSTEM = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/locale", "/usr/share/zoneinfo", "/usr/lib")
# What the allocator of Python 3.13 asks once: whether the kernel promises memory that does not exist.
OF_PYTHON = ("/proc/sys/vm/overcommit_memory",)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[SandboxProbe]:
    with sandbox_probe(tmp_path, "off") as made:
        yield made


class TestTheWatchSees:
    """Each of these would be noticed: a file that reaches out succeeds, and is seen, where it is allowed to."""

    @pytest.mark.parametrize("name", ["scripts/hls-file", "scripts/hls-near"])
    def test_who_opens_another_file(self, bare: SandboxProbe, name: str) -> None:
        path = bare.folder / "arrived" / "clip.mp4"
        ALL[name](path, bare.bait)
        bare.watch.touched()
        with av.open(str(path), format="hls", container_options={"allowed_extensions": "ALL"}):
            assert "decoy.mp4" in bare.watch.touched()

    def test_whose_pictures_lie_elsewhere(self, bare: SandboxProbe) -> None:
        path = bare.folder / "arrived" / "clip.mp4"
        ALL["extras/pictures-elsewhere-alis"](path, bare.bait)
        bare.watch.touched()
        with av.open(str(path), format="mov", container_options={"enable_drefs": "1", "use_absolute_path": "1"}):
            assert "decoy.mp4" in bare.watch.touched()

    def test_who_calls_a_server(self, bare: SandboxProbe) -> None:
        path = bare.folder / "arrived" / "clip.mp4"
        ALL["scripts/hls-server"](path, bare.bait)
        with pytest.raises(av.FFmpegError):
            av.open(str(path), format="hls", container_options=LET, timeout=0.5)
        assert bare.watch.called() >= 1

    def test_who_leaves_something(self, bare: SandboxProbe) -> None:
        (bare.settings.work_dir / "edit-x").mkdir(parents=True)
        (bare.settings.work_dir / "edit-x" / "edit.mp4").touch()
        assert len(bare.put_through(ALL["shapes/zeros"]).left) == 1


@STRACE
@pytest.mark.parametrize("name", [*REACHING][::5])
def test_the_probe_opens_what_it_is_made_of_and_nothing_else(bare: SandboxProbe, name: str) -> None:
    path = bare.folder / "arrived" / "clip.mp4"
    REACHING[name](path, bare.bait)
    report = bare.folder / "strace"
    calls = "trace=open,openat,execve,socket,connect"
    traced = ["strace", "-f", "-qq", "-e", calls, "-s", "4096", "-o", str(report)]
    child = [python(), *PYTHON, *CHILD, "mov", "0.0"]
    with path.open("rb") as clip:  # it arrives as their standard input
        subprocess.run([*traced, *child], env=environment(), check=True, capture_output=True, stdin=clip)
    said = report.read_text()
    made_of = [*of_python("av"), Path(python()).parent, *map(Path, (*OF_THE_SYSTEM, *OF_PYTHON))]
    ours = {each for file in MODULES for each in (file, *file.parents, *file.parent.glob(f"__pycache__/{file.stem}.*"))}
    opened = {Path(found) for found in OPENED.findall(said)}
    assert not {place for place in opened - ours if not any(place.is_relative_to(known) for known in made_of)}
    assert "socket(" not in said


@EACH
class TestNoFile:
    def test_a_link_is_not_followed(self, tmp_path: Path, walls: Walls) -> None:
        (tmp_path / "victim.mp4").write_bytes(mp4())
        for target in ("victim.mp4", "/etc/passwd", "nowhere", "clip.mp4"):
            (tmp_path / "clip.mp4").symlink_to(target)
            with pytest.raises(Unreadable, match="not a plain file"):
                self.prober(tmp_path, walls).probe(tmp_path / "clip.mp4")
            (tmp_path / "clip.mp4").unlink()

    def test_a_pipe_or_a_folder_or_a_device_keeps_nobody_waiting(self, tmp_path: Path, walls: Walls) -> None:
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
            with pytest.raises(Unreadable, match="not a plain file"):
                self.prober(tmp_path, walls).probe(path)

    @staticmethod
    def prober(folder: Path, walls: Walls) -> LibavProber:
        return LibavProber(folder / "slots", 1, 10, Sandbox(walls=walls))


class TestLinksOnTheShare:
    """Names on the share are ours and never reused; if a link has such a name all the same, no write follows it."""

    def test_an_upload_is_not_written_through_a_link(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        victim = self.victim(tmp_path)
        (tmp_path / "incoming").mkdir()
        (tmp_path / "incoming" / "guessed.part").symlink_to(victim)
        monkeypatch.setattr(disk, "token_hex", lambda _: "guessed")
        with pytest.raises(Outage, match="File exists"):
            SharedDisk(tmp_path).receive()
        assert victim.read_text() == "another player's clip"

    def test_what_is_kept_takes_the_place_of_a_link(self, tmp_path: Path) -> None:
        victim = self.victim(tmp_path)
        (tmp_path / "originals").mkdir()
        (tmp_path / "originals" / "clip.mp4").symlink_to(victim)
        received = SharedDisk(tmp_path).receive()
        received.write(b"a clip")
        received.settle()
        received.keep("originals/clip.mp4")
        assert not (tmp_path / "originals" / "clip.mp4").is_symlink()
        assert victim.read_text() == "another player's clip"

    @staticmethod
    def victim(folder: Path) -> Path:
        (folder / "victim").write_text("another player's clip")
        return folder / "victim"


LIE = 'import sys\nsys.stdout.write(\'{"demuxer": "mov", "video": {"index": "0]movie=/etc/passwd"}}\')'
# How -> what the child does instead, what is said of it, and after how many seconds it is ended.
TAKEN_OVER = {
    "crashes": ("import faulthandler\nfaulthandler._read_null()", "died of signal 11", 20),
    "lies": (LIE, "has a wrong form", 20),
    "babbles": ("while True: print('A' * 1000)", "said too much", 20),
    "says nothing": ("", "has a wrong form", 20),
    "never ends": ("while True: pass", "took longer than|died of signal", 1),
    "sleeps": ("import time\ntime.sleep(77)", "took longer than", 1),
    "eats": ("held = []\nwhile True: held.append(b'x' * (1 << 24))", "died of signal 9|ended with 1", 20),
}


@EACH
@pytest.mark.parametrize("how", TAKEN_OVER)
def test_a_probe_that_was_taken_over_harms_nobody(
    how: str, walls: Walls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, seconds = TAKEN_OVER[how]
    child = tmp_path / "child.py"
    child.write_text(code)
    (tmp_path / "clip.mp4").write_bytes(mp4())
    monkeypatch.setattr(prober_module, "CHILD", (str(child),))
    monkeypatch.setattr(prober_module, "MODULES", {child})
    monkeypatch.setattr(prober_module, "MEMORY_BYTES", 300 * MIB)
    prober = LibavProber(tmp_path / "slots", 1, seconds, Sandbox(walls=walls))
    with pytest.raises((Unreadable, Outage), match=said):
        prober.probe(tmp_path / "clip.mp4")
    monkeypatch.undo()
    assert examine(LibavProber(tmp_path / "slots", 1, 10), tmp_path / "clip.mp4").frames == 30


UPLOADED = ["scripts/hls-file", "extras/pictures-elsewhere-alis", "lies/moov-10000-deep", "codecs/rare-magicyuv"]


@pytest.mark.parametrize("name", [*UPLOADED, "tables/stts-a-milliard", "ebml/lacing-ebml-nonsense", "shapes/zeros"])
def test_an_upload_made_to_harm_is_refused_and_leaves_nothing(world: World, tmp_path: Path, name: str) -> None:
    api = cast("Any", world.client.app)
    api.state.ports = replace(world.ports, prober=LibavProber(tmp_path / "slots", 1, 10))
    with_bait(tmp_path, ALL[name])
    files = {"video_file": ("clip.mp4", (tmp_path / "clip.mp4").read_bytes(), "video/mp4")}
    player = world.player()
    answer = world.client.post("/api/videos/upload", files=files, data={"title": "x"}, headers=player.headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert world.files() == []
    assert world.client.get("/api/videos", headers=player.headers).json() == []


def with_bait(folder: Path, make: Callable[..., None]) -> None:
    with sandbox_probe(folder) as made:
        make(folder / "clip.mp4", made.bait)
