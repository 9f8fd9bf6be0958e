"""Builds the FastAPI application."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
from fastapi import FastAPI
from fastapi.routing import APIRoute
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from anb import bootstrap, pages
from anb.accounts.api import router as accounts
from anb.accounts.changes_api import router as changes
from anb.accounts.recovery_api import router as recovery
from anb.administration.api import router as administration
from anb.administration.mail_api import router as unsent_mails
from anb.contest.api import router as contest
from anb.contest.log_api import router as votelog
from anb.contest.players_api import router as players
from anb.contest.seasons_api import router as seasons
from anb.counting import service as counting
from anb.db.session import connect
from anb.factors.check import StoredFactors
from anb.fraud.api import router as clusters
from anb.fraud.views import ClipViews
from anb.jury.api import router as jury
from anb.jury.organizers_api import router as jurors
from anb.logs import configure
from anb.moderation.api import router as moderation
from anb.moderation.reports_api import router as reports
from anb.moderation.votes_api import router as held_votes
from anb.operators.api import router as operators
from anb.operators.audit_api import router as audit
from anb.operators.health import HealthChecks, balancers
from anb.operators.health import router as health
from anb.pages import errors
from anb.photos.api import router as photos
from anb.privacy import erasure, retention
from anb.privacy.api import router as privacy
from anb.results.api import admin as early_results
from anb.results.api import public as results
from anb.resumable.api import router as uploads
from anb.resumable.protocol import TusProtocol
from anb.sentences import catalogues
from anb.sessions.api import router as sessions
from anb.sessions.check import StoredSessions
from anb.settings import Settings, load_for_web
from anb.streams import description as streams
from anb.videos.api import router as videos
from anb.videos.consent_api import router as consents
from anb.videos.files import router as files
from anb.web import openapi, postman, problems
from anb.web.coding import PlainBodies
from anb.web.cors import OtherOrigins
from anb.web.drain_body import DrainBody
from anb.web.hashing import HashingLimiter
from anb.web.host import HostCheck
from anb.web.methods import Methods
from anb.web.security_headers import SecurityHeaders
from anb.web.slots import Slots
from anb.web.targets import NoTrailingSlash, PlainPath, PlainQuery
from anb.web.upload_threads import UploadThreads
from anb.web.validators import Validators

READERS = 2  # long lists read at once
SESSION_READERS = 4  # sessions read at once
FOLLOWERS = 4  # commits whose after-commit actions (deleting files, sending messages) run at once
# The most frequent routes come first: they are tried in turn.
ROUTERS = (
    contest,
    players,
    files,
    health,
    balancers,
    accounts,
    sessions,
    videos,
    privacy,
    photos,
    uploads,
    operators,
    moderation,
    reports,
    held_votes,
    audit,
    clusters,
    seasons,
    results,
    early_results,
    jury,
    jurors,
    votelog,
    administration,
    unsent_mails,
    recovery,
    changes,
    consents,
)
DESCRIPTION = """\
The platform of a national basketball talent contest: upload a clip, follow its edit, vote, rank.

Every refusal is a problem document (RFC 9457): `detail` is for people, in {default} or, by `Accept-Language`,
{others}; `code` is for programs. Lists are bare arrays; the next page is in the `Link` header.
"""


def describe() -> str:
    """Return the API's description, with the languages it speaks."""
    default, *others = (catalogue.locale.get_language_name("en") or name for name, catalogue in catalogues().items())
    return DESCRIPTION.format(default=default, others=" or ".join(others))


def build(settings: Settings) -> FastAPI:
    """Make the application of one process."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.web_threads
        yield
        app.state.views.close()
        app.state.database.close()

    app = FastAPI(
        title="ANB Rising Stars",
        version="0.1.0",
        description=describe(),
        lifespan=lifespan,
        docs_url=None,  # our own page at /api/docs: FastAPI's loads third-party scripts
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=openapi.operation_id,
        redirect_slashes=False,
    )
    _provide(app, settings)
    problems.install(app)
    app.router.routes.extend(_routes())
    errors.install(app)
    _wrap(app)
    openapi.install(app)
    postman.install(app, openapi.KEPT_SECONDS)
    app.openapi = lambda: openapi.describe(app, streams.router.routes, streams.schemas())  # type: ignore[method-assign]  # FastAPI's documented way
    return app


def _routes() -> Iterator[BaseRoute]:
    """Return the routes of the API, then of the pages: the same for all applications of a process.

    FastAPI reads the parameters of each once, at a first request. To include the routers instead would make it ask each
    for its routes' version, at every request and twice: a tenth of the time of a vote.
    """
    for router in (*ROUTERS, *pages.ROUTERS):
        for route in router.routes:
            if isinstance(route, APIRoute):
                route.unique_id = openapi.operation_id(route)
            yield route


def _provide(app: FastAPI, settings: Settings) -> None:
    """Make what the endpoints of this process share."""
    app.state.settings = settings
    app.state.ports = bootstrap.build_ports(settings)
    app.state.database = connect(settings)
    app.state.views = ClipViews(app.state.database)
    app.state.issuers = bootstrap.build_issuers(settings)
    app.state.turns = anyio.Semaphore(app.state.database.transactions)
    app.state.readers = anyio.CapacityLimiter(READERS)
    app.state.sessions = StoredSessions(app.state.database, app.state.ports.lifetimes)
    app.state.strength = StoredFactors(app.state.database)
    app.state.session_readers = anyio.CapacityLimiter(SESSION_READERS)
    app.state.followers = anyio.CapacityLimiter(FOLLOWERS)
    app.state.hashing = HashingLimiter(settings)
    app.state.upload_threads = UploadThreads(settings)
    app.state.upload_slots = Slots(settings.uploads_at_once)
    app.state.health = HealthChecks(app.state, erasure.figures, retention.seconds_since, counting.figures)


def _wrap(app: FastAPI) -> None:
    """Wrap the application in its middleware; the last one added sees a request first."""
    app.add_middleware(Validators)
    app.add_middleware(Methods, routes=app.routes)
    app.add_middleware(PlainBodies)
    app.add_middleware(TusProtocol)
    app.add_middleware(NoTrailingSlash)
    app.add_middleware(PlainQuery)
    app.add_middleware(PlainPath)
    if app.state.settings.cors_origins:
        app.add_middleware(OtherOrigins, origins=app.state.settings.cors_origins)
    app.add_middleware(HostCheck)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(DrainBody)


def create() -> ASGIApp:
    """Make the application from the environment, to be served behind nginx."""
    settings = load_for_web()
    configure(settings.log_format)
    return _behind_nginx(settings)


def create_for_uploads() -> ASGIApp:
    """Make the same application for the upload process; nginx decides which process gets a request."""
    settings = load_for_web()
    configure(settings.log_format)
    return _behind_nginx(settings.model_copy(update={"database_pool": settings.upload_pool}))


def _behind_nginx(settings: Settings) -> ASGIApp:
    # Only nginx can reach us, and it sets these headers itself.
    app: ASGIApp = wrap_asgi_with_proxy_headers(build(settings), trusted_hosts="*")
    return app
