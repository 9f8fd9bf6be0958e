"""The web server starts with the packages locked for servers, and admits a crowd."""

import os
import re
from pathlib import Path
from typing import Any

import granian
import pytest

from anb.cli import storage
from anb.cli.serve import serve
from anb.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lock", ["server", "run", "hosts"])
def test_the_name_of_a_process_can_be_set_wherever_a_server_runs(lock: str) -> None:
    """Granian exits at once if it is given a process name and setproctitle is not installed."""
    assert "process_name=" in (ROOT / "src" / "anb" / "cli/serve.py").read_text(encoding="utf-8")
    pinned = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert re.search(r"^setproctitle==", pinned, re.MULTILINE)


def test_a_process_lets_more_in_than_slow_uploads_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """At Granian's own limits, 1,024 slow uploads kept all other clients out."""
    asked: dict[str, Any] = {}

    class Recorded:
        def __init__(self, target: str, **options: Any) -> None:
            asked.update(options, target=target, served=False)

        def serve(self) -> None:
            asked["served"] = True

    monkeypatch.setattr(granian, "Granian", Recorded)
    known: Any = {"web_socket": None, "web_host": "127.0.0.1", "web_port": 1, "web_stop_seconds": 1}
    serve("anb.app:create", Settings.model_construct(**known))
    assert (asked["target"], asked["served"]) == ("anb.app:create", True)
    assert min(asked["backlog"], asked["backpressure"]) >= 8192


def test_uploads_ask_for_no_lower_place_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A server's unit forbids the call, even one that changes nothing; a laptop's stack makes it."""
    asked: list[int] = []
    monkeypatch.setattr(storage, "serve", lambda *_, **__: None)
    monkeypatch.setattr(os, "nice", asked.append)
    for name, value in {
        "ANB_DATABASE_URL": "postgresql://nobody@localhost/none",
        "ANB_REDIS_URL": "redis://localhost",
        "ANB_MEDIA_ROOT": str(tmp_path),
        "ANB_SECRET_KEY": "x" * 32,
        "ANB_SANDBOX": "off",
    }.items():
        monkeypatch.setenv(name, value)
    storage.serve_uploads(nice=0)
    assert asked == []
    storage.serve_uploads(nice=5)
    assert asked == [5]
