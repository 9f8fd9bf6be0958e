"""The HTTP endpoints of organizers: how far the jury is, how far its scores are apart, and whose do not count."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from anb.accounts.domain import OrganizersOnly
from anb.contest import seasons
from anb.contest.domain import ReasonNeeded, SeasonNotFound
from anb.contest.seasons_api import By
from anb.db.paging import InvalidPage, count_of, cut
from anb.factors.domain import SecondFactorNeeded
from anb.jury import service
from anb.jury.domain import JurorNotFound
from anb.jury.schemas import JurorShown, SetAside, SpreadShown
from anb.web.deps import UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals

router = APIRouter(prefix="/api/admin/seasons/{slug}/jury", tags=["jury"])

ALWAYS = (OrganizersOnly, SecondFactorNeeded, SeasonNotFound)
Slug = Annotated[str, Path(max_length=100, description="The season, by its slug.")]


@router.get("/jurors", responses=refusals(*ALWAYS))
def list_jurors(slug: Slug, _: By, uow: UowDep) -> list[JurorShown]:
    """List the jurors with how many clips they scored."""
    return [JurorShown.of(one) for one in service.list_jurors(uow, seasons.show(uow, slug))]


@router.get("/clips", responses=refusals(*ALWAYS, InvalidPage))
def list_spread(
    request: Request, response: Response, slug: Slug, _: By, uow: UowDep, page: PageDep
) -> list[SpreadShown]:
    """List the clips with their scores, those whose scores differ most first."""
    found = service.list_spread(uow, seasons.show(uow, slug))
    after = page.key(count_of)
    start = page.skip if after is None else after[0]
    rows = list(enumerate(found))[start : start + page.limit + 1]
    listed = cut(rows, len(found), page, lambda row: (row[0] + 1,))
    announce(request, response, listed)
    return [SpreadShown.of(one) for _, one in listed.rows]


@router.post("/jurors/{account_id}/set-aside", responses=refusals(*ALWAYS, ReasonNeeded, JurorNotFound))
def set_aside(slug: Slug, account_id: UUID, by: By, uow: UowDep, body: SetAside) -> list[JurorShown]:
    """Set the scores of a juror aside: they do not count, and the juror gives no more. Harmless when repeated."""
    return _decided(uow, slug, account_id, by, body, aside=True)


@router.post("/jurors/{account_id}/restore", responses=refusals(*ALWAYS, ReasonNeeded, JurorNotFound))
def restore(slug: Slug, account_id: UUID, by: By, uow: UowDep, body: SetAside) -> list[JurorShown]:
    """Count the scores of a juror again. Harmless when repeated."""
    return _decided(uow, slug, account_id, by, body, aside=False)


def _decided(uow: UowDep, slug: str, account_id: UUID, by: By, body: SetAside, *, aside: bool) -> list[JurorShown]:
    season = seasons.show(uow, slug)
    service.set_aside(uow, by, season, account_id, body.reason, aside=aside)
    return [JurorShown.of(one) for one in service.list_jurors(uow, season)]
