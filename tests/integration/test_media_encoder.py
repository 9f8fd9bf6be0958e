"""Running FFmpeg: how each run ends, and that no process of it outlives it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from anb.adapters.media import encoder
from anb.adapters.media.encoder import FfmpegEncoder
from anb.adapters.sandbox.requirements import path_of
from anb.adapters.sandbox.runner import Sandbox
from anb.errors import Outage
from anb.ports import EncodingFailed, EncodingKilled, MachineFailed, Stopped
from anb.process import launcher
from anb.process.spawn import said_by, spawned
from anb.settings import MIB
from support.waiting import until

ENDLESS = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30,realtime", "-f", "null", "-"]
BARE = Sandbox("off")  # for scripts that replace FFmpeg and do what it never does
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
# A worker's child in the middle of an edit.
WORKER = f"""
from anb.adapters.media.encoder import FfmpegEncoder
print("begun", flush=True)
FfmpegEncoder(60).run({ENDLESS!r}, watch=lambda made: print(made, flush=True) or True, limit=60)
"""


def go_on(_: float) -> bool:
    return True


def script(folder: Path, text: str) -> Path:
    """Write a script that replaces FFmpeg; it writes its process id to a file in its folder."""
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\necho $$ > '{folder}/pid'\n{text}\n")
    path.chmod(0o755)
    return path


def noted(folder: Path) -> int:
    return int((folder / "pid").read_text())


def members(group: int) -> list[str]:
    """Return the command lines of a process group, without zombies."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


def noting(asked: list[float], enough: int) -> Callable[[float], bool]:
    """Return a watcher that records what it is told, and answers no after a number of calls."""

    def watch(made: float) -> bool:
        asked.append(made)
        return len(asked) < enough

    return watch


