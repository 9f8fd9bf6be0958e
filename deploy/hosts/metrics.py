"""Metrics of a host for the alarms, sent once a minute: work that waits, full disks, 5xx answers, age of the backup."""

import http.client
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from anb import disk_space
from deploy.hosts import definitions, web
from deploy.hosts.backup import begun
from deploy.hosts.backup_store import BackupStore
from deploy.hosts.facts import PLACE, Facts
from deploy.hosts.machine import CannotConverge, Machine

Client = Callable[[str], Any]  # name of an AWS service -> its client

NAMESPACE = "ANB"  # of the metrics; hosts may send to no other, and alarms watch it
ACCESS_LOG = f"{web.LOGS}/access.log"
NEWEST_BACKUP = "/var/lib/anb-metrics/backup"
EVERY = 60  # seconds
ASK_AGAIN = 900  # seconds; listing the bucket costs money
POSITION = "/var/lib/anb-metrics/access.json"  # the position in the log up to which answers are counted
SERVER_ERROR = 500


@dataclass(frozen=True)
class Metric:
    """One metric; `host` if each kind of host has its own."""

    name: str
    value: float
    unit: str
    host: str = ""

    def as_datum(self) -> dict[str, Any]:
        """Return it in CloudWatch's format."""
        dimensions = [{"Name": "Host", "Value": self.host}] if self.host else []
        return {"MetricName": self.name, "Value": self.value, "Unit": self.unit, "Dimensions": dimensions}


def send(machine: Machine, facts: Facts, client: Client) -> int:
    """Send every metric that can be measured. Return 1 if one cannot, because missing figures raise an alarm."""
    figures, missing = [], []
    for measure in MEASURES:
        try:
            for figure in measure(machine, facts, client):
                figures.append(figure)  # noqa: PERF402 - those before a failure are sent
        except (CannotConverge, OSError, ValueError, KeyError, http.client.HTTPException) as error:
            missing.append(f"{measure.__name__}: {error}")
    client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[figure.as_datum() for figure in figures])
    for line in missing:
        print(f"anb-host: not measured: {line}", file=sys.stderr, flush=True)
    return int(bool(missing))


def watch(machine: Machine, facts: Facts, client: Client) -> NoReturn:
    """Send the metrics every minute, forever: starting a process each time would take more than measuring."""
    while True:
        begun = time.monotonic()
        try:
            send(machine, facts, client)
        except Exception as error:  # noqa: BLE001 - boto3 has many classes of errors
            machine.say(f"the figures were not sent: {error}")
        machine.pause(max(1.0, EVERY - (time.monotonic() - begun)))


def disks(machine: Machine, facts: Facts, _client: Client) -> Iterator[Metric]:
    """Measure how full the fullest disk is, in per cent."""
    fullest = max(disk_space.used_percent(machine.at(place)) for place in definitions.disks(facts.role))
    yield Metric("DiskUsedPercent", round(fullest, 1), "Percent", facts.role)


def backlog(machine: Machine, facts: Facts, _client: Client) -> Iterator[Metric]:
    """Measure what waits, as the web application reports it in one answer: jobs, mails, erasures, retention, count."""
    if facts.role != "web":
        return
    _, body = web.get(machine, web.sockets_of(web.asked(machine))[0], "/api/health/parts")
    try:
        known = json.loads(body)  # the figures are there, whichever other part is down
        yield Metric("OldestQueuedSeconds", round(known["line"]["waiting_seconds"] or 0, 1), "Seconds")
        yield Metric("OldestMailSeconds", round(known["mail"]["oldest_seconds"] or 0, 1), "Seconds")
        yield Metric("DeadMails", known["mail"]["died_today"], "Count")
        yield Metric("ErasuresUnfinished", known["erasures"]["unfinished"], "Count")
        yield Metric("ErasuresDueSoon", known["erasures"]["due_soon"], "Count")
        yield Metric("RetentionAgeHours", retention_hours(machine, known["retention"]["seconds_since"]), "None")
        count = known["count"]
        yield Metric("OldestUncountedSeconds", round(count["waiting_seconds"] or 0, 1), "Seconds")
        yield Metric("CountComparedSeconds", round(count["compared_seconds"] or 0, 1), "Seconds")
        yield Metric("CountsDiffering", count["differing"], "Count")
        yield Metric("ResultsUnfrozen", count["stopped"] + count["late"], "Count")
    except (ValueError, KeyError) as error:
        raise ValueError(f"the web application is not ready: {body[:500]}") from error


def retention_hours(machine: Machine, seconds: float | None) -> float:
    """Return the age of the last run of retention; without one, how long this host has been without."""
    return round((time.time() - machine.at(PLACE).stat().st_mtime if seconds is None else seconds) / 3600, 2)


def errors(machine: Machine, facts: Facts, _client: Client) -> Iterator[Metric]:
    """Count the 5xx answers in nginx's log since the last call."""
    if facts.role == "web":
        log, place = machine.at(ACCESS_LOG), machine.at(POSITION)
        known = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
        count = 0
        if log.exists():
            for path, offset in _unread(log, known):
                end, found = _count(path, offset)
                count += found
                known = {"inode": path.stat().st_ino, "offset": end}
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(known), encoding="utf-8")
        yield Metric("Responses5xx", count, "Count")


def backup(machine: Machine, facts: Facts, client: Client) -> Iterator[Metric]:
    """Measure the age of the newest backup; without one, how long this host has been without."""
    if facts.role == "worker":
        place = machine.at(NEWEST_BACKUP)
        if not place.exists() or time.time() - place.stat().st_mtime > ASK_AGAIN:
            names = BackupStore(facts.bucket, client("s3")).names()
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(names[-1] if names else "", encoding="utf-8")
        name = place.read_text(encoding="utf-8")
        since = begun(name).timestamp() if name else machine.at(PLACE).stat().st_mtime
        yield Metric("BackupAgeHours", round((time.time() - since) / 3600, 2), "None")


MEASURES = (disks, backlog, errors, backup)


def _unread(log: Path, known: dict[str, int]) -> Sequence[tuple[Path, int]]:
    """Return what to read from which position: the log, preceded by the rest of the rotated one."""
    if not known:
        return [(log, log.stat().st_size)]  # earlier answers are not counted
    if log.stat().st_ino == known["inode"]:
        return [(log, min(known["offset"], log.stat().st_size))]
    rotated = log.with_name(f"{log.name}.1")
    rest = [(rotated, known["offset"])] if rotated.exists() and rotated.stat().st_ino == known["inode"] else []
    return [*rest, (log, 0)]


def _count(path: Path, offset: int) -> tuple[int, int]:
    """Return where the last complete line ends, and the number of 5xx answers since `offset`."""
    found = 0
    with path.open("rb") as file:
        file.seek(offset)
        for entry in file:
            if not entry.endswith(b"\n"):
                break
            offset += len(entry)
            try:
                found += json.loads(entry)["status"] >= SERVER_ERROR
            except (ValueError, KeyError, TypeError):
                continue  # not in our format
    return offset, found
