"""The page on which anybody reports a public clip to the organizers."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from anb.contest import service as contest
from anb.db.session import UnitOfWork
from anb.moderation import reports
from anb.moderation.domain import NewReport, ReportReason
from anb.moderation.reports_api import ReportLimited
from anb.moderation.schemas import ReportAsked
from anb.pages.forms import FromOurPages, Typed
from anb.pages.view import View, ViewDep
from anb.signals.trace import TraceDep
from anb.web.deps import MaybeCaller, UowDep
from anb.web.device_cookie import with_device

router = APIRouter(include_in_schema=False)


@router.api_route("/videos/{video_id}/report", methods=["GET", "HEAD"])
def show_report(view: ViewDep, video_id: UUID, uow: UowDep) -> Response:
    """Show the form."""
    return _page(view, uow, video_id)


@router.post("/videos/{video_id}/report", dependencies=[FromOurPages, ReportLimited])
def report(
    request: Request, view: ViewDep, video_id: UUID, caller: MaybeCaller, uow: UowDep, trace: TraceDep, form: Typed
) -> Response:
    """Report a clip, and say thanks; the same for a repeated report."""
    try:
        asked = ReportAsked.model_validate(form)
    except ValidationError:
        return _page(view, uow, video_id, 400, problem=view.t("clip.report_choose"), text=form.get("text", "")[:500])
    page = _page(view, uow, video_id, sent=True)  # with the title: the report may hide the clip
    reports.report(uow, view.settings, NewReport(video_id, caller, asked.reason, asked.text, trace))
    return with_device(request, page)


def _page(
    view: View,
    uow: UnitOfWork,
    video_id: UUID,
    status: int = 200,
    *,
    sent: bool = False,
    problem: str = "",
    text: str = "",
) -> Response:
    clip = contest.show_public(uow, video_id)
    return view.show(
        "report.html", status, clip=clip, sent=sent, problem=problem, text=text, reasons=list(ReportReason)
    )
