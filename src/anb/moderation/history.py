"""What organizers did with a clip, or with the clips and photos of a person: the moderation in the audit trail."""

from uuid import UUID

from anb.accounts import service as accounts
from anb.audit import service as audit
from anb.audit.domain import Act, AuditEntry, AuditFilter, TargetKind
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.videos import publication as videos

ACTS = frozenset({
    Act.CLIP_APPROVED, Act.CLIP_HIDDEN, Act.CLIP_RESTORED, Act.CLIP_REFUSED, Act.REFUSAL_REVERSED, Act.CLIP_TAKEN_DOWN,
    Act.REPORTS_DISMISSED, Act.PHOTO_REMOVED,
})  # fmt: skip


def of_clip(uow: UnitOfWork, video_id: UUID, page: Page) -> Listed[AuditEntry]:
    """Return the acts of moderation on a clip, newest first. Raises VideoNotFound."""
    videos.get_video(uow, video_id)
    wanted = AuditFilter(target_kind=TargetKind.VIDEO, target_id=str(video_id), acts=ACTS)
    return audit.list_entries(uow, wanted, page)


def of_person(uow: UnitOfWork, account_id: UUID, page: Page) -> Listed[AuditEntry]:
    """Return the acts of moderation on what is a person's, newest first. Raises AccountNotFound."""
    accounts.who(uow, account_id)
    return audit.list_entries(uow, AuditFilter(account_id=account_id, acts=ACTS), page)
