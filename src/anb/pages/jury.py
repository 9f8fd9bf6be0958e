"""The pages of jurors: the next clip of their queue with its form, a clip that they scored, and their scores."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from anb.accounts.acting import ActorDep
from anb.accounts.domain import Actor
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.jury import service as jury
from anb.jury.api import ClipDep
from anb.jury.clip_names import clip_of, name_of
from anb.jury.domain import (
    NOTE_LENGTH,
    InvalidMark,
    JuryClosed,
    OwnClip,
    QueuedClip,
    ScoreChanged,
    ScoresSetAside,
)
from anb.pages.forms import FromOurPages, Typed
from anb.pages.lists import PartDep
from anb.pages.outcomes import private
from anb.pages.view import View, ViewDep, with_query
from anb.ports import Ports
from anb.web.deps import PortsDep, UowDep
from anb.web.rate_limits import limited

router = APIRouter(prefix="/jury", include_in_schema=False)

MARK = "mark-"
REFUSED = (InvalidMark, JuryClosed, OwnClip, ScoreChanged, ScoresSetAside)
Named = Annotated[str, Query(max_length=100)]


@router.api_route("", methods=["GET", "HEAD"])
def show_queue(
    view: ViewDep, actor: ActorDep, part: PartDep, uow: UowDep, ports: PortsDep, after: Named = "", saved: Named = ""
) -> Response:
    """Show the next clip without a score, and what was just saved."""
    queue = jury.show_queue(uow, actor, part.slug or None, clip_of(ports, after) if after else None)
    before = _saved(uow, ports, actor, saved)
    if queue.next is None:
        return private(view.show("jury_done.html", queue=queue, saved=before))
    return _form(view, uow, ports, actor, jury.show_clip(uow, actor, queue.next), saved=before)


@router.api_route("/scores", methods=["GET", "HEAD"])
def list_scores(view: ViewDep, actor: ActorDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the caller's scores, the latest first."""
    season, found = jury.list_scores(uow, actor, part.page, part.slug or None)
    rows = [(name_of(ports, one.video_id), one) for one in found.rows]
    paging = part.links("/jury/scores", found)
    return private(view.show("jury_scores.html", season=season, rules=season.jury, rows=rows, paging=paging))


@router.api_route("/{clip}", methods=["GET", "HEAD"])
def show_clip(view: ViewDep, clip: ClipDep, actor: ActorDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show a clip with the caller's score, to change it."""
    return _form(view, uow, ports, actor, jury.show_clip(uow, actor, clip))


@router.post("/{clip}", dependencies=[FromOurPages, limited("change")])
def score(view: ViewDep, clip: ClipDep, actor: ActorDep, uow: UowDep, ports: PortsDep, form: Typed) -> Response:
    """Save a score and show the next clip."""
    marks = {
        name.removeprefix(MARK): int(value)
        for name, value in form.items()
        if name.startswith(MARK) and value.isascii() and value.isdigit()
    }
    seen, note = form.get("revision", ""), form.get("note", "").replace("\0", "").strip()[:NOTE_LENGTH]
    revision = int(seen) if seen.isascii() and seen.isdigit() else None
    try:
        jury.score(uow, actor, clip, marks, note or None, revision)
    except REFUSED as refusal:
        return _form(view, uow, ports, actor, jury.show_clip(uow, actor, clip), refusal=refusal, typed=form)
    return view.go(with_query("/jury", saved=name_of(ports, clip)))


@router.post("/{clip}/undo", dependencies=[FromOurPages, limited("change")])
def take_back(view: ViewDep, clip: ClipDep, actor: ActorDep, uow: UowDep, ports: PortsDep) -> Response:
    """Take a score back, and show the clip again."""
    try:
        jury.take_back(uow, actor, clip)
    except REFUSED as refusal:
        return _form(view, uow, ports, actor, jury.show_clip(uow, actor, clip), refusal=refusal)
    return view.go(f"/jury/{name_of(ports, clip)}")


def _form(
    view: View,
    uow: UnitOfWork,
    ports: Ports,
    actor: Actor,
    found: QueuedClip,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
    saved: str = "",
) -> Response:
    """Show the form of a clip: with what was typed, else with the score that it has."""
    score = found.score
    form: dict[str, Any] = dict(typed or {})
    if typed is None and score is not None:
        form = {f"{MARK}{name}": str(mark) for name, mark in (score.marks or {}).items()} | {"note": score.note or ""}
    page = view.show(
        "jury.html",
        refusal.status if refusal else 200,
        queue=jury.show_queue(uow, actor, found.season.slug),
        clip=found.clip,
        name=name_of(ports, found.clip.id),
        rules=found.rules,
        marks=range(found.rules.lowest, found.rules.highest + 1),
        form=defaultdict(str, form),
        scored=score is not None and score.marks is not None,
        revision=score.revision if score else 0,
        problem=refusal.text(view.t.language) if refusal else "",
        most=NOTE_LENGTH,
        saved=saved,
    )
    return private(page)


def _saved(uow: UnitOfWork, ports: Ports, actor: Actor, name: str) -> str:
    """Return a new name for a clip that has just been scored; "" if it has no score."""
    clip = clip_of(ports, name) if name else None
    if clip is None:
        return ""
    kept = jury.find_score(uow, actor.account_id, clip)
    return name_of(ports, clip) if kept is not None and kept.marks is not None else ""
