"""The operations of moderation. Each is one transaction with its entry in the audit trail; repeated, it does nothing.

A hidden clip is not listed, ranked or sent, and takes no votes. Its votes stay, and count again once it is restored.
"""

from functools import partial
from uuid import UUID

from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, Detail, TargetKind
from anb.contest import service as contest
from anb.contest.domain import VoidReason
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.logs import record
from anb.moderation import store
from anb.moderation.domain import ClipStateDiffers, ConsentTakenBack, NothingToPublish, ReportOutcome
from anb.ports import Ports
from anb.resumable import service as resumable
from anb.videos import entry, mails, removal
from anb.videos import publication as videos
from anb.videos.domain import Video, VideoNotFound
from anb.videos.verdict import ClipState, ConsentLoss, Verdict

_GONE = frozenset({ClipState.WITHDRAWN, ClipState.TAKEN_DOWN})
_UNMADE = frozenset({ClipState.UNEDITED, ClipState.FAILED})


def list_moderated(uow: UnitOfWork, page: Page, state: ClipState) -> Listed[Video]:
    """Return the clips that wait to be published, or those refused, hidden or taken down, oldest first."""
    return videos.list_moderated(uow, page, state)


def show(uow: UnitOfWork, video_id: UUID) -> Video:
    """Return a clip, whatever its state. Raises VideoNotFound."""
    return videos.get_video(uow, video_id)


def approve(uow: UnitOfWork, by: AuditActor, video_id: UUID, reason: str = "") -> Video:
    """Publish a clip that waits, and tell its owner, or restore one that was hidden.

    Raises VideoNotFound, NothingToPublish, ClipStateDiffers, ConsentTakenBack.
    """
    video = _take(uow, video_id)
    if video.is_public:
        return video
    _check_edited(video)
    if video.clip_state is ClipState.REFUSED:
        raise ClipStateDiffers(state=video.clip_state.value)
    if video.consent_lost is not None:
        raise ConsentTakenBack
    changed = videos.set_published(uow, video_id, published=True)
    store.close(uow, video_id, ReportOutcome.DISMISSED)
    if not video.was_public:
        mails.tell_ready(uow, video_id, video.owner_id, video.title)
    uow.after_commit(partial(record, "moderation.clip.published", account_id=by.account_id, video_id=video_id))
    act = Act.CLIP_RESTORED if video.was_public else Act.CLIP_APPROVED
    audit.record(uow, by, act, _target(video), reason)
    return changed


def refuse(uow: UnitOfWork, by: AuditActor, video_id: UUID, verdict: Verdict) -> Video:
    """Refuse a clip that waits, and tell its owner why. Raises VideoNotFound, NothingToPublish, ClipStateDiffers."""
    video = _take(uow, video_id)
    if video.clip_state is ClipState.REFUSED:
        return video
    _check_edited(video)
    if video.clip_state is not ClipState.WAITING:
        raise ClipStateDiffers(state=video.clip_state.value)
    changed = videos.set_refused(uow, video, verdict)
    uow.after_commit(partial(record, "moderation.clip.refused", account_id=by.account_id, video_id=video_id))
    audit.record(uow, by, Act.CLIP_REFUSED, _target(video), verdict.text, {"why": verdict.reason.value})
    return changed


def reverse_refusal(uow: UnitOfWork, by: AuditActor, video_id: UUID, reason: str = "") -> Video:
    """Let a clip that was refused wait again, if its owner may still have one more clip in the season.

    Raises VideoNotFound, ClipStateDiffers, TooManyClips.
    """
    video = videos.lock_with_owner(uow, video_id)
    _check_here(video)
    if video.clip_state is ClipState.WAITING:
        return video
    if video.clip_state is not ClipState.REFUSED:
        raise ClipStateDiffers(state=video.clip_state.value)
    entry.check_room(uow, video.owner_id, video.season_id)
    changed = videos.set_waiting_again(uow, video_id)
    uow.after_commit(partial(record, "moderation.refusal.reversed", account_id=by.account_id, video_id=video_id))
    audit.record(uow, by, Act.REFUSAL_REVERSED, _target(video), reason)
    return changed


def hide(uow: UnitOfWork, by: AuditActor, video_id: UUID, reason: str) -> Video:
    """Hide a public clip from everyone but its owner and organizers. Raises VideoNotFound."""
    video = _take(uow, video_id)
    if not video.is_public and video.consent_lost != ConsentLoss.PUBLIC:
        if not video.was_public:
            raise VideoNotFound
        return video
    changed = videos.set_published(uow, video_id, published=False)
    store.close(uow, video_id, ReportOutcome.ACTED)
    uow.after_commit(partial(record, "moderation.clip.hidden", account_id=by.account_id, video_id=video_id))
    audit.record(uow, by, Act.CLIP_HIDDEN, _target(video), reason)
    return changed


def take_down(uow: UnitOfWork, ports: Ports, by: AuditActor, video_id: UUID, verdict: Verdict) -> Video:
    """Take a clip out of the contest for good, whatever its state, and tell its owner why.

    Its files go after the commit. The votes of the open season are voided; those of a closed one have been counted and
    stay. Raises VideoNotFound.
    """
    is_new = removal.take_down(uow, ports, video_id, verdict)
    video = videos.lock_video(uow, video_id)
    if is_new:
        voided = contest.void_votes(uow, video_id, VoidReason.TAKEN_DOWN)
        resumable.forget(uow, video_id)
        store.close(uow, video_id, ReportOutcome.ACTED)
        told = partial(record, "moderation.clip.taken_down", account_id=by.account_id, video_id=video_id, votes=voided)
        uow.after_commit(told)
        details: dict[str, Detail] = {"why": verdict.reason.value, "votes": voided}
        audit.record(uow, by, Act.CLIP_TAKEN_DOWN, _target(video), verdict.text, details)
    return video


def _take(uow: UnitOfWork, video_id: UUID) -> Video:
    """Lock a clip against every other change, votes included. One that is gone for good is not found."""
    video = videos.lock_video(uow, video_id)
    _check_here(video)
    return video


def _check_here(video: Video) -> None:
    if video.clip_state in _GONE:
        raise VideoNotFound


def _check_edited(video: Video) -> None:
    if video.clip_state in _UNMADE:
        raise NothingToPublish(status=video.status.value)


def _target(video: Video) -> AuditTarget:
    return AuditTarget(TargetKind.VIDEO, str(video.id), video.owner_id)