class TestRun:
    def test_a_run_to_its_end_tells_how_far_it_is(self, tmp_path: Path) -> None:
        seen: list[float] = []
        target = tmp_path / "a.mp4"
        source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=2,realtime", "-c:v", "libx264", f"file:{target}"]
        FfmpegEncoder(30).run(source, writes=tmp_path, watch=noting(seen, 1000), limit=30)
        assert target.stat().st_size > 1000
        assert seen == sorted(seen)
        assert len(seen) >= 6  # several times a second
        assert 0 < seen[-1] <= 2

    def test_a_watcher_that_says_no_ends_it_at_once(self) -> None:
        begun = time.monotonic()
        with pytest.raises(Stopped):
            FfmpegEncoder(30).run(ENDLESS, watch=lambda _: time.monotonic() - begun < 0.5, limit=30)
        assert time.monotonic() - begun < 3

    def test_the_watcher_is_asked_even_while_ffmpeg_says_nothing(self, tmp_path: Path) -> None:
        asked: list[float] = []
        binary = script(tmp_path, "sleep 30")
        with pytest.raises(Stopped):
            FfmpegEncoder(30, binary, BARE).run([], watch=noting(asked, 5), limit=30)
        assert len(asked) == 5

    def test_a_run_that_stands_still_is_ended(self, tmp_path: Path) -> None:
        binary = script(tmp_path, "echo out_time_us=1000000; while true; do echo out_time_us=1000000; sleep 0.1; done")
        with pytest.raises(EncodingFailed, match=r"nothing new for 0\.7 s"):
            FfmpegEncoder(0.7, binary, BARE).run([], watch=go_on, limit=30)

    @LINUX
    def test_who_waits_without_computing_was_kept_waiting_by_the_machine(self, tmp_path: Path) -> None:
        binary = script(tmp_path, "sleep 77")
        with pytest.raises(MachineFailed, match="hardly computed"):
            FfmpegEncoder(1, binary, BARE).run([], watch=go_on, limit=30)

    @LINUX
    def test_who_computes_and_makes_nothing_new_is_the_files_doing(self, tmp_path: Path) -> None:
        binary = script(tmp_path, "while true; do :; done")
        with pytest.raises(EncodingFailed) as failed:
            FfmpegEncoder(2, binary, BARE).run([], watch=go_on, limit=30)
        assert not isinstance(failed.value, MachineFailed)

    @pytest.mark.parametrize("word", ["No space left on device", "Input/output error", "Stale file handle"])
    def test_a_disk_or_share_that_fails_is_the_machines(self, tmp_path: Path, word: str) -> None:
        binary = script(tmp_path, f"echo 'av_write_frame: {word}' >&2; exit 1")
        with pytest.raises(MachineFailed, match=word):
            FfmpegEncoder(30, binary, BARE).run([], watch=go_on, limit=30)

    def test_a_run_that_was_killed_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(EncodingKilled):
            FfmpegEncoder(30, script(tmp_path, "kill -9 $$"), BARE).run([], watch=go_on, limit=30)

    def test_a_run_beyond_its_limit_is_ended_though_it_moves(self) -> None:
        with pytest.raises(EncodingFailed, match="longer than 1 s"):
            FfmpegEncoder(30).run(ENDLESS, watch=go_on, limit=1)

    def test_a_run_that_fills_the_disk_is_ended(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(encoder, "DISK_BYTES", 4 * MIB)
        stills = ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30", "-c:v", "bmp", f"file:{tmp_path}/%d.bmp"]
        with pytest.raises(EncodingFailed, match="at most 4194304 are allowed"):
            FfmpegEncoder(30).run(stills, writes=tmp_path, watch=go_on, limit=30)

    def test_its_whole_group_ends_with_it(self, tmp_path: Path) -> None:
        binary = script(tmp_path, "sleep 77 & sleep 77 & wait")
        with pytest.raises(EncodingFailed):
            FfmpegEncoder(0.5, binary, BARE).run([], watch=go_on, limit=30)
        until(lambda: members(noted(tmp_path)) == [])

    def test_a_failure_brings_the_last_words(self) -> None:
        with pytest.raises(EncodingFailed, match="No such file or directory"):
            FfmpegEncoder(30).run(["-i", "/nowhere/clip.mp4", "-f", "null", "-"], watch=go_on, limit=30)

    def test_a_flood_of_complaints_neither_blocks_nor_piles_up(self, tmp_path: Path) -> None:
        binary = script(tmp_path, "yes complaint | head -c 3000000 >&2; echo the last words >&2; exit 3")
        with pytest.raises(EncodingFailed, match="ended with 3") as failed:
            FfmpegEncoder(30, binary, BARE).run([], watch=go_on, limit=30)
        assert str(failed.value).endswith("the last words")
        assert len(str(failed.value)) < encoder.TAIL_BYTES + 100

    def test_pipes_closed_early_do_not_hide_that_it_goes_on(self, tmp_path: Path) -> None:
        binary = script(tmp_path, "exec >&- 2>&-; sleep 77")
        with pytest.raises(EncodingFailed, match="nothing new"):
            FfmpegEncoder(0.5, binary, BARE).run([], watch=go_on, limit=30)

    @pytest.mark.parametrize("name", ["missing", "folder"])
    def test_what_cannot_be_started_is_an_outage(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir()
        with pytest.raises(Outage, match="cannot be started"):
            FfmpegEncoder(30, tmp_path / name).run([], watch=go_on, limit=30)


class TestTether:
    @LINUX
    def test_ffmpeg_dies_with_a_worker_killed_by_9(self) -> None:
        worker = subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True)
        assert worker.stdout
        while worker.stdout.readline().strip() in {"begun", "0.0"}:
            assert worker.poll() is None
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        group = int(children[0])
        assert any("testsrc2" in command for command in members(group))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        until(lambda: members(group) == [], 2)

    @LINUX
    def test_who_is_orphaned_before_the_launcher_holds_does_not_begin(self) -> None:
        launch = [sys.executable, "-I", "-S", launcher.__file__, "--parent=1"]
        done = subprocess.run([*launch, "--", "echo", "begun"], capture_output=True, check=False)
        assert (done.stdout, done.returncode) == (b"", 127)

    def test_limits_are_lowered_and_cores_never_written(self) -> None:
        asked = ["sh", "-c", "ulimit -t; ulimit -n; ulimit -c"]
        with spawned(asked, cpu=7, nofile=33) as process:
            said = b"".join(out for out, _ in said_by(process, 0.2))
        assert said.split() == [b"7", b"33", b"0"]

    @LINUX
    def test_a_child_goes_first_when_memory_runs_out(self) -> None:
        with spawned(["cat", "/proc/self/oom_score_adj"]) as process:
            said = b"".join(out for out, _ in said_by(process, 0.2))
        assert int(said) == 500

    def test_a_child_leads_a_group_of_its_own(self) -> None:
        with spawned(["sleep", "77"]) as process:
            assert os.getpgid(process.pid) == process.pid != os.getpgid(0)
        assert process.returncode == -signal.SIGKILL

    def test_a_file_beyond_the_limit_ends_the_writer(self, tmp_path: Path) -> None:
        target = tmp_path / "big"
        with spawned(["dd", "if=/dev/zero", f"of={target}", "bs=1k", "count=100"], fsize=10 * 1024) as process:
            list(said_by(process, 0.2))
        assert process.returncode != 0
        assert target.stat().st_size <= 10 * 1024


class TestBinary:
    def test_it_is_the_wheels(self) -> None:
        assert encoder.find_ffmpeg().is_file()

    def test_a_server_without_the_wheel_uses_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
        monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/ffmpeg")
        assert encoder.find_ffmpeg() == Path("/usr/bin/ffmpeg")

    def test_a_server_without_any_is_told_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
        monkeypatch.setattr(shutil, "which", lambda _: None)
        with pytest.raises(Outage, match="embedded"):
            encoder.find_ffmpeg()


def test_one_that_the_kernel_kills_most_likely_took_too_much_memory(tmp_path: Path) -> None:
    killed = script(tmp_path, "kill -9 $$")
    with pytest.raises(EncodingFailed, match="memory"):
        FfmpegEncoder(60, killed, BARE).run([], watch=go_on, limit=60)


def test_packages_that_are_not_installed_are_an_outage() -> None:
    with pytest.raises(Outage, match="not installed"):
        path_of("a_package_that_never_was")
