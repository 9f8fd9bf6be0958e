"""The organizers' pages of doubtful votes: the clips that have some, one with its picture, and what is decided."""

from collections.abc import Iterable, Mapping
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response

from anb.accounts import service as accounts
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.fields import InvalidField, finding
from anb.moderation import service, vote_effects, votes
from anb.moderation.votes_domain import HeldClip, VoteFilter
from anb.pages import charts
from anb.pages.forms import FromOurPages, TypedWide
from anb.pages.lists import Cursor, next_part, part_after
from anb.pages.organizer import OrganizerDep, console
from anb.pages.organizer_acts import reason_of, show_sheet
from anb.pages.view import ViewDep, with_query
from anb.web.deps import DatabaseDep, UowDep

HERE = "/organizer/fraud"
PART = "fraud"
CHOSEN = "clip-"
MOST, ROWS = 50, 50
Decision = Literal["release", "void"]

router = APIRouter(prefix=HERE, include_in_schema=False)


@router.api_route("", methods=["GET", "HEAD"])
def list_held(view: ViewDep, _: OrganizerDep, uow: UowDep, done: int = -1, left: int = 0) -> Response:
    """List the clips with doubtful votes, those with the most first."""
    clips = votes.list_clips(uow, VoteFilter(), MOST)
    return console(view, "organizer_fraud.html", PART, clips=clips, done=done, left=left)


@router.api_route("/clips/{video_id}", methods=["GET", "HEAD"])
def show_clip(view: ViewDep, _: OrganizerDep, uow: UowDep, video_id: UUID, cursor: Cursor = "") -> Response:
    """Show a clip's doubtful votes, and how its votes and views came. Raises VideoNotFound."""
    video = service.show(uow, video_id)
    listed = votes.list_votes(uow, VoteFilter(video_id=video_id), part_after(cursor, ROWS))
    hours = vote_effects.list_hours(uow, video_id)
    highest = max((max(each.views, each.votes) for each in hours), default=0)
    return console(
        view,
        "organizer_fraud_clip.html",
        PART,
        video=video,
        player=accounts.who(uow, video.owner_id),
        clip=next(iter(votes.list_clips(uow, VoteFilter(video_id=video_id), 1)), None),
        rows=listed.rows,
        total=listed.total or 0,
        onward=next_part(f"{HERE}/clips/{video_id}", listed),
        hours=hours,
        highest=highest,
        bars=charts.bars([each.votes for each in hours], highest),
        line=charts.line([each.views for each in hours], highest),
        size=(charts.WIDTH, charts.HEIGHT),
    )


@router.api_route("/decide", methods=["GET", "HEAD"])
def ask(request: Request, view: ViewDep, _: OrganizerDep, uow: UowDep, act: Decision = "release") -> Response:
    """Say what a decision on the chosen clips would change."""
    clips = _found(uow, _chosen(request.query_params))
    return show_sheet(view, "organizer_fraud_decide.html", PART, {}, act=act, clips=clips)


@router.post("/decide", dependencies=[FromOurPages])
def decide(view: ViewDep, by: OrganizerDep, database: DatabaseDep, form: TypedWide) -> Response:
    """Decide on the doubtful votes of the chosen clips, up to those that were seen, each clip in a transaction."""
    act, reason, chosen = form.get("act", ""), reason_of(form), _chosen(form)
    if not reason or act not in {"release", "void"}:
        with database.reading() as uow:
            clips = _found(uow, chosen)
        known = {"act": act if act == "void" else "release", "clips": clips}
        error = InvalidField({"reason": finding("blank")})
        return show_sheet(view, "organizer_fraud_decide.html", PART, form, error, **known)
    done = left = 0
    for video_id, newest in chosen.items():
        try:
            with database.transaction() as uow:
                wanted = VoteFilter(video_id=video_id, up_to=newest)
                done += (votes.release if act == "release" else votes.void)(uow, by, wanted, reason)
        except Refusal:
            left += 1
    return view.go(with_query(HERE, done=str(done), left=str(left or "")))


def _chosen(form: Mapping[str, str]) -> dict[UUID, int]:
    """Return the chosen clips, each with the newest vote that was seen; what is not ours is left out."""
    found: dict[UUID, int] = {}
    for name, value in form.items():
        if name.startswith(CHOSEN) and value.isdecimal() and len(value) < 19:  # noqa: PLR2004 - PostgreSQL's bigint
            try:
                found[UUID(name.removeprefix(CHOSEN))] = int(value)
            except ValueError:
                continue
    return dict(list(found.items())[:MOST])


def _found(uow: UnitOfWork, chosen: Mapping[UUID, int]) -> list[HeldClip]:
    wanted: Iterable[VoteFilter] = (VoteFilter(video_id=clip, up_to=newest) for clip, newest in chosen.items())
    return [clip for each in wanted for clip in votes.list_clips(uow, each, 1)]
