"""The HTTP endpoints of clusters, open to organizers only."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from anb.accounts import service as accounts
from anb.accounts.acting import ActorDep
from anb.accounts.domain import OrganizersOnly, auditor
from anb.db.paging import InvalidPage
from anb.factors.domain import SecondFactorNeeded
from anb.fraud import service
from anb.fraud.domain import ClusterGrew, ClusterNotFound
from anb.fraud.schemas import ClusterListed, ClusterShown, ReleaseAsked, Released, cluster_listed, cluster_shown
from anb.web.deps import LanguageDep, UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals

router = APIRouter(prefix="/api/admin/clusters", tags=["operators"])

Reviewed = Annotated[bool, Query(description="Also the clusters whose accounts were all reviewed as fine.")]


@router.get("", responses=refusals(OrganizersOnly, SecondFactorNeeded, InvalidPage))
def list_clusters(
    request: Request,
    response: Response,
    actor: ActorDep,
    uow: UowDep,
    page: PageDep,
    language: LanguageDep,
    reviewed: Reviewed = False,  # noqa: FBT002 - a query parameter
) -> list[ClusterListed]:
    """List clusters of accounts that seem to belong to the same person, newest first."""
    accounts.organizer(uow, actor)
    found = service.list_clusters(uow, page, reviewed=reviewed)
    announce(request, response, found)
    return [cluster_listed(each, language) for each in found.rows]


@router.get("/{cluster_id}", responses=refusals(OrganizersOnly, SecondFactorNeeded, ClusterNotFound, InvalidPage))
def show_cluster(
    request: Request,
    response: Response,
    cluster_id: UUID,
    actor: ActorDep,
    uow: UowDep,
    page: PageDep,
    language: LanguageDep,
) -> ClusterShown:
    """Show a cluster with a page of its accounts; a cluster that was merged into an older one shows that one."""
    accounts.organizer(uow, actor)
    cluster = service.show_cluster(uow, cluster_id)
    members = service.list_members(uow, cluster, page)
    announce(request, response, members)
    return cluster_shown(cluster, members.rows, language)


@router.post(
    "/{cluster_id}/release", responses=refusals(OrganizersOnly, SecondFactorNeeded, ClusterNotFound, ClusterGrew)
)
def release_cluster(cluster_id: UUID, body: ReleaseAsked, actor: ActorDep, uow: UowDep) -> Released:
    """Say that the accounts of a cluster are fine; they stay fine until there is new evidence."""
    account = accounts.organizer(uow, actor)
    by = auditor(account)
    seen = replace(service.show_cluster(uow, cluster_id), grew_at=body.grew_at)
    return Released(id=seen.id, accounts=service.release(uow, seen, by, body.reason))
