"""The worker: makes edits, looks for lost jobs, and backs everything up at night."""

from deploy.hosts import services
from deploy.hosts.definitions import HOSTS, SECRETS
from deploy.hosts.machine import Machine


def converge(machine: Machine, release: str) -> None:
    """Start the worker's processes. One that is restarted hands its job back first."""
    memory = HOSTS["worker"].memory
    for unit in ("anb-worker.service", "anb-reconcile.service"):
        path = services.install(machine, unit, release=release, memory=memory[unit])
        services.settle(machine, unit, [path, SECRETS])
    services.install(machine, "anb-backup.service", release=release, memory=memory["anb-backup.service"])
    timer = services.install(machine, "anb-backup.timer")
    services.settle(machine, "anb-backup.timer", [timer])
