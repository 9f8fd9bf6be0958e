"""Checks of running services: database, queue, worker, reconciler, uploads, streams, web."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx2 as httpx
import psutil
import psycopg

from anb.db import migrate, roles
from anb.engines import valkey
from anb.local.doctor import backlog
from anb.local.doctor.checkup import CheckResult, Checkup
from anb.local.ports import local
from anb.local.supervisor import leftovers

REST = "the stack does not run"
START = "`make run` starts it"
OWNER = "Give them to another account: `ANB_DATABASE_OWNER_URL`, then `anb migrate` (docs/decisions/0033)"


def database(checkup: Checkup) -> Iterator[CheckResult]:
    """Check that the database answers and has the tables of this version."""
    if not checkup.running and checkup.settings.database_url is None:
        yield CheckResult("Database", "off", REST, START)
        return
    url = str(checkup.settings.database_url or checkup.environment["ANB_DATABASE_URL"])
    with psycopg.connect(url, connect_timeout=3) as connection:
        migrated = connection.execute("SELECT to_regclass('alembic_version')").fetchone() != (None,)
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if migrated else None
        owned = roles.owned(connection)
    revision, head = found[0] if found else None, migrate.head()
    if revision == head:
        yield CheckResult("Database", "ok", f"answers, at revision {revision}")
    else:
        yield CheckResult("Database", "fail", f"at revision {revision}, this version needs {head}", "Run `anb migrate`")
    if owned:
        yield CheckResult("Database account", "warn", f"the application's own account owns {owned} tables", OWNER)


def queue(checkup: Checkup) -> Iterator[CheckResult]:
    """Check that the queue answers and that a worker waits for jobs."""
    if not checkup.running and checkup.settings.redis_url is None:
        yield CheckResult("Queue", "off", REST, START)
        return
    url = str(checkup.settings.redis_url or checkup.environment["ANB_REDIS_URL"])
    with valkey.client(url) as client:
        client.ping()
    yield CheckResult("Queue", "ok", "answers")
    if valkey.has_consumer(url):
        yield CheckResult("Worker", "ok", "waits for jobs")
    else:
        yield CheckResult("Worker", "warn", "none waits for jobs", "It may be busy or dead: see logs/worker.log")


def reconciler(checkup: Checkup) -> Iterator[CheckResult]:
    """Check that the reconciler runs: it listens nowhere, and without it lost jobs stay lost."""
    part = "Reconciler"
    if not checkup.running:
        yield CheckResult(part, "off", REST, START)
        return
    process = leftovers.find_part(checkup.folder.root, "reconcile")
    if process is None:
        yield CheckResult(part, "fail", "does not run", "`anb up` restarts it; if not, see logs/reconcile.log")
    elif process.status() == psutil.STATUS_STOPPED:
        yield CheckResult(part, "fail", f"is stopped (process {process.pid})", f"kill -CONT {process.pid}")
    else:
        yield CheckResult(part, "ok", f"runs (process {process.pid})")


def streams(checkup: Checkup) -> Iterator[CheckResult]:
    """Check that the live streams answer; without them pages ask every few seconds."""
    silent = CheckResult("Live streams", "warn", "no answer ({}); pages poll instead", "See logs/streams.log")
    yield _behind_socket(checkup, "STREAM", CheckResult(silent.part, "ok", "answer"), silent)


def uploads(checkup: Checkup) -> Iterator[CheckResult]:
    """Check that the process that takes uploads answers."""
    silent = CheckResult("Uploads", "fail", "not taken ({})", "See logs/uploads.log")
    yield _behind_socket(checkup, "UPLOAD", CheckResult(silent.part, "ok", "are taken"), silent)


def _behind_socket(checkup: Checkup, name: str, well: CheckResult, silent: CheckResult) -> CheckResult:
    """Ask one of our processes for its health. The text of `silent` has `{}` for the reason."""
    if not checkup.running:
        return CheckResult(well.part, "off", REST, START)
    transport = httpx.HTTPTransport(uds=checkup.environment[f"ANB_{name}_SOCKET"])
    try:
        with httpx.Client(transport=transport, timeout=5) as client:
            client.get(f"http://{name.lower()}s/health").raise_for_status()
    except httpx.HTTPError as error:
        return replace(silent, found=silent.found.format(error))
    return well


def web(checkup: Checkup) -> Iterator[CheckResult]:
    """Check that the site answers, through nginx, and that its parts are well."""
    if not checkup.running:
        yield CheckResult("Web", "off", REST, START)
        return
    address = local(checkup.settings.http_host, int(checkup.environment["ANB_HTTP_PORT"]))
    answer = httpx.get(f"{address}/api/health/ready", timeout=5)
    said = parts_of(checkup)
    if not answer.is_success:
        parts = ", ".join(f"{name} {part['state']}" for name, part in said.get("parts", {}).items())
        found = f"{address} answers {answer.status_code}" + (f" ({parts})" if parts else "")
        yield CheckResult("Web", "fail", found, "See logs/web.log and logs/nginx.log")
        return
    yield CheckResult("Web", "ok", f"{address} is ready, {said['queued']} jobs in the queue")
    yield jobs(said["line"])
    yield from backlog.check(said)


def parts_of(checkup: Checkup) -> Mapping[str, Any]:
    """Ask the web application about its parts; it does not tell through nginx. Empty if it does not answer."""
    transport = httpx.HTTPTransport(uds=checkup.environment["ANB_WEB_SOCKET"])
    try:
        with httpx.Client(transport=transport, timeout=5) as client:
            said: Mapping[str, Any] = client.get("http://web/api/health/parts").json()
    except httpx.TransportError:
        return {}
    return said


def jobs(line: Mapping[str, Any]) -> CheckResult:
    """Judge the job queue by the site's health report."""
    found = f"{line['due']} wait, {line['running']} under way, {line['dead']} dead letters"
    if line["drained"]:
        return CheckResult(
            "Jobs", "warn", f"drained: workers take no new job; {found}", "`anb jobs drain --off` ends the drain"
        )
    if line["dead"]:
        return CheckResult("Jobs", "warn", found, "`anb jobs dead` lists them, `anb jobs show ID` says why")
    return CheckResult("Jobs", "ok", found)
