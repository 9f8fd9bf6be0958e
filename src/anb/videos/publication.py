"""Publishing, refusing and hiding edited videos, as organizers decide."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, null, select, update

from anb.accounts import service as accounts
from anb.db.paging import Listed, Page, cut
from anb.db.session import UnitOfWork
from anb.db.tables import videos
from anb.mail.domain import MailKind
from anb.videos import mails, store
from anb.videos.domain import Status, Video, VideoNotFound
from anb.videos.verdict import ClipState, ConsentLoss, Verdict

_EDITED = (videos.c.status == Status.PROCESSED.value) & videos.c.withdrawn_at.is_(None)
_UNPUBLISHED = _EDITED & videos.c.published_at.is_(None)
_NEVER_PUBLIC = _UNPUBLISHED & videos.c.first_published_at.is_(None)
LISTS: Mapping[ClipState, ColumnElement[bool]] = {
    ClipState.WAITING: _NEVER_PUBLIC & videos.c.refused_at.is_(None),
    ClipState.REFUSED: _NEVER_PUBLIC & videos.c.refused_at.is_not(None),
    ClipState.HIDDEN: _UNPUBLISHED & videos.c.first_published_at.is_not(None),
    ClipState.TAKEN_DOWN: videos.c.taken_down_at.is_not(None),
}


def list_moderated(uow: UnitOfWork, page: Page, state: ClipState) -> Listed[Video]:
    """Return the videos in one of the states of LISTS, oldest first."""
    wanted = LISTS[state]
    query, after = select(*store.COLUMNS).where(wanted).order_by(videos.c.id), page.key(UUID)
    if after is not None:
        query = query.where(videos.c.id > after[0])
    rows = [store.read_video(row) for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))]
    total = uow.execute(select(func.count()).select_from(videos).where(wanted)).scalar_one()
    return cut(rows, total, page, lambda video: (video.id,))


def get_video(uow: UnitOfWork, video_id: UUID) -> Video:
    """Return a video, whatever its state. Raises VideoNotFound."""
    video = store.get(uow, video_id)
    if video is None:
        raise VideoNotFound
    return video


def lock_video(uow: UnitOfWork, video_id: UUID) -> Video:
    """Return a video that no other transaction changes or votes for until this one ends. Raises VideoNotFound."""
    video = store.get(uow, video_id, lock=True)
    if video is None:
        raise VideoNotFound
    return video


def set_published(uow: UnitOfWork, video_id: UUID, *, published: bool) -> Video:
    """Open a locked video to votes, at its earlier place in the lists if it was public before, or hide it."""
    since = func.coalesce(videos.c.first_published_at, func.now()) if published else null()
    lost = case((videos.c.consent_lost.is_not(None), ConsentLoss.PRIVATE.value))  # it does not return with the consent
    uow.execute(update(videos).where(videos.c.id == video_id).values(published_at=since, consent_lost=lost))
    return lock_video(uow, video_id)


def set_refused(uow: UnitOfWork, video: Video, verdict: Verdict) -> Video:
    """Refuse a locked video that waits, and tell its owner why."""
    values = {"refused_at": func.now(), "verdict_reason": verdict.reason.value, "verdict_text": verdict.text}
    uow.execute(update(videos).where(videos.c.id == video.id).values(**values))
    mails.tell_verdict(uow, MailKind.VIDEO_REFUSED, video, verdict)
    return lock_video(uow, video.id)


def set_waiting_again(uow: UnitOfWork, video_id: UUID) -> Video:
    """Let a locked video that was refused wait again."""
    values = {"refused_at": null(), "verdict_reason": null(), "verdict_text": null()}
    uow.execute(update(videos).where(videos.c.id == video_id).values(**values))
    return lock_video(uow, video_id)


def lock_with_owner(uow: UnitOfWork, video_id: UUID) -> Video:
    """Lock the account of a video's owner, then the video, in the order of uploads. Raises VideoNotFound."""
    owner = store.get_owner(uow, video_id)
    if owner is None:
        raise VideoNotFound
    accounts.lock_account(uow, owner)
    return lock_video(uow, video_id)
