"""What rate limits count with, without an application around it."""

from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

from fastapi import Request

from anb.adapters.credentials import SignedTokens
from anb.web.rate_limits import Limiter
from support.fakes import FakeCounters, SteadyClock
from support.worlds import SECRET, settings_for

SETTINGS = settings_for(Path("/nowhere"), "postgresql://nobody@nowhere/nothing", "redis://nowhere")


class FakeState:
    """The state that limits count with."""

    def __init__(self, **settings: str) -> None:
        rates = {f"rate_{name}": rate for name, rate in settings.items()}
        self.clock = SteadyClock()
        self.counters = FakeCounters(self.clock)
        ports = SimpleNamespace(rates=self.counters, tokens=SignedTokens(SECRET, 60, self.clock))
        self.app = SimpleNamespace(state=SimpleNamespace(settings=SETTINGS.model_copy(update=rates), ports=ports))

    def request(self, address: str | None = "203.0.113.7", *, scheme: str = "https", cookie: str = "") -> Request:
        client = None if address is None else (address, 1)
        headers = [(b"host", b"anb.example"), (b"cookie", cookie.encode())]
        return Request({"type": "http", "app": self.app, "client": client, "headers": headers, "scheme": scheme,
                        "path": "/", "query_string": b"", "server": None})  # fmt: skip

    def limiter(self, address: str | None = "203.0.113.7", caller: UUID | None = None) -> Limiter:
        return Limiter(self.request(address), caller)
