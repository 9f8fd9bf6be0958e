"""Answers with pages: rendered for one reader, under a policy that allows only our own origin."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from anb.accounts import service as accounts
from anb.contest import service as contest
from anb.db.session import Database
from anb.pages.rendering import render
from anb.pages.wording import languages, wording
from anb.ports import Ports
from anb.sessions import service as sessions
from anb.web.deps import DatabaseDep, LanguageDep, MaybeCallerDep, PortsDep, SettingsDep, cookie_name
from anb.web.targets import site_address

Shown = TypeVar("Shown", bound=Response)

# A page that is the same for everyone may be this old (seconds) in shared caches.
SHARED_SECONDS = 5

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src {styles}; img-src {images}; media-src {media}; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors {frames}; base-uri 'none'"
)
_HEADERS = {
    "Vary": "Accept-Language, Cookie",
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers would then send `Origin: null` with our forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def renewed(request: Request, caller: MaybeCallerDep, database: DatabaseDep, ports: PortsDep) -> int | None:
    """Let the session of the cookie live on, at most once a day; return for how many seconds, if it was renewed."""
    if caller is None or not caller.renewal_due or caller.session_id is None:
        return None
    renew = partial(_renew, database, ports, caller.session_id)
    # The threads that read sessions: those of endpoints may all be waiting for a connection.
    expires_at = await run_sync(renew, limiter=request.app.state.session_readers)
    return None if expires_at is None else int((expires_at - ports.clock.now()).total_seconds())


def _renew(database: Database, ports: Ports, session_id: UUID) -> datetime | None:
    with database.transaction() as uow:
        session = sessions.renew(uow, ports, session_id)
    return None if session is None else session.expires_at


RenewedDep = Annotated[int | None, Depends(renewed)]


async def to_confirm(
    request: Request, caller: MaybeCallerDep, database: DatabaseDep, settings: SettingsDep
) -> str | None:
    """Return the e-mail that the caller has not confirmed, in a season that asks for it; reads nothing for others."""
    if caller is None or caller.confirmed or not settings.sends_mail:
        return None
    read = partial(_to_confirm, database, caller.account_id)
    return await run_sync(read, limiter=request.app.state.session_readers)


def _to_confirm(database: Database, account_id: UUID) -> str | None:
    with database.reading() as uow:
        season = contest.current_season(uow)
        asks = season is not None and season.asks_confirmation
        return accounts.who(uow, account_id).email if asks else None


ToConfirmDep = Annotated[str | None, Depends(to_confirm)]


class View:
    """The answer to one request, for one reader."""

    def __init__(
        self,
        request: Request,
        language: LanguageDep,
        caller: MaybeCallerDep,
        settings: SettingsDep,
        seconds: RenewedDep = None,
        unconfirmed: ToConfirmDep = None,
    ) -> None:
        self.t = wording(language)
        self.caller = None if caller is None else caller.account_id
        self.session_id = None if caller is None else caller.session_id
        self.settings = settings
        self.mail_works = settings.sends_mail
        self._unconfirmed = unconfirmed
        self._request = request
        self._cookie_seconds = seconds  # if the session was renewed

    @property
    def site(self) -> str:
        """The beginning of our absolute addresses; "" for a request that names no host."""
        return site_address(self._request, self.settings)

    def show(
        self,
        template: str,
        status: int = 200,
        *,
        media: str = "'self'",
        styles: str = "'self'",
        images: str = "'self'",
        frames: str = "'none'",
        **shown: object,
    ) -> HTMLResponse:
        """Answer with a page. The arguments say where its media, styles and images come from, and who may frame it."""
        common = {
            "t": self.t,
            "caller": self.caller,
            "here": self._request.url.path,
            "own_address": self._own_address,
            "canonical": self._canonical,
            "worker": f"/sw.js?language={self.t.language}" if self.settings.offline_page else "",
            "spoken_languages": languages(),
            "mail_works": self.mail_works,
            "unconfirmed": self._unconfirmed,
            "issuers": self.settings.oidc_issuers,
        }
        page = render(template, **common, **shown)
        headers = _HEADERS | {
            "Content-Security-Policy": _POLICY.format(media=media, styles=styles, images=images, frames=frames),
            "Cache-Control": self._keep(status),
        }
        return self._renewing(HTMLResponse(page, status, headers))

    @property
    def _own_address(self) -> str:
        """The address at which this page, or the one that its form was on, can be opened."""
        url = self._request.url
        if self._request.method == "POST":
            return url.path.removesuffix("/vote")
        return f"{url.path}?{url.query}" if url.query else url.path

    @property
    def _canonical(self) -> str:
        """The one address of what a page shows, whatever order, search or place in a list its own one names.

        "" if we do not know our host.
        """
        asked = self._request.query_params
        named = {name: asked.get(name) for name in ("city", "season")}
        return self.site and self.site + with_query(self._request.url.path, **named)

    def go(self, path: str) -> RedirectResponse:
        """Redirect to another page, to be fetched with GET."""
        return self._renewing(self._leading(path))

    def enter(self, secret: str, path: str) -> RedirectResponse:
        """Store a session's secret in its cookie and redirect."""
        seconds = min(self.settings.session_seconds, self.settings.session_most_seconds)
        response = self._leading(path)
        response.set_cookie(value=secret, max_age=seconds, **self._cookie())
        return response

    def leave(self, path: str) -> RedirectResponse:
        """Delete the session's cookie and redirect."""
        response = self._leading(path)
        response.delete_cookie(**self._cookie())
        return response

    def _leading(self, path: str) -> RedirectResponse:
        return RedirectResponse(path, 303, {"Cache-Control": "private, no-store", "Vary": "Cookie"})

    def _renewing(self, response: Shown) -> Shown:
        secret = self._request.cookies.get(cookie_name(self._request))
        if self._cookie_seconds is not None and secret is not None:
            response.set_cookie(value=secret, max_age=self._cookie_seconds, **self._cookie())
        return response

    def _cookie(self) -> dict[str, Any]:
        name = cookie_name(self._request)
        return {"key": name, "secure": name.startswith("__Host-"), "httponly": True, "samesite": "lax", "path": "/"}

    def _keep(self, status: int) -> str:
        alone = cookie_name(self._request) in self._request.cookies or self._request.method == "POST"
        return "private, no-store" if alone or status >= 400 else f"public, max-age={SHARED_SECONDS}"  # noqa: PLR2004 - HTTP's own line


def with_query(path: str, **query: str | None) -> str:
    """Return an address with the parameters that have a value."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


ViewDep = Annotated[View, Depends(View)]
