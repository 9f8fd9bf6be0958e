"""The operations on photos: add, replace, remove, show; and what becomes of those that consent did not come for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

from anb.accounts import profile
from anb.accounts import service as accounts
from anb.accounts.domain import Actor, Role
from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget
from anb.consents import service as consents
from anb.consents.domain import ConsentStanding
from anb.db.session import Database, UnitOfWork
from anb.logs import record
from anb.photos import store
from anb.photos.domain import Photo, PhotoFault, PhotoNotFound, PhotoSide, why
from anb.ports import MadePhoto, Ports, Stored, Unreadable
from anb.settings import Settings
from anb.storage import service as storage
from anb.videos import service as videos

BATCH = 500


def make(ports: Ports, settings: Settings, path: Path) -> MadePhoto:
    """Make the pictures of a photo. It may take seconds, so no transaction may be open.

    Raises the REFUSALS of photos, or Outage.
    """
    try:
        return ports.photos.make(path, settings.photo_min_side, settings.photo_max_pixels)
    except Unreadable as unreadable:
        raise why(unreadable, settings) from unreadable


@contextmanager
def stored(uow: UnitOfWork, ports: Ports, made: MadePhoto) -> Iterator[Mapping[PhotoSide, Stored]]:
    """Store the pictures on the share while the block registers them: see `storage.service.newly_kept`."""
    with storage.newly_kept(uow, ports) as files:
        for picture in (made.large, made.small):
            files.append(_keep(ports, picture))
        yield dict(zip((PhotoSide.LARGE, PhotoSide.SMALL), files, strict=True))


def _keep(ports: Ports, picture: bytes) -> Stored:
    arriving = ports.media.receive()
    try:
        arriving.write(picture)
        arriving.settle()
        return arriving.keep(videos.new_key("photos", "jpg"))
    finally:
        arriving.discard()


def replace(uow: UnitOfWork, ports: Ports, account_id: UUID, files: Mapping[PhotoSide, Stored]) -> Photo:
    """Give a person this photo; the files of the one before are deleted after the commit. Raises AccountNotFound."""
    accounts.lock_account(uow, account_id)
    _drop(uow, ports, account_id)
    photo = store.add(uow, account_id, files.items())
    assert photo is not None  # noqa: S101 - for the types: the rows were just added
    uow.after_commit(partial(record, "photos.photo.added", account_id=account_id))
    return photo


def remove(uow: UnitOfWork, ports: Ports, account_id: UUID) -> None:
    """Remove a person's own photo, with its files. Raises AccountNotFound, PhotoNotFound."""
    accounts.lock_account(uow, account_id)
    if not _drop(uow, ports, account_id):
        raise PhotoNotFound
    uow.after_commit(partial(record, "photos.photo.removed", account_id=account_id))


def remove_for(uow: UnitOfWork, ports: Ports, account_id: UUID, fault: PhotoFault, by: AuditActor) -> None:
    """Remove a person's photo for a reason, which they read on their profile. Raises AccountNotFound, PhotoNotFound."""
    accounts.lock_account(uow, account_id)
    if not _drop(uow, ports, account_id):
        raise PhotoNotFound
    profile.note_photo_removal(uow, account_id, fault.value, by.name)
    audit.record(uow, by, Act.PHOTO_REMOVED, AuditTarget.account(account_id), details={"fault": fault.value})
    uow.after_commit(partial(record, "photos.photo.taken_down", account_id=account_id, reason=fault.value))


def own(uow: UnitOfWork, account_id: UUID) -> Photo | None:
    """Return a person's own photo."""
    return store.get(uow, account_id)


def fault_of(uow: UnitOfWork, account_id: UUID) -> PhotoFault | None:
    """Return why an organizer removed a person's last photo; None if none did, or there is another photo."""
    if store.get(uow, account_id) is not None:
        return None
    why_removed = profile.photo_removal(uow, account_id)
    return None if why_removed is None else PhotoFault(why_removed)


def waits_for(uow: UnitOfWork, settings: Settings, account_id: UUID) -> ConsentStanding | None:
    """Return what a person's photo waits for until others may see it; None for nothing."""
    found = consents.standing_of(uow, settings, account_id)
    return None if found.lets_work else found


def find_public(uow: UnitOfWork, settings: Settings, username: str) -> Photo | None:
    """Return a player's photo if everyone may see it.

    That is so while the player has a clip that is open to votes, and their consents let us show clips.
    """
    photo = _of(uow, username)
    return photo if photo is not None and _is_public(uow, settings, photo.account_id) else None


def show(uow: UnitOfWork, settings: Settings, username: str, actor: Actor | None) -> tuple[Photo, bool]:
    """Return a player's photo, and whether everyone may see it; else the player and organizers may.

    Raises PhotoNotFound, SecondFactorNeeded.
    """
    photo = _of(uow, username)
    if photo is None:
        raise PhotoNotFound
    if _is_public(uow, settings, photo.account_id):
        return photo, True
    if actor is not None and _may_see(uow, actor, photo.account_id):
        return photo, False
    raise PhotoNotFound


def _of(uow: UnitOfWork, username: str) -> Photo | None:
    account = profile.find_username(uow, username)
    return None if account is None else store.get(uow, account.id)


def erase(uow: UnitOfWork, ports: Ports, account_id: UUID) -> int:
    """Remove a person's photo, if there is one, with its files; return how many were removed."""
    return int(_drop(uow, ports, account_id))


def purge(database: Database, ports: Ports, settings: Settings, *, dry: bool = False) -> int:
    """Remove the photos for which consent was refused, or did not come in the time that clips have; return how many."""
    count, after = 0, None
    while True:
        with database.reading() as uow:
            owners = store.list_owners(uow, after, BATCH)
            over = [owner for owner in owners if _is_over(uow, settings, owner)]
        for owner in over:
            count += 1 if dry else _purge(database, ports, settings, owner)
        if len(owners) < BATCH:
            return count
        after = owners[-1]


def _purge(database: Database, ports: Ports, settings: Settings, account_id: UUID) -> bool:
    with database.transaction() as uow:
        accounts.lock_account(uow, account_id)  # of a consent and this purge, the second one sees the first
        if not _is_over(uow, settings, account_id):
            return False
        uow.after_commit(partial(record, "photos.photo.purged", account_id=account_id))
        return _drop(uow, ports, account_id)


def _is_over(uow: UnitOfWork, settings: Settings, account_id: UUID) -> bool:
    photo, waits = store.get(uow, account_id), waits_for(uow, settings, account_id)
    if photo is None or waits is None:
        return False
    rule = consents.rule_of(uow, settings)
    return waits is ConsentStanding.REFUSED or photo.added_at + rule.wait <= rule.now


def _is_public(uow: UnitOfWork, settings: Settings, account_id: UUID) -> bool:
    return videos.has_public(uow, account_id) and waits_for(uow, settings, account_id) is None


def _may_see(uow: UnitOfWork, actor: Actor, account_id: UUID) -> bool:
    return actor.account_id == account_id or accounts.acts_as(uow, actor, Role.ORGANIZER)


def _drop(uow: UnitOfWork, ports: Ports, account_id: UUID) -> bool:
    keys = store.remove(uow, account_id)
    storage.doom(uow, ports, keys, account_id)
    return bool(keys)
