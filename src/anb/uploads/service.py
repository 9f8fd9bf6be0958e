"""The verbs of a resumable upload: create, show, take a turn, renew, release, finish, end, sweep."""

from functools import partial
from secrets import token_hex
from uuid import UUID

from anb.accounts import service as accounts
from anb.db import answers
from anb.db.session import Database, UnitOfWork
from anb.errors import Outage, Refusal
from anb.logs import logger
from anb.ports import Piece, Ports
from anb.settings import MIB, Settings
from anb.uploads import store
from anb.uploads.domain import (
    ClipRefused,
    State,
    TakenOver,
    TooManyUploads,
    Turn,
    Upload,
    UploadBusy,
    UploadExpired,
    UploadNotFound,
    UploadTooLarge,
    WrongOffset,
    kept_of,
)
from anb.videos import service as videos
from anb.videos.domain import NoRoom

log = logger(__name__)

SWEPT_AT_ONCE = 100


def create(uow: UnitOfWork, ports: Ports, settings: Settings, *, owner: UUID, title: str, size: int) -> UUID:
    """Open an upload. Raises UploadTooLarge, NoRoom, TooManyUploads, before any byte."""
    if size > settings.upload_max_bytes:
        raise UploadTooLarge(limit=settings.upload_max_bytes)
    check_room(ports, settings, size)
    accounts.in_turn(uow, owner)  # or two at once would both be the last that is allowed
    count, weight = store.weigh_open(uow, owner)
    if count >= settings.upload_open_count or weight + size > settings.upload_open_bytes:
        raise TooManyUploads(
            count=count,
            megabytes=weight // MIB,
            most=settings.upload_open_count,
            most_megabytes=settings.upload_open_bytes // MIB,
        )
    return store.add(uow, owner, title, size, new_part(), settings.upload_expires_seconds)


def check_room(ports: Ports, settings: Settings, more: int) -> None:
    """Refuse bytes that would not leave enough free space. Raises NoRoom."""
    if ports.media.free_bytes() < settings.free_bytes_floor + more:
        raise NoRoom


def new_part() -> str:
    """Make a name for a part that was never used."""
    return f"incoming/{token_hex(16)}.part"


def show(uow: UnitOfWork, upload_id: UUID, owner: UUID) -> Upload:
    """Return an upload to its owner. Raises UploadNotFound, UploadExpired; ClipRefused where it broke a rule."""
    upload = store.get(uow, upload_id)
    if upload is None or upload.owner_id != owner:
        raise UploadNotFound
    if upload.refusal is not None:
        raise ClipRefused(upload.refusal)
    if upload.is_over and upload.state is State.OPEN:
        raise UploadExpired
    return upload


def take_turn(
    database: Database, ports: Ports, settings: Settings, upload_id: UUID, owner: UUID, offset: int
) -> Turn | Upload:
    """Begin to write at an offset; the upload itself where it was accepted already and there is nothing to write.

    Raises WrongOffset, UploadBusy, and what `show` raises.
    """
    with database.transaction() as uow:
        turn = store.claim(uow, upload_id, owner, offset, settings.upload_lease_seconds)
        if turn is None:
            upload = show(uow, upload_id, owner)
            if upload.received != offset:
                raise WrongOffset(offset=offset, received=upload.received)
            if upload.state is State.ACCEPTED:
                return upload
            raise UploadBusy(upload.lease_expires_at, settings.upload_lease_seconds)
    return _fenced(database, ports, turn) if turn.was_left and offset else turn


def _fenced(database: Database, ports: Ports, turn: Turn) -> Turn:
    """Put the bytes out of reach of a writer that never let go: it has the old file open, and may wake up."""
    fresh = Turn(turn.upload_id, turn.number, turn.owner_id, turn.title, new_part(), turn.offset, turn.bytes)
    ports.pieces.copy(turn.part_key, fresh.part_key, turn.offset)
    with database.transaction() as uow:
        is_mine = store.set_part(uow, turn, fresh.part_key)
    ports.media.delete(turn.part_key if is_mine else fresh.part_key)
    if not is_mine:
        raise TakenOver
    log.info("uploads.turn.taken_over", upload_id=str(turn.upload_id), turn=turn.number, offset=turn.offset)
    return fresh


