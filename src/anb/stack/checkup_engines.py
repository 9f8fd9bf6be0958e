"""What `anb doctor` examines of what runs: database, queue, worker, reconciler, web."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx2 as httpx
import psutil
import psycopg

from anb.db import migrate
from anb.stack import leftovers, valkey
from anb.stack.checkup import Checkup, Finding
from anb.stack.network import local

REST = "the stack does not run"
START = "`make run` starts it"


def database(checkup: Checkup) -> Iterator[Finding]:
    """Examine whether the database answers and has the tables of this version."""
    if not checkup.running and checkup.settings.database_url is None:
        yield Finding("Database", "off", REST, START)
        return
    url = str(checkup.settings.database_url or checkup.environment["ANB_DATABASE_URL"])
    with psycopg.connect(url, connect_timeout=3) as connection:
        migrated = connection.execute("SELECT to_regclass('alembic_version')").fetchone() != (None,)
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if migrated else None
    revision, head = found[0] if found else None, migrate.head()
    if revision == head:
        yield Finding("Database", "ok", f"answers, at revision {revision}")
    else:
        yield Finding("Database", "fail", f"at revision {revision}, this version needs {head}", "Run `anb migrate`")


def queue(checkup: Checkup) -> Iterator[Finding]:
    """Examine whether the queue answers and a worker waits at it."""
    if not checkup.running and checkup.settings.redis_url is None:
        yield Finding("Queue", "off", REST, START)
        return
    url = str(checkup.settings.redis_url or checkup.environment["ANB_REDIS_URL"])
    with valkey.client(url) as client:
        client.ping()
    yield Finding("Queue", "ok", "answers")
    if valkey.has_consumer(url):
        yield Finding("Worker", "ok", "waits for jobs")
    else:
        yield Finding("Worker", "warn", "none waits for jobs", "Busy with one, or dead: see logs/worker.log")


def reconciler(checkup: Checkup) -> Iterator[Finding]:
    """Examine whether the reconciler's process lives: it listens nowhere, and without one lost jobs stay lost."""
    part = "Reconciler"
    if not checkup.running:
        yield Finding(part, "off", REST, START)
        return
    process = leftovers.find_part(checkup.folder.root, "reconcile")
    if process is None:
        yield Finding(
            part, "fail", "does not run", "`anb up` starts it again by itself; if not, see logs/reconcile.log"
        )
    elif process.status() == psutil.STATUS_STOPPED:
        yield Finding(part, "fail", f"stands still (process {process.pid})", f"kill -CONT {process.pid}")
    else:
        yield Finding(part, "ok", f"runs (process {process.pid})")


def web(checkup: Checkup) -> Iterator[Finding]:
    """Examine whether the site answers, through nginx, and has all it needs."""
    if not checkup.running:
        yield Finding("Web", "off", REST, START)
        return
    address = local(checkup.settings.http_host, int(checkup.environment["ANB_HTTP_PORT"]))
    answer = httpx.get(f"{address}/api/health/ready", timeout=5)
    said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    if not answer.is_success:
        parts = ", ".join(f"{name} {part['state']}" for name, part in said.get("parts", {}).items())
        found = f"{address} answers {answer.status_code}" + (f" ({parts})" if parts else "")
        yield Finding("Web", "fail", found, "See logs/web.log and logs/nginx.log")
        return
    yield Finding("Web", "ok", f"{address} is ready, {said['queued']} jobs in the queue")
    yield jobs(said["line"])


def jobs(line: Mapping[str, Any]) -> Finding:
    """Judge the line of jobs, as the site's health tells of it."""
    found = f"{line['due']} wait, {line['running']} under way, {line['dead']} dead letters"
    if line["drained"]:
        return Finding("Jobs", "warn", f"drained: workers take no new job; {found}", "`anb jobs drain --off` ends that")
    if line["dead"]:
        return Finding("Jobs", "warn", found, "`anb jobs dead` lists them, `anb jobs show ID` says why")
    return Finding("Jobs", "ok", found)
