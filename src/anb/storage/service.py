"""Verify the files that rows know, sweep those that no row knows, and delete those that must go."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from uuid import UUID

from anb.db.session import Database, UnitOfWork
from anb.ports import Found, Ports, Stored
from anb.settings import Settings
from anb.storage import store
from anb.storage.domain import KnownFile, StorageFinding, Wrong, compare

KINDS = ("originals", "edits", "incoming", "exports", "photos")
BATCH = 1000


def verify(database: Database, ports: Ports, *, checksums: bool) -> Iterator[StorageFinding]:
    """Yield the files that rows know but that are missing or have other bytes. Raises Outage."""
    for page in store.pages(database):
        wrong = [finding for known in page if (finding := _examine(ports, known, checksums=checksums))]
        # Meanwhile a video may have been deleted, or an upload ended.
        with database.reading() as uow:
            still = store.known(uow, (finding.key for finding in wrong)) if wrong else set()
        yield from (finding for finding in wrong if finding.key in still)


def unknown(database: Database, ports: Ports, settings: Settings) -> Iterator[StorageFinding]:
    """Yield files that no row knows, once they are so old that no row will appear.

    A file exists without its row while an upload is received or judged, while an edit waits to be published, or when
    the outcome of a commit is unknown. Each takes minutes; `sweep_age_seconds` is at least an hour.
    """
    for kind in KINDS:
        old = (found for found in ports.inventory.walk(kind) if found.age > settings.sweep_age_seconds)
        while batch := list(islice(old, BATCH)):
            yield from _strangers(database, batch)


def sweep(database: Database, ports: Ports, settings: Settings) -> Iterator[StorageFinding]:
    """Delete the files that no row knows, and yield them."""
    for finding in unknown(database, ports, settings):
        ports.media.delete(finding.key)
        yield finding


@contextmanager
def newly_kept(uow: UnitOfWork, ports: Ports) -> Iterator[list[Stored]]:
    """Let the block store files, which it adds to the list, and register them. If it fails, they are deleted.

    Enter it as the inner context of an unused transaction, so that it ends before the commit: once a commit is under
    way, it is unknown whether the row exists, and a row must have its file.
    """
    files: list[Stored] = []
    try:
        yield files
    except BaseException:
        try:
            uow.close()  # the share may be slow, and no transaction may wait for it
        finally:
            for file in files:
                ports.media.delete(file.key)
        raise


def doom(uow: UnitOfWork, ports: Ports, keys: Iterable[str], account_id: UUID) -> None:
    """Delete files after the commit, whatever happens then: `delete_doomed` deletes those that remain."""
    known = list(keys)
    store.doom(uow, known, account_id)
    for key in known:
        uow.after_commit(partial(ports.media.delete, key))


def count_doomed(uow: UnitOfWork) -> int:
    """Count the files that must go."""
    return store.count_doomed(uow)


def delete_doomed(database: Database, ports: Ports, account_id: UUID | None = None) -> int:
    """Delete the files that must go, and return how many; with an account, only its own. Raises Outage.

    No transaction is open meanwhile; deleting a file twice is harmless.
    """
    count = 0
    while True:
        with database.reading() as uow:
            keys = store.doomed(uow, BATCH, account_id)
        if not keys:
            return count
        for key in keys:
            ports.media.delete(key)
        with database.transaction() as uow:
            store.spare(uow, keys)
        count += len(keys)


def _strangers(database: Database, batch: list[Found]) -> Iterator[StorageFinding]:
    with database.reading() as uow:
        known = store.known(uow, (found.key for found in batch))
    for found in batch:
        if found.key not in known:
            yield StorageFinding(Wrong.UNKNOWN, found.key, f"{found.size} bytes, {found.age / 3600:.0f} h old")


def _examine(ports: Ports, known: KnownFile, *, checksums: bool) -> StorageFinding | None:
    finding = compare(known, ports.inventory.look(known.key))
    if finding is None and checksums and known.sha256 is not None:
        digest = ports.inventory.digest(known.key)
        if digest != known.sha256:
            return StorageFinding(Wrong.CHECKSUM, known.key, f"SHA-256 {digest}; its row says {known.sha256}")
    return finding
