"""How a host is: its release, its units, its disk, and what is wrong."""

import shutil

from deploy.hosts import certificate, share
from deploy.hosts.definitions import CURRENT, HOSTS, MIB
from deploy.hosts.facts import Facts
from deploy.hosts.machine import Machine

MIDDLE = 80  # per cent of a disk from which on somebody should look


def show(machine: Machine, facts: Facts) -> int:
    """Print how this host is; return 1 when something is wrong."""
    release = machine.at(CURRENT).resolve().name
    print(f"{facts.role}, release {release}")
    wrong = 0
    for unit in units(facts, release):
        state = machine.run("systemctl", "is-active", unit, check=False).stdout.strip()
        good = state == "active"
        wrong += not good
        print(f"  {'ok  ' if good else 'FAIL'} {unit} {state}{_memory(machine, unit)}")
    for folder in dict.fromkeys(("/", "/srv/anb") if facts.role == "file" else ("/",)):
        used = shutil.disk_usage(machine.at(folder))
        percent = 100 * used.used // used.total
        wrong += percent >= MIDDLE
        print(
            f"  {'ok  ' if percent < MIDDLE else 'FAIL'} disk {folder} {percent} % of {used.total // (1024 * MIB)} GiB"
        )
    if facts.role == "web":
        print(f"       certificate SHA-256 {certificate.fingerprint(machine)}")
    return int(bool(wrong))


def units(facts: Facts, release: str) -> list[str]:
    """Return the units that should be up."""
    known = [unit.replace("@", f"@{release}") for unit in HOSTS[facts.role].units]
    timed = {"anb-metrics.service": "anb-metrics.timer", "anb-backup.service": "anb-backup.timer"}
    extra = {"web": [share.MOUNT], "worker": [share.MOUNT], "file": ["nfs-server.service"], "database": []}
    return [*extra[facts.role], *(timed.get(unit, unit) for unit in known)]


def _memory(machine: Machine, unit: str) -> str:
    said = machine.run("systemctl", "show", "-P", "MemoryCurrent", unit, check=False).stdout.strip()
    return f", {int(said) // MIB} MiB" if said.isdigit() and int(said) < 1 << 62 else ""
