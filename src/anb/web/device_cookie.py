"""The cookie by which a browser is recognized across accounts; only its keyed hash is ever stored.

It is random and signed, so that a program cannot invent devices. A device counts from the first request that brings
the cookie back: what a program that keeps no cookies is given counts for nothing.
"""

import secrets
from typing import TypeVar

from fastapi import Request
from starlette.responses import Response

from anb.web.deps import cookie_name, ports_of

Answer = TypeVar("Answer", bound=Response)
KEPT_SECONDS = 365 * 24 * 3600


def device_key(request: Request) -> str | None:
    """Return the keyed hash of a device; None for a request without our cookie."""
    device, _, signature = request.cookies.get(_name(request), "").partition(".")
    tokens = ports_of(request).tokens
    return tokens.sign(f"device:{device}")[:32] if device and tokens.verify(_message(device), signature) else None


def with_device(request: Request, response: Answer) -> Answer:
    """Give a browser its cookie, unless it has one; no cache may keep that answer."""
    if device_key(request) is None:
        device, secure = secrets.token_urlsafe(16), request.url.scheme == "https"
        value = f"{device}.{ports_of(request).tokens.sign(_message(device))}"
        response.set_cookie(
            _name(request), value, max_age=KEPT_SECONDS, path="/", secure=secure, httponly=True, samesite="lax"
        )
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _name(request: Request) -> str:
    return f"{cookie_name(request)}-device"


def _message(device: str) -> str:
    return f"device-cookie:{device}"
