"""PostgreSQL as a child: its cluster, its command line, its role and database."""

import os
import pwd
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg
from psycopg import sql

from anb.stack import binaries
from anb.stack.errors import CannotStart

SUPERUSER = "postgres"
NAME = "anb"  # the role of the application, and its database
LAPTOP: Mapping[str, str] = MappingProxyType(
    {
        "shared_buffers": "128MB",
        "max_connections": "100",
        "fsync": "on",
        "jit": "off",  # our statements are short
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_duration_statement": "500ms",
        "wal_level": "minimal",  # nobody replicates a laptop
        "max_wal_senders": "0",
    }
)


@dataclass(frozen=True)
class Postgres:
    """A cluster of ours: its folder, the folder of its socket, and its two passwords."""

    data: Path
    sockets: Path
    superuser_password: str = field(repr=False)
    password: str = field(repr=False)
    options: Mapping[str, str] = field(default_factory=lambda: LAPTOP)

    def url(self, *, superuser: bool = False, database: str = NAME) -> str:
        """Return the address. libpq and SQLAlchemy take the folder over the host, which URL parsers insist on."""
        user, password = (SUPERUSER, self.superuser_password) if superuser else (NAME, self.password)
        secret, folder = quote(password, safe=""), quote(str(self.sockets), safe="")
        return f"postgresql://{user}:{secret}@localhost/{database}?host={folder}"

    def is_made(self) -> bool:
        """Say whether the cluster is there."""
        return (self.data / "PG_VERSION").is_file()

    def initialise(self, run: Callable[[list[str]], None]) -> None:
        """Make the cluster. An attempt that was cut short is begun again: it holds nothing yet."""
        unfinished = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        secret = unfinished.with_suffix(".password")
        secret.touch(mode=0o600)
        secret.write_text(self.superuser_password, encoding="utf-8")
        try:
            run(_initdb(unfinished, secret))
        finally:
            secret.unlink()
        unfinished.replace(self.data)

    def command(self) -> list[str]:
        """Return the server's command: no network, its socket for this user alone."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": '"' + str(self.sockets) + '"',  # quoted: a bare comma would part the list
            "unix_socket_permissions": "0700",
            "password_encryption": "scram-sha-256",
            "logging_collector": "off",
            **self.options,
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [*ordinary_user(), str(binaries.postgres()), "-D", str(self.data), *settings]

    def clear_stale(self) -> None:
        """Remove the marks of a server that was killed: their process number may be somebody else's by now.

        Only for who knows that no process of the cluster is left.
        """
        for mark in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            mark.unlink(missing_ok=True)

    def answers(self) -> bool:
        """Say whether a real connection works."""
        try:
            with psycopg.connect(self.url(superuser=True, database="postgres"), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def make_database(self, *, may_create: bool = False) -> None:
        """Make the application's role and database where they are missing, and give the role its password."""
        with psycopg.connect(self.url(superuser=True, database="postgres"), autocommit=True) as connection:
            role, ability = sql.Identifier(NAME), sql.SQL("CREATEDB" if may_create else "NOCREATEDB")
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {}").format(role))
            connection.execute(
                sql.SQL("ALTER ROLE {} LOGIN {} PASSWORD {}").format(role, ability, sql.Literal(self.password))
            )
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))


def ordinary_user() -> list[str]:
    """Return the prefix that lets root run PostgreSQL, which refuses root: a user namespace with an ordinary uid.

    initdb wants that uid to have a name, so one is taken that has; a user is never made. A user without a name (in a
    container, say) is helped the same way.
    """
    known = {entry.pw_uid for entry in pwd.getpwall()}
    if os.geteuid() != 0 and os.geteuid() in known:
        return []
    unshare = shutil.which("unshare")
    uid = max(known - {0}, default=0)
    if unshare is None or uid == 0:
        raise CannotStart("PostgreSQL does not run as root, and there is no `unshare` here; start as an ordinary user")
    return [unshare, "--user", f"--map-user={uid}", f"--map-group={uid}", "--"]


def _initdb(data: Path, password: Path) -> list[str]:
    options = ["--username", SUPERUSER, "--pwfile", str(password), "--auth=scram-sha-256", "--encoding=UTF8"]
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]  # the same order on every machine
    return [*ordinary_user(), str(binaries.postgres("initdb")), "-D", str(data), "--no-instructions", *options, *locale]
