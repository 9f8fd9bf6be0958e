"""Publishing and hiding edited videos, as organizers decide."""

from uuid import UUID

from sqlalchemy import func, null, select, update

from anb.db.paging import Listed, Page, cut
from anb.db.session import UnitOfWork
from anb.db.tables import videos
from anb.videos import store
from anb.videos.domain import Status, Video, VideoNotFound


def list_unpublished(uow: UnitOfWork, page: Page, *, hidden: bool) -> Listed[Video]:
    """Return edited videos that were never public, or those that were hidden, oldest first."""
    first = videos.c.first_published_at
    edited = (videos.c.status == Status.PROCESSED.value) & videos.c.withdrawn_at.is_(None)
    wanted = edited & videos.c.published_at.is_(None) & (first.is_not(None) if hidden else first.is_(None))
    query, after = select(*store.COLUMNS).where(wanted).order_by(videos.c.id), page.key(UUID)
    if after is not None:
        query = query.where(videos.c.id > after[0])
    rows = [store.read_video(row) for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))]
    total = uow.execute(select(func.count()).select_from(videos).where(wanted)).scalar_one()
    return cut(rows, total, page, lambda video: (video.id,))


def lock_video(uow: UnitOfWork, video_id: UUID) -> Video:
    """Return a video that no other transaction changes or votes for until this one ends. Raises VideoNotFound."""
    video = store.get(uow, video_id, lock=True)
    if video is None:
        raise VideoNotFound
    return video


def set_published(uow: UnitOfWork, video_id: UUID, *, published: bool) -> Video:
    """Open a locked video to votes, at its earlier place in the lists if it was public before, or hide it."""
    since = func.coalesce(videos.c.first_published_at, func.now()) if published else null()
    uow.execute(update(videos).where(videos.c.id == video_id).values(published_at=since))
    return lock_video(uow, video_id)
