"""The organizers' pages of moderation: lists of clips, acts on one or many, the history of a clip or a person."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Query, Response

from anb.accounts import service as accounts
from anb.accounts.domain import Account
from anb.audit.domain import AuditActor
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.moderation import history, reports, service
from anb.moderation.domain import ReportReason
from anb.pages.forms import FromOurPages, Typed
from anb.pages.lists import next_part, part_after
from anb.pages.organizer import OrganizerDep, console
from anb.pages.organizer_acts import WORDS
from anb.pages.view import ViewDep, with_query
from anb.ports import Ports
from anb.videos.domain import Video
from anb.videos.verdict import ClipState, RefusalReason, Verdict
from anb.web.deps import DatabaseDep, PortsDep, UowDep

router = APIRouter(prefix="/organizer/moderation", include_in_schema=False)

HERE = "/organizer/moderation"
REPORTED = "reported"
LISTS = ("waiting", REPORTED, "hidden", "refused", "taken-down")
# What can be done with the clips of each list.
ACTS = {
    "waiting": ("approve", "refuse", "take-down"),
    REPORTED: ("dismiss", "approve", "hide", "take-down"),
    "hidden": ("approve", "take-down"),
    "refused": ("reverse", "take-down"),
    "taken-down": (),
}
ROWS, CHOSEN = 12, "clip-"
ACTS_SHOWN = Page(100)


class Row(NamedTuple):
    """A clip of a list, its player, and the open reports about it."""

    video: Video
    player: Account
    reasons: Mapping[ReportReason, int]


Which = Annotated[str, Query(alias="state")]


@router.api_route("", methods=["GET", "HEAD"])
def show_queue(
    view: ViewDep,
    _: OrganizerDep,
    uow: UowDep,
    which: Which = "waiting",
    cursor: str = "",
    done: int = 0,
    left: int = 0,
) -> Response:
    """Show a list of clips, oldest first."""
    which = which if which in LISTS else "waiting"
    found = _listed(uow, which, part_after(cursor, ROWS))
    return console(
        view,
        "organizer_moderation.html",
        "moderation",
        lists=LISTS,
        which=which,
        rows=found.rows,
        total=found.total or 0,
        onward=next_part(HERE, found, state=which),
        acts=ACTS[which],
        reasons=list(RefusalReason),
        done=done,
        left=left,
    )


@router.post("", dependencies=[FromOurPages])
def act(view: ViewDep, by: OrganizerDep, database: DatabaseDep, ports: PortsDep, form: Typed) -> Response:
    """Act on the chosen clips, each in a transaction of its own; one that another organizer decided on is left."""
    which = form.get("state", "") if form.get("state") in LISTS else "waiting"
    done = left = 0
    for clip in (name.removeprefix(CHOSEN) for name in form if name.startswith(CHOSEN)):
        try:
            with database.transaction() as uow:
                _act(uow, ports, by, UUID(clip), form)
        except (Refusal, ValueError):
            left += 1
        else:
            done += 1
    return view.go(with_query(HERE, state=which, done=str(done or ""), left=str(left or "")))


@router.api_route("/clips/{video_id}", methods=["GET", "HEAD"])
def show_clip_history(view: ViewDep, _: OrganizerDep, uow: UowDep, video_id: UUID) -> Response:
    """Show what became of a clip: who did what, when and why, and the reports about it."""
    video = service.show(uow, video_id)
    entries = history.of_clip(uow, video_id, ACTS_SHOWN).rows
    told, player = reports.list_of_clip(uow, video_id), accounts.who(uow, video.owner_id)
    return console(
        view, "organizer_history.html", "moderation", video=video, player=player, entries=entries, reports=told
    )


@router.api_route("/people/{account_id}", methods=["GET", "HEAD"])
def show_person_history(view: ViewDep, _: OrganizerDep, uow: UowDep, account_id: UUID) -> Response:
    """Show what organizers did with the clips and photos of a person."""
    entries = history.of_person(uow, account_id, ACTS_SHOWN).rows
    player = accounts.who(uow, account_id)
    return console(view, "organizer_history.html", "moderation", video=None, player=player, entries=entries, reports=[])


def _listed(uow: UnitOfWork, which: str, page: Page) -> Listed[Row]:
    if which == REPORTED:
        due = reports.list_due(uow, page)
        rows = [_row(uow, each.video, each.reasons) for each in reports.with_clips(uow, due.rows)]
        return Listed(rows, due.total, due.next_after)
    listed = service.list_moderated(uow, page, ClipState(which))
    return Listed([_row(uow, video, {}) for video in listed.rows], listed.total, listed.next_after)


def _row(uow: UnitOfWork, video: Video, reasons: Mapping[ReportReason, int]) -> Row:
    return Row(video, accounts.who(uow, video.owner_id), reasons)


def _act(uow: UnitOfWork, ports: Ports, by: AuditActor, clip: UUID, form: Mapping[str, str]) -> None:
    """Carry out the act that a form names. Raises a refusal, or ValueError for a form that is not ours."""
    words = form.get("text", "").strip()[:WORDS]
    match form.get("act", ""):
        case "approve":
            service.approve(uow, by, clip)
        case "refuse":
            service.refuse(uow, by, clip, Verdict(RefusalReason(form.get("reason", "")), words))
        case "reverse":
            service.reverse_refusal(uow, by, clip, words)
        case "dismiss":
            reports.dismiss(uow, by, clip, words)
        case "hide":
            reason = RefusalReason(form.get("reason", ""))
            service.hide(uow, by, clip, f"{reason.value}: {words}" if words else reason.value)
        case "take-down" if form.get("confirm"):
            service.take_down(uow, ports, by, clip, Verdict(RefusalReason(form.get("reason", "")), words))
        case other:
            raise ValueError(other)
