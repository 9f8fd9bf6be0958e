"""The worker: makes edits, looks for lost jobs, and backs everything up at night."""

from deploy.hosts import services
from deploy.hosts.definitions import HOSTS, SECRETS
from deploy.hosts.machine import Machine

WORKERS = ("anb-worker.service", "anb-reconcile.service")


def converge(machine: Machine, release: str) -> None:
    """Write the units of a release and start them, once the database is ready for it: a reboot would start them too.

    A worker that is restarted hands its job back first.
    """
    memory = HOSTS["worker"].memory
    for unit in (*WORKERS, "anb-backup.service"):
        services.install(machine, unit, release=release, memory=memory[unit])
    services.install(machine, "anb-backup.timer")
    for unit in WORKERS:
        services.settle(machine, unit, [f"{services.UNITS}/{unit}", SECRETS])
    services.settle(machine, "anb-backup.timer", [f"{services.UNITS}/anb-backup.timer"])
