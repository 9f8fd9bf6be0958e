"""Large logs are rotated at a start, whichever part writes them."""

from pathlib import Path

import pytest

from anb.local import data_folder, up
from anb.local.supervisor import child
from anb.settings import StackSettings

LARGE = child.LOG_BYTES + 1


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Prepare a data folder in which `up.run` starts nothing; return its logs."""
    monkeypatch.setattr(up, "_run", lambda *_, **__: None)
    return data_folder.prepare(tmp_path / "var").logs


def run(logs: Path) -> None:
    assert up.run(StackSettings(data_dir=logs.parent), demo=False) == 0


@pytest.mark.parametrize("name", ["stack", "access", "demo", "web", "migrate"])
def test_a_large_log_is_put_aside_over_the_one_before(start: Path, name: str) -> None:
    log, aside = start / f"{name}.log", start / f"{name}.log.1"
    aside.write_text("of long ago", encoding="utf-8")
    log.write_bytes(b"x" * LARGE)
    run(start)
    assert aside.stat().st_size == LARGE
    assert not log.exists()


def test_a_small_one_goes_on(start: Path) -> None:
    (start / "access.log").write_text("a line\n", encoding="utf-8")
    run(start)
    assert [path.name for path in start.iterdir()] == ["access.log"]
