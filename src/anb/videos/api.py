"""The HTTP door of videos: endpoints 3 to 6 of the contract, and following a task."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response

from anb.accounts.domain import AccountNotFound
from anb.db.answers import Answer
from anb.db.paging import InvalidPage
from anb.db.session import Database, UnitOfWork
from anb.jobs.domain import CANCELLED, JobNotFound, JobOver, NotYourJob
from anb.media import rules
from anb.videos import service
from anb.videos.addresses import Addresses
from anb.videos.domain import (
    IncompleteUpload,
    NoRoom,
    NotYourVideo,
    OpenToVotes,
    SameFile,
    TooManyBytes,
    VideoNotFound,
)
from anb.videos.schemas import Deleted, JobSeen, Submitted, VideoDetail, VideoListed, detail, job_seen, listed
from anb.videos.uploads import receive
from anb.web.deps import CallerId, DatabaseDep, LanguageDep, PortsDep, SettingsDep, UowDep
from anb.web.desk import UploadDesk
from anb.web.idempotency import IdempotencyKey, KeyInUse, KeyReused, Once, replay
from anb.web.paging import PageDep, announce
from anb.web.problems import InvalidField, refusals

router = APIRouter(prefix="/api", tags=["videos"])

UPLOAD_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["video_file", "title"],
                    "properties": {
                        "video_file": {"type": "string", "format": "binary"},
                        "title": {"type": "string", "minLength": 1, "maxLength": 120, "examples": ["Mi mejor triple"]},
                    },
                }
            }
        },
    }
}


@router.post(
    "/videos/upload",
    status_code=201,
    openapi_extra=UPLOAD_FORM,
    response_model=Submitted,
    responses=refusals(
        AccountNotFound,
        InvalidField,
        IncompleteUpload,
        TooManyBytes,
        NoRoom,
        SameFile,
        KeyReused,
        KeyInUse,
        *rules.REFUSALS,
    ),
)
async def submit_video(
    request: Request,
    caller: CallerId,
    ports: PortsDep,
    database: DatabaseDep,
    settings: SettingsDep,
    key: IdempotencyKey = None,
) -> Response:
    """Accept a clip and queue its processing."""
    # An UploadFile would spool the body before we knew who sends it; this reads it once, to its place.
    desk: UploadDesk = request.app.state.upload_desk
    async with receive(request, desk, ports, settings) as received:
        once = Once(caller, key, settings.idempotency_seconds, request.url.path, received.title, received.file.sha256)
        submit = partial(service.submit, database, ports, settings, owner=caller)
        submit = partial(submit, title=received.title, received=received.file)
        return replay(await desk.judge(partial(_submit_once, database, once, submit)))


def _submit_once(database: Database, once: Once, submit: Callable[..., service.Submission]) -> Answer:
    with database.reading() as uow:
        before = once.before(uow)
    if before is not None:
        return before
    answered: list[Answer] = []

    def keep(uow: UnitOfWork, made: service.Submission) -> None:
        body = Submitted(task_id=made.job_id, video_id=made.video_id).model_dump(mode="json")
        answered.append(Answer(201, body))
        once.keep(uow, answered[0])

    submit(unless=once.still, also=keep)
    return answered[0]


@router.get("/videos", response_model_exclude_none=True, responses=refusals(InvalidPage))
def list_videos(
    request: Request,
    response: Response,
    caller: CallerId,
    uow: UowDep,
    ports: PortsDep,
    settings: SettingsDep,
    page: PageDep,
    language: LanguageDep,
) -> list[VideoListed]:
    """List the caller's videos, newest first."""
    found = service.list_own(uow, caller, page)
    announce(request, response, found)
    addresses = Addresses(request, ports, settings)
    return [listed(video, addresses, language) for video in found.rows]


@router.get("/videos/{video_id}", responses=refusals(NotYourVideo, VideoNotFound))
def show_video(
    request: Request,
    video_id: UUID,
    caller: CallerId,
    uow: UowDep,
    ports: PortsDep,
    settings: SettingsDep,
    language: LanguageDep,
) -> VideoDetail:
    """Show one of the caller's videos."""
    return detail(service.show(uow, video_id, caller), Addresses(request, ports, settings), language)


@router.delete("/videos/{video_id}", responses=refusals(NotYourVideo, VideoNotFound, OpenToVotes))
def delete_video(video_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Deleted:
    """Delete a video that is not open to votes, with its files."""
    service.delete(uow, ports, video_id, caller)
    return Deleted(video_id=video_id)


@router.get("/jobs/{task_id}", tags=["jobs"], responses=refusals(NotYourJob, JobNotFound))
def follow_job(task_id: UUID, caller: CallerId, uow: UowDep, settings: SettingsDep, language: LanguageDep) -> JobSeen:
    """Say where the processing of a video stands."""
    job, reason = service.follow(uow, task_id, caller)
    said = None if reason is None else reason.text(language)
    return job_seen(job, said, service.outlook_of(uow, job), settings.job_attempts)


@router.post("/jobs/{task_id}/cancel", tags=["jobs"], responses=refusals(NotYourJob, JobNotFound, JobOver))
def cancel_job(task_id: UUID, caller: CallerId, uow: UowDep, settings: SettingsDep, language: LanguageDep) -> JobSeen:
    """Stop the processing of a video at once."""
    job = service.cancel(uow, task_id, caller)
    return job_seen(job, CANCELLED.text(language), service.outlook_of(uow, job), settings.job_attempts)
