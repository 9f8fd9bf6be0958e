"""Proof that a request with our cookie comes from our own page (against cross-site request forgery)."""

from urllib.parse import urlsplit

from fastapi import Request


def is_same_origin(request: Request) -> bool:
    """Say whether a browser vouches that the request comes from our origin.

    Every browser in use sends Sec-Fetch-Site or, before that, Origin with unsafe methods. A request that carries the
    cookie and neither header is not one of our pages at work.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")
