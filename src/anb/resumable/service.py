"""The operations on resumable uploads: create, show, lock, renew, release, finish, refuse, end, sweep."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import NamedTuple
from uuid import UUID

from anb.accounts import service as accounts
from anb.db import stored_responses
from anb.db.session import Database, UnitOfWork
from anb.errors import Outage, Refusal
from anb.logs import logger
from anb.ports import PartialFile, Ports
from anb.resumable import store
from anb.resumable.domain import (
    ClipRefused,
    State,
    TakenOver,
    TooManyUploads,
    Upload,
    UploadBusy,
    UploadExpired,
    UploadNotFound,
    UploadTooLarge,
    VideoGone,
    Wanted,
    WriteLock,
    WrongOffset,
    kept_of,
)
from anb.settings import MIB, Settings
from anb.storage import service as storage
from anb.videos import service as videos

log = logger(__name__)

SWEPT_AT_ONCE = 100


def check_wanted(database: Database, ports: Ports, settings: Settings, owner: UUID, size: int, *, exempt: bool) -> None:
    """Refuse an upload that cannot be accepted as a whole, before any byte. Raises UploadTooLarge, NoRoom, QUOTAS."""
    if size > settings.upload_max_bytes:
        raise UploadTooLarge(found=size, limit=settings.upload_max_bytes)
    videos.check_quota(database, settings, owner, size, exempt=exempt)
    videos.check_room(ports, settings, size)


def create(uow: UnitOfWork, settings: Settings, wanted: Wanted) -> UUID:
    """Open an upload whose size was checked. Raises TooManyUploads."""
    accounts.lock_account(uow, wanted.owner_id)  # else two at once could both be the last that is allowed
    count, weight = store.weigh_open(uow, wanted.owner_id)
    if count >= settings.upload_open_count or weight + wanted.bytes > settings.upload_open_bytes:
        raise TooManyUploads(
            count=count,
            megabytes=weight // MIB,
            most=settings.upload_open_count,
            most_megabytes=settings.upload_open_bytes // MIB,
        )
    return store.add(uow, wanted, new_part(), settings.upload_expires_seconds)


def new_part() -> str:
    """Make a key for a partial file that was never used."""
    return f"incoming/{token_hex(16)}.part"


def show(uow: UnitOfWork, upload_id: UUID, owner: UUID) -> Upload:
    """Return an upload to its owner.

    Raises UploadNotFound, UploadExpired; VideoGone if its video was deleted, ClipRefused if it broke a rule.
    """
    upload = store.get(uow, upload_id)
    if upload is None or upload.owner_id != owner:
        raise UploadNotFound
    if upload.refusal is not None:
        raise ClipRefused(upload.refusal)
    if upload.is_over and upload.state is State.OPEN:
        raise UploadExpired
    if upload.state is State.ACCEPTED and upload.video_id is None:
        raise VideoGone
    return upload


def take_write_lock(
    database: Database, ports: Ports, settings: Settings, upload_id: UUID, owner: UUID, offset: int
) -> WriteLock | None:
    """Take the write lock at an offset; None if the upload was accepted already and there is nothing to write.

    Raises WrongOffset, UploadBusy, TakenOver, and what `show` raises.
    """
    with database.transaction() as uow:
        lock = store.claim(uow, upload_id, owner, offset, settings.upload_lease_seconds)
        if lock is None:
            upload = show(uow, upload_id, owner)
            if upload.received != offset:
                raise WrongOffset(offset=offset, received=upload.received)
            if upload.state is State.ACCEPTED:
                return None
            raise UploadBusy(upload.lease_expires_at, settings.upload_lease_seconds)
    return _fenced(database, ports, lock) if lock.was_left else lock


def _fenced(database: Database, ports: Ports, lock: WriteLock) -> WriteLock:
    """Copy the bytes away from a writer that never released its lock: it has the old file open and may wake up."""
    fresh = replace(lock, part_key=new_part(), was_left=False)
    if lock.offset:
        ports.partial_files.copy(lock.part_key, fresh.part_key, lock.offset)
    with database.transaction() as uow:
        is_mine = store.set_part(uow, lock, fresh.part_key)
    ports.media.delete(lock.part_key if is_mine else fresh.part_key)
    if not is_mine:
        raise TakenOver
    log.info("uploads.turn.taken_over", upload_id=str(lock.upload_id), lock=lock.number, offset=lock.offset)
    return fresh


def renew(database: Database, settings: Settings, lock: WriteLock, received: int | None, *, is_alive: bool) -> None:
    """Store how many bytes are durable and, if the writer is alive, extend its lease. Raises TakenOver."""
    lease = settings.upload_lease_seconds if is_alive else None
    with database.transaction() as uow:
        if not store.renew(uow, lock, received, lease, settings.upload_expires_seconds):
            raise TakenOver


def release(database: Database, settings: Settings, lock: WriteLock, received: int | None) -> None:
    """Release the write lock, after `received` bytes. Raises TakenOver."""
    with database.transaction() as uow:
        if not store.release(uow, lock, received, settings.upload_expires_seconds):
            raise TakenOver


def finish(
    database: Database, ports: Ports, settings: Settings, lock: WriteLock, file: PartialFile
) -> videos.Submission:
    """Judge a complete clip and register it. This is safe to repeat after any interruption.

    The partial file stays in place until the rows are committed, and the original is its second name. So a crash loses
    nothing and creates nothing twice: the write lock fences the registration, in the same transaction.
    Raises the refusals of the rules, which are stored with the upload; TakenOver, Outage.
    """
    description = videos.ClipDescription(lock.owner_id, lock.title, lock.start_seconds, lock.origin)
    try:
        judged = videos.judge(ports, settings, description, file)
        with database.transaction() as uow, videos.stored(uow, ports, judged) as clip:
            made = videos.register(uow, ports, settings, clip)
            _accept(uow, ports, lock, made)
    except TakenOver:
        raise
    except Refusal as refusal:
        refuse(database, ports, lock, refusal)
        raise
    return made


def _accept(uow: UnitOfWork, ports: Ports, lock: WriteLock, made: videos.Submission) -> None:
    """Store what an upload became; the partial file is deleted after the commit. Raises TakenOver."""
    if not store.accept(uow, lock, made.video_id, made.job_id):
        raise TakenOver
    uow.after_commit(partial(ports.media.delete, lock.part_key))


def refuse(database: Database, ports: Ports, lock: WriteLock, refusal: Refusal) -> None:
    """Refuse an upload whose clip breaks a rule: store the refusal, delete the partial file. Raises TakenOver."""
    with database.transaction() as uow:
        if not store.refuse(uow, lock, kept_of(refusal)):
            raise TakenOver
        uow.after_commit(partial(ports.media.delete, lock.part_key))


def end(uow: UnitOfWork, ports: Ports, upload_id: UUID, owner: UUID) -> None:
    """End an upload for its owner; a video that it became stays. Raises UploadNotFound."""
    upload = store.get(uow, upload_id)
    if upload is None or upload.owner_id != owner:
        raise UploadNotFound
    store.remove(uow, upload_id)
    uow.after_commit(partial(ports.media.delete, upload.part_key))


def drop_open(uow: UnitOfWork) -> None:
    """Drop the open uploads, as after a restore: their partial files no longer exist, so clients must start again."""
    store.remove_open(uow)


def forget(uow: UnitOfWork, video_id: UUID) -> None:
    """Treat the upload of a withdrawn video as if the video were deleted."""
    store.forget(uow, video_id)


def forget_origins(uow: UnitOfWork, before: datetime) -> int:
    """Forget the networks of uploads begun before a moment; return of how many."""
    return store.forget_origins(uow, before)


def erase(uow: UnitOfWork, ports: Ports, owner: UUID) -> int:
    """Remove a person's uploads with the bytes received, and return how many."""
    parts = store.remove_of(uow, owner)
    storage.doom(uow, ports, parts, owner)
    return len(parts)


