"""What our own processes on a host are told: their settings, secrets among them, in a file that only root reads."""

import sys
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from deploy.hosts import database, services
from deploy.hosts.definitions import MEDIA, RELEASES, SECRETS, WORK
from deploy.hosts.facts import Facts, Role
from deploy.hosts.machine import CannotConverge, Machine
from deploy.hosts.secrets import QUEUE, SECRET_KEY, Secrets

# What the processes of a role import; a module that is not named here is compiled at each start.
IMPORTED: Mapping[Role, str] = MappingProxyType(
    {
        "web": "anb.cli anb.app alembic.command granian.server.mp granian.wsgi granian.asgi",
        "worker": "anb.cli anb.worker alembic.command kombu.transport.redis celery.bin.celery celery.bin.worker"
        " celery.apps.worker celery.apps.multi celery.app.amqp celery.app.control celery.app.events celery.app.log"
        " celery.app.routes celery.backends.base celery.concurrency.prefork celery.events.dispatcher"
        " celery.events.receiver celery.fixups.django celery.worker.autoscale celery.worker.components"
        " celery.worker.consumer celery.worker.consumer.delayed_delivery"
        " billiard.heap billiard.popen_fork billiard.sharedctypes billiard.synchronize",
    }
)
QUEUE_PORT = 6379
QUEUE_USER = "anb"
# Seconds that an upload under way may go on when another release takes over: the slowest phone, for 100 MB.
LONGEST_UPLOAD = 3600


def settings(facts: Facts, secrets: Secrets) -> dict[str, str]:
    """Return the settings of `anb` on a host."""
    password = quote(secrets.read(QUEUE), safe="")
    pool = database.WEB_POOL if facts.role == "web" else database.WORKER_POOL
    address = facts.public_url or (f"https://{facts.domain}" if facts.domain else "")
    known = {
        "ANB_DATABASE_URL": database.address(facts.database_host, secrets.database()),
        "ANB_DATABASE_POOL": str(pool),
        "ANB_REDIS_URL": f"redis://{QUEUE_USER}:{password}@{facts.file_host}:{QUEUE_PORT}/0",
        "ANB_MEDIA_ROOT": MEDIA,
        "ANB_WORK_DIR": WORK,
        "ANB_SECRET_KEY": secrets.read(SECRET_KEY),
        "ANB_LOG_FORMAT": "json",
        "ANB_SANDBOX": "require",
        # A share that is away for a reboot is waited for: else a good clip would be refused as one that cannot be read.
        "ANB_PROBE_SECONDS": "120",
        "ANB_WEB_STOP_SECONDS": str(LONGEST_UPLOAD - 60),
        "ANB_WORKER_PROCESSES": str(database.WORKER_PROCESSES),
    }
    if address:
        known["ANB_PUBLIC_URL"] = address
    return known | dict(facts.settings)


def write_settings(machine: Machine, facts: Facts, secrets: Secrets) -> None:
    """Write the settings where systemd and `anb` read them."""
    machine.folder("/etc/anb", 0o755)
    machine.put(SECRETS, services.environment_file(settings(facts, secrets)), 0o600)


def compile_modules(machine: Machine, facts: Facts, release: str) -> None:
    """Let Python compile what this role imports, once: the user anb may not write there, and would at every start.

    Whatever a release lacks shows here too, before anything of it runs. Raises CannotConverge.
    """
    machine.run(
        sys.executable, "-P", "-c", f"import {IMPORTED[facts.role].replace(' ', ', ')}",
        environment={"PYTHONPATH": f"{RELEASES}/{release}/site"},
    )  # fmt: skip


def migrate(machine: Machine, release: str, *options: str, patience: float = 600) -> None:
    """Run the migrations of a release, whoever comes first; wait for a database that does not answer yet."""
    said = ""

    def done() -> bool:
        nonlocal said
        tried = machine.run(
            "/usr/local/bin/anb", "migrate", *options, check=False, environment={"ANB_RELEASE": release}
        )
        heard = (tried.stdout + tried.stderr).strip()
        if heard != said and tried.returncode != 0:
            machine.say(f"the database is not ready: {heard[-500:]}")
        said = heard
        return tried.returncode == 0

    try:
        machine.wait("the database and its migrations", done, patience)
    except CannotConverge as error:
        raise CannotConverge(f"{error}: {said[-1000:]}") from error
    machine.say(said.splitlines()[-1] if said else "migrated")
