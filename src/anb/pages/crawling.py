"""What machines read of our pages: robots.txt, the sitemap, and feeds of new clips and of results."""

from email.utils import format_datetime

from fastapi import APIRouter, Response

from anb.contest import seasons
from anb.contest import service as contest
from anb.db.paging import Page
from anb.pages.lists import City, ListPage
from anb.pages.rendering import render
from anb.pages.view import View, ViewDep, with_query
from anb.results import service as results
from anb.web.deps import UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)

READ = [limited(block="read", told=False)]
MOST_CLIPS = 10_000  # of the sitemap; a file may name 50,000
MOST_ITEMS = 30  # of a feed
OPEN = ("/", "/ranking", "/results", "/rules", "/privacy", "/privacy/policy", "/api/docs")
# Pages of an account, acts, and what changes with every vote: nothing to be found by a search.
CLOSED = (
    "/account",
    "/me",
    "/upload",
    "/jury",
    "/organizer",
    "/login",
    "/signup",
    "/forgot",
    "/guardian",
    "/fragments/",
    "/*?*cursor=",
    "/*?*q=",
)
KEPT_SECONDS = 3600
FEED_SECONDS = 300


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
def show_robots(view: ViewDep) -> Response:
    """Say which pages search engines may read, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "Allow: /"]
    lines += [f"Sitemap: {view.site}/sitemap.xml"] if view.site else []
    return _answer("\n".join(lines) + "\n", "text/plain", KEPT_SECONDS)


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"], dependencies=READ)
def show_sitemap(view: ViewDep, uow: UowDep) -> Response:
    """List the pages that a search should find: those of the site, of each season, and of the newest clips."""
    of_seasons = [
        with_query(path, season=each.slug)
        for each in seasons.list_begun(uow)[1:]
        for path in ("/", "/ranking", "/results", "/rules")
    ]
    clips = contest.newest_ids(uow, MOST_CLIPS)
    return _xml(view, "sitemap.xml", "application/xml", KEPT_SECONDS, pages=[*OPEN, *of_seasons], clips=clips)


@router.api_route("/feeds/clips.xml", methods=["GET", "HEAD"], dependencies=READ)
def show_new_clips(view: ViewDep, uow: UowDep, city: City = "") -> Response:
    """List the newest clips that are open to votes, of a city or of all, as RSS."""
    city = ListPage(city=city).city
    listed = contest.list_public(uow, Page(limit=MOST_ITEMS), city or None)
    here = with_query("/feeds/clips.xml", city=city)
    return _xml(
        view, "feed_clips.xml", "application/rss+xml", FEED_SECONDS, clips=listed.rows, city=city, here=here,
        home=with_query("/", city=city),
    )  # fmt: skip


@router.api_route("/feeds/results.xml", methods=["GET", "HEAD"], dependencies=READ)
def show_new_results(view: ViewDep, uow: UowDep) -> Response:
    """List the published results of seasons as RSS."""
    found = results.list_public(uow, MOST_ITEMS)
    return _xml(view, "feed_results.xml", "application/rss+xml", FEED_SECONDS, results=found)


def _xml(view: View, template: str, kind: str, seconds: int, **shown: object) -> Response:
    body = render(template, t=view.t, site=view.site, rfc822=format_datetime, **shown)
    return _answer(body, kind, seconds)


def _answer(body: str, kind: str, seconds: int) -> Response:
    # The language and the host of a request decide the words and addresses.
    headers = {"Cache-Control": f"public, max-age={seconds}", "Vary": "Accept-Language, Cookie"}
    return Response(body, media_type=kind, headers=headers)
