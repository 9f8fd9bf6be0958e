"""Dependencies of endpoints: the ports, a unit of work, and the caller."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from anyio import CapacityLimiter, Semaphore
from anyio.to_thread import run_sync
from fastapi import Depends, Request
from fastapi.concurrency import contextmanager_in_threadpool
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from anb.db.session import Database, UnitOfWork
from anb.errors import Refusal
from anb.ports import AccessClaims, Ports
from anb.sentences import Language
from anb.settings import Settings
from anb.web.hashing import HashingLimiter
from anb.web.language import language_of
from anb.web.origin import is_same_origin
from anb.web.session_check import Caller, SessionCheck
from anb.web.upload_threads import UploadThreads

T = TypeVar("T")

JWT_DOTS = 2
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_CALLER = "anb.caller"  # found once for a request


class NotSignedIn(Refusal):
    """The token is missing, invalid or expired."""

    status: ClassVar[int] = 401
    code: ClassVar[str] = "not-signed-in"


class ForeignOrigin(Refusal):
    """A browser sent our cookie from a page that is not ours."""

    status: ClassVar[int] = 403
    code: ClassVar[str] = "foreign-origin"


def ports_of(request: Request) -> Ports:
    """Return the ports of this process."""
    ports: Ports = request.app.state.ports
    return ports


def database_of(request: Request) -> Database:
    """Return the pool of this process, for services that keep their own transactions short."""
    database: Database = request.app.state.database
    return database


def hashing_of(request: Request) -> HashingLimiter:
    """Return this process's limiter of password hashing."""
    hashing: HashingLimiter = request.app.state.hashing
    return hashing


def upload_threads_of(request: Request) -> UploadThreads:
    """Return this process's threads for uploads."""
    threads: UploadThreads = request.app.state.upload_threads
    return threads


def settings_of(request: Request) -> Settings:
    """Return the settings of this process."""
    settings: Settings = request.app.state.settings
    return settings


def sessions_of(request: Request) -> SessionCheck:
    """Return this process's check of sessions."""
    sessions: SessionCheck = request.app.state.sessions
    return sessions


async def unit_of_work(request: Request) -> AsyncIterator[UnitOfWork]:
    """Open a transaction around the endpoint; it commits before the response is sent (scope="function").

    FastAPI gives an endpoint a thread for each of its steps. With more transactions than connections, those waiting for
    a connection would hold the threads that those with a connection need: a deadlock.
    """
    turns: Semaphore = request.app.state.turns
    async with turns, contextmanager_in_threadpool(database_of(request).committing()) as uow:
        yield uow
    if uow.has_followers:
        # Share and queue may be slow: by now another request has the turn, and these are not the threads of endpoints.
        await run_sync(uow.follow, limiter=request.app.state.followers)


async def limit_readers(request: Request, read: Callable[[], T]) -> T:
    """Read a long list in a thread, with few such reads at once.

    Building a list is mostly work for Python, and more threads only compete for the interpreter: with 24 threads, a
    list took three times the processor time that it takes alone.
    """
    readers: CapacityLimiter = request.app.state.readers
    return await run_sync(read, limiter=readers)


def cookie_name(request: Request) -> str:
    """Name the session cookie: on https, the prefix binds it to this very host."""
    return "__Host-anb" if request.url.scheme == "https" else "anb"


