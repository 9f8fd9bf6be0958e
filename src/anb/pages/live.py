"""The live state of a clip that is not public yet: received, queued, being edited, published, or why it failed."""

from fastapi import Response

from anb.db.session import UnitOfWork
from anb.jobs import service as jobs
from anb.jobs.domain import Job
from anb.pages.view import View
from anb.videos import waiting
from anb.videos.domain import Status, Video
from anb.videos.schemas import reason_of
from anb.videos.verdict import ClipState

_LEADS = {
    ClipState.FAILED: "live.failed",
    ClipState.REFUSED: "live.refused",
    ClipState.HIDDEN: "live.hidden",
    ClipState.WAITING: "live.review",
}
# How many of the four steps are done.
_REACHED = {Status.UPLOADED: 1, Status.PROCESSING: 2, Status.FAILED: 2, Status.PROCESSED: 3}


def live(view: View, uow: UnitOfWork, video: Video) -> Response:
    """Show the state of a clip to its owner."""
    job = jobs.latest_of(uow, video.id)
    failed = video.clip_state in {ClipState.FAILED, ClipState.REFUSED}
    waits_for = None if job is None else waiting.standing_of_job(uow, view.settings, job)
    return view.show(
        "live.html",
        clip=video,
        failed=failed,
        lead=view.t(_LEADS.get(video.clip_state, "live.lead" if waits_for is None else "live.waits")),
        waits_for=waits_for,
        reached=_REACHED[video.status],
        progress=job.progress if job else 0,
        # None when nothing changes soon: it failed, or it waits for the organizers or for consent.
        task_id=None if job is None or waits_for or video.status in {Status.FAILED, Status.PROCESSED} else job.id,
        again=_again(view, job),
        reason=reason_of(video, view.t.language) or "",
    )


def _again(view: View, job: Job | None) -> str:
    """Say when the edit is tried again after a platform failure; "" if it is not waiting for that."""
    if job is None or job.next_try_at is None:
        return ""
    return view.t("live.next_try", time=view.t.time(job.next_try_at), attempt=job.tries + 1)
