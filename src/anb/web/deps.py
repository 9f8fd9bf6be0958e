"""What a request brings along: the ports, a unit of work, and who is calling."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from anyio import CapacityLimiter, Semaphore
from anyio.to_thread import run_sync
from fastapi import Depends, Request
from fastapi.concurrency import contextmanager_in_threadpool
from fastapi.security import HTTPBearer

from anb.db.session import Database, UnitOfWork
from anb.errors import Language, Refusal
from anb.ports import Ports
from anb.settings import Settings
from anb.web.language import language_of
from anb.web.origin import is_same_origin

T = TypeVar("T")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# Only for the OpenAPI document: the header is read in `caller_of`, which also knows the cookie of our pages.
bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="The `access_token` of /api/auth/login.")


class NotSignedIn(Refusal):
    """There is no token, or it is not good (any more)."""

    status: ClassVar[int] = 401
    code: ClassVar[str] = "not-signed-in"
    es: ClassVar[str] = "Inicia sesión para continuar."
    en: ClassVar[str] = "Sign in to go on."


class ForeignOrigin(Refusal):
    """A browser sent our cookie from a page that is not ours."""

    status: ClassVar[int] = 403
    code: ClassVar[str] = "foreign-origin"
    es: ClassVar[str] = "Esta acción solo se puede hacer desde el sitio de ANB Rising Stars."
    en: ClassVar[str] = "This can only be done from the site of ANB Rising Stars."


def ports_of(request: Request) -> Ports:
    """Return the ports of this process."""
    ports: Ports = request.app.state.ports
    return ports


def database_of(request: Request) -> Database:
    """Return the pool of this process, for services that keep their own transactions short."""
    database: Database = request.app.state.database
    return database


def settings_of(request: Request) -> Settings:
    """Return the settings of this process."""
    settings: Settings = request.app.state.settings
    return settings


async def unit_of_work(request: Request) -> AsyncIterator[UnitOfWork]:
    """Open a transaction around the endpoint; it commits before the response leaves (scope="function").

    FastAPI gives an endpoint a thread for each of its steps. Were there more transactions than connections, those that
    wait for a connection would hold the threads that those who have one wait for, and nobody would go on.
    """
    turns: Semaphore = request.app.state.turns
    async with turns, contextmanager_in_threadpool(database_of(request).transaction()) as uow:
        yield uow


async def in_turn(request: Request, read: Callable[[], T]) -> T:
    """Read a long list in a thread when it is our turn: few at once get most of them done.

    Such a list is mostly Python's work, and more threads only take the interpreter from each other: with 24 of them a
    list took three times the processor that it takes alone.
    """
    readers: CapacityLimiter = request.app.state.readers
    return await run_sync(read, limiter=readers)


def cookie_name(request: Request) -> str:
    """Name the session cookie: bound to this very host where the site is https."""
    return "__Host-anb" if request.url.scheme == "https" else "anb"


def caller_of(request: Request) -> UUID | None:
    """Say who calls: by the bearer token, or by the cookie of our pages when the request comes from them."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return ports_of(request).tokens.read(token.strip())
    cookie = request.cookies.get(cookie_name(request))
    if cookie is None:
        return None
    if request.method not in SAFE_METHODS and not is_same_origin(request):
        raise ForeignOrigin
    return ports_of(request).tokens.read(cookie)


def at_once(look: Callable[[Request], T]) -> Any:  # noqa: ANN401 - what FastAPI's Depends says of itself
    """Depend on what a look at the request tells: FastAPI would give it a thread, which costs more than the look."""

    async def depend(request: Request) -> T:
        return look(request)

    return Depends(depend)


MaybeCaller = Annotated[UUID | None, at_once(caller_of)]


async def caller_id(caller: MaybeCaller, _documented: Annotated[object, Depends(bearer)]) -> UUID:
    """Say who calls. Raises NotSignedIn."""
    if caller is None:
        raise NotSignedIn
    return caller


CallerId = Annotated[UUID, Depends(caller_id)]
PortsDep = Annotated[Ports, at_once(ports_of)]
DatabaseDep = Annotated[Database, at_once(database_of)]
SettingsDep = Annotated[Settings, at_once(settings_of)]
UowDep = Annotated[UnitOfWork, Depends(unit_of_work, scope="function")]
LanguageDep = Annotated[Language, at_once(language_of)]
