"""The worker: makes edits, rescues jobs, sends mails, and takes the backup at night."""

from deploy.hosts import database, services
from deploy.hosts.definitions import COUNT, HOSTS, MAIL, SECRETS
from deploy.hosts.machine import Machine

# The units, and the files of their settings.
WORKERS = {
    "anb-worker.service": [SECRETS],
    "anb-reconcile.service": [SECRETS, COUNT],
    "anb-mail.service": [MAIL],
}


def converge(machine: Machine, release: str) -> None:
    """Write the units of a release, and start them after the database is migrated, since a reboot would start them too.

    A restarted worker hands its job over first.
    """
    memory = HOSTS["worker"].memory
    for unit in (*WORKERS, "anb-backup.service"):
        services.install(
            machine,
            unit,
            release=release,
            memory=memory[unit],
            settings=MAIL,
            count=COUNT,
            pool=database.RECONCILER_POOL,
        )
    services.install(machine, "anb-backup.timer")
    for unit, files in WORKERS.items():
        services.settle(machine, unit, [f"{services.UNITS}/{unit}", *files])
    services.settle(machine, "anb-backup.timer", [f"{services.UNITS}/anb-backup.timer"])
