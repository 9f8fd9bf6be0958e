"""Advisories: a finding is red, and a package that was not audited is not green."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from requirements import audit

CLEAN = {"name": "clean", "version": "1.0", "vulns": []}
HOLED = {"name": "holed", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1"}]}
UNKNOWN = {"name": "unknown", "skip_reason": "not found"}
STANDS, OVER = "9999-01-01", "2020-01-01"

Told = Callable[..., int]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Run the audit on pip-audit's output (None: it timed out), with a waiver until a date if one is given."""
    (tmp_path / "run.txt").write_text("clean==1.0", encoding="utf-8")
    for name, path in (("HERE", tmp_path), ("WAIVER", tmp_path / "unaudited.toml")):
        monkeypatch.setattr(audit, name, path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "bin" / "python"))
    (tmp_path / "venv").mkdir()

    def run(*packages: dict[str, Any] | None, until: str = "") -> int:
        def answer(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
            if packages == (None,):
                raise subprocess.TimeoutExpired(command, 60)
            return subprocess.CompletedProcess(command, 0, json.dumps({"dependencies": packages}), "")

        monkeypatch.setattr(subprocess, "run", answer)
        if until:
            (tmp_path / "unaudited.toml").write_text(f'until = {until}\nbecause = "A closed network."\n')
        return audit.main()

    return run


def test_nothing_known_of_anything_is_green(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(CLEAN) == 0
    assert "none known" in capsys.readouterr().out


@pytest.mark.parametrize("until", ["", STANDS])
def test_an_advisory_is_red_whatever_anybody_took_upon_themselves(told: Told, until: str) -> None:
    assert told(CLEAN, HOLED, until=until) == 1
    assert told(UNKNOWN, HOLED, until=until) == 1


@pytest.mark.parametrize("said", [(None,), (UNKNOWN,), (CLEAN, UNKNOWN)])
def test_what_was_not_audited_is_green_only_while_somebody_answers_for_it(
    told: Told, said: tuple[dict[str, Any] | None, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(*said) == 1
    assert told(*said, until=OVER) == 1
    assert "which is over" in capsys.readouterr().out
    assert told(*said, until=STANDS) == 0
    assert "UNAUDITED" in capsys.readouterr().out
