"""Wraps an application in one part of the web layer, and records what it answers to a request."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass
class Asked:
    """What one request led to."""

    scopes: list[Scope] = field(default_factory=list)  # as the application saw them: empty if no request reached it
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(said.get("body", b"") for said in self.messages[1:])


def ask(
    around: Callable[[ASGIApp], ASGIApp],
    headers: Mapping[str, str] | None = None,
    *,
    says: Mapping[str, str] | None = None,
    body: tuple[bytes, ...] = (b"said",),
    status: int = 200,
    act: Callable[[Scope], object] = lambda _scope: None,
    **scope: Any,
) -> Asked:
    """Wrap an application, and send it one request."""
    asked = Asked()

    async def app(seen: Scope, _receive: Receive, send: Send) -> None:
        asked.scopes.append(seen)
        act(seen)
        raw = [(name.lower().encode(), value.encode()) for name, value in (says or {}).items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        for number, part in enumerate(body, 1):
            await send({"type": "http.response.body", "body": part, "more_body": number < len(body)})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        asked.messages.append(dict(message))

    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    whole = {"type": "http", "method": "GET", "scheme": "http", "path": "/api/x", "raw_path": b"/api/x",
             "query_string": b"", "headers": raw, **scope}  # fmt: skip
    asyncio.run(around(app)(whole, receive, send))  # type: ignore[arg-type]
    return asked
