"""How much of the system each of our units can reach, as `systemd-analyze security` scores it: 0 nothing, 10 all."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine

# The limit of each unit (Debian 13 scores about a tenth lower than 12). bubblewrap needs namespaces and mounts.
MOST: Mapping[str, float] = MappingProxyType(
    {
        "anb-web@.service": 2.7,
        "anb-uploads@.service": 2.7,
        "anb-worker.service": 2.7,
        "anb-streams.service": 1.4,
        "anb-reconcile.service": 1.4,
        "anb-mail.service": 1.4,
        "anb-backup.service": 1.4,
        "anb-metrics.service": 2.0,
        "anb-nginx.service": 1.6,
        "valkey-server.service": 1.2,
        "anb-postgres.service": 1.4,
        "anb-database-tls.service": 1.4,
    }
)
UNITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "web": (
            "anb-web@.service",
            "anb-uploads@.service",
            "anb-streams.service",
            "anb-nginx.service",
            "anb-metrics.service",
        ),
        "worker": (
            "anb-worker.service",
            "anb-reconcile.service",
            "anb-mail.service",
            "anb-backup.service",
            "anb-metrics.service",
        ),
        "file": ("valkey-server.service", "anb-metrics.service"),
        "database": ("anb-postgres.service", "anb-database-tls.service", "anb-metrics.service"),
    }
)


def measure(machine: Machine, unit: str) -> float:
    """Return the exposure of an installed unit. Raises CannotConverge."""
    name = unit.replace("@.", "@any.")
    done = machine.run("systemd-analyze", "security", "--no-pager", "--offline=true", name, check=False)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    if found is None:
        raise CannotConverge(f"systemd-analyze says nothing of {unit}: {done.stderr.strip()}")
    return float(found.group(1))


def show(machine: Machine, facts: Facts) -> int:
    """Print the exposure of this host's units. Return 1 if one exceeds its limit."""
    wrong = 0
    for unit in UNITS[facts.role]:
        found = measure(machine, unit)
        wrong += found > MOST[unit]
        print(f"  {'ok  ' if found <= MOST[unit] else 'FAIL'} {unit} {found} (at most {MOST[unit]})")
    return int(bool(wrong))
