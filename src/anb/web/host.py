"""Requests with an invalid host: refused before the host is used in an address."""

import re

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from anb.fields import InvalidField, finding
from anb.web.problems import refused

_HOST = re.compile(r"([A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{0,5})?")  # RFC 3986, without a user


class HostCheck:
    """Wraps the application: Python cannot parse `http://[/`, and other invalid hosts would end up in links."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or _HOST.fullmatch(Headers(scope=scope).get("host") or "none"):
            await self._app(scope, receive, send)
            return
        await refused(Request(scope), InvalidField({"Host": finding("value_error")}))(scope, receive, send)
