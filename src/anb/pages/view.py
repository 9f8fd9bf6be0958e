"""How a page answers: rendered for this reader, under a policy that allows nothing but ourselves."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from anb.pages.rendering import render
from anb.pages.wording import wording
from anb.web.deps import LanguageDep, MaybeCaller, SettingsDep, cookie_name

# A page of nobody in particular may be this old (seconds) in shared caches.
SHARED_SECONDS = 5

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src {media}; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Vary": "Accept-Language, Cookie",
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers would then send `Origin: null` with our forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class View:
    """One request, seen by one reader."""

    def __init__(self, request: Request, language: LanguageDep, caller: MaybeCaller, settings: SettingsDep) -> None:
        self.t = wording(language)
        self.caller = caller
        self.settings = settings
        self._request = request

    def show(self, template: str, status: int = 200, *, media: str = "'self'", **shown: object) -> HTMLResponse:
        """Answer a page. `media` says where videos may come from."""
        page = render(template, t=self.t, caller=self.caller, here=self._request.url.path, **shown)
        headers = _HEADERS | {
            "Content-Security-Policy": _POLICY.format(media=media),
            "Cache-Control": self._keep(status),
        }
        return HTMLResponse(page, status, headers)

    def go(self, path: str) -> RedirectResponse:
        """Answer with another page to get."""
        return RedirectResponse(path, 303, {"Cache-Control": "private, no-store", "Vary": "Cookie"})

    def enter(self, token: str, path: str) -> RedirectResponse:
        """Keep a token in the session's cookie, and go on."""
        response = self.go(path)
        response.set_cookie(value=token, max_age=self.settings.token_seconds, **self._cookie())
        return response

    def leave(self, path: str) -> RedirectResponse:
        """Forget the session's cookie, and go on."""
        response = self.go(path)
        response.delete_cookie(**self._cookie())
        return response

    def _cookie(self) -> dict[str, Any]:
        name = cookie_name(self._request)
        return {"key": name, "secure": name.startswith("__Host-"), "httponly": True, "samesite": "lax", "path": "/"}

    def _keep(self, status: int) -> str:
        alone = cookie_name(self._request) in self._request.cookies or self._request.method == "POST"
        return "private, no-store" if alone or status >= 400 else f"public, max-age={SHARED_SECONDS}"  # noqa: PLR2004 - HTTP's own line


def with_query(path: str, **query: str | None) -> str:
    """Return an address with those parameters that have a value."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


ViewDep = Annotated[View, Depends(View)]
