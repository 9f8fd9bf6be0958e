"""Taking one's data along: one archive of JSON and files, made next to the reconciler, for some days."""

import json
from dataclasses import asdict
from functools import partial
from typing import IO, Any, cast
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile

from anb.accounts import service as accounts
from anb.accounts.domain import AccountNotFound, recipient
from anb.db.session import Database, UnitOfWork
from anb.errors import Outage
from anb.logs import logger, record
from anb.mail import service as outbox
from anb.mail.domain import MailKind, NewMail
from anb.ports import Ports, Receiving
from anb.privacy import store
from anb.privacy.archive import PHOTO, gather, photo_key
from anb.privacy.domain import Export, ExportAskedAlready, ExportNotFound
from anb.settings import Settings
from anb.storage import service as storage
from anb.videos import removal
from anb.videos import service as videos
from anb.videos.domain import NoRoom
from anb.videos.removal import ClipKept

log = logger(__name__)

PAGE = "/account/export"  # where the mail leads to: the archive itself needs the password again


class _Sink:
    """The end of an archive that is only ever appended to."""

    def __init__(self, receiving: Receiving) -> None:
        self._receiving = receiving

    def write(self, chunk: bytes) -> int:
        """Append bytes."""
        self._receiving.write(chunk)
        return len(chunk)

    def flush(self) -> None:
        """Do nothing: the file is made durable once, at its end."""


def ask(uow: UnitOfWork, account_id: UUID) -> Export:
    """Ask for the archive of an account. Raises AccountNotFound, ExportAskedAlready."""
    accounts.who(uow, account_id)
    asked = store.add_export(uow, account_id)
    if asked is None:
        raise ExportAskedAlready
    uow.after_commit(partial(record, "privacy.export.asked", account_id=account_id))
    return asked


def find(uow: UnitOfWork, account_id: UUID) -> Export | None:
    """Return the archive of an account, asked for or ready."""
    return store.find_export(uow, account_id)


def download(uow: UnitOfWork, account_id: UUID) -> str:
    """Return the file of an archive that is ready. Raises ExportNotFound."""
    found = store.find_export(uow, account_id)
    if found is None or found.key is None:
        raise ExportNotFound
    uow.after_commit(partial(record, "privacy.export.fetched", account_id=account_id))
    return found.key


def run_due(database: Database, ports: Ports, settings: Settings) -> int:
    """Make the archives that were asked for, and return how many; one that fails is tried again later."""
    made = 0
    while True:
        with database.transaction() as uow:
            begun = store.begin_export(uow)
        if begun is None:
            return made
        try:
            made += _make(database, ports, settings, begun)
        except (Outage, NoRoom, AccountNotFound) as error:
            log.warning("privacy.export.failed", export_id=str(begun.id), error=str(error))


def remove(uow: UnitOfWork, ports: Ports, account_id: UUID | None) -> int:
    """Remove the archive of an account, or with None those that expired; return how many."""
    gone = store.remove_exports(uow, account_id)
    for owner, key in gone:
        storage.doom(uow, ports, [key] if key else [], owner)
    return len(gone)


def write(database: Database, ports: Ports, settings: Settings, account_id: UUID, sink: IO[bytes]) -> None:
    """Write the archive of an account. No transaction is open while files are copied. Raises AccountNotFound."""
    with database.reading() as uow:
        data, clips = gather(uow, account_id), removal.list_kept(uow, account_id)
        photo = photo_key(uow, account_id)
    left = settings.export_most_bytes
    with ZipFile(sink, "w", ZIP_STORED) as archive:
        if photo is not None and ports.media.path(photo).is_file():
            archive.write(ports.media.path(photo), PHOTO)
        told = []
        for clip in clips:
            fits = clip.original_key is not None and clip.bytes <= left
            name = f"clips/{clip.id}.{clip.original_key.rpartition('.')[2]}" if clip.original_key else None
            if name and clip.original_key and fits and ports.media.path(clip.original_key).is_file():
                archive.write(ports.media.path(clip.original_key), name)
                left -= clip.bytes
            else:
                name = None
            told.append(_told(clip, name))
        for name, rows in {**data, "clips": told}.items():
            archive.writestr(f"{name}.json", json.dumps(rows, default=str, ensure_ascii=False, indent=2))


def _make(database: Database, ports: Ports, settings: Settings, begun: Export) -> bool:
    with database.reading() as uow:
        account = accounts.who(uow, begun.account_id)
        size = sum(clip.bytes for clip in removal.list_kept(uow, begun.account_id) if clip.original_key)
    videos.check_room(ports, settings, min(size, settings.export_most_bytes))
    arriving = ports.media.receive()
    try:
        write(database, ports, settings, begun.account_id, cast("IO[bytes]", _Sink(arriving)))
        arriving.settle()
        stored = arriving.keep(videos.new_key("exports", "zip"))
    finally:
        arriving.discard()
    with database.transaction() as uow:
        is_wanted = store.finish_export(uow, begun, stored.key, stored.size, settings.export_days)
        if is_wanted:
            facts: dict[str, str | int] = {"link": PAGE, "hours": settings.export_days * 24}
            once = f"export_ready:{begun.id}"
            outbox.post(uow, NewMail(MailKind.EXPORT_READY, recipient(account), facts, once))
    if not is_wanted:
        ports.media.delete(stored.key)
    return is_wanted


def _told(clip: ClipKept, name: str | None) -> dict[str, Any]:
    known = {key: value for key, value in asdict(clip).items() if key != "original_key"}
    return {**known, "file": name}
