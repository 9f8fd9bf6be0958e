"""A client for whom what is counted is sealed at once, as the counting process does twice a second."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi.testclient import TestClient

from anb.counting import service as counting

SHOWN = ("/ranking", "/fragments", "/videos", "/api/public", "/api/videos", "/api/me/standing")


class CountingClient(TestClient):
    """Seals before the answers that show counts, and after each vote, unless a test says that it counts itself."""

    counts = True

    def request(self, method: str, url: Any, **options: Any) -> Any:
        path = str(url).removeprefix("https://testserver")
        if method in {"GET", "HEAD"} and (path.startswith(SHOWN) or path.partition("?")[0] == "/"):
            self._count()
        answer = super().request(method, url, **options)
        if path.endswith("/vote"):
            self._count()
        return answer

    def _count(self) -> None:
        state = cast("FastAPI", self.app).state
        while self.counts and counting.step(state.database, state.settings):
            pass


def leave_uncounted(client: TestClient) -> None:
    """Leave what awaits the log to the test."""
    cast("CountingClient", client).counts = False
