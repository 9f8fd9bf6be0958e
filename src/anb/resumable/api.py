"""The HTTP endpoints of resumable uploads: tus 1.0.0 at /api/uploads."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from anb.accounts.domain import AccountNotFound
from anb.db.session import Database
from anb.db.stored_responses import StoredResponse
from anb.errors import Refusal
from anb.fields import InvalidField
from anb.media import rules
from anb.ports import Ports
from anb.resumable import described, metadata, service, tus
from anb.resumable.domain import (
    ConcatenationUnsupported,
    NotAChunk,
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
    WrongChecksum,
    WrongOffset,
    WrongTusVersion,
)
from anb.resumable.schemas import UploadSeen, seen
from anb.resumable.writing import Writing
from anb.settings import Settings
from anb.videos.domain import QUOTAS, NoRoom
from anb.web.deps import CallerId, DatabaseDep, PortsDep, SettingsDep, UowDep, UploadThreadsDep
from anb.web.idempotency import IdempotencyKey, KeyInUse, KeyReused, Once, replay
from anb.web.lengths import announced
from anb.web.network import is_exempt_here, network_key
from anb.web.pace import TookTooLong, TooSlow
from anb.web.problems import refusals, refused
from anb.web.rate_limits import limited
from anb.web.slots import SendingSlot, TooManyAtOnce

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class TusRoute(APIRoute):
    """A route whose refusals carry the headers that tus clients need."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except Refusal as refusal:
                response = refused(request, refusal)
                if isinstance(refusal, WrongOffset):
                    response.headers["Upload-Offset"] = str(refusal.fields["received"])
                if isinstance(refusal, WrongTusVersion):
                    response.headers["Tus-Version"] = tus.VERSION
            return response

        return answer


router = APIRouter(prefix=tus.PATH, tags=["uploads"], route_class=TusRoute)
Versioned = Depends(tus.check_version)
_LOST = (UploadNotFound, UploadExpired, VideoGone, WrongTusVersion)
_WRITTEN = (
    NotAChunk, InvalidField, UploadTooLarge, NoRoom, UploadBusy, TakenOver, WrongChecksum, TooSlow, TookTooLong,
    TooManyAtOnce, *rules.REFUSALS,
)  # fmt: skip


def _writing(threads: UploadThreadsDep, database: DatabaseDep, ports: PortsDep, settings: SettingsDep) -> Writing:
    return Writing(threads, database, ports, settings)


WritingDep = Annotated[Writing, Depends(_writing)]


@router.options("", status_code=204, openapi_extra=described.CAPABILITIES)
@router.options("/{upload_id}", status_code=204, include_in_schema=False)
async def tell_capabilities(settings: SettingsDep) -> Response:
    """Say what the server supports: version, extensions, largest upload, checksums."""
    return Response(status_code=204, headers=tus.capabilities(settings))


@router.post(
    "",
    status_code=201,
    dependencies=[Versioned, limited("upload", block="upload_block")],
    openapi_extra=described.CREATE,
    responses=refusals(
        AccountNotFound,
        WrongTusVersion,
        TooManyUploads,
        *QUOTAS,
        ConcatenationUnsupported,
        KeyReused,
        KeyInUse,
        *_WRITTEN,
    ),
)
async def create_upload(
    request: Request,
    caller: CallerId,
    threads: UploadThreadsDep,
    database: DatabaseDep,
    ports: PortsDep,
    settings: SettingsDep,
    writing: WritingDep,
    _: SendingSlot,
    key: IdempotencyKey = None,
) -> Response:
    """Open a resumable upload. A body is its first chunk."""
    tus.check_concatenation(request)
    if tus.has_body(request):
        tus.check_chunk(request)
    size, described = tus.number(request, "Upload-Length", 1), metadata.read(request.headers.get(metadata.HEADER, ""))
    once = Once(caller, key, settings.idempotency_seconds, request.url.path, size, *described.what)
    wanted = Wanted(caller, described.title, size, described.header, network_key(request), described.start)
    create = partial(_create_once, database, ports, settings, once, wanted)
    created = await threads.db(partial(create, exempt=is_exempt_here(request)))
    response = replay(created.answer)
    if created.is_new and tus.has_body(request):
        upload_id = UUID(created.answer.headers["Location"].rpartition("/")[2])
        response.headers.update(await _write(request, caller, settings, writing, upload_id, 0))
    return response


