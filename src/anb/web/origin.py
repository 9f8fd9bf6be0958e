"""Proof that a request with our cookie comes from our own page (against cross-site request forgery)."""

from typing import NamedTuple
from urllib.parse import urlsplit

from fastapi import Request

_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """A scheme, a host and a port, as browsers define an origin."""

    scheme: str
    host: str
    port: int


def is_same_origin(request: Request) -> bool:
    """Say whether the browser confirms that the request comes from our origin.

    Every browser in use sends Sec-Fetch-Site or, before that, Origin with unsafe methods. A request that carries the
    cookie and neither header does not come from our pages.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = read(request.headers.get("origin", ""))
    return origin is not None and origin in _ours(request)


def read(text: str) -> Origin | None:
    """Read an origin; None where it is invalid or its port is unknown (`null`, an app's own scheme)."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return Origin(parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port)


def _ours(request: Request) -> set[Origin | None]:
    """Return the origins of our pages: the address of this request, and the public address where one is set."""
    here = read(f"{request.scope['scheme']}://{request.headers.get('host', '')}")
    public = request.app.state.settings.public_url
    return {here, None if public is None else read(str(public))}
