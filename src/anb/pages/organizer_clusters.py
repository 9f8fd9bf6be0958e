"""The organizers' pages of clusters: accounts that seem to be one person, and what is decided about their votes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response

from anb.audit.domain import AuditActor
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.fields import InvalidField, finding
from anb.fraud import service
from anb.fraud.domain import Cluster, ClusterGrew
from anb.moderation import vote_effects, votes
from anb.pages.forms import FromOurPages, Typed
from anb.pages.lists import Cursor, next_part, part_after
from anb.pages.organizer import OrganizerDep, console
from anb.pages.organizer_acts import Question, ask_again, reason_of
from anb.pages.organizer_acts import ask as ask_first
from anb.pages.view import ViewDep, with_query
from anb.web.deps import DatabaseDep, UowDep

HERE = "/organizer/fraud/clusters"
PART = "fraud"
ROWS, EFFECTS = 50, 20
Decision = Literal["fine", "void", "restore"]

router = APIRouter(prefix=HERE, include_in_schema=False)


@router.api_route("", methods=["GET", "HEAD"])
def list_clusters(view: ViewDep, _: OrganizerDep, uow: UowDep, cursor: Cursor = "", reviewed: str = "") -> Response:
    """List clusters, newest first."""
    found = service.list_clusters(uow, part_after(cursor, ROWS), reviewed=bool(reviewed))
    return console(
        view,
        "organizer_clusters.html",
        PART,
        clusters=found.rows,
        total=found.total or 0,
        reviewed=bool(reviewed),
        onward=next_part(HERE, found, reviewed=reviewed),
    )


@router.api_route("/{cluster_id}", methods=["GET", "HEAD"])
def show(
    view: ViewDep, _: OrganizerDep, uow: UowDep, cluster_id: UUID, cursor: Cursor = "", done: str = "", votes: int = 0
) -> Response:
    """Show a cluster with its accounts. Raises ClusterNotFound."""
    cluster = service.show_cluster(uow, cluster_id)
    members = service.list_members(uow, cluster, part_after(cursor, ROWS))
    return console(
        view,
        "organizer_cluster.html",
        PART,
        cluster=cluster,
        members=members.rows,
        effects=vote_effects.list_void_effects(uow, cluster.id, EFFECTS),
        voided=vote_effects.list_restore_effects(uow, cluster.id, EFFECTS),
        onward=next_part(f"{HERE}/{cluster.id}", members),
        done=done if done in {"fine", "void", "restore"} else "",
        count=votes,
    )


@router.api_route("/{cluster_id}/{act}", methods=["GET", "HEAD"])
def ask(view: ViewDep, _: OrganizerDep, uow: UowDep, cluster_id: UUID, act: Decision) -> Response:
    """Say what a decision about a cluster would change. Raises ClusterNotFound."""
    return ask_first(view, PART, _question(uow, cluster_id, act))


@router.post("/{cluster_id}/{act}", dependencies=[FromOurPages])
def decide(
    view: ViewDep, by: OrganizerDep, database: DatabaseDep, form: Typed, cluster_id: UUID, act: Decision
) -> Response:
    """Decide about a cluster as it was seen. Raises ClusterNotFound."""
    try:
        with database.transaction() as uow:
            count = _decide(uow, by, service.show_cluster(uow, cluster_id), act, form)
    except Refusal as error:
        return ask_again(view, PART, database, partial(_question, cluster_id=cluster_id, act=act), form, error)
    return view.go(with_query(f"{HERE}/{cluster_id}", done=act, votes=str(count)))


def _decide(uow: UnitOfWork, by: AuditActor, cluster: Cluster, act: str, form: Mapping[str, str]) -> int:
    reason = reason_of(form)
    if act != "fine" and not reason:
        raise InvalidField({"reason": finding("blank")})
    if act == "restore":
        return votes.restore_cluster(uow, by, cluster.id, reason)
    try:
        seen = replace(cluster, grew_at=datetime.fromisoformat(form.get("grew_at", "")))
    except ValueError:
        raise ClusterGrew from None
    return service.release(uow, seen, by, reason) if act == "fine" else votes.void_cluster(uow, by, seen, reason)


def _question(uow: UnitOfWork, cluster_id: UUID, act: str) -> Question:
    cluster = service.show_cluster(uow, cluster_id)
    place = f"{HERE}/{cluster.id}"
    listed = vote_effects.list_restore_effects if act == "restore" else vote_effects.list_void_effects
    effects = [] if act == "fine" else listed(uow, cluster.id, EFFECTS)
    numbers = [("accounts", cluster.doubtful)]
    if act != "fine":
        numbers.append(("voided" if act == "void" else "restored", sum(each.votes for each in effects)))
    return Question(
        f"cluster_{act}",
        f"{place}/{act}",
        place,
        numbers=numbers,
        fields=["why" if act == "fine" else "reason"],
        hidden={"grew_at": cluster.grew_at.isoformat()},
        harmless=act == "fine",
        effects=effects,
    )
