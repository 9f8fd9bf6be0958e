"""The HTTP endpoints of reports: anybody makes one, organizers decide."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from anb.accounts.domain import AccountNotFound, OrganizersOnly
from anb.db.paging import InvalidPage
from anb.factors.domain import SecondFactorNeeded
from anb.moderation import reports
from anb.moderation.domain import NewReport
from anb.moderation.schemas import (
    Approval,
    ModeratedClip,
    ReportAsked,
    Reported,
    ReportedClip,
    ReportShown,
    moderated_clip,
)
from anb.operators.api import Organizer
from anb.signals.trace import TraceDep
from anb.videos.domain import VideoNotFound
from anb.web.deps import LanguageDep, MaybeCaller, SettingsDep, UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals
from anb.web.rate_limits import Limiter

router = APIRouter(prefix="/api", tags=["moderation"])
_ON_ONE = (OrganizersOnly, SecondFactorNeeded, VideoNotFound)


def count_report(request: Request, caller: MaybeCaller) -> None:
    """Count a report for its account and network, or more strictly for a network without an account.

    Raises TooManyRequests.
    """
    counter = Limiter(request, caller)
    if caller is None:
        counter.count(counter.block("report_alone"))
    else:
        counter.count(counter.account("report"), counter.block("report_block"))


ReportLimited = Depends(count_report)


@router.post(
    "/public/videos/{video_id}/report",
    status_code=202,
    dependencies=[ReportLimited],
    responses=refusals(VideoNotFound, AccountNotFound),
)
def report_clip(
    video_id: UUID, caller: MaybeCaller, uow: UowDep, settings: SettingsDep, trace: TraceDep, body: ReportAsked
) -> Reported:
    """Report a public clip to the organizers, with or without an account. A repeated report changes nothing."""
    reports.report(uow, settings, NewReport(video_id, caller, body.reason, body.text, trace))
    return Reported(video_id=video_id)


@router.get("/admin/reports", responses=refusals(OrganizersOnly, SecondFactorNeeded, InvalidPage))
def list_reported(
    request: Request, response: Response, _: Organizer, uow: UowDep, page: PageDep, language: LanguageDep
) -> list[ReportedClip]:
    """List the clips whose reports wait for a decision, oldest first: act on the clip, or dismiss the reports."""
    found = reports.list_due(uow, page)
    announce(request, response, found)
    return [
        ReportedClip(
            clip=moderated_clip(each.video, language), due_at=each.case.due_at, reviewed_at=each.case.reviewed_at,
            reports=dict(each.reasons),
        )
        for each in reports.with_clips(uow, found.rows)
    ]  # fmt: skip


@router.get("/admin/moderation/{video_id}/reports", responses=refusals(*_ON_ONE))
def list_reports(video_id: UUID, _: Organizer, uow: UowDep) -> list[ReportShown]:
    """List the reports about a clip, newest first."""
    return [ReportShown.model_validate(each) for each in reports.list_of_clip(uow, video_id)]


@router.post("/admin/moderation/{video_id}/dismiss-reports", responses=refusals(*_ON_ONE))
def dismiss_reports(video_id: UUID, by: Organizer, uow: UowDep, language: LanguageDep, body: Approval) -> ModeratedClip:
    """Close the open reports about a clip: nothing is wrong with it. Harmless when repeated."""
    return moderated_clip(reports.dismiss(uow, by, video_id, body.reason), language)
