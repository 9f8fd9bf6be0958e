"""The HTTP endpoints of videos: 3 to 6 of the contract, and those that follow and cancel a task."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response

from anb.accounts.acting import ActorDep
from anb.accounts.domain import AccountNotFound
from anb.db.paging import InvalidPage
from anb.factors.domain import SecondFactorNeeded
from anb.fields import InvalidField
from anb.jobs import service as jobs
from anb.jobs.domain import JobNotFound, JobOver, NotYourJob
from anb.media import rules
from anb.videos import removal, service, waiting
from anb.videos.domain import (
    CANCELLED,
    QUOTAS,
    START_FIELD,
    TITLE_LENGTH,
    IncompleteUpload,
    NoRoom,
    NotYourVideo,
    OpenToVotes,
    TooManyBytes,
    VideoNotFound,
)
from anb.videos.file_urls import FileUrls
from anb.videos.schemas import Deleted, JobSeen, Submitted, VideoDetail, VideoListed, detail, job_seen, listed
from anb.videos.uploads import UploadsDep, check_sender, receive, sender_of, submit_once
from anb.web.deps import CallerId, LanguageDep, PortsDep, SettingsDep, UowDep
from anb.web.idempotency import IdempotencyKey, KeyInUse, KeyReused, Once, replay
from anb.web.pace import TookTooLong, TooSlow
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals
from anb.web.rate_limits import limited
from anb.web.slots import SendingSlot, TooManyAtOnce

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
                        "title": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": TITLE_LENGTH,
                            "examples": ["Mi mejor triple"],
                        },
                        START_FIELD: {
                            "type": "number",
                            "minimum": 0,
                            "default": 0,
                            "description": "The second of the clip at which the edit starts. As much must be left as a "
                            "clip needs, or an edit holds where that is less.",
                            "examples": [12.5],
                        },
                    },
                }
            }
        },
    }
}


@router.post(
    "/videos/upload",
    status_code=201,
    dependencies=[limited("upload", block="upload_block")],
    openapi_extra=UPLOAD_FORM,
    response_model=Submitted,
    responses=refusals(
        AccountNotFound,
        InvalidField,
        IncompleteUpload,
        TooManyBytes,
        TooSlow,
        TookTooLong,
        TooManyAtOnce,
        NoRoom,
        *QUOTAS,
        KeyReused,
        KeyInUse,
        *rules.REFUSALS,
    ),
)
async def submit_video(
    request: Request, caller: CallerId, uploads: UploadsDep, _: SendingSlot, key: IdempotencyKey = None
) -> Response:
    """Accept a clip and queue its processing."""
    # An UploadFile would spool the body before we knew its sender. This reads it once, straight to the share.
    sender = sender_of(request, caller)
    if key is None:  # with a key, the stored response comes first, whatever quota was reached since
        await uploads.threads.db(partial(check_sender, uploads, sender))
    async with receive(request, uploads) as received:
        once = Once(caller, key, uploads.settings.idempotency_seconds, request.url.path, *received.what)
        return replay(await uploads.threads.probe(partial(submit_once, uploads, sender, once, received)))


@router.get(
    "/videos", response_model_exclude_none=True, dependencies=[limited(block="read")], responses=refusals(InvalidPage)
)
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
    addresses = FileUrls(request, ports, settings)
    waits_for = waiting.find_standing(uow, settings, caller)
    return [listed(video, addresses, language, waits_for.get(video.id)) for video in found.rows]


@router.get("/videos/{video_id}", responses=refusals(NotYourVideo, SecondFactorNeeded, VideoNotFound))
def show_video(
    request: Request,
    video_id: UUID,
    actor: ActorDep,
    uow: UowDep,
    ports: PortsDep,
    settings: SettingsDep,
    language: LanguageDep,
) -> VideoDetail:
    """Show one of the caller's videos."""
    video = service.show(uow, video_id, actor)
    waits_for = waiting.find_standing(uow, settings, video.owner_id).get(video.id)
    return detail(video, FileUrls(request, ports, settings), language, waits_for)


@router.delete(
    "/videos/{video_id}",
    dependencies=[limited("change")],
    responses=refusals(NotYourVideo, VideoNotFound, OpenToVotes),
)
def delete_video(video_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Deleted:
    """Delete a video that was never open to votes, with its files."""
    removal.delete(uow, ports, video_id, caller)
    return Deleted(video_id=video_id)


@router.get("/jobs/{task_id}", tags=["jobs"], responses=refusals(NotYourJob, SecondFactorNeeded, JobNotFound))
def follow_job(task_id: UUID, actor: ActorDep, uow: UowDep, settings: SettingsDep, language: LanguageDep) -> JobSeen:
    """Show the state of a video's processing."""
    job, reason = service.follow(uow, task_id, actor)
    sentence = None if reason is None else reason.text(language)
    waits_for = waiting.standing_of_job(uow, settings, job)
    return job_seen(job, sentence, jobs.outlook_of(uow, job), settings.job_attempts, waits_for)


@router.post(
    "/jobs/{task_id}/cancel",
    tags=["jobs"],
    dependencies=[limited("change")],
    responses=refusals(NotYourJob, SecondFactorNeeded, JobNotFound, JobOver),
)
def cancel_job(task_id: UUID, actor: ActorDep, uow: UowDep, settings: SettingsDep, language: LanguageDep) -> JobSeen:
    """Stop the processing of a video at once."""
    job = service.cancel(uow, task_id, actor)
    return job_seen(job, CANCELLED.text(language), jobs.outlook_of(uow, job), settings.job_attempts)
