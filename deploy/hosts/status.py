"""The state of a host: its release, its units, its disks, and its problems."""

import http.client
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from anb import disk_space
from anb.operators.limits import COMPARED_SECONDS, COUNT_SECONDS, RETENTION_HOURS
from anb.settings import MIB
from deploy.hosts import baseline, certificate, share, web
from deploy.hosts.definitions import CURRENT, HOSTS, disks
from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine
from deploy.hosts.metrics import retention_hours

FULL = 85  # per cent of a disk from which an operator should look; the same as the alarm's
TIMED = {"anb-backup.service": "anb-backup.timer"}
BESIDES = {"web": (share.MOUNT,), "worker": (share.MOUNT,), "file": ("nfs-server.service",), "database": ()}


class StatusLine(NamedTuple):
    """The result of one check."""

    good: bool
    text: str


def show(machine: Machine, facts: Facts) -> int:
    """Print the state of this host. Return 1 if there is a problem."""
    print(f"{facts.role}, release {machine.at(CURRENT).resolve().name}")
    lines = list(look(machine, facts))
    for line in lines:
        print(f"  {'ok  ' if line.good else 'FAIL'} {line.text}")
    if facts.role == "web":
        print(f"  certificate SHA-256 {certificate.fingerprint(machine)}")
    if machine.at("/run/reboot-required").exists():
        print("  a security update needs a reboot, which happens automatically early in the morning")
    return int(not all(line.good for line in lines))


def look(machine: Machine, facts: Facts) -> Iterator[StatusLine]:
    """Check everything that should hold."""
    for unit in units(machine, facts):
        state = machine.run("systemctl", "is-active", unit, check=False).stdout.strip()
        yield StatusLine(state == "active", f"{unit} {state}{_memory(machine, unit)}")
    for unit in TIMED:
        if unit in HOSTS[facts.role].units:
            failed = machine.run("systemctl", "is-failed", unit, check=False).stdout.strip() == "failed"
            yield StatusLine(
                not failed, f"{unit} {'failed: journalctl -u ' + unit if failed else 'did not fail last time'}"
            )
    late = baseline.behind(machine, HOSTS[facts.role].packages)
    yield StatusLine(not late, f"packages behind known fixes: {'; '.join(late) or 'none'}")
    for folder in disks(facts.role):
        percent = int(disk_space.used_percent(machine.at(folder)))
        size = disk_space.total_bytes(machine.at(folder)) // (1024 * MIB)
        yield StatusLine(percent < FULL, f"disk {folder} {percent} % of {size} GiB used")
    if facts.role == "web":
        yield from _ready(machine)


def units(machine: Machine, facts: Facts) -> list[str]:
    """Return the units that should be active."""
    known = [TIMED.get(unit, unit) for unit in HOSTS[facts.role].units]
    if facts.role == "web":
        place = known.index(web.SLICE)
        known[place : place + 1] = web.units(web.asked(machine))
    return [*BESIDES[facts.role], *known]


def _ready(machine: Machine) -> Iterator[StatusLine]:
    """Ask the web application for the state of database, queue, share and uploads, and for the queue's lengths."""
    try:
        _, body = web.get(machine, web.sockets_of(web.asked(machine))[0], "/api/health/parts")
        known = json.loads(body)
    except (OSError, ValueError, CannotConverge, http.client.HTTPException) as error:
        yield StatusLine(good=False, text=f"the web application does not answer: {error}")
        return
    for name, part in sorted(known.get("parts", {}).items()):
        yield StatusLine(part["state"] == "up", f"{name} {part['state']}, {part['milliseconds']} ms")
    if jobs := known.get("line"):  # the API's name for the queue
        yield StatusLine(good=True, text=f"jobs: {jobs['due']} due, {jobs['running']} running, {jobs['dead']} dead")
    if mail := known.get("mail"):
        told = f"mail: {mail['due']} due, {mail['held']} held, {mail['dead']} dead"
        yield StatusLine(good=not mail["dead"], text=told + (": anb mail list --dead" if mail["dead"] else ""))
    if erasures := known.get("erasures"):
        late = erasures["overdue"] or erasures["due_soon"] or erasures["unfinished"]
        told = f"erasures: {erasures['overdue']} overdue, {erasures['due_soon']} due soon or overdue, "
        told += f"{erasures['unfinished']} unfinished"
        yield StatusLine(good=not late, text=told + (": anb privacy erasures" if late else ""))
    if retention := known.get("retention"):
        hours = retention_hours(machine, retention["seconds_since"])
        good = hours < RETENTION_HOURS
        told = "retention: last run " + ("never" if retention["seconds_since"] is None else f"{hours:.0f} h ago")
        yield StatusLine(good, told + ("" if good else ": journalctl -u anb-reconcile on a worker"))
    if count := known.get("count"):
        yield _count(count)


def _count(count: dict[str, Any]) -> StatusLine:
    """Judge the count of votes."""
    told = f"count: votes wait {count['waiting_seconds'] or 0:.0f} s, {count['differing']} seasons differ, "
    told += f"compared {(count['compared_seconds'] or 0) / 60:.0f} min ago, "
    told += f"results: {count['stopped']} stopped, {count['late']} late"
    if count["differing"] or count["stopped"]:
        return StatusLine(good=False, text=told + ": anb count verify")
    slow = (count["waiting_seconds"] or 0) >= COUNT_SECONDS or (count["compared_seconds"] or 0) >= COMPARED_SECONDS
    late = slow or count["late"]
    return StatusLine(not late, told + (": journalctl -u anb-reconcile on a worker" if late else ""))


def _memory(machine: Machine, unit: str) -> str:
    reported = machine.run("systemctl", "show", "-P", "MemoryCurrent", unit, check=False).stdout.strip()
    return f", {int(reported) // MIB} MiB" if reported.isdigit() and int(reported) < 1 << 62 else ""
