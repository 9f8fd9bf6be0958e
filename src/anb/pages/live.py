"""The live state of a clip that is not public yet: received, in line, being edited, published, or why not."""

from fastapi import Response

from anb.db.session import UnitOfWork
from anb.jobs.domain import Job
from anb.pages.view import View
from anb.videos import service as videos
from anb.videos.domain import Status, Video

# How many of the four steps are behind it.
_REACHED = {Status.UPLOADED: 1, Status.PROCESSING: 2, Status.FAILED: 2, Status.PROCESSED: 3}


def live(view: View, uow: UnitOfWork, video: Video) -> Response:
    """Show its owner how a clip is doing."""
    job = videos.job_of(uow, video.id)
    failed = video.status is Status.FAILED
    return view.show(
        "live.html",
        clip=video,
        failed=failed,
        lead=view.t("live.failed" if failed else "live.lead"),
        reached=_REACHED[video.status],
        progress=job.progress if job else 0,
        # Nothing moves any more: it failed, or it waits for the organizers.
        task_id=None if job is None or video.status in {Status.FAILED, Status.PROCESSED} else job.id,
        again=_again(view, job),
        reason=video.reason.text(view.t.language) if video.reason else "",
    )


def _again(view: View, job: Job | None) -> str:
    """Say when the edit is tried again after a fault of ours; nothing where it does not wait for that."""
    if job is None or job.next_try_at is None:
        return ""
    return view.t("live.next_try", time=view.t.time(job.next_try_at), attempt=job.tries + 1)
