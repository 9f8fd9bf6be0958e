"""Clips in which each pair of properties meets: the edit is what the combination means (how-to/generated-clips.md)."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from verify.clips import covering, trial
from verify.clips.properties import ClipRecipe
from verify.clips.shrinking import shrunk

PARTS = 16  # the whole sample takes a quarter of an hour; each commit takes the part that its first digit names


def part() -> list[ClipRecipe]:
    """Return a part of the sample: 3/16 is the fourth of sixteen, 0/1 the whole."""
    git = shutil.which("git") or "git"
    said = subprocess.run([git, "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, check=False)
    digit = int(said.stdout[:1] or b"0", 16)
    number, parts = map(int, os.environ.get("GENERATED_PART", f"{digit}/{PARTS}").split("/"))
    return covering.sample()[number::parts]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [pytest.param(recipe, id=str(recipe)) for recipe in part()])
def test_a_clip_comes_out_as_its_properties_mean(recipe: ClipRecipe, folder: Path) -> None:
    outcome = trial.put_through(recipe, folder)
    if outcome.verdict == "wrong":
        smaller = shrunk(recipe, lambda each: trial.put_through(each, folder).verdict == "wrong")
        pytest.fail(f'make generated ONLY="{smaller}"\n' + "\n".join(outcome.faults[:8]))
    assert outcome.verdict in {"right", "refused rightly"}, outcome.faults
    assert outcome.cpu_seconds <= trial.BUDGET
