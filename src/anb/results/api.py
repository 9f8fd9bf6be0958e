"""The HTTP endpoints of results: for everyone once they are due, for organizers before."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from anb.contest.domain import SeasonNotFound
from anb.contest.seasons_api import ALWAYS, By
from anb.db.paging import InvalidPage, Page
from anb.db.session import UnitOfWork
from anb.results import exports, service
from anb.results.domain import Results, ResultsNotReady
from anb.results.schemas import ResultsShown
from anb.web.deps import UowDep, database_of, limit_readers
from anb.web.paging import PageDep, announce
from anb.web.problems import ServiceUnavailable, refusals
from anb.web.rate_limits import TooManyRequests, count_read, limited

public = APIRouter(prefix="/api/public/seasons/{slug}", tags=["results"])
admin = APIRouter(prefix="/api/admin/seasons/{slug}", tags=["results"])

Slug = Annotated[str, Path(max_length=100, pattern=r"^[a-z0-9-]+$", description="The season, by its slug.")]
Version = Annotated[int | None, Query(ge=1, le=1_000_000, description="By default the latest.")]
City = Annotated[
    str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$", description="Only places of this city.")
]
SHARED_SECONDS = 10
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
REFUSED = (SeasonNotFound, ResultsNotReady)


def _sent(form: str, *refused: Any) -> dict[str, Any]:  # noqa: ANN401 - what `refusals` takes
    """Return how an endpoint of a file is described."""
    kind = KINDS[form].partition(";")[0]
    schema = {"type": "object"} if form == "json" else {"type": "string", "format": "binary"}
    found: dict[int | str, Any] = {200: {"description": "The file.", "content": {kind: {"schema": schema}}}}
    return {"response_class": Response, "responses": {**found, **refusals(*REFUSED, *refused)}}


@public.get("/results", dependencies=[limited(block="read", told=False)], responses=refusals(*REFUSED, InvalidPage))
def show_results(
    request: Request,
    response: Response,
    slug: Slug,
    uow: UowDep,
    page: PageDep,
    version: Version = None,
    city: City = None,
) -> ResultsShown:
    """Show the results of a season: the winners of each city, and the whole ranking by pages."""
    _share(response)
    return _show(request, response, uow, page, service.show(uow, slug, version), city, early=False)


@public.get("/results.csv", **_sent("csv", ServiceUnavailable, TooManyRequests))
async def download_results_csv(request: Request, slug: Slug, version: Version = None) -> Response:
    """Download the results as CSV."""
    return await limit_readers(request, partial(_public_file, request, slug, version, "csv"))


@public.get("/results.xlsx", **_sent("xlsx", ServiceUnavailable, TooManyRequests))
async def download_results_xlsx(request: Request, slug: Slug, version: Version = None) -> Response:
    """Download the results as an Excel workbook."""
    return await limit_readers(request, partial(_public_file, request, slug, version, "xlsx"))


@public.get("/results.json", **_sent("json", ServiceUnavailable, TooManyRequests))
async def download_results_json(request: Request, slug: Slug, version: Version = None) -> Response:
    """Download the results with their signature, to be verified."""
    return await limit_readers(request, partial(_public_file, request, slug, version, "json"))


@admin.get("/results", responses=refusals(*ALWAYS, *REFUSED, InvalidPage))
def preview_results(
    request: Request,
    response: Response,
    slug: Slug,
    _: By,
    uow: UowDep,
    page: PageDep,
    version: Version = None,
    city: City = None,
) -> ResultsShown:
    """Show the results of a season, also before they are due."""
    return _show(request, response, uow, page, service.show(uow, slug, version, early=True), city, early=True)


@admin.get("/results.csv", **_sent("csv", *ALWAYS))
def preview_results_csv(slug: Slug, _: By, uow: UowDep, version: Version = None) -> Response:
    """Download the results as CSV, also before they are due."""
    return _file(uow, service.show(uow, slug, version, early=True), "csv")


@admin.get("/results.xlsx", **_sent("xlsx", *ALWAYS))
def preview_results_xlsx(slug: Slug, _: By, uow: UowDep, version: Version = None) -> Response:
    """Download the results as an Excel workbook, also before they are due."""
    return _file(uow, service.show(uow, slug, version, early=True), "xlsx")


@admin.get("/results.json", **_sent("json", *ALWAYS))
def preview_results_json(slug: Slug, _: By, uow: UowDep, version: Version = None) -> Response:
    """Download the results with their signature, also before they are due."""
    return _file(uow, service.show(uow, slug, version, early=True), "json")


def _show(
    request: Request, response: Response, uow: UowDep, page: Page, found: Results, city: str | None, *, early: bool
) -> ResultsShown:
    listed = service.list_places(uow, found, page, city)
    announce(request, response, listed)
    versions = service.list_versions(uow, found.season_id, early=early)
    return ResultsShown.whole(found, versions, service.list_winners(uow, found), listed.rows)


def _public_file(request: Request, slug: str, version: int | None, form: str) -> Response:
    count_read(request)
    with database_of(request).reading() as uow:
        response = _file(uow, service.show(uow, slug, version), form)
    _share(response)
    return response


def _file(uow: UnitOfWork, found: Results, form: str) -> Response:
    name = f"{found.slug}-{found.version}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    body = exports.FORMS[form](found, service.list_all(uow, found))
    return Response(body, media_type=KINDS[form], headers=headers)


def _share(response: Response) -> None:
    response.headers["Cache-Control"] = f"public, max-age={SHARED_SECONDS}"