def proof_of(request: Request) -> str | AccessClaims | None:
    """Return what a request brings to say who sends it: the claims of a token, or the cookie of our pages.

    Raises ForeignOrigin for a cookie that another site's page makes a browser send.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return ports_of(request).tokens.read(token.strip())
    cookie = request.cookies.get(cookie_name(request))
    if cookie is None:
        return None
    if request.method not in SAFE_METHODS and not is_same_origin(request):
        raise ForeignOrigin
    # Before there were sessions, the cookie held an access token.
    return ports_of(request).tokens.read(cookie) if cookie.count(".") == JWT_DOTS else cookie


async def find_caller(request: Request) -> Caller | None:
    """Return the caller, by the bearer token or our pages' cookie, if its session is open. Raises ForeignOrigin."""
    if _CALLER in request.scope:
        return _known(request)
    proof = proof_of(request)
    request.scope[_CALLER] = None if proof is None else sessions_of(request).recent(proof)
    if proof is not None and request.scope[_CALLER] is None:
        # Threads of its own: those of endpoints may all be waiting for a connection.
        readers: CapacityLimiter = request.app.state.session_readers
        request.scope[_CALLER] = await run_sync(partial(_check, sessions_of(request), proof), limiter=readers)
    return _known(request)


def find_caller_now(request: Request) -> Caller | None:
    """Return the caller as `find_caller` does, in a thread that may wait for the database."""
    if _CALLER not in request.scope:
        proof = proof_of(request)
        request.scope[_CALLER] = None if proof is None else _check(sessions_of(request), proof)
    return _known(request)


def _check(sessions: SessionCheck, proof: str | AccessClaims) -> Caller | None:
    return sessions.find_cookie(proof) if isinstance(proof, str) else sessions.check(proof)


def _known(request: Request) -> Caller | None:
    caller: Caller | None = request.scope[_CALLER]
    return caller


def at_once(look: Callable[[Request], T]) -> Any:  # noqa: ANN401 - the return type of FastAPI's Depends
    """Depend on a value computed from the request: FastAPI would use a thread, which costs more than computing it."""

    async def depend(request: Request) -> T:
        return look(request)

    return Depends(depend)


MaybeCallerDep = Annotated[Caller | None, Depends(find_caller)]


class BearerScheme(SecurityBase):
    """What FastAPI's document says of endpoints for people who are signed in, whichever way they check it."""

    def __init__(self) -> None:
        self.scheme_name = "bearer"
        self.model = HTTPBearer(bearerFormat="JWT", description="The `access_token` of /api/auth/login.")


class CallerRequired(BearerScheme):
    """The dependency of an endpoint for people who are signed in, by a token or by the cookie of our pages."""

    async def __call__(self, request: Request) -> Caller:
        """Return the caller. Raises NotSignedIn."""
        caller = await find_caller(request)
        if caller is None:
            raise NotSignedIn
        return caller


class CallerRequiredLater(BearerScheme):
    """The same for an endpoint that does all its work in one thread, and calls `require_caller` there."""

    async def __call__(self) -> None:
        """Leave the check to the endpoint."""


signed_in = CallerRequired()
CallerDep = Annotated[Caller, Depends(signed_in)]
CallerLaterDep = Annotated[None, Depends(CallerRequiredLater())]


def require_caller(request: Request) -> Caller:
    """Return the caller, in a thread that may wait for the database. Raises ForeignOrigin, NotSignedIn."""
    caller = find_caller_now(request)
    if caller is None:
        raise NotSignedIn
    return caller


async def maybe_caller_id(caller: MaybeCallerDep) -> UUID | None:
    """Return the caller's account, if there is one."""
    return None if caller is None else caller.account_id


async def caller_id(caller: CallerDep) -> UUID:
    """Return the caller's account. Raises NotSignedIn."""
    return caller.account_id


MaybeCaller = Annotated[UUID | None, Depends(maybe_caller_id)]
CallerId = Annotated[UUID, Depends(caller_id)]
PortsDep = Annotated[Ports, at_once(ports_of)]
DatabaseDep = Annotated[Database, at_once(database_of)]
HashingDep = Annotated[HashingLimiter, at_once(hashing_of)]
UploadThreadsDep = Annotated[UploadThreads, at_once(upload_threads_of)]
SettingsDep = Annotated[Settings, at_once(settings_of)]
UowDep = Annotated[UnitOfWork, Depends(unit_of_work, scope="function")]
LanguageDep = Annotated[Language, at_once(language_of)]
