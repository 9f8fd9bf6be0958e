"""What tus requires of every request and answer at its address: the method that is meant, and the version."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from anb.resumable.tus import PATH, VERSION

_MEANT = frozenset({"PATCH", "DELETE", "HEAD"})


class TusProtocol:
    """Wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one that is not for resumable uploads stays as it is."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{PATH}/"):
            await self._app(scope, receive, send)
            return

        async def send_stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Tus-Resumable"] = VERSION
            await send(message)

        await self._app({**scope, "method": meant(scope)}, receive, send_stamped)


def meant(scope: Scope) -> str:
    """Return the method that a request means: clients that cannot send PATCH or DELETE send POST and a header."""
    method: str = scope["method"]
    said = Headers(scope=scope).get("x-http-method-override", "").upper()
    return said if method == "POST" and said in _MEANT else method
