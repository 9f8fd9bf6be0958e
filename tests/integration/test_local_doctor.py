"""`anb doctor` finds what is wrong, names it, and says what to do."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from verify.kit.ports import free_port

from anb.db import roles
from anb.local import data_folder
from anb.local.doctor import backlog, engines, machine, run
from anb.local.doctor.checkup import CheckResult, Checkup
from anb.local.supervisor import child
from anb.media.probe import Probe, read
from anb.media.recipe import Brand, plan_edit
from anb.settings import Limits, StackSettings, load
from support.fakes import GOOD_CLIP


def findings(data: Path, **given: object) -> dict[str, CheckResult]:
    settings = load(StackSettings, **({"data_dir": data, "http_port": free_port()} | given))
    return {finding.part: finding for finding in run.examine(Checkup.of(settings))}


class TestAtRest:
    def test_before_the_first_start_nothing_fails_and_nothing_is_made(self, tmp_path: Path) -> None:
        found = findings(tmp_path / "var")
        assert {finding.state for finding in found.values()} <= {"ok", "off", "warn"}
        warned = {part for part, finding in found.items() if finding.state == "warn"}
        assert warned <= {"nginx", "Probe"}  # of their versions
        assert found["Data folder"].advice == "`make run` makes it"
        assert not (tmp_path / "var").exists()

    def test_open_secrets_fail_with_the_command_that_mends_them(self, tmp_path: Path) -> None:
        made = data_folder.prepare(tmp_path / "var")
        made.secrets()
        assert findings(made.root)["Secrets"].state == "ok"
        made.secrets_file.chmod(0o640)
        found = findings(made.root)["Secrets"]
        assert (found.state, found.found) == ("fail", "secrets.json has mode 640")
        assert found.advice == f"chmod 600 '{made.secrets_file}'"

    def test_a_folder_of_another_version_fails(self, tmp_path: Path) -> None:
        (tmp_path / "layout").write_text("7", encoding="ascii")
        assert "layout '7'" in findings(tmp_path)["Data folder"].found

    def test_a_busy_port_fails(self, tmp_path: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as busy:
            found = findings(tmp_path / "var", http_port=busy.getsockname()[1])["Port"]
        assert found.state == "fail"
        assert "(taken by " in found.found


class TestOutsideParts:
    def test_an_application_that_owns_its_tables_is_told_of(self, tmp_path: Path, database_url: str) -> None:
        found = findings(tmp_path / "var", database_url=database_url)
        assert found["Database"].state == "ok"
        account = found["Database account"]
        assert account.state == "warn"
        assert re.fullmatch(r"the application's own account owns [1-9]\d* tables", account.found)
        assert "ANB_DATABASE_OWNER_URL" in account.advice

    def test_one_that_owns_none_is_not(
        self, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(roles, "owned", lambda _: 0)
        assert "Database account" not in findings(tmp_path / "var", database_url=database_url)

    def test_each_that_does_not_answer_fails_in_a_line_without_its_password(self, tmp_path: Path) -> None:
        found = findings(
            tmp_path / "var",
            database_url=f"postgresql://anb:s3cret@127.0.0.1:{free_port()}/anb",
            redis_url=f"redis://:s3cret@127.0.0.1:{free_port()}/0",
            media_root=tmp_path / "not mounted",
        )
        assert {part for part, finding in found.items() if finding.state == "fail"} == {"PostgreSQL", "Queue", "Media"}
        assert found["Media"].advice == "Mount the share, or fix ANB_MEDIA_ROOT"
        assert "s3cret" not in repr(found)
        assert not [finding for finding in found.values() if "\n" in finding.found]
        assert "ANB_DATABASE_URL" in found["PostgreSQL"].advice
        assert "ANB_REDIS_URL" in found["Queue"].advice

    def test_it_ends_with_an_exit_status(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        settings = StackSettings(data_dir=tmp_path / "var", http_port=free_port())
        assert run.run(settings) == 0
        assert run.run(settings.model_copy(update={"media_root": tmp_path / "none"})) == 1
        assert "is not there" in capsys.readouterr().out


class TestEveryCheck:
    @pytest.mark.parametrize("check", run.CHECKS, ids=lambda check: check.part)
    @pytest.mark.parametrize(
        "error", [OSError("no\nanswer"), subprocess.CalledProcessError(1, "unshare"), KeyError("x")]
    )
    def test_one_that_cannot_do_its_work_is_a_finding_that_says_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: run.DoctorCheck, error: Exception
    ) -> None:
        def fail(_: Checkup) -> Iterator[CheckResult]:
            raise error

        monkeypatch.setattr(run, "CHECKS", (replace(check, look=fail),))
        found = findings(tmp_path / "var")[check.part]
        assert found.state == "fail"
        assert found.found
        assert "\n" not in found.found
        assert found.advice


@contextmanager
def reconciling(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run what this folder's supervisor would recognize as its reconciler."""
    environment = os.environ | {child.MARK: str(root), child.PART: "reconcile"}
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


