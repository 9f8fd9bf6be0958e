"""Figures of a host for the alarms, once a minute: waiting jobs, full disks, 5xx answers, the age of the backup."""

import http.client
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from deploy.hosts import definitions, web
from deploy.hosts.backup import begun
from deploy.hosts.facts import PLACE, Facts
from deploy.hosts.machine import CannotConverge, Machine
from deploy.hosts.vault import Vault

Client = Callable[[str], Any]  # opens a service of AWS by its name

NAMESPACE = "ANB"  # of the figures; the hosts may send to no other, and alarms watch it
ACCESS_LOG = f"{web.LOGS}/access.log"
NEWEST_BACKUP = "/var/lib/anb-metrics/backup"
EVERY = 60  # seconds
ASK_AGAIN = 900  # seconds; to list the bucket costs a little
POSITION = "/var/lib/anb-metrics/access.json"  # up to where the log was read
SERVER_ERROR = 500


@dataclass(frozen=True)
class Figure:
    """One figure; `host` where each kind of host has its own."""

    name: str
    value: float
    unit: str
    host: str = ""

    def as_datum(self) -> dict[str, Any]:
        """Return it as CloudWatch takes it."""
        dimensions = [{"Name": "Host", "Value": self.host}] if self.host else []
        return {"MetricName": self.name, "Value": self.value, "Unit": self.unit, "Dimensions": dimensions}


def send(machine: Machine, facts: Facts, client: Client) -> int:
    """Send what can be measured; return 1 when something could not, for silence is an alarm of its own."""
    figures, missing = [], []
    for measure in MEASURES:
        try:
            figures += list(measure(machine, facts, client))
        except (CannotConverge, OSError, ValueError, KeyError, http.client.HTTPException) as error:
            missing.append(f"{measure.__name__}: {error}")
    client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[figure.as_datum() for figure in figures])
    for line in missing:
        print(f"anb-host: not measured: {line}", file=sys.stderr, flush=True)
    return int(bool(missing))


def watch(machine: Machine, facts: Facts, client: Client) -> NoReturn:
    """Send the figures every minute, for ever: to start anew each time would take more than to measure."""
    while True:
        begun = time.monotonic()
        try:
            send(machine, facts, client)
        except Exception as error:  # noqa: BLE001 - boto3 raises a class of its own for each thing
            machine.say(f"the figures were not sent: {error}")
        machine.pause(max(1.0, EVERY - (time.monotonic() - begun)))


def disks(machine: Machine, facts: Facts, _client: Client) -> Iterator[Figure]:
    """Say how full the fullest disk is, in per cent."""
    usages = [shutil.disk_usage(machine.at(place)) for place in definitions.disks(facts.role)]
    fullest = max(100 * one.used / (one.used + one.free) for one in usages)
    yield Figure("DiskUsedPercent", round(fullest, 1), "Percent", facts.role)


def line(machine: Machine, facts: Facts, _client: Client) -> Iterator[Figure]:
    """Say how long the oldest job waits, as the web application knows it."""
    if facts.role == "web":
        status, body = web.get(machine, web.asked(machine), "/api/health/ready")
        if status != web.OK:
            raise ValueError(f"the web application is not ready: {body[:500]}")
        waiting = json.loads(body)["line"]["waiting_seconds"]
        yield Figure("OldestQueuedSeconds", round(waiting or 0, 1), "Seconds")


def errors(machine: Machine, facts: Facts, _client: Client) -> Iterator[Figure]:
    """Count the 5xx answers in nginx's log since the last time."""
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
        yield Figure("Responses5xx", count, "Count")


def backup(machine: Machine, facts: Facts, client: Client) -> Iterator[Figure]:
    """Say how old the newest backup is; where there is none, how long this host has been without."""
    if facts.role == "worker":
        place = machine.at(NEWEST_BACKUP)
        if not place.exists() or time.time() - place.stat().st_mtime > ASK_AGAIN:
            names = Vault(facts.bucket, client("s3")).names()
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(names[-1] if names else "", encoding="utf-8")
        name = place.read_text(encoding="utf-8")
        since = begun(name).timestamp() if name else machine.at(PLACE).stat().st_mtime
        yield Figure("BackupAgeHours", round((time.time() - since) / 3600, 2), "None")


MEASURES = (disks, line, errors, backup)


def _unread(log: Path, known: dict[str, int]) -> Sequence[tuple[Path, int]]:
    """Return what to read from where: the log, and before it the rest of the one that has made room for it."""
    if not known:
        return [(log, log.stat().st_size)]  # what was before us was nobody's to count
    if log.stat().st_ino == known["inode"]:
        return [(log, min(known["offset"], log.stat().st_size))]
    rotated = log.with_name(f"{log.name}.1")
    rest = [(rotated, known["offset"])] if rotated.exists() and rotated.stat().st_ino == known["inode"] else []
    return [*rest, (log, 0)]


def _count(path: Path, offset: int) -> tuple[int, int]:
    """Return where the last whole line ends, and how many answers since `offset` were 5xx."""
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
                continue  # not a line of ours: nothing to count
    return offset, found
