"""A verdict on a mutant is worth something only if the unchanged code passes the same trial."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from verify.mutation.__main__ import unchanged
from verify.mutation.mutants import SOURCE, mutants_of
from verify.mutation.trial import MutantVerdict, Trials, trials

from support import shared

POSITION = SOURCE / "anb" / "jobs" / "queue_position.py"
TESTS = ["tests/unit/test_jobs_domain.py::TestOutlook", "tests/unit/test_jobs_domain.py::TestAhead"]
SECONDS = 300

pytestmark = [pytest.mark.slow, pytest.mark.byhand]  # it loads all libraries again


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trials]:
    monkeypatch.setenv(shared.FOLDER, os.environ[shared.FOLDER])  # this run's own, restored afterwards
    with trials() as made:
        yield made


def test_the_change_is_noticed_and_its_absence_is_not(trial: Trials) -> None:
    mutant = next(one for one in mutants_of(POSITION) if "total -= min" in one.after)
    assert trial.run(unchanged(mutant), TESTS, SECONDS) is MutantVerdict.SURVIVED, trial.log.read_text()
    assert trial.run(mutant, TESTS, SECONDS) is MutantVerdict.KILLED
    assert "passed" in trial.log.read_text() or "failed" in trial.log.read_text()
    assert trial.run(unchanged(mutant), TESTS, SECONDS) is MutantVerdict.SURVIVED, "the mutant was left behind"


def test_what_does_not_end_is_noticed_too(trial: Trials) -> None:
    endless = replace(mutants_of(POSITION)[0], text="while True:\n    pass\n")
    assert trial.run(endless, TESTS, 3) is MutantVerdict.TIMEOUT


def test_a_test_that_fails_anyway_is_named(trial: Trials) -> None:
    assert trial.failing(TESTS) == set()
