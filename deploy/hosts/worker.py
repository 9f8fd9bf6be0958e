"""The worker: makes edits, rescues jobs, sends mails, and takes the backup at night."""

from deploy.hosts import database, services
from deploy.hosts.definitions import HOSTS, MAIL, SECRETS
from deploy.hosts.machine import Machine

WORKERS = ("anb-worker.service", "anb-reconcile.service", "anb-mail.service")


def converge(machine: Machine, release: str) -> None:
    """Write the units of a release, and start them after the database is migrated, since a reboot would start them too.

    A restarted worker hands its job over first.
    """
    memory = HOSTS["worker"].memory
    for unit in (*WORKERS, "anb-backup.service"):
        services.install(
            machine, unit, release=release, memory=memory[unit], settings=MAIL, pool=database.RECONCILER_POOL
        )
    services.install(machine, "anb-backup.timer")
    for unit in WORKERS:
        services.settle(machine, unit, [f"{services.UNITS}/{unit}", MAIL if unit == "anb-mail.service" else SECRETS])
    services.settle(machine, "anb-backup.timer", [f"{services.UNITS}/anb-backup.timer"])
