"""How a host is: its release, its units, its disk, and what is wrong."""

import http.client
import json
import shutil
from collections.abc import Iterator
from typing import NamedTuple

from deploy.hosts import certificate, share, web
from deploy.hosts.definitions import CURRENT, HOSTS, MIB, disks
from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine

FULL = 85  # per cent of a disk from which on somebody should look; the alarm's
TIMED = {"anb-backup.service": "anb-backup.timer"}
BESIDES = {"web": (share.MOUNT,), "worker": (share.MOUNT,), "file": ("nfs-server.service",), "database": ()}


class Line(NamedTuple):
    """One thing that was looked at."""

    good: bool
    text: str


def show(machine: Machine, facts: Facts) -> int:
    """Print how this host is; return 1 when something is wrong."""
    print(f"{facts.role}, release {machine.at(CURRENT).resolve().name}")
    lines = list(look(machine, facts))
    for line in lines:
        print(f"  {'ok  ' if line.good else 'FAIL'} {line.text}")
    if facts.role == "web":
        print(f"  certificate SHA-256 {certificate.fingerprint(machine)}")
    if machine.at("/run/reboot-required").exists():
        print("  a security update waits for a reboot; it comes by itself, early in the morning")
    return int(not all(line.good for line in lines))


def look(machine: Machine, facts: Facts) -> Iterator[Line]:
    """Look at everything that should hold."""
    for unit in units(machine, facts):
        state = machine.run("systemctl", "is-active", unit, check=False).stdout.strip()
        yield Line(state == "active", f"{unit} {state}{_memory(machine, unit)}")
    for unit in TIMED:
        if unit in HOSTS[facts.role].units:
            failed = machine.run("systemctl", "is-failed", unit, check=False).stdout.strip() == "failed"
            yield Line(not failed, f"{unit} {'failed: journalctl -u ' + unit if failed else 'did not fail last time'}")
    for folder in disks(facts.role):
        used = shutil.disk_usage(machine.at(folder))
        percent = 100 * used.used // (used.used + used.free)
        yield Line(percent < FULL, f"disk {folder} {percent} % of {used.total // (1024 * MIB)} GiB used")
    if facts.role == "web":
        yield from _ready(machine)


def units(machine: Machine, facts: Facts) -> list[str]:
    """Return the units that should be up."""
    known = [TIMED.get(unit, unit) for unit in HOSTS[facts.role].units]
    if facts.role == "web":
        known[known.index(web.SLICE)] = f"anb-web@{web.asked(machine)}.service"
    return [*BESIDES[facts.role], *known]


def _ready(machine: Machine) -> Iterator[Line]:
    """Ask the web application how database, queue and share answer it, and how the line is doing."""
    try:
        status, body = web.get(machine, web.asked(machine), "/api/health/ready")
        known = json.loads(body)
    except (OSError, ValueError, CannotConverge, http.client.HTTPException) as error:
        yield Line(good=False, text=f"the web application does not answer: {error}")
        return
    for name, part in sorted(known.get("parts", {}).items()):
        yield Line(part["state"] == "up", f"{name} {part['state']}, {part['milliseconds']} ms")
    if status == web.OK:
        line = known["line"]
        yield Line(good=True, text=f"line: {line['due']} due, {line['running']} running, {line['dead']} dead")


def _memory(machine: Machine, unit: str) -> str:
    said = machine.run("systemctl", "show", "-P", "MemoryCurrent", unit, check=False).stdout.strip()
    return f", {int(said) // MIB} MiB" if said.isdigit() and int(said) < 1 << 62 else ""
