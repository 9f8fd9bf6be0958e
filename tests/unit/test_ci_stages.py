"""Hosted CI runs each stage of .ci/run, and no other; each action is pinned."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "run"
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"


def stages() -> list[str]:
    """Return the stages that run if none is named."""
    (named,) = re.findall(r"^STAGES=\((.*)\)$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    return str(named).split()


@pytest.fixture
def job() -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["stage"]
    return made


def test_the_workflow_names_the_stages_of_the_script(job: dict[str, Any]) -> None:
    assert job["strategy"]["matrix"]["stage"] == stages()
    assert job["steps"][-1]["run"].endswith(".ci/run ${{ matrix.stage }}")


def test_each_stage_that_is_named_is_written_and_each_that_is_written_is_named() -> None:
    assert re.findall(r"^stage_(\w+)\(\)", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE) == stages()


def test_the_last_stage_is_the_tests() -> None:
    assert stages()[-1] == "test"  # the end of CI's output is pytest's closing line


def test_a_stage_that_is_not_there_is_refused_before_anything_runs() -> None:
    done = subprocess.run([SCRIPT, "check", "tests"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"No stage is called tests. There are: {' '.join(stages())}\n"


def test_actions_are_pinned_by_their_commits(job: dict[str, Any]) -> None:
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one)] == []
