"""Runs the verifier on a log that a test made."""

from collections.abc import Callable
from pathlib import Path

import pytest

from anb.votelog import verifier
from support.published_log import PublishedLog, season

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def published() -> PublishedLog:
    return PublishedLog.of(season(), kept=[1, 256, 300])


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the verifier on a log; each run has the same folder for what it keeps."""

    def verify(log: PublishedLog, *options: str) -> tuple[int, str]:
        place = log.write(tmp_path / "site" / str(id(log)))
        code = verifier.main(["--log", str(place), "--no-ranking", "--folder", str(tmp_path / "kept"), *options])
        written = capsys.readouterr()
        return code, written.out + written.err

    return verify


def kept(tmp_path: Path, text: str, name: str = "note") -> str:
    place = tmp_path / name
    place.write_text(text, encoding="utf-8")
    return str(place)
