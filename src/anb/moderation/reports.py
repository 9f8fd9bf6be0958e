"""Reports by people: they put a clip before the organizers, and hide it only where the season's rules say so."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from anb.accounts import service as accounts
from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, TargetKind
from anb.contest import service as contest
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.fraud import service as fraud
from anb.logs import record
from anb.moderation import store
from anb.moderation.domain import ClipReport, NewReport, ReportCase, ReportOutcome, ReportReason, count_independent
from anb.settings.moderation import ModerationSettings
from anb.signals import service as signals
from anb.videos import publication as videos
from anb.videos.domain import Video, VideoNotFound


class ReportedVideo(NamedTuple):
    """A clip whose reports wait for a decision."""

    case: ReportCase
    video: Video
    reasons: Mapping[ReportReason, int]


# The rule hides a clip when enough people reported it and the season says so.
RULE = AuditActor("", "season rule")


def report(uow: UnitOfWork, settings: ModerationSettings, new: NewReport) -> None:
    """Store a report about a public clip. A second one of the same person changes nothing, and is not refused.

    Enough independent reports put the clip before the organizers, a minor at risk at once. Raises VideoNotFound,
    AccountNotFound.
    """
    if new.reporter_id is not None:
        accounts.hold(uow, new.reporter_id)  # else an erasure could miss this report
    video = videos.lock_video(uow, new.video_id)  # of two reports at once, the second sees the first
    if not video.is_public:
        raise VideoNotFound
    if not store.add(uow, new):
        return
    uow.after_commit(partial(record, "moderation.clip.reported", account_id=new.reporter_id, video_id=video.id))
    told = store.list_of_clip(uow, video.id, only_open=True)
    case, enough = store.find_case(uow, video.id), settings.reports_to_review
    urgent = any(each.reason is ReportReason.MINOR_AT_RISK for each in told)
    if case.due_at is None and (urgent or count_independent(_marks(uow, told)) >= enough):
        store.set_due(uow, video.id)
        uow.after_commit(partial(record, "moderation.reports.due", video_id=video.id))
    if case.reviewed_at is None and _hides(uow, video) and _confirmed(uow, told) >= enough:
        videos.set_published(uow, video.id, published=False)
        uow.after_commit(partial(record, "moderation.clip.hidden", video_id=video.id))
        audit.record(uow, RULE, Act.CLIP_HIDDEN, _target(video), "", {"reports": len(told)})


def list_due(uow: UnitOfWork, page: Page) -> Listed[ReportCase]:
    """Return the clips whose reports wait for a decision, oldest first."""
    return store.list_due(uow, page)


def with_clips(uow: UnitOfWork, cases: Sequence[ReportCase]) -> list[ReportedVideo]:
    """Return the clips of cases, with how many open reports there are by reason."""
    counts = store.count_open(uow, [case.video_id for case in cases])
    return [ReportedVideo(case, videos.get_video(uow, case.video_id), counts.get(case.video_id, {})) for case in cases]


def list_of_clip(uow: UnitOfWork, video_id: UUID) -> list[ClipReport]:
    """Return the reports about a clip, newest first. Raises VideoNotFound."""
    videos.get_video(uow, video_id)
    return store.list_of_clip(uow, video_id)


def dismiss(uow: UnitOfWork, by: AuditActor, video_id: UUID, reason: str = "") -> Video:
    """Close the open reports about a clip: nothing is wrong with it. Raises VideoNotFound."""
    video = videos.lock_video(uow, video_id)
    count = store.close(uow, video_id, ReportOutcome.DISMISSED)
    if count:
        uow.after_commit(partial(record, "moderation.reports.dismissed", account_id=by.account_id, video_id=video_id))
        audit.record(uow, by, Act.REPORTS_DISMISSED, _target(video), reason, {"reports": count})
    return video


def close_withdrawn(uow: UnitOfWork, video_id: UUID) -> None:
    """Close the reports about a clip that its owner withdrew."""
    store.close(uow, video_id, ReportOutcome.ACTED)


def erase_clip(uow: UnitOfWork, video_id: UUID) -> int:
    """Delete the reports about a clip of a person who leaves; return how many."""
    return store.delete_of_clip(uow, video_id)


def erase_reporter(uow: UnitOfWork, account_id: UUID) -> int:
    """Take a person and their words from the reports that they made; return how many."""
    return store.forget_reporter(uow, account_id)


def purge(uow: UnitOfWork, before: datetime, traces_before: datetime) -> int:
    """Delete reports made before a moment, and devices and networks of those before another; return how many."""
    return store.purge(uow, before) + store.forget_traces(uow, traces_before)


def told(uow: UnitOfWork, account_id: UUID) -> list[ClipReport]:
    """Return the reports that a person made."""
    return store.list_of_person(uow, account_id)


def _marks(uow: UnitOfWork, told: list[ClipReport]) -> list[frozenset[str]]:
    """Return what may tie each report to others: its device, its network, and the mailbox and cluster of its author."""
    authors = [each.reporter_id for each in told if each.reporter_id is not None]
    mailboxes, clusters = signals.mailboxes_of(uow, authors), fraud.doubtful_clusters_of(uow, authors)
    found = []
    for each in told:
        known = {"device": each.device, "network": each.block}
        if each.reporter_id is not None:
            known["mailbox"] = mailboxes.get(each.reporter_id, "")
            known["cluster"] = str(clusters.get(each.reporter_id, ""))
            known["account"] = str(each.reporter_id)
        marks = frozenset(f"{kind} {mark}" for kind, mark in known.items() if mark)
        found.append(marks or frozenset({"unknown"}))
    return found


def _confirmed(uow: UnitOfWork, told: list[ClipReport]) -> int:
    """Count the independent reports of people with a confirmed e-mail."""
    sure = [each for each in told if each.reporter_id and accounts.who(uow, each.reporter_id).is_confirmed]
    return count_independent(_marks(uow, sure))


def _hides(uow: UnitOfWork, video: Video) -> bool:
    season = contest.season_of(uow, video.id)
    return season is not None and season.hide_reported


def _target(video: Video) -> AuditTarget:
    return AuditTarget(TargetKind.VIDEO, str(video.id), video.owner_id)
