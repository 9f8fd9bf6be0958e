"""Figures for the alarms: each answer counted once, also across a rotation; unmeasurable values are not invented."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deploy.hosts import backup, metrics, web
from deploy.hosts.backup_store import MANIFESTS

from support.hosts import FACTS, Bucket, Listening, machine

BACKLOG: dict[str, Any] = {
    "line": {"waiting_seconds": 42.04},
    "mail": {"oldest_seconds": 1900.52, "died_today": 6},
    "erasures": {"unfinished": 1, "due_soon": 2, "overdue": 0},
    "retention": {"seconds_since": 31 * 3600},
    "count": {"waiting_seconds": 61.26, "compared_seconds": 300.0, "differing": 1, "stopped": 2, "late": 1},
}


def nobody(service: str) -> Any:
    raise AssertionError(f"nobody should ask {service}")


class CloudWatch:
    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's names
        assert Namespace == "ANB"
        self.sent = {one["MetricName"]: one for one in MetricData}


@pytest.fixture
def host(tmp_path: Path) -> Listening:
    made = machine(tmp_path)[0]
    made.put(metrics.ACCESS_LOG, "")
    made.put(web.CONFIGURATION, 'server "unix:/run/anb/web-r1.abc.sock" max_fails=0;')
    return made


def answer(host: Listening, *statuses: int) -> None:
    with host.at(metrics.ACCESS_LOG).open("a", encoding="utf-8") as log:
        log.writelines(json.dumps({"time": "t", "status": status, "path": "/"}) + "\n" for status in statuses)


def counted(host: Listening) -> float:
    (figure,) = metrics.errors(host, FACTS["web"], nobody)
    return figure.value


class TestErrors:
    def test_each_is_counted_once(self, host: Listening) -> None:
        answer(host, 500, 502)
        assert counted(host) == 0  # from before the first look
        answer(host, 200, 500, 404, 503)
        assert counted(host) == 2
        assert counted(host) == 0

    def test_a_line_that_is_still_being_written_waits_for_its_end(self, host: Listening) -> None:
        counted(host)
        log = host.at(metrics.ACCESS_LOG)
        with log.open("a") as file:
            file.write('{"status":50')
        assert counted(host) == 0
        with log.open("a") as file:
            file.write("0}\n")
        assert counted(host) == 1

    def test_a_rotation_loses_none(self, host: Listening) -> None:
        counted(host)
        answer(host, 500)
        log = host.at(metrics.ACCESS_LOG)
        log.rename(log.with_name("access.log.1"))
        log.touch()
        answer(host, 502, 200)
        assert counted(host) == 2
        assert counted(host) == 0

    def test_other_hosts_have_none(self, host: Listening) -> None:
        assert list(metrics.errors(host, FACTS["worker"], nobody)) == []


class TestSending:
    def test_a_web_server_sends_what_waits_and_what_failed(
        self, host: Listening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ready = json.dumps({"status": "ready"} | BACKLOG)
        monkeypatch.setattr(web, "get", lambda _, place, __: (200 if place.endswith("/web-r1.abc.sock") else 0, ready))
        sink = CloudWatch()
        assert metrics.send(host, FACTS["web"], lambda _: sink) == 0
        assert sink.sent["OldestQueuedSeconds"]["Value"] == 42.0
        waiting = ("OldestMailSeconds", "DeadMails", "ErasuresUnfinished", "ErasuresDueSoon", "RetentionAgeHours")
        assert [sink.sent[name]["Value"] for name in waiting] == [1900.5, 6, 1, 2, 31.0]
        count = ("OldestUncountedSeconds", "CountComparedSeconds", "CountsDiffering", "ResultsUnfrozen")
        assert [sink.sent[name]["Value"] for name in count] == [61.3, 300.0, 1, 3]
        assert sink.sent["Responses5xx"]["Value"] == 0
        assert sink.sent["DiskUsedPercent"]["Dimensions"] == [{"Name": "Host", "Value": "web"}]

    def test_an_empty_line_is_zero_seconds(self, host: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
        nothing = {"line": {"waiting_seconds": None}, "mail": {"oldest_seconds": None, "died_today": 0}}
        count = {"count": {"waiting_seconds": None, "compared_seconds": None, "differing": 0, "stopped": 0, "late": 0}}
        monkeypatch.setattr(web, "get", lambda *_: (200, json.dumps(BACKLOG | nothing | count)))
        queue, mails, *others = metrics.backlog(host, FACTS["web"], nobody)
        assert [each.value for each in (queue, mails, *others[-4:])] == [0] * 6

    def test_a_retention_that_never_ran_is_as_old_as_the_host(
        self, host: Listening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        host.put("/etc/anb/host.json", "{}")
        os.utime(host.at("/etc/anb/host.json"), (time.time() - 7200,) * 2)
        never = {"retention": {"seconds_since": None}}
        monkeypatch.setattr(web, "get", lambda *_: (200, json.dumps(BACKLOG | never)))
        found = {each.name: each.value for each in metrics.backlog(host, FACTS["web"], nobody)}
        assert found["RetentionAgeHours"] == 2.0

    def test_an_older_release_that_knows_less_is_measured_as_far_as_it_tells(
        self, host: Listening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(web, "get", lambda *_: (200, '{"line": {"waiting_seconds": 8}, "mail": {"dead": 0}}'))
        sink = CloudWatch()
        assert metrics.send(host, FACTS["web"], lambda _: sink) == 1
        assert sink.sent["OldestQueuedSeconds"]["Value"] == 8
        assert "DeadMails" not in sink.sent

    def test_the_line_is_known_where_only_another_part_is_down(
        self, host: Listening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        down = {"code": "not-ready"} | BACKLOG | {"line": {"waiting_seconds": 7}}
        monkeypatch.setattr(web, "get", lambda *_: (503, json.dumps(down)))
        figure, *_ = metrics.backlog(host, FACTS["web"], nobody)
        assert figure.value == 7

    def test_what_cannot_be_measured_is_left_out_and_said(
        self, host: Listening, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(web, "get", lambda *_: (503, "the database is down"))
        sink = CloudWatch()
        assert metrics.send(host, FACTS["web"], lambda _: sink) == 1
        assert "OldestQueuedSeconds" not in sink.sent
        assert "DiskUsedPercent" in sink.sent
        assert "the database is down" in capsys.readouterr().err

    def test_a_worker_sends_how_full_its_disk_and_how_old_the_backup_is(self, host: Listening) -> None:
        sink, bucket = CloudWatch(), Bucket()
        host.put("/etc/anb/host.json", "{}")
        assert metrics.send(host, FACTS["worker"], {"cloudwatch": sink, "s3": bucket}.__getitem__) == 0
        assert set(sink.sent) == {"DiskUsedPercent", "BackupAgeHours"}
        assert 0 < sink.sent["DiskUsedPercent"]["Value"] < 100


class TestWatching:
    def test_a_minute_that_fails_is_said_and_the_next_one_comes(
        self, host: Listening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tries: list[float] = []

        def send(*_: object) -> int:
            if len(tries) == 2:
                raise KeyboardInterrupt
            raise OSError("no way out")

        monkeypatch.setattr(metrics, "send", send)
        host.pause = tries.append
        host.lines.clear()
        with pytest.raises(KeyboardInterrupt):
            metrics.watch(host, FACTS["web"], nobody)
        assert host.lines == ["the figures were not sent: no way out"] * 2
        assert all(59 < seconds <= 60 for seconds in tries)


class TestBackup:
    def age(self, host: Listening, bucket: Bucket) -> float:
        (figure,) = metrics.backup(host, FACTS["worker"], lambda _: bucket)
        return figure.value

    def test_the_newest_counts(self, host: Listening) -> None:
        bucket = Bucket()
        for hours in (50, 26):
            name = (datetime.now(UTC) - timedelta(hours=hours)).strftime(backup.STAMP)
            bucket.put_object(Bucket="b", Key=f"{MANIFESTS}{name}.json", Body=b"")
        assert 26 <= self.age(host, bucket) < 26.1

    def test_none_is_as_old_as_the_host(self, host: Listening) -> None:
        host.put("/etc/anb/host.json", "{}")
        os.utime(host.at("/etc/anb/host.json"), (time.time() - 7200,) * 2)
        assert 2 <= self.age(host, Bucket()) < 2.1

    def test_the_bucket_is_not_asked_every_minute(self, host: Listening) -> None:
        host.put("/etc/anb/host.json", "{}")
        self.age(host, Bucket())
        (figure,) = metrics.backup(host, FACTS["worker"], nobody)
        assert figure.value >= 0
