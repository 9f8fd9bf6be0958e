"""A few hundred mutants of good clips per day; `make fuzz` takes ten thousand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.hostile import fuzz
from support.hostile.fuzz import MutantTally, ProbeResult
from support.hostile.mutate import SEEDS, mutant

FUZZ = Path(__file__).parents[1] / "fuzz.py"


def fuzzed(*options: str) -> str:
    command = [sys.executable, str(FUZZ), *options, "--jobs", "1", "--no-corpus"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow  # `make fuzz` runs ten thousand
def test_mutants_end_in_a_refusal_or_a_clean_edit() -> None:
    said = fuzzed("--mutants", "200", "--edits", "2")
    assert "mutants: 200 in" in said
    (accepted,) = re.findall(r"(\d+)  accepted", said)
    assert 20 < int(accepted) < 180  # a run that refuses every mutant, or none, finds nothing


def test_a_mutant_is_its_number() -> None:
    assert mutant(7) == mutant(7)
    assert len({mutant(number)[1] for number in range(50)}) >= 49
    assert {mutant(number)[0] for number in range(200)} == set(SEEDS)


def test_seeds_are_clips_that_the_rules_accept() -> None:
    count = len(SEEDS)
    assert f"{count}  accepted" in fuzzed("--first", str(-count), "--mutants", str(count), "--edits", "0")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (ProbeResult(b"", b"Traceback: ZeroDivisionError", 1, 0.1, 1), "ZeroDivisionError"),
        (ProbeResult(b'{"unreadable": "x"}', b"", 0, 99.0, 1), "ran 99.0 s"),
        (ProbeResult(b'{"unreadable": "x"}', b"", 0, 0.1, 1 << 40), "took 1048576 MB"),
    ],
    ids=["a bug of the child", "a limit of time", "a limit of memory"],
)
def test_what_must_not_happen_fails(
    answer: ProbeResult, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "ask", lambda *_: answer)
    (tmp_path / "clip.mp4").write_bytes(mutant(7)[1])
    tally = MutantTally()
    tally.judge(7, tmp_path / "clip.mp4")
    assert found in tally.failures[0]
    assert tally.failures[0].startswith("mutant 7")


def test_a_crash_is_refused_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "ask", lambda *_: ProbeResult(b"", b"", -11, 0.1, 1))
    (tmp_path / "clip.mp4").write_bytes(mutant(7)[1])
    tally = MutantTally()
    tally.judge(7, tmp_path / "clip.mp4")
    assert (tally.failures, tally.findings[0][:18]) == ([], "mutant 7: SIGSEGV ")
    assert list(tally.outcomes) == ["unreadable: the probe died of signal 11"]
