"""The HTTP door of resumable uploads: tus 1.0.0 at /api/uploads."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from anb.accounts.domain import AccountNotFound
from anb.db.answers import Answer
from anb.db.session import Database
from anb.errors import Refusal
from anb.media import rules
from anb.settings import Settings
from anb.uploads import service, tus
from anb.uploads.domain import (
    NotAPiece,
    State,
    TakenOver,
    TooManyUploads,
    Turn,
    Upload,
    UploadBusy,
    UploadExpired,
    UploadNotFound,
    UploadTooLarge,
    WrongChecksum,
    WrongOffset,
    WrongTusVersion,
)
from anb.uploads.schemas import UploadSeen, seen
from anb.uploads.writing import Writing
from anb.videos import service as videos
from anb.videos.domain import NoRoom, SameFile, checked_title
from anb.web.deps import CallerId, DatabaseDep, PortsDep, SettingsDep, UowDep
from anb.web.idempotency import IdempotencyKey, KeyInUse, KeyReused, Once, replay
from anb.web.problems import InvalidField, refusals, refused

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class TusRoute(APIRoute):
    """A route whose refusals carry what a tus client goes by."""

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
                if isinstance(refusal, UploadBusy):
                    response.headers["Retry-After"] = "1"
            return tus.stamp(response, {"Cache-Control": "no-store"})

        return answer


router = APIRouter(prefix="/api/uploads", tags=["uploads"], route_class=TusRoute)
Versioned = Depends(tus.check_version)
_LOST = (UploadNotFound, UploadExpired, WrongTusVersion)
_WRITTEN = (
    NotAPiece, InvalidField, UploadTooLarge, NoRoom, UploadBusy, TakenOver, WrongChecksum, SameFile, *rules.REFUSALS
)  # fmt: skip


def _writing(request: Request, database: DatabaseDep, ports: PortsDep, settings: SettingsDep) -> Writing:
    return Writing(request.app.state.upload_desk, database, ports, settings)


WritingDep = Annotated[Writing, Depends(_writing)]


@router.options("", status_code=204)
@router.options("/{upload_id}", status_code=204, include_in_schema=False)
async def tell_capabilities(settings: SettingsDep) -> Response:
    """Say what the server can do: version, extensions, largest upload, checksums."""
    return Response(status_code=204, headers=tus.capabilities(settings))


@router.post(
    "",
    status_code=201,
    dependencies=[Versioned],
    responses=refusals(AccountNotFound, WrongTusVersion, TooManyUploads, KeyReused, KeyInUse, *_WRITTEN),
)
async def create_upload(
    request: Request,
    caller: CallerId,
    database: DatabaseDep,
    ports: PortsDep,
    settings: SettingsDep,
    writing: WritingDep,
    key: IdempotencyKey = None,
) -> Response:
    """Open a resumable upload; bytes that come along are its first piece."""
    if tus.has_body(request):
        tus.check_piece(request)
    size, title = tus.number(request, "Upload-Length", 1), checked_title(tus.metadata(request).get("title"))
    once = Once(caller, key, settings.idempotency_seconds, request.url.path, size, title)
    create = partial(service.create, ports=ports, settings=settings, owner=caller, title=title, size=size)
    answer, is_new = await request.app.state.upload_desk.note(partial(_create_once, database, once, create))
    response = replay(answer)
    if is_new and tus.has_body(request):
        upload_id = UUID(answer.headers["Location"].rpartition("/")[2])
        tus.stamp(response, await _write(request, caller, settings, ports, writing, upload_id, 0))
    return response


def _create_once(database: Database, once: Once, create: Callable[..., UUID]) -> tuple[Answer, bool]:
    with database.transaction() as uow:
        before = once.before(uow)
        if before is not None:
            return before, False
        upload_id = create(uow)
        upload = service.show(uow, upload_id, once.owner)
        answer = Answer(201, headers={"Location": tus.place(upload_id), "Upload-Expires": tus.expires(upload)})
        once.keep(uow, answer)
    return answer, True


@router.head("/{upload_id}", dependencies=[Versioned], responses=refusals(*_LOST, UploadBusy, *rules.REFUSALS))
async def find_offset(upload_id: UUID, caller: CallerId, request: Request, database: DatabaseDep,
                      writing: WritingDep) -> Response:  # fmt: skip
    """Say how much of an upload is safe, or what became of it."""
    upload = await _settled(request, database, writing, upload_id, caller)
    return Response(status_code=200, headers=tus.standing(upload))


@router.get("/{upload_id}", responses=refusals(*_LOST, UploadBusy, *rules.REFUSALS))
async def show_upload(upload_id: UUID, caller: CallerId, request: Request, database: DatabaseDep,
                      writing: WritingDep) -> UploadSeen:  # fmt: skip
    """Show where an upload stands, or what became of it."""
    return seen(await _settled(request, database, writing, upload_id, caller))


async def _settled(request: Request, database: Database, writing: Writing, upload_id: UUID, caller: UUID) -> Upload:
    """Look at an upload; one that came whole, and whose judge has died, is judged first."""

    def look() -> Upload:
        with database.reading() as uow:
            return service.show(uow, upload_id, caller)

    upload: Upload = await request.app.state.upload_desk.note(look)
    if upload.state is State.OPEN and upload.is_whole:
        turn = await writing.take_turn(upload_id, caller, upload.bytes)
        if isinstance(turn, Turn):
            await writing.finish(turn)
        upload = await request.app.state.upload_desk.note(look)
    return upload


@router.patch("/{upload_id}", status_code=204, dependencies=[Versioned],
              responses=refusals(*_LOST, WrongOffset, *_WRITTEN))  # fmt: skip
async def write_piece(
    request: Request, upload_id: UUID, caller: CallerId, settings: SettingsDep, ports: PortsDep, writing: WritingDep
) -> Response:
    """Go on with an upload; the answer to the last piece says what became of it."""
    tus.check_piece(request)
    offset = tus.number(request, "Upload-Offset")
    headers = await _write(request, caller, settings, ports, writing, upload_id, offset)
    return Response(status_code=204, headers=headers)


async def _write(
    request: Request, caller: UUID, settings: Settings, ports: PortsDep, writing: Writing, upload_id: UUID, offset: int
) -> dict[str, str]:
    check = tus.checksum(request)
    await request.app.state.upload_desk.write(partial(service.check_room, ports, settings, tus.announced(request)))
    turn = await writing.take_turn(upload_id, caller, offset)
    if isinstance(turn, Upload):
        return tus.standing(turn)
    if tus.announced(request) > turn.bytes - offset:
        await writing.give_back(turn)
        raise UploadTooLarge(limit=turn.bytes)
    result = await writing.take(request, turn, check)
    if isinstance(result, videos.Submission):
        return {"Upload-Offset": str(turn.bytes), **tus.outcome(result.job_id, result.video_id)}
    return {"Upload-Offset": str(result), "Upload-Expires": tus.expires_after(settings.upload_expires_seconds)}


@router.delete("/{upload_id}", status_code=204, dependencies=[Versioned],
               responses=refusals(UploadNotFound, WrongTusVersion))  # fmt: skip
def end_upload(upload_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Response:
    """End an upload and drop what came of it; a video that it became stays."""
    service.end(uow, ports, upload_id, caller)
    return Response(status_code=204)
