"""The security log: its page lists each event named in the code, with ids and without personal data."""

import ast
import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from anb.logs import configure, record

SOURCE = Path(__file__).parents[2] / "src" / "anb"
PAGE = Path(__file__).parents[2] / "docs" / "security" / "log.md"
FIELDS = {
    "account_id",
    "job_id",
    "season_id",
    "role",
    "policy",
    "video_id",
    "votes",
    "factor",
    "session_id",
    "reason",
    "issuer",
    "act",
    "head",
    "cluster_id",
    "accounts",
}


def recorded() -> Iterator[tuple[str, set[str]]]:
    """Yield each event that some code records, and its fields."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                named = [part.id for part in (node.func, *node.args) if isinstance(part, ast.Name)]
                texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                if texts and {"record", "_record"} & set(named):
                    yield str(texts[0]), {word.arg for word in node.keywords if word.arg}


def test_every_event_stands_in_the_page_and_no_other() -> None:
    told = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+\.[a-z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert {event for event, _ in recorded()} == told


def test_an_event_carries_ids_and_words_of_ours_alone() -> None:
    for event, fields in recorded():
        assert fields <= FIELDS, event


def test_a_line_is_as_the_page_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, known, written = logging.getLogger().handlers[:], structlog.get_config(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    try:
        configure("json")
        record("accounts.sign_in.failed", account_id=None, policy="sign-in-60")
    finally:
        logging.getLogger().handlers[:] = kept
        structlog.configure(**known)
    line = json.loads(written.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "accounts.sign_in.failed", "stream": "security", "policy": "sign-in-60", "level": "info"
    }  # fmt: skip
