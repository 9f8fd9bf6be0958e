"""PostgreSQL as a child process: its cluster, its command line, its roles and database."""

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

from anb.engines import binaries
from anb.engines.errors import CannotStart

SUPERUSER = "postgres"
NAME = "anb"  # the database, and the role that owns it
APP = "anb_app"  # the application's role, which owns nothing
LAPTOP: Mapping[str, str] = MappingProxyType(
    {
        "shared_buffers": "128MB",
        "max_connections": "100",
        "fsync": "on",
        "jit": "off",  # our statements are short
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_duration_statement": "500ms",
        "wal_level": "minimal",  # a laptop has no replicas
        "max_wal_senders": "0",
    }
)


@dataclass(frozen=True)
class Postgres:
    """A cluster: its data folder, the folder of its socket, and the passwords of its three roles."""

    data: Path
    sockets: Path
    superuser_password: str = field(repr=False)
    password: str = field(repr=False)
    app_password: str = field(repr=False)
    options: Mapping[str, str] = field(default_factory=lambda: LAPTOP)

    def url(self, *, superuser: bool = False, database: str = NAME) -> str:
        """Return the address for the owner or the superuser."""
        user, password = (SUPERUSER, self.superuser_password) if superuser else (NAME, self.password)
        return self._address(user, password, database)

    def app_url(self, database: str = NAME) -> str:
        """Return the address for the application."""
        return self._address(APP, self.app_password, database)

    def _address(self, user: str, password: str, database: str) -> str:
        """Write an address. libpq and SQLAlchemy prefer the socket folder to the host, which URL parsers insist on."""
        secret, folder = quote(password, safe=""), quote(str(self.sockets), safe="")
        return f"postgresql://{user}:{secret}@localhost/{database}?host={folder}"

    def is_made(self) -> bool:
        """Say whether the cluster exists."""
        return (self.data / "PG_VERSION").is_file()

    def initialise(self, run: Callable[[list[str]], None]) -> None:
        """Create the cluster. An interrupted attempt is started over: it holds no data yet."""
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
        """Return the server's command: no network, and a socket for this user only."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": '"' + str(self.sockets) + '"',  # quoted: a bare comma would split the list
            "unix_socket_permissions": "0700",
            "password_encryption": "scram-sha-256",
            "logging_collector": "off",
            **self.options,
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [*ordinary_user(), str(binaries.postgres()), "-D", str(self.data), *settings]

    def clear_stale(self) -> None:
        """Remove the lock files of a server that was killed: their process id may belong to another process by now.

        Call it only when no process of the cluster is left.
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
        """Create the two roles and the database where they are missing, and set the roles' passwords.

        The application's privileges come with the migrations, from the owner.
        """
        with psycopg.connect(self.url(superuser=True, database="postgres"), autocommit=True) as connection:
            abilities = {NAME: "CREATEDB" if may_create else "NOCREATEDB", APP: "NOCREATEDB"}
            for name, password in ((NAME, self.password), (APP, self.app_password)):
                role, ability = sql.Identifier(name), sql.SQL(abilities[name])
                if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
                    connection.execute(sql.SQL("CREATE ROLE {}").format(role))
                connection.execute(
                    sql.SQL("ALTER ROLE {} LOGIN {} PASSWORD {}").format(role, ability, sql.Literal(password))
                )
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone() is None:
                owner = sql.Identifier(NAME)
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(owner, owner))


def ordinary_user() -> list[str]:
    """Return the prefix that lets root run PostgreSQL, which refuses root: a user namespace with an ordinary uid.

    initdb needs a uid that has a name, so an existing user's is chosen; no user is created. The same prefix helps a
    user without a name (in a container, say).
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
