"""Backup and restore as an operator runs them."""

from pathlib import Path
from typing import Any

import pytest
from deploy.hosts import backup, backup_commands
from deploy.hosts.machine import CannotConverge
from deploy.hosts.worker import WORKERS

from support.hosts import FACTS, Bucket, Listening, System, machine


@pytest.fixture
def host(tmp_path: Path) -> Listening:
    return machine(tmp_path)[0]


def system(host: Listening) -> System:
    found = getattr(host.start, "__self__", None)
    assert isinstance(found, System)
    return found


class TestRestore:
    def test_it_runs_on_a_worker_alone(self, host: Listening) -> None:
        with pytest.raises(CannotConverge, match="runs on a worker"):
            backup_commands.restore(host, FACTS["web"], "")
        assert system(host).commands == []

    def test_workers_rest_meanwhile_and_the_result_is_verified(self, host: Listening) -> None:
        backup_commands.restore(host, FACTS["worker"], "20261127T073000Z")
        order = [" ".join(command) for command in system(host).commands]
        assert order[0] == "systemctl stop anb-worker.service anb-reconcile.service anb-mail.service"
        assert order[1].startswith("systemd-run")
        assert order[1].endswith("put-back --backup=20261127T073000Z --file=")
        assert order[2:4] == ["/usr/local/bin/anb migrate", "/usr/local/bin/anb storage verify"]
        assert order[4:] == [f"systemctl start {unit}" for unit in WORKERS]

    def test_for_one_file_nothing_stops(self, host: Listening) -> None:
        backup_commands.restore(host, FACTS["worker"], "", "edits/aa/1.mp4")
        (command,) = system(host).commands
        assert command[-1] == "--file=edits/aa/1.mp4"

    def test_one_that_fails_says_so_and_brings_the_workers_back(self, host: Listening) -> None:
        system(host).answers["systemd-run"] = lambda _: (1, "")
        with pytest.raises(CannotConverge, match=r"put-back .* ended with 1"):
            backup_commands.restore(host, FACTS["worker"], "")
        assert system(host).ran("systemctl", "start", "anb-worker.service")
        assert not system(host).ran("/usr/local/bin/anb")


class TestBackup:
    def test_by_hand_it_is_taken_whatever_the_hour_and_by_the_timer_only_when_due(
        self, host: Listening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken: list[Any] = []
        monkeypatch.setenv("ANB_DATABASE_URL", "postgresql://anb@db/anb")
        monkeypatch.setattr(backup, "take", lambda *known: taken.append(known))
        monkeypatch.setattr(backup, "is_due", lambda *_: False)
        backup_commands.take_backup(host, FACTS["worker"], Bucket())
        assert not taken
        backup_commands.backup(host)
        assert system(host).ran("systemctl", "start", backup_commands.UNIT)
        backup_commands.take_backup(host, FACTS["worker"], Bucket())
        assert len(taken) == 1
        backup_commands.take_backup(host, FACTS["worker"], Bucket())
        assert len(taken) == 1

    def test_one_that_failed_is_no_success(self, host: Listening) -> None:
        system(host).answers["systemctl start anb-backup.service"] = lambda _: (1, "")
        assert backup_commands.backup(host) == 1

    def test_without_the_hosts_settings_it_says_how_to_run_it(
        self, host: Listening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ANB_DATABASE_URL", raising=False)
        monkeypatch.setattr(backup, "is_due", lambda *_: True)
        with pytest.raises(CannotConverge, match="anb-host"):
            backup_commands.take_backup(host, FACTS["worker"], Bucket())
