"""Figures of a host for the alarms, once a minute: the wait of the oldest job, the fullest disk, 5xx answers."""

import http.client
import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.hosts import web
from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine

NAMESPACE = "ANB"
ACCESS_LOG = f"{web.LOGS}/access.log"
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


def send(machine: Machine, facts: Facts, cloudwatch: Any) -> int:  # noqa: ANN401 - boto3 has no types
    """Send what can be measured; return 1 when something could not, for silence is an alarm of its own."""
    figures, missing = [], []
    for measure in MEASURES:
        try:
            figures += list(measure(machine, facts))
        except (CannotConverge, OSError, ValueError, KeyError, http.client.HTTPException) as error:
            missing.append(f"{measure.__name__}: {error}")
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[figure.as_datum() for figure in figures])
    for line in missing:
        print(f"anb-host: not measured: {line}", file=sys.stderr, flush=True)
    return int(bool(missing))


def disks(machine: Machine, facts: Facts) -> Iterator[Figure]:
    """Say how full the fullest disk is, in per cent."""
    places = ("/", "/srv/anb") if facts.role == "file" else ("/",)
    usages = [shutil.disk_usage(machine.at(place)) for place in places]
    fullest = max(100 * one.used / (one.used + one.free) for one in usages)
    yield Figure("DiskUsedPercent", round(fullest, 1), "Percent", facts.role)


def line(machine: Machine, facts: Facts) -> Iterator[Figure]:
    """Say how long the oldest job waits, as the web application knows it."""
    if facts.role == "web":
        status, body = web.get(machine, _instance(machine), "/api/health/ready")
        if status != web.OK:
            raise ValueError(f"the web application is not ready: {body[:500]}")
        waiting = json.loads(body)["line"]["waiting_seconds"]
        yield Figure("OldestQueuedSeconds", round(waiting or 0, 1), "Seconds")


def errors(machine: Machine, facts: Facts) -> Iterator[Figure]:
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


MEASURES = (disks, line, errors)


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


def _instance(machine: Machine) -> str:
    """Return the web process that nginx asks."""
    text = machine.at(web.CONFIGURATION).read_text(encoding="utf-8")
    found = re.search(r"unix:/run/anb/web-(.+?)\.sock", text)
    if found is None:
        raise ValueError("nginx asks no web process of this host")
    return found.group(1)
