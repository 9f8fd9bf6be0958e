"""The verbs of the share's keeper: verify what rows know, and sweep what none does."""

from collections.abc import Iterator
from itertools import islice

from anb.db.session import Database
from anb.ports import Found, Ports
from anb.settings import Settings
from anb.storage import store
from anb.storage.domain import Finding, Known, Wrong, compare

KINDS = ("originals", "edits", "incoming")
BATCH = 1000


def verify(database: Database, ports: Ports, *, checksums: bool) -> Iterator[Finding]:
    """Yield what rows miss: files that are gone, or have other bytes than they should. Raises Outage."""
    for page in store.pages(database):
        wrong = [finding for known in page if (finding := _examine(ports, known, checksums=checksums))]
        # A video may have been deleted, an upload ended, since its row was read.
        with database.reading() as uow:
            still = store.known(uow, (finding.key for finding in wrong)) if wrong else set()
        yield from (finding for finding in wrong if finding.key in still)


def unknown(database: Database, ports: Ports, settings: Settings) -> Iterator[Finding]:
    """Yield files that no row knows, once they are so old that no row is about to.

    A file stands without its row while an upload is received or judged, an edit waits to be published, or a commit is
    under way whose end nobody heard of. All of that is over in minutes; `sweep_age_seconds` is at least an hour.
    """
    for kind in KINDS:
        old = (found for found in ports.inventory.walk(kind) if found.age > settings.sweep_age_seconds)
        while batch := list(islice(old, BATCH)):
            yield from _strangers(database, batch)


def sweep(database: Database, ports: Ports, settings: Settings) -> Iterator[Finding]:
    """Delete what no row knows, and yield it."""
    for finding in unknown(database, ports, settings):
        ports.media.delete(finding.key)
        yield finding


def _strangers(database: Database, batch: list[Found]) -> Iterator[Finding]:
    with database.reading() as uow:
        known = store.known(uow, (found.key for found in batch))
    for found in batch:
        if found.key not in known:
            yield Finding(Wrong.UNKNOWN, found.key, f"{found.size} bytes, {found.age / 3600:.0f} h old")


def _examine(ports: Ports, known: Known, *, checksums: bool) -> Finding | None:
    finding = compare(known, ports.inventory.look(known.key))
    if finding is None and checksums and known.sha256 is not None:
        digest = ports.inventory.digest(known.key)
        if digest != known.sha256:
            return Finding(Wrong.CHECKSUM, known.key, f"SHA-256 {digest}; its row says {known.sha256}")
    return finding
