"""A kept result says so if the code has changed since."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from verify.kept import Kind, unscored, warnings
from verify.mutation import scores

KIND = Kind("matrix", "results", ("code",), "make matrix")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    for name in ("code", "results", "elsewhere"):
        (tmp_path / name).mkdir()
    change(tmp_path, "code")
    return tmp_path


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        [str(shutil.which("git")), *who, *words], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


def change(root: Path, folder: str) -> str:
    with (root / folder / "file").open("a") as file:
        file.write("x")
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", f"Change {folder}")
    return git(root, "rev-parse", "HEAD")


def keep(root: Path, commit: str, date: str = "2026-11-28T20:00:00Z") -> None:
    (root / "results" / f"{date[:10]}.json").write_text(json.dumps({"commit": commit, "date": date}))


def test_a_result_of_this_code_is_no_warning(repository: Path) -> None:
    keep(repository, git(repository, "rev-parse", "HEAD"))
    change(repository, "elsewhere")
    assert list(warnings((KIND,), repository)) == []


def test_a_result_that_is_older_than_its_code_is_told(repository: Path) -> None:
    keep(repository, git(repository, "rev-parse", "HEAD"))
    change(repository, "code")
    (told,) = warnings((KIND,), repository)
    assert "1 commits older" in told
    assert "Change code" in told


def test_only_the_newest_result_counts(repository: Path) -> None:
    keep(repository, git(repository, "rev-parse", "HEAD"), "2026-11-27T20:00:00Z")
    keep(repository, change(repository, "code"))
    assert list(warnings((KIND,), repository)) == []


def test_a_result_of_another_suite_or_size_does_not_count(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    for name, suite in (("2026-11-28-crowd", "crowd-web"), ("2026-11-29-edit", "edit")):
        told = {"commit": head, "date": name[:10], "figures": [{"suite": suite}]}
        (repository / "results" / f"{name}.json").write_text(json.dumps(told))
    change(repository, "code")
    assert "of 2026-11-28" in next(warnings((replace(KIND, suite="crowd-web"),), repository))
    assert "of 2026-11-29" in next(warnings((replace(KIND, files="*-edit.json"),), repository))
    assert "no result" in next(warnings((replace(KIND, suite="reads"),), repository))


def test_modules_without_a_score_of_their_text_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "outdated", lambda modules: list(modules)[:3])
    (told,) = unscored()
    assert told.startswith("mutation: 3 of ")
    monkeypatch.setattr(scores, "outdated", lambda _modules: [])
    assert list(unscored()) == []


def test_no_result_and_an_unknown_commit_are_told(repository: Path) -> None:
    assert "no result" in next(warnings((KIND,), repository))
    keep(repository, "0" * 40)
    assert "not in this history" in next(warnings((KIND,), repository))