@dataclass(frozen=True)
class Created:
    """The response to a request that opens an upload, and whether it is new or was stored before."""

    answer: StoredResponse
    is_new: bool


def _create_once(
    database: Database, ports: Ports, settings: Settings, once: Once, wanted: Wanted, *, exempt: bool
) -> Created:
    with database.reading() as uow:
        before = once.before(uow)
    if before is not None:
        return Created(before, is_new=False)
    # No transaction may be open: this asks the share, which may be slow.
    service.check_wanted(database, ports, settings, wanted.owner_id, wanted.bytes, exempt=exempt)
    with database.transaction() as uow:
        before = once.before(uow)
        if before is not None:
            return Created(before, is_new=False)
        upload_id = service.create(uow, settings, wanted)
        upload = service.show(uow, upload_id, once.owner)
        answer = StoredResponse(
            201, headers={"Location": tus.place(upload_id, settings), "Upload-Expires": tus.expires(upload)}
        )
        once.keep(uow, answer)
    return Created(answer, is_new=True)


@router.head(
    "/{upload_id}",
    dependencies=[Versioned],
    openapi_extra=described.FIND,
    responses=refusals(*_LOST, UploadBusy, *rules.REFUSALS),
)
async def find_offset(upload_id: UUID, caller: CallerId, writing: WritingDep) -> Response:
    """Say how many bytes of an upload are safe, or what it became."""
    upload = await _judged(writing, await writing.settled(upload_id, caller))
    return Response(status_code=200, headers=tus.standing(upload))


@router.get("/{upload_id}", responses=refusals(*_LOST, UploadBusy, *rules.REFUSALS))
async def show_upload(upload_id: UUID, caller: CallerId, writing: WritingDep) -> UploadSeen:
    """Show the state of an upload, or what it became."""
    return seen(await _judged(writing, await writing.look(upload_id, caller)))


async def _judged(writing: Writing, upload: Upload) -> Upload:
    """Return an upload; judge it first if it is complete and the process that judged it has died."""
    if upload.state is not State.OPEN or not upload.is_whole:
        return upload
    lock = await writing.take_write_lock(upload.id, upload.owner_id, upload.bytes)
    if lock is not None:
        await writing.finish(lock)
    return await writing.look(upload.id, upload.owner_id)


@router.patch("/{upload_id}", status_code=204, dependencies=[Versioned], openapi_extra=described.WRITE,
              responses=refusals(*_LOST, WrongOffset, *_WRITTEN))  # fmt: skip
async def write_chunk(
    request: Request,
    upload_id: UUID,
    caller: CallerId,
    settings: SettingsDep,
    writing: WritingDep,
    _: SendingSlot,
) -> Response:
    """Continue an upload. The answer to the last chunk says what it became."""
    tus.check_chunk(request)
    offset = tus.number(request, "Upload-Offset")
    headers = await _write(request, caller, settings, writing, upload_id, offset)
    return Response(status_code=204, headers=headers)


async def _write(
    request: Request, caller: UUID, settings: Settings, writing: Writing, upload_id: UUID, offset: int
) -> dict[str, str]:
    check = tus.checksum(request)
    await writing.check_room(announced(request))
    lock = await writing.take_write_lock(upload_id, caller, offset)
    if lock is None:
        return tus.standing(await writing.look(upload_id, caller))
    if offset + announced(request) > lock.bytes:
        await writing.give_back(lock)
        raise UploadTooLarge(found=offset + announced(request), limit=lock.bytes)
    written = await writing.take(request, lock, check)
    made = written.submission
    if made is None:
        outcome = {"Upload-Expires": tus.expires_after(settings.upload_expires_seconds)}
    else:
        outcome = tus.outcome(made.job_id, made.video_id, made.same_as)
    return {"Upload-Offset": str(written.received), **outcome}


@router.delete("/{upload_id}", status_code=204, dependencies=[Versioned, limited("change")],
               openapi_extra=described.END,
               responses=refusals(UploadNotFound, WrongTusVersion))  # fmt: skip
def end_upload(upload_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Response:
    """End an upload and delete its bytes. A video that it became stays."""
    service.end(uow, ports, upload_id, caller)
    return Response(status_code=204)
