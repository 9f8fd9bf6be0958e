"""The settings of our processes on a host, secrets included, in a file that only root can read."""

import sys
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from deploy.hosts import authorities, database, services
from deploy.hosts.definitions import COUNT, MAIL, MEDIA, OWNER, RELEASES, SECRETS, WORK
from deploy.hosts.facts import Facts, Role
from deploy.hosts.machine import CannotConverge, Machine
from deploy.hosts.secrets import QUEUE, SECRET_KEY, VOTE_LOG_KEY, HostSecrets
from deploy.hosts.ses import smtp_url

# The modules that the processes of a role import. A module that is not named here is compiled at each start.
IMPORTED: Mapping[Role, str] = MappingProxyType(
    {
        "web": "anb.cli anb.app anb.streams.app anb.db.migrate granian.server.mp granian.wsgi granian.asgi",
        "worker": "anb.cli anb.worker anb.mail.sender anb.mail_bootstrap anb.db.migrate kombu.transport.redis"
        " celery.bin.celery celery.bin.worker"
        " celery.apps.worker celery.apps.multi celery.app.amqp celery.app.control celery.app.events celery.app.log"
        " celery.app.routes celery.backends.base celery.concurrency.prefork celery.events.dispatcher"
        " celery.events.receiver celery.fixups.django celery.worker.autoscale celery.worker.components"
        " celery.worker.consumer celery.worker.consumer.delayed_delivery"
        " billiard.heap billiard.popen_fork billiard.sharedctypes billiard.synchronize",
    }
)
QUEUE_PORT = 6379
QUEUE_USER = "anb"
MAIL_SETTINGS = ("ANB_SMTP_", "ANB_MAIL_")
SES_SENDER = "no-reply"  # at the domain; SES lets the stack send from no other address
# Seconds that an upload may continue after another release took over: the slowest phone, for 100 MB.
LONGEST_UPLOAD = 3600


def settings(facts: Facts, secrets: HostSecrets) -> dict[str, str]:
    """Return the settings of `anb` on a host."""
    password = quote(secrets.read(QUEUE), safe="")
    pool = database.WEB_POOL if facts.role == "web" else database.WORKER_POOL
    address = facts.public_url or (f"https://{facts.domain}" if facts.domain else "")
    known = {
        "ANB_DATABASE_URL": database.address(facts.database_host, secrets.application()),
        "ANB_DATABASE_POOL": str(pool),
        "ANB_REDIS_URL": f"redis://{QUEUE_USER}:{password}@{facts.file_host}:{QUEUE_PORT}/0",
        "ANB_MEDIA_ROOT": MEDIA,
        "ANB_WORK_DIR": WORK,
        "ANB_LOG_FORMAT": "json",
        "ANB_SANDBOX": "require",
        # Wait for a share that reboots: otherwise a good clip would be refused as unreadable.
        "ANB_PROBE_SECONDS": "120",
        "ANB_WEB_STOP_SECONDS": str(LONGEST_UPLOAD - 60),
        "ANB_WORKER_PROCESSES": str(database.WORKER_PROCESSES),
        # Servers are on the internet, where passwords are guessed and phished.
        "ANB_SECOND_FACTOR_ROLES": "juror,organizer,administrator",
    }
    if facts.role == "web":  # only the web server signs
        known["ANB_SECRET_KEY"] = secrets.read(SECRET_KEY)
        known["ANB_WEB_PROCESSES"] = str(database.WEB_PROCESSES)
        known["ANB_UPLOAD_POOL"] = str(database.UPLOAD_POOL)
    if address:
        known["ANB_PUBLIC_URL"] = address
    if facts.ses:
        known |= {"ANB_SMTP_URL": smtp_url(facts.region), "ANB_MAIL_FROM": f"{SES_SENDER}@{facts.domain}"}
    return known | dict(facts.settings)


def mail_settings(facts: Facts, secrets: HostSecrets) -> dict[str, str]:
    """Return the settings of the process that sends mails: a database and a mail server, nothing else."""
    known = settings(facts, secrets)
    shared = ("ANB_DATABASE_URL", "ANB_PUBLIC_URL", "ANB_LOG_FORMAT")
    chosen = {name: value for name, value in known.items() if name in shared or name.startswith(MAIL_SETTINGS)}
    if facts.ses or facts.smtp_login:
        account = secrets.mail_server(facts.region)
        chosen |= {"ANB_SMTP_USER": account["username"], "ANB_SMTP_PASSWORD": account["password"]}
    return {"ANB_MAIL_SENDERS": str(database.MAIL_POOL)} | chosen


def write_settings(machine: Machine, facts: Facts, secrets: HostSecrets) -> None:
    """Write the settings where systemd and `anb` read them, and separately the owner's, which only root uses."""
    machine.folder("/etc/anb", 0o755)
    authorities.converge(machine, facts)
    owner = {"ANB_DATABASE_OWNER_URL": database.address(facts.database_host, secrets.database())}
    machine.put(OWNER, services.environment_file(owner), 0o600)
    machine.put(SECRETS, services.environment_file(settings(facts, secrets)), 0o600)
    if facts.role == "worker":
        machine.put(COUNT, services.environment_file({"ANB_VOTE_LOG_KEY": secrets.read(VOTE_LOG_KEY)}), 0o600)
        machine.put(MAIL, services.environment_file(mail_settings(facts, secrets)), 0o600)


def compile_modules(machine: Machine, facts: Facts, release: str) -> None:
    """Compile once what this role imports: the user anb cannot write there, and would compile at each start.

    A release that lacks a module fails here, before any of its processes runs. Raises CannotConverge.
    """
    machine.run(
        sys.executable, "-P", "-c", f"import {IMPORTED[facts.role].replace(' ', ', ')}",
        environment={"PYTHONPATH": f"{RELEASES}/{release}/site"},
    )  # fmt: skip


def migrate(machine: Machine, release: str, *options: str, patience: float = 600) -> None:
    """Run the migrations of a release; several hosts may do so at once. Wait for a database that is not up yet."""
    last_output = ""

    def done() -> bool:
        nonlocal last_output
        tried = machine.run(
            "/usr/local/bin/anb", "migrate", *options, check=False, environment={"ANB_RELEASE": release}
        )
        output = (tried.stdout + tried.stderr).strip()
        if output != last_output and tried.returncode != 0:
            machine.say(f"the database is not ready: {output[-500:]}")
        last_output = output
        return tried.returncode == 0

    try:
        machine.wait("the database and its migrations", done, patience)
    except CannotConverge as error:
        raise CannotConverge(f"{error}: {last_output[-1000:]}") from error
    machine.say(last_output.splitlines()[-1] if last_output else "migrated")