def list_open(uow: UnitOfWork, limit: int) -> list[Upload]:
    """Return the open uploads, newest first."""
    return list(store.list_open(uow, limit))


def list_of(uow: UnitOfWork, owner: UUID) -> list[Upload]:
    """Return a person's uploads that are kept, oldest first."""
    return store.list_of(uow, owner)


class Swept(NamedTuple):
    """How many uploads a sweep removed, and how many it finished."""

    removed: int
    finished: int


def sweep(database: Database, ports: Ports, settings: Settings) -> Swept:
    """Remove expired uploads and old responses, and finish complete uploads whose judging process died."""
    with database.transaction() as uow:
        stored_responses.sweep(uow)
        gone = store.remove_expired(uow, SWEPT_AT_ONCE)
        for upload in gone:
            uow.after_commit(partial(ports.media.delete, upload.part_key))
        left = store.list_left(uow, SWEPT_AT_ONCE)
    return Swept(len(gone), sum(_finish_left(database, ports, settings, upload) for upload in left))


def _finish_left(database: Database, ports: Ports, settings: Settings, upload: Upload) -> bool:
    try:
        lock = take_write_lock(database, ports, settings, upload.id, upload.owner_id, upload.bytes)
        if lock is None:
            return False
        file = ports.partial_files.resume(lock.part_key, lock.offset)
        try:
            finish(database, ports, settings, lock, file)
        finally:
            file.close()
    except (Refusal, Outage) as error:
        log.info("uploads.sweep.unfinished", upload_id=str(upload.id), error=repr(error))
        return not isinstance(error, UploadBusy | TakenOver | Outage)
    return True
