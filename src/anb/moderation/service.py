"""The operations of moderation. Each is one transaction with its entry in the audit trail; repeated, it does nothing.

A hidden clip is not listed, ranked or sent, and takes no votes. Its votes stay, and count again once it is restored.
"""

from functools import partial
from uuid import UUID

from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, TargetKind
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.logs import record
from anb.moderation.domain import NothingToPublish
from anb.videos import publication as videos
from anb.videos.domain import Status, Video, VideoNotFound


def list_unpublished(uow: UnitOfWork, page: Page, *, hidden: bool) -> Listed[Video]:
    """Return the edited clips that wait to be published, or those that an organizer hid, oldest first."""
    return videos.list_unpublished(uow, page, hidden=hidden)


def approve(uow: UnitOfWork, by: AuditActor, video_id: UUID, reason: str = "") -> Video:
    """Publish a clip that waits, or restore one that was hidden. Raises VideoNotFound, NothingToPublish."""
    video = _take(uow, video_id)
    if video.status is not Status.PROCESSED:
        raise NothingToPublish(status=video.status.value)
    if video.is_public:
        return video
    changed = videos.set_published(uow, video_id, published=True)
    uow.after_commit(partial(record, "moderation.clip.published", account_id=by.account_id, video_id=video_id))
    audit.record(uow, by, Act.CLIP_RESTORED if video.was_public else Act.CLIP_APPROVED, _target(video), reason)
    return changed


def hide(uow: UnitOfWork, by: AuditActor, video_id: UUID, reason: str) -> Video:
    """Hide a public clip from everyone but its owner and organizers. Raises VideoNotFound."""
    video = _take(uow, video_id)
    if not video.is_public:
        if not video.was_public:
            raise VideoNotFound
        return video
    changed = videos.set_published(uow, video_id, published=False)
    uow.after_commit(partial(record, "moderation.clip.hidden", account_id=by.account_id, video_id=video_id))
    audit.record(uow, by, Act.CLIP_HIDDEN, _target(video), reason)
    return changed


def _take(uow: UnitOfWork, video_id: UUID) -> Video:
    """Lock a clip against every other change, votes included. A withdrawn one is gone for good."""
    video = videos.lock_video(uow, video_id)
    if video.withdrawn_at is not None:
        raise VideoNotFound
    return video


def _target(video: Video) -> AuditTarget:
    return AuditTarget(TargetKind.VIDEO, str(video.id), video.owner_id)
