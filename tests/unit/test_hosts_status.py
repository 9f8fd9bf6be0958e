"""`anb-host status`: everything that should hold, and an exit status of its own when something does not."""

import json
from pathlib import Path

import pytest
from deploy.hosts import converge, status, web
from deploy.hosts.facts import ROLES, Role

from support.hosts import FACTS, Listening, System, machine, secrets

COUNT = {"waiting_seconds": None, "compared_seconds": 200.0, "differing": 0, "stopped": 0, "late": 0}
READY = {"status": "ready", "parts": {"queue": {"state": "up", "milliseconds": 1.0}},
         "line": {"due": 1, "running": 2, "dead": 0}, "erasures": {"overdue": 0, "due_soon": 0, "unfinished": 0},
         "retention": {"seconds_since": 3600}, "count": COUNT}  # fmt: skip


def made(role: Role, root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Listening, System]:
    monkeypatch.setattr(web, "answers", lambda *_: True)
    monkeypatch.setattr(web, "get", lambda *_: (200, json.dumps(READY)))
    monkeypatch.setattr(status, "FULL", 101)
    host, system = machine(root)
    host.at("/opt/anb/releases/r1").mkdir(parents=True)
    host.at("/srv/anb").mkdir(parents=True)
    converge.converge(host, FACTS[role], secrets(), "r1")
    system.answers["systemctl is-active"] = lambda command: (
        (0, "active\n") if command[-1] in system.active else (3, "inactive\n")
    )
    return host, system


@pytest.mark.parametrize("role", ROLES)
class TestStatus:
    def test_a_host_that_was_just_made_is_well(
        self, role: Role, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        host, _ = made(role, tmp_path, monkeypatch)
        assert status.show(host, FACTS[role]) == 0
        said = capsys.readouterr().out
        assert f"{role}, release r1" in said
        assert ("ok   jobs: 1 due, 2 running, 0 dead" in said) == (role == "web")
        assert "FAIL" not in said

    def test_each_unit_that_is_down_is_told(
        self, role: Role, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        host, system = made(role, tmp_path, monkeypatch)
        for unit in status.units(host, FACTS[role]):
            system.active.discard(unit)
            assert status.show(host, FACTS[role]) == 1
            assert f"FAIL {unit} inactive" in capsys.readouterr().out
            system.active.add(unit)


class TestWeb:
    def test_what_it_cannot_reach_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        host, _ = made("web", tmp_path, monkeypatch)
        down = {"parts": {"database": {"state": "down", "milliseconds": 2000.0}}}
        monkeypatch.setattr(web, "get", lambda *_: (503, json.dumps(down)))
        assert status.show(host, FACTS["web"]) == 1
        assert "FAIL database down" in capsys.readouterr().out

    @pytest.mark.parametrize("others", [{}, {"parts": {"queue": {"state": "down", "milliseconds": 2000.0}}}])
    def test_an_overdue_erasure_is_told_whatever_else_is_down(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        others: dict[str, object],
    ) -> None:
        host, _ = made("web", tmp_path, monkeypatch)
        answer = {**READY, **others, "erasures": {"overdue": 2, "due_soon": 3, "unfinished": 0}}
        monkeypatch.setattr(web, "get", lambda *_: (200, json.dumps(answer)))
        assert status.show(host, FACTS["web"]) == 1
        said = capsys.readouterr().out
        assert "FAIL erasures: 2 overdue, 3 due soon or overdue, 0 unfinished: anb privacy erasures" in said

    @pytest.mark.parametrize(("hours", "good"), [(29, True), (31, False), (None, True)])
    def test_a_silent_retention_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int | None, good: bool
    ) -> None:
        host, _ = made("web", tmp_path, monkeypatch)
        host.put("/etc/anb/host.json", "{}")
        answer = {**READY, "retention": {"seconds_since": hours and hours * 3600}}
        monkeypatch.setattr(web, "get", lambda *_: (200, json.dumps(answer)))
        assert status.show(host, FACTS["web"]) == (not good)

    @pytest.mark.parametrize(
        ("wrong", "advice"),
        [
            ({"differing": 1}, "anb count verify"),
            ({"stopped": 1}, "anb count verify"),
            ({"late": 1}, "journalctl -u anb-reconcile on a worker"),
            ({"waiting_seconds": 61.0}, "journalctl -u anb-reconcile on a worker"),
            ({"compared_seconds": 3601.0}, "journalctl -u anb-reconcile on a worker"),
        ],
        ids=["differs", "stopped", "late", "waiting", "not compared"],
    )
    def test_a_count_that_differs_or_stands_still_is_told(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        wrong: dict[str, float],
        advice: str,
    ) -> None:
        host, _ = made("web", tmp_path, monkeypatch)
        monkeypatch.setattr(web, "get", lambda *_: (200, json.dumps({**READY, "count": {**COUNT, **wrong}})))
        assert status.show(host, FACTS["web"]) == 1
        (said,) = (line for line in capsys.readouterr().out.splitlines() if "FAIL" in line)
        assert said.startswith("  FAIL count: votes wait ")
        assert said.endswith(advice)

    def test_a_disk_that_fills_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        host, _ = made("worker", tmp_path, monkeypatch)
        monkeypatch.setattr(status, "FULL", 0)
        assert status.show(host, FACTS["worker"]) == 1
        assert "FAIL disk /" in capsys.readouterr().out


def test_a_package_behind_its_known_fixes_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    host, system = made("web", tmp_path, monkeypatch)
    system.answers["dpkg-query -W -f ${Version} nginx"] = lambda _: (0, "1.26.3-3+deb13u1")
    system.answers["dpkg --compare-versions"] = lambda _: (1, "")
    assert status.show(host, FACTS["web"]) == 1
    assert "FAIL packages behind known fixes: nginx 1.26.3-3+deb13u1, at least " in capsys.readouterr().out
