"""How much of the system each unit of ours can reach, as `systemd-analyze security` counts it: 0 nothing, 10 all."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine

# The most that each may have (Debian 13 counts about a tenth less than 12). bubblewrap needs namespaces and mounts.
MOST: Mapping[str, float] = MappingProxyType(
    {
        "anb-web@.service": 2.7,
        "anb-worker.service": 2.7,
        "anb-reconcile.service": 1.4,
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
        "web": ("anb-web@.service", "anb-nginx.service", "anb-metrics.service"),
        "worker": ("anb-worker.service", "anb-reconcile.service", "anb-backup.service", "anb-metrics.service"),
        "file": ("valkey-server.service", "anb-metrics.service"),
        "database": ("anb-postgres.service", "anb-database-tls.service", "anb-metrics.service"),
    }
)


def measure(machine: Machine, unit: str) -> float:
    """Return the exposure of a unit that is installed here. Raises CannotConverge."""
    name = unit.replace("@.", "@any.")
    done = machine.run("systemd-analyze", "security", "--no-pager", "--offline=true", name, check=False)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    if found is None:
        raise CannotConverge(f"systemd-analyze says nothing of {unit}: {done.stderr.strip()}")
    return float(found.group(1))


def show(machine: Machine, facts: Facts) -> int:
    """Print the exposure of this host's units; return 1 when one stands above its most."""
    wrong = 0
    for unit in UNITS[facts.role]:
        found = measure(machine, unit)
        wrong += found > MOST[unit]
        print(f"  {'ok  ' if found <= MOST[unit] else 'FAIL'} {unit} {found} (at most {MOST[unit]})")
    return int(bool(wrong))
