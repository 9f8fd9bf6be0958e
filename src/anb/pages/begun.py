"""Cookies that bind what a browser has begun to this browser: a second step, the ceremony of a passkey, or a vote."""

from collections.abc import Mapping
from typing import Literal

from fastapi import Request, Response

from anb.web.deps import cookie_name

Begun = Literal["step", "passkey", "vote"]
# What ends with a sign-in; a vote is cast after it.
NAMES: tuple[Begun, ...] = ("step", "passkey")
# A vote is also cast after a way back from an issuer of identities, which is another site.
_SENT: Mapping[Begun, Literal["lax", "strict"]] = {"step": "strict", "passkey": "strict", "vote": "lax"}


def keep(request: Request, response: Response, begun: Begun, token: str, seconds: int) -> None:
    """Give a browser the token of what it has begun; it is of no use in another browser's hands after its answer."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        _name(request, begun), token, max_age=seconds, path="/", secure=secure, httponly=True, samesite=_SENT[begun]
    )


def held(request: Request, begun: Begun) -> str:
    """Return the token of what a browser has begun, or an empty text."""
    return request.cookies.get(_name(request, begun), "")


def drop(request: Request, response: Response, begun: Begun) -> None:
    """Delete the token of what a browser has finished, if it has one."""
    name = _name(request, begun)
    if name in request.cookies:
        secure = request.url.scheme == "https"
        response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite=_SENT[begun])


def _name(request: Request, begun: Begun) -> str:
    return f"{cookie_name(request)}-{begun}"
