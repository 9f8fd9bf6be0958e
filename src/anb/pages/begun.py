"""Cookies that bind what a browser has begun to this browser: a second step, or the ceremony of a passkey."""

from typing import Literal

from fastapi import Request, Response

from anb.web.deps import cookie_name

Begun = Literal["step", "passkey"]
NAMES: tuple[Begun, ...] = ("step", "passkey")


def keep(request: Request, response: Response, begun: Begun, token: str, seconds: int) -> None:
    """Give a browser the token of what it has begun; it is of no use in another browser's hands after its answer."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        _name(request, begun), token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict"
    )


def held(request: Request, begun: Begun) -> str:
    """Return the token of what a browser has begun, or an empty text."""
    return request.cookies.get(_name(request, begun), "")


def drop(request: Request, response: Response, begun: Begun) -> None:
    """Delete the token of what a browser has finished, if it has one."""
    name = _name(request, begun)
    if name in request.cookies:
        response.delete_cookie(name, path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict")


def _name(request: Request, begun: Begun) -> str:
    return f"{cookie_name(request)}-{begun}"
