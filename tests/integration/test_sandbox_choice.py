"""Which walls are chosen on which machine, that they are proved first, and what people are told."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from anb.adapters.sandbox import landlock, runner, seccomp
from anb.adapters.sandbox.runner import NoSandbox, Sandbox, proved
from anb.adapters.sandbox.walls import Bubblewrap, LandlockWalls, NoWalls
from anb.local.doctor import sandbox
from anb.local.doctor.checkup import CheckResult, Checkup
from anb.settings import StackSettings
from support.cells import BUBBLEWRAP

LANDLOCK = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")


@pytest.fixture(autouse=True)
def _chosen_anew() -> Iterator[None]:
    """Choose again before and after each test."""
    runner.thickest.cache_clear()
    yield
    runner.thickest.cache_clear()


@pytest.fixture
def without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "bwrap" else which(name))


@pytest.fixture
def without_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)


def found(**given: object) -> CheckResult:
    (finding,) = sandbox.sandbox(Checkup.of(StackSettings.model_validate(given)))
    return finding


class TestChoice:
    @BUBBLEWRAP
    def test_bubblewrap_comes_first(self) -> None:
        assert isinstance(Sandbox().walls, Bubblewrap)
        assert isinstance(Sandbox("require").walls, Bubblewrap)

    @LANDLOCK
    @pytest.mark.usefixtures("without_bubblewrap")
    def test_landlock_holds_where_there_is_no_bubblewrap(self) -> None:
        assert Sandbox().walls.name.startswith("Landlock")

    @LANDLOCK
    def test_and_where_bubblewrap_is_there_but_may_do_nothing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        broken = tmp_path / "bwrap"
        broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
        broken.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        assert Sandbox().walls.name.startswith("Landlock")

    @pytest.mark.usefixtures("without_bubblewrap", "without_landlock")
    def test_the_filter_holds_where_the_kernel_has_nothing_else(self) -> None:
        assert isinstance(Sandbox().walls, LandlockWalls if seccomp.program() else NoWalls)

    @pytest.mark.usefixtures("without_bubblewrap")
    def test_who_requires_bubblewrap_gets_nothing_less(self) -> None:
        with pytest.raises(NoSandbox, match="bubblewrap does not work here"):
            _ = Sandbox("require").walls

    def test_off_is_off(self) -> None:
        assert isinstance(Sandbox("off").walls, NoWalls)


class TestProof:
    def test_what_lets_a_program_out_is_not_believed(self) -> None:
        leaky = NoWalls()
        assert proved(leaky)  # it promises nothing
        for promise in ("files", "sockets"):
            leaky.denies = promise
            assert not proved(leaky)

    def test_what_does_not_run_is_not_believed(self) -> None:
        assert not proved(Bubblewrap(Path("/nowhere/bwrap"), "1", own_id=False))


class TestDoctor:
    @BUBBLEWRAP
    def test_with_bubblewrap_there_is_nothing_to_do(self) -> None:
        finding = found()
        assert (finding.state, finding.advice) == ("ok", "")
        assert finding.found.startswith("bubblewrap")
        assert "seccomp" in finding.found

    @LANDLOCK
    @pytest.mark.usefixtures("without_bubblewrap")
    def test_without_it_the_layers_below_are_named_and_what_to_install(self) -> None:
        finding = found()
        assert (finding.state, finding.found.partition(" ")[0]) == ("ok", "Landlock")
        assert "without bubblewrap" in finding.found
        assert "apt install bubblewrap" in finding.advice

    @pytest.mark.usefixtures("without_bubblewrap", "without_landlock")
    def test_without_walls_it_warns(self) -> None:
        finding = found()
        assert finding.state == "warn"
        assert "bubblewrap, Landlock" in finding.found.partition("without ")[2]

    def test_off_is_said_plainly(self) -> None:
        assert (found(sandbox="off").state, found(sandbox="off").found) == ("warn", "off: only limits hold")


@pytest.mark.parametrize("command", ["web", "uploads serve", "worker"])
def test_no_server_starts_without_the_sandbox_it_requires(command: str, tmp_path: Path) -> None:
    settings = {
        "ANB_DATABASE_URL": "postgresql://nobody@localhost/none",
        "ANB_REDIS_URL": "redis://localhost:1",
        "ANB_MEDIA_ROOT": str(tmp_path),
        "ANB_SECRET_KEY": "x" * 32,
        "ANB_SANDBOX": "require",
        "PATH": str(tmp_path),  # a folder without bubblewrap
    }
    words = [sys.executable, "-m", "anb", *command.split()]
    started = subprocess.run(words, env=settings, capture_output=True, text=True, timeout=60, check=False)
    assert started.returncode == 1
    assert started.stderr.startswith("anb: ANB_SANDBOX=require, but bubblewrap does not work here")