class TestReconciler:
    """The reconciler listens on no port: only its process shows that it lives."""

    def look(self, root: Path, *, running: bool = True) -> CheckResult:
        settings = load(StackSettings, data_dir=root)
        (found,) = engines.reconciler(replace(Checkup.of(settings), running=running))
        return found

    def test_one_that_runs_is_well_and_one_that_stands_still_is_not(self, tmp_path: Path) -> None:
        with reconciling(tmp_path) as process:
            assert self.look(tmp_path) == CheckResult("Reconciler", "ok", f"runs (process {process.pid})")
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
            found = self.look(tmp_path)
            assert (found.state, found.found) == ("fail", f"is stopped (process {process.pid})")
            assert found.advice == f"kill -CONT {process.pid}"

    def test_one_of_another_folder_is_not_ours(self, tmp_path: Path) -> None:
        with reconciling(tmp_path / "other"):
            found = self.look(tmp_path)
            assert (found.state, found.found) == ("fail", "does not run")
            assert "logs/reconcile.log" in found.advice

    def test_at_rest_it_is_off(self, tmp_path: Path) -> None:
        assert self.look(tmp_path, running=False).state == "off"


class TestServersPackages:
    @pytest.mark.parametrize("command", ["doctor", "up"])
    def test_without_what_a_laptop_needs_it_ends_in_one_clear_line(self, tmp_path: Path, command: str) -> None:
        script = (
            f"import sys; sys.modules['psutil'] = None; sys.argv = ['anb', '{command}']; import anb.cli as c; c.main()"
        )
        environment = os.environ | {"ANB_DATA_DIR": str(tmp_path / "var")}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 1
        (line,) = done.stderr.strip().splitlines()
        assert line.startswith("anb: psutil is not installed; pip install 'anb-rising-stars[embedded]'")


class TestFfmpeg:
    def test_every_filter_of_every_recipe_is_looked_for(self) -> None:
        good: Probe = read(GOOD_CLIP)
        clips = [
            good,
            replace(good, coded_width=1080, coded_height=1920),
            replace(good, field_order="top"),
            replace(good, transfer="arib-std-b67", primaries="bt2020", matrix="bt2020nc", bits=10),
            replace(good, transfer="smpte2084", primaries="bt2020", matrix="bt2020nc", bits=10),
            replace(good, matrix="smpte170m"),
        ]
        graphs = [plan_edit(clip, Limits(), Brand.ours()).graph for clip in clips]
        used = {name for graph in graphs for name in re.findall(r"(?:^|[\],;])([a-z]\w*)(?=[=,;\[]|$)", graph)}
        assert {"tonemap", "gblur", "bwdif", "zscale", "lut3d", "tile"} <= used
        assert used <= machine.FILTERS

    def test_one_that_is_missing_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "FILTERS", {"scale", "nonesuch"})
        found = findings(tmp_path / "var")["FFmpeg"]
        assert found.state == "fail"
        assert found.found.endswith("without nonesuch")


class TestBacklog:
    """Mails, erasures, retention and the count, by the site's health report."""

    WELL: Mapping[str, Any] = MappingProxyType(
        {
            "mail": {"due": 1, "held": 0, "dead": 0, "oldest_seconds": 4.2},
            "erasures": {"overdue": 0, "due_soon": 0, "unfinished": 0},
            "retention": {"seconds_since": 3600},
            "count": {"waiting_seconds": 0.4, "compared_seconds": None, "differing": 0, "stopped": 0, "late": 0},
        }
    )

    def states(self, **other: object) -> dict[str, str]:
        return {each.part: each.state for each in backlog.check({**self.WELL, **other})}

    def test_what_is_well_is_told_so(self) -> None:
        assert self.states() == {"Mails": "ok", "Erasures": "ok", "Retention": "ok", "Count": "ok"}
        assert self.states(retention={"seconds_since": None})["Retention"] == "ok"

    @pytest.mark.parametrize("wrong", [{"dead": 1}, {"oldest_seconds": 1800}])
    def test_mails_that_do_not_leave_are_told(self, wrong: dict[str, int]) -> None:
        assert self.states(mail=self.WELL["mail"] | wrong)["Mails"] == "warn"

    @pytest.mark.parametrize("wrong", ["overdue", "due_soon", "unfinished"])
    def test_late_erasures_are_told(self, wrong: str) -> None:
        assert self.states(erasures=self.WELL["erasures"] | {wrong: 1})["Erasures"] == "warn"

    def test_a_silent_retention_is_told(self) -> None:
        assert self.states(retention={"seconds_since": 31 * 3600})["Retention"] == "warn"

    @pytest.mark.parametrize(
        ("wrong", "state"),
        [
            ({"differing": 1}, "fail"),
            ({"stopped": 1}, "fail"),
            ({"late": 1}, "warn"),
            ({"waiting_seconds": 60.0}, "warn"),
            ({"compared_seconds": 3600.0}, "warn"),
        ],
        ids=["differs", "stopped", "late", "waiting", "not compared"],
    )
    def test_a_count_that_differs_or_stands_still_is_told(self, wrong: dict[str, float], state: str) -> None:
        assert self.states(count=self.WELL["count"] | wrong)["Count"] == state