def renew(database: Database, settings: Settings, turn: Turn, received: int | None, *, is_alive: bool) -> None:
    """Say what is durable now and, if bytes came, that this writer lives. Raises TakenOver."""
    lease = settings.upload_lease_seconds if is_alive else None
    with database.transaction() as uow:
        if not store.renew(uow, turn, received, lease, settings.upload_expires_seconds):
            raise TakenOver


def release(database: Database, settings: Settings, turn: Turn, received: int | None) -> None:
    """Let another request write, after this many bytes. Raises TakenOver."""
    with database.transaction() as uow:
        if not store.release(uow, turn, received, settings.upload_expires_seconds):
            raise TakenOver


def finish(database: Database, ports: Ports, settings: Settings, turn: Turn, piece: Piece) -> videos.Submission:
    """Judge a whole clip and register it; safe to repeat, whenever it broke off before.

    Until the rows are committed the part stays where it is, and the original is its second name. So a crash loses
    nothing, and makes nothing twice: the turn fences the registration, in the same transaction.
    Raises the refusals of the rules, which are kept with the upload; TakenOver, Outage.
    """

    def accept(uow: UnitOfWork, made: videos.Submission) -> None:
        if not store.accept(uow, turn, made.video_id, made.job_id):
            raise TakenOver
        uow.after_commit(partial(ports.media.delete, turn.part_key))

    try:
        return videos.submit(
            database, ports, settings, owner=turn.owner_id, title=turn.title, received=piece, also=accept
        )
    except TakenOver:
        raise
    except Refusal as refusal:
        with database.transaction() as uow:
            if not store.refuse(uow, turn, kept_of(refusal)):
                raise TakenOver from None
            uow.after_commit(partial(ports.media.delete, turn.part_key))
        raise


def end(uow: UnitOfWork, ports: Ports, upload_id: UUID, owner: UUID) -> None:
    """End an upload at its owner's wish; a video that it became stays. Raises UploadNotFound."""
    upload = store.get(uow, upload_id)
    if upload is None or upload.owner_id != owner:
        raise UploadNotFound
    store.remove(uow, upload_id)
    uow.after_commit(partial(ports.media.delete, upload.part_key))


def list_open(uow: UnitOfWork, limit: int) -> list[Upload]:
    """Return the uploads that are open, newest first."""
    return list(store.list_open(uow, limit))


def sweep(database: Database, ports: Ports, settings: Settings) -> tuple[int, int]:
    """Remove what was given up, forget old answers, and finish what came whole before its judge died.

    Returns how many uploads were removed and how many finished.
    """
    with database.transaction() as uow:
        answers.sweep(uow)
        gone = store.remove_expired(uow, SWEPT_AT_ONCE)
        for upload in gone:
            uow.after_commit(partial(ports.media.delete, upload.part_key))
        left = store.list_left(uow, SWEPT_AT_ONCE)
    return len(gone), sum(_finish_left(database, ports, settings, upload) for upload in left)


def _finish_left(database: Database, ports: Ports, settings: Settings, upload: Upload) -> bool:
    try:
        turn = take_turn(database, ports, settings, upload.id, upload.owner_id, upload.bytes)
        if isinstance(turn, Upload):
            return False
        piece = ports.pieces.resume(turn.part_key, turn.offset)
        try:
            finish(database, ports, settings, turn, piece)
        finally:
            piece.close()
    except (Refusal, Outage) as error:
        log.info("uploads.sweep.unfinished", upload_id=str(upload.id), error=repr(error))
        return not isinstance(error, UploadBusy | TakenOver | Outage)
    return True
